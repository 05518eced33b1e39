//! Conditional writes, and whose they were when that is not said.

use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use backstay_domain::ports::{Effect, FailureKind, PortFailure};

use super::S3Store;
use super::region::Moved;
use crate::aws::error::{Call, failure};
use crate::state::{Swapped, Tag};

const PUT: &str = "s3.PutObject";

/// Pauses before a call that failed in passing is repeated. The SDK has repeated it several times by then.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(200),
    Duration::from_millis(800),
    Duration::from_millis(3200),
];

/// A call that took longer than this is not repeated: nobody is there, and a command must come to its end.
const REPEAT_WITHIN: Duration = Duration::from_secs(8);

/// What must hold for a write.
#[derive(Clone, Copy, Debug)]
pub(super) enum Condition<'t> {
    /// There is no object.
    New,
    /// The object is in this state.
    Same(&'t Tag),
}

/// What S3 said to a conditional write.
pub(super) enum Answer {
    Written(Tag),
    Refused,
}

impl S3Store {
    pub(super) async fn put(
        &self,
        key: &str,
        bytes: &[u8],
        condition: Condition<'_>,
    ) -> Result<Swapped, PortFailure> {
        match self
            .patiently(|| self.put_once(key, bytes, condition))
            .await
        {
            Ok(Answer::Written(tag)) => Ok(Swapped::Done(tag)),
            Ok(Answer::Refused) => Ok(self.ours(key, bytes).await?.unwrap_or(Swapped::Conflict)),
            Err(failure) if failure.effect == Effect::Unknown => {
                match self.ours(key, bytes).await {
                    Ok(Some(done)) => Ok(done),
                    // It may still arrive.
                    Ok(None) | Err(_) => Err(self.about(key)(failure)),
                }
            }
            Err(failure) => Err(self.about(key)(failure)),
        }
    }

    pub(super) async fn put_once(
        &self,
        key: &str,
        bytes: &[u8],
        condition: Condition<'_>,
    ) -> Result<Answer, PortFailure> {
        let request = self
            .client
            .client()
            .put_object()
            .bucket(&*self.bucket)
            .key(key)
            .content_type("application/json")
            .body(ByteStream::from(bytes.to_vec()));
        let request = match condition {
            Condition::New => request.if_none_match("*"),
            Condition::Same(tag) => request.if_match(&tag.0),
        };
        match request.send().await {
            // Without an ETag nobody can tell which state it is; the next read says.
            Ok(reply) => Ok(Answer::Written(Tag(reply
                .e_tag()
                .unwrap_or_default()
                .to_owned()))),
            // `If-Match` on an object that is not there is answered like a read of it.
            Err(error) if matches!(error.code(), Some("PreconditionFailed" | "NoSuchKey")) => {
                Ok(Answer::Refused)
            }
            Err(error) => Err(failure(PUT, Call::Repeated, &error)),
        }
    }

    /// Whether the object holds these bytes.
    async fn ours(&self, key: &str, bytes: &[u8]) -> Result<Option<Swapped>, PortFailure> {
        let found = self.get(key).await?;
        Ok(found
            .filter(|found| found.bytes == bytes)
            .map(|found| Swapped::Done(found.tag)))
    }

    /// Repeats what failed in passing, or collided with another write of the same moment, after growing pauses.
    pub(super) async fn patiently<R, F: Future<Output = Result<R, PortFailure>>>(
        &self,
        call: impl Fn() -> F,
    ) -> Result<R, PortFailure> {
        let began = self.time.now();
        let mut pauses = PAUSES.into_iter();
        loop {
            let failure = match call().await {
                Err(failure) => failure,
                answer => return answer,
            };
            if self.client.moves() == Moved::Elsewhere {
                continue;
            }
            let waited = self.time.now().duration_since(began).unwrap_or_default();
            // Credentials do not come by asking S3 once more.
            let passing = match failure.kind {
                FailureKind::Throttled | FailureKind::Unavailable | FailureKind::Conflict => true,
                FailureKind::Denied
                | FailureKind::Unauthenticated
                | FailureKind::NotFound
                | FailureKind::Rejected => false,
            };
            match pauses.next() {
                Some(pause) if passing && waited < REPEAT_WITHIN => self.time.sleep(pause).await,
                Some(_) | None => return Err(failure),
            }
        }
    }
}
