//! Reading an object with its age: by the clock of S3 alone, which stamps the object and the answer.

use std::time::Duration;

use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use backstay_domain::ports::{FailureKind, PortFailure};

use super::S3Store;
use crate::aws::date::Date;
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
