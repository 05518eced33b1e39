//! A moment as HTTP's headers have it.

use aws_smithy_types::date_time::{DateTime, Format};
use http::HeaderValue;

use crate::Millis;

/// Virtual now for a `Date` header.
pub(crate) fn http_date(at_ms: Millis) -> HeaderValue {
    let seconds = i64::try_from(at_ms / 1000).unwrap_or(i64::MAX);
    let text = DateTime::from_secs(seconds).fmt(Format::HttpDate);
    // Beyond the year 9999 there is no such text.
    text.ok()
        .and_then(|text| HeaderValue::try_from(text).ok())
        .unwrap_or_else(|| HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT"))
}
