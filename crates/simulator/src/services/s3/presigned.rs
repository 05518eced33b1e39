//! URLs that are signed in advance: which members they must have, and that their time comes to its end.

use bytes::Bytes;
use http::Request;

use crate::wire::iso8601;
use crate::{ApiError, Millis};

/// Seven days.
const MOST_SECONDS: i64 = 604_800;
/// What a URL signed by version 4 has.
const MEMBERS: [&str; 6] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
];
pub(super) const EXPIRED: &str = "Request has expired";

/// Refuses a presigned URL that is malformed, whose time is over, or that was signed for longer than a week (LocalStack's tests, recorded
/// on AWS [OBS]; words of the malformed ones [MEM]). The client's clock is the world's only where that is the real time.
pub(crate) fn refusal(request: &Request<Bytes>, now_ms: Millis) -> Option<ApiError> {
    let member = |name: &str| member(request, name);
    if member("X-Amz-Signature").is_some() || member("X-Amz-Algorithm").is_some() {
        let malformed = |message: &str| {
            Some(ApiError::client(
                "AuthorizationQueryParametersError",
                message,
            ))
        };
        if !MEMBERS.iter().all(|name| member(name).is_some()) {
            return malformed(
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, \
                 X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
            );
        }
        let Ok(seconds) = member("X-Amz-Expires").unwrap_or_default().parse::<i64>() else {
            return malformed("X-Amz-Expires should be a number");
        };
        if seconds < 0 {
            return malformed("X-Amz-Expires must be non-negative");
        }
        if seconds > MOST_SECONDS {
            return malformed(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
            );
        }
    }
    let ends_ms = expiry_ms(request)?;
    (now_ms > ends_ms).then(|| ApiError {
        code: "AccessDenied",
        message: EXPIRED.to_owned(),
        status: 403,
    })
}

/// A member of the query.
fn member(request: &Request<Bytes>, name: &str) -> Option<String> {
    let query = request.uri().query()?;
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let found = pairs.find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}

/// When a URL's time is over, by either version of the signature.
fn expiry_ms(request: &Request<Bytes>) -> Option<Millis> {
    let member = |name: &str| member(request, name);
    if let (Some(date), Some(seconds)) = (member("X-Amz-Date"), member("X-Amz-Expires")) {
        let seconds: Millis = seconds.parse().ok()?;
        return Some(signed_ms(&date)? + seconds * 1_000);
    }
    member("AWSAccessKeyId")?;
    let seconds: Millis = member("Expires")?.parse().ok()?;
    seconds.checked_mul(1_000)
}

/// `20260221T101500Z`.
fn signed_ms(date: &str) -> Option<Millis> {
    let part = |from: usize, to: usize| date.get(from..to);
    let text = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(9, 11)?,
        part(11, 13)?,
        part(13, 15)?
    );
    let format = aws_smithy_types::date_time::Format::DateTime;
    let time = aws_smithy_types::DateTime::from_str(&text, format).ok()?;
    Millis::try_from(time.to_millis().ok()?).ok()
}

/// What S3 adds to the refusal of a URL whose time is over.
pub(super) fn members(request: &Request<Bytes>) -> Vec<(&'static str, String)> {
    let lasting = member(request, "X-Amz-Expires");
    let lasting = lasting.map(|seconds| ("X-Amz-Expires", seconds));
    let ends = expiry_ms(request).map(|ends_ms| ("Expires", iso8601(ends_ms)));
    lasting.into_iter().chain(ends).collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;

    use super::{members, refusal};

    /// 2026-02-21T10:15:00Z.
    const SIGNED_MS: u64 = 1_771_668_900_000;

    fn request(expires: &str, without: &str) -> Request<Bytes> {
        let query = format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260221%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=ab\
             &X-Amz-Date=20260221T101500Z&X-Amz-SignedHeaders=host&X-Amz-Expires={expires}"
        );
        let kept: Vec<&str> = query
            .split('&')
            .filter(|part| !part.starts_with(without))
            .collect();
        let uri = format!("http://127.0.0.1/bucket/key?{}", kept.join("&"));
        Request::builder()
            .uri(uri)
            .body(Bytes::new())
            .expect("a request")
    }

    #[test]
    fn a_url_is_good_for_its_time() {
        for (expires, after_s, without, expected) in [
            ("60", 59, "none", ""),
            ("60", 61, "none", "AccessDenied"),
            ("604800", 1, "none", ""),
            ("604801", 1, "none", "AuthorizationQueryParametersError"),
            ("-1", 1, "none", "AuthorizationQueryParametersError"),
            ("x", 1, "none", "AuthorizationQueryParametersError"),
            ("60", 1, "X-Amz-Date", "AuthorizationQueryParametersError"),
        ] {
            let found = refusal(&request(expires, without), SIGNED_MS + after_s * 1_000);
            let code = found.map_or("", |refused| refused.code);
            assert_eq!(code, expected, "{expires} {after_s} {without}");
        }
        let told = members(&request("60", "none"));
        assert_eq!(told[0], ("X-Amz-Expires", "60".to_owned()));
        assert!(told[1].1.starts_with("2026-02-21T10:16:00"), "{told:?}");
    }

    #[test]
    fn the_older_signature_says_when_it_ends() {
        let uri = "http://127.0.0.1/bucket/key?AWSAccessKeyId=AKID&Signature=ab&Expires=1771668900";
        let request = Request::builder()
            .uri(uri)
            .body(Bytes::new())
            .expect("a request");
        assert!(refusal(&request, SIGNED_MS).is_none());
        assert!(refusal(&request, SIGNED_MS + 1).is_some());
    }
}
