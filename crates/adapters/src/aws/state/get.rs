//! Reading an object with its age: by the clock of S3 alone, which stamps the object and the answer.

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
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use backstay_domain::ports::{FailureKind, PortFailure};

use super::S3Store;
use crate::aws::error::{Call, failure, refusal};
use crate::state::{Cell, Tag};

const GET: &str = "s3.GetObject";

/// Both stamps have whole seconds: an object may be younger than their difference by as much.
const ROUNDING: Duration = Duration::from_secs(1);

impl S3Store {
    /// An object. Reads that fail in passing are repeated.
    pub(super) async fn get(&self, key: &str) -> Result<Option<Cell>, PortFailure> {
        let found = self.patiently(|| self.get_once(key)).await;
        found.map_err(self.about(key))
    }

    async fn get_once(&self, key: &str) -> Result<Option<Cell>, PortFailure> {
        let date = Date::default();
        let sent = self
            .client
            .client()
            .get_object()
            .bucket(&*self.bucket)
            .key(key)
            .customize()
            .interceptor(date.clone())
            .send()
            .await;
        let reply = match sent {
            Ok(reply) => reply,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            Err(error) => return Err(failure(GET, Call::Read, &error)),
        };
        let Some(tag) = reply.e_tag().map(str::to_owned) else {
            let message = "the answer has no ETag";
            return Err(refusal(GET, FailureKind::Rejected, message));
        };
        let age = date.since(reply.last_modified()).saturating_sub(ROUNDING);
        let broken = |_| refusal(GET, FailureKind::Unavailable, "the object broke off");
        let bytes = reply.body.collect().await.map_err(broken)?.to_vec();
        Ok(Some(Cell {
            bytes,
            tag: Tag(tag),
            age,
        }))
    }
}

/// The `Date` of an answer.
#[derive(Clone, Default)]
struct Date(Arc<Mutex<Option<DateTime>>>);

impl Date {
    /// Without both stamps nothing is known, and the object counts as new.
    fn since(&self, written: Option<&DateTime>) -> Duration {
        let present = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = present
            .zip(written)
            .map(|(present, written)| present.secs().saturating_sub(written.secs()));
        let seconds = seconds.and_then(|seconds| u64::try_from(seconds).ok());
        Duration::from_secs(seconds.unwrap_or_default())
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
