//! State in the user's own bucket, through S3's conditional writes: an object per cell, an object per line of a log.
//!
//! S3 answers the condition of a write that it has carried out already like that of anybody else's. So whenever a write is
//! refused, or nobody knows what became of it, the object is read: if it holds our bytes, the write was ours.

mod get;
mod list;
mod prove;
mod put;
mod region;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::{AppName, EnvironmentName};
use futures_util::StreamExt as _;
use futures_util::TryStreamExt as _;

use super::connect;
use crate::pace::SdkTime;
use crate::state::{Appended, Cell, Ends, LogLines, Store, Swapped, Tag};
use put::Condition;
use region::Regional;

/// Lines of a log that are read at once.
const READ_AT_ONCE: usize = 16;

/// One attempt of a call. A lease that is renewed every 20 seconds cannot wait for ten minutes, as an upload may.
/// Longer than a silent host is waited for, which is told by name.
const ATTEMPT: Duration = Duration::from_secs(12);

/// Attempts of the SDK for one call: what they wait for in between must leave time to repeat it.
const ATTEMPTS: u32 = 3;

/// One environment's state in a bucket. Clones share it; so do all machines that are given the same bucket.
#[derive(Clone, Debug)]
pub struct S3Store {
    client: Regional,
    bucket: Arc<str>,
    /// Before every name; ends in `/`.
    prefix: Arc<str>,
    time: SdkTime,
}

impl S3Store {
    /// State in `bucket`, below `prefix` (empty, or ending in `/`), the app and the environment. Sends nothing.
    #[must_use]
    pub fn new(
        config: &SdkConfig,
        bucket: &str,
        prefix: &str,
        app: &AppName,
        environment: &EnvironmentName,
    ) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(2 * ATTEMPT)
            .build();
        let time = SdkTime::of(config);
        // `patiently` repeats beyond that, within its own limit.
        let retries = config.retry_config().cloned();
        let retries = retries.unwrap_or_else(RetryConfig::standard);
        let config = connect::s3(config)
            .to_builder()
            .retry_config(retries.with_max_attempts(ATTEMPTS))
            .timeout_config(timeouts)
            .sleep_impl(time.sleep_impl());
        Self {
            client: Regional::new(config),
            bucket: bucket.into(),
            prefix: format!("{prefix}{app}/{environment}/").into(),
            time,
        }
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn line_key(&self, log: &str, position: u64) -> String {
        self.key(&format!("{log}/{position:06}.json"))
    }

    /// Says which object it was about, and what is needed where something is not allowed.
    fn about(&self, key: &str) -> impl Fn(PortFailure) -> PortFailure {
        let place = format!("s3://{}/{key}", self.bucket);
        move |mut failure| {
            let needs = match failure.kind {
                FailureKind::Denied => {
                    "; state needs s3:GetObject, s3:PutObject and s3:ListBucket there"
                }
                FailureKind::NotFound => {
                    "; the bucket must be there, in this account or open to it"
                }
                FailureKind::Throttled
                | FailureKind::Unauthenticated
                | FailureKind::Conflict
                | FailureKind::Unavailable
                | FailureKind::Rejected => "",
            };
            failure.message = format!("{} ({place}{needs})", failure.message);
            failure
        }
    }

    async fn line(&self, log: &str, position: u64) -> Result<Option<Vec<u8>>, PortFailure> {
        let found = self.get(&self.line_key(log, position)).await?;
        Ok(found.map(|found| found.bytes))
    }
}

impl Store for S3Store {
    async fn cell(&self, name: &str) -> Result<Option<Cell>, PortFailure> {
        self.get(&self.key(name)).await
    }

    async fn swap(
        &self,
        name: &str,
        expected: Option<&Tag>,
        bytes: &[u8],
    ) -> Result<Swapped, PortFailure> {
        let condition = expected.map_or(Condition::New, Condition::Same);
        self.put(&self.key(name), bytes, condition).await
    }

    async fn append(&self, log: &str, position: u64, line: &[u8]) -> Result<Appended, PortFailure> {
        let key = self.line_key(log, position);
        Ok(match self.put(&key, line, Condition::New).await? {
            Swapped::Done(_) => Appended::Done,
            Swapped::Conflict => Appended::Conflict,
        })
    }

    async fn lines(&self, log: &str) -> Result<LogLines, PortFailure> {
        let positions = self.positions(log).await?;
        let read = positions.into_iter().map(|position| async move {
            let line = self.line(log, position).await?;
            Ok(line.map(|line| (position, line)))
        });
        let read: Vec<Option<(u64, Vec<u8>)>> = futures_util::stream::iter(read)
            .buffered(READ_AT_ONCE)
            .try_collect()
            .await?;
        Ok(LogLines {
            lines: read.into_iter().flatten().collect(),
            torn: 0,
        })
    }

    async fn ends(&self, log: &str) -> Result<Option<Ends>, PortFailure> {
        let positions = self.positions(log).await?;
        let (Some(first), Some(last)) = (positions.first(), positions.last()) else {
            return Ok(None);
        };
        let (first, last) = futures_util::try_join!(self.line(log, *first), self.line(log, *last))?;
        let count = positions.len() as u64;
        Ok(first
            .zip(last)
            .map(|(first, last)| Ends { first, last, count }))
    }

    async fn names(&self, folder: &str) -> Result<Vec<String>, PortFailure> {
        self.names_below(folder).await
    }

    async fn prove(&self) -> Result<(), PortFailure> {
        self.prove_conditional_writes().await
    }

    async fn grow_older(&self, by: Duration) {
        self.time.sleep(by).await;
    }
}
