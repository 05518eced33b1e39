//! What time it is for whoever answers: the `Date` of an answer. Nobody compares two machines' clocks.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;

/// The `Date` of an answer.
#[derive(Clone, Default)]
pub(super) struct Date(Arc<Mutex<Option<DateTime>>>);

impl Date {
    /// Without both stamps nothing is known, and the object counts as new.
    pub(super) fn since(&self, written: Option<&DateTime>) -> Duration {
        let seconds = self
            .seconds()
            .zip(written)
            .map(|(present, written)| present.saturating_sub(written.secs()));
        let seconds = seconds.and_then(|seconds| u64::try_from(seconds).ok());
        Duration::from_secs(seconds.unwrap_or_default())
    }

    /// What time it is for whoever answered, in seconds since 1970, where the answer said so.
    pub(super) fn seconds(&self) -> Option<i64> {
        let present = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        present.map(|present| present.secs())
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Date")
    }
}

#[dyn_dispatch_hint]
impl Intercept for Date {
    fn name(&self) -> &'static str {
        "Date"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let stamp = context.response().headers().get("date");
        let stamp = stamp.and_then(|stamp| DateTime::from_str(stamp, Format::HttpDate).ok());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = stamp;
        Ok(())
    }
}
