//! Client-side token buckets for ECS's documented throttles, so that a deployment of forty services is not throttled.

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use tokio::sync::Mutex;

/// The SDK's own time: the machine's, or a simulator's, which may be paused or run fast.
#[derive(Clone, Debug)]
pub(crate) struct SdkTime {
    sleep: SharedAsyncSleep,
    source: SharedTimeSource,
}

impl SdkTime {
    /// What the clients of this configuration sleep with and sign with.
    pub(crate) fn of(config: &SdkConfig) -> Self {
        Self {
            sleep: config
                .sleep_impl()
                .unwrap_or_else(|| SharedAsyncSleep::new(TokioSleep::new())),
            source: config
                .time_source()
                .unwrap_or_else(|| SharedTimeSource::new(SystemTimeSource::new())),
        }
    }

    /// Waits.
    pub(crate) async fn sleep(&self, duration: Duration) {
        self.sleep.sleep(duration).await;
    }

    /// For another client of the same time.
    pub(crate) fn sleep_impl(&self) -> SharedAsyncSleep {
        self.sleep.clone()
    }

    /// The present, as the SDK sees it.
    pub(crate) fn now(&self) -> SystemTime {
        self.source.now()
    }
}

/// A category of calls that shares one bucket per account and region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Category {
    /// RegisterTaskDefinition.
    DefinitionModify,
    /// DescribeTaskDefinition.
    DefinitionRead,
    /// UpdateService.
    ServiceModify,
    /// DescribeServices.
    ServiceRead,
    /// DescribeServiceDeployments, ListServiceDeployments; StopServiceDeployment, whose bucket AWS does not name.
    Rollout,
    /// RunTask.
    TaskModify,
    /// DescribeTasks, ListTasks.
    TaskRead,
}

/// How long a change may wait for its turn: part of the time for which it counts as being on its way.
const SEND_WITHIN: Duration = Duration::from_secs(20);

/// How long a change waited that came too late to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Late(pub(crate) Duration);

/// One bucket per category.
#[derive(Debug)]
pub(crate) struct Pace {
    time: SdkTime,
    definition_modify: Bucket,
    definition_read: Bucket,
    service_modify: Bucket,
    service_read: Bucket,
    rollout: Bucket,
    task_modify: Bucket,
    task_read: Bucket,
}

impl Pace {
    /// Buckets of the sizes AWS documents, each one short: the last token covers rounding between the two clocks.
    pub(crate) fn new(time: SdkTime) -> Self {
        Self {
            time,
            definition_modify: Bucket::new(19, 1),
            definition_read: Bucket::new(49, 20),
            service_modify: Bucket::new(49, 5),
            service_read: Bucket::new(99, 20),
            rollout: Bucket::new(49, 20),
            task_modify: Bucket::new(99, 20),
            task_read: Bucket::new(99, 20),
        }
    }

    /// The same for a change that must not be sent long after its intent was written: nobody may wait for it any more, or
    /// somebody else may have the right to change by then. A process that was suspended while it waited counts that too.
    ///
    /// # Errors
    /// When its turn came too late: nothing may be sent.
    pub(crate) async fn turn_in_time(&self, category: Category) -> Result<(), Late> {
        let asked = self.time.now();
        self.turn(category).await;
        // A clock that was set back proves nothing; the machine's own pauses do not set it back.
        let waited = self.time.now().duration_since(asked).unwrap_or_default();
        match waited > SEND_WITHIN {
            true => Err(Late(waited)),
            false => Ok(()),
        }
    }

    /// Waits until a call of this category may be sent.
    pub(crate) async fn turn(&self, category: Category) {
        let bucket = match category {
            Category::DefinitionModify => &self.definition_modify,
            Category::DefinitionRead => &self.definition_read,
            Category::ServiceModify => &self.service_modify,
            Category::ServiceRead => &self.service_read,
            Category::Rollout => &self.rollout,
            Category::TaskModify => &self.task_modify,
            Category::TaskRead => &self.task_read,
        };
        bucket.take(&self.time).await;
    }
}

#[derive(Debug)]
struct Bucket {
    burst: f64,
    per_second: f64,
    level: Mutex<Option<(f64, SystemTime)>>,
}

impl Bucket {
    fn new(burst: u32, per_second: u32) -> Self {
        Self {
            burst: f64::from(burst),
            per_second: f64::from(per_second),
            level: Mutex::new(None),
        }
    }

    /// Waiters hold the lock while they sleep, so they are served in the order in which they came.
    async fn take(&self, time: &SdkTime) {
        let mut level = self.level.lock().await;
        let (tokens, since) = level.unwrap_or((self.burst, time.now()));
        // A clock that was set back gives no tokens.
        let elapsed = time.now().duration_since(since).unwrap_or_default();
        let mut tokens = (tokens + elapsed.as_secs_f64() * self.per_second).min(self.burst);
        if tokens < 1.0 {
            time.sleep(Duration::from_secs_f64((1.0 - tokens) / self.per_second))
                .await;
            tokens = 1.0;
        }
        *level = Some((tokens - 1.0, time.now()));
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_async::time::TimeSource;

    use super::*;

    /// The simulator's kind of time: tokio's.
    #[derive(Debug)]
    struct TokioTime(tokio::time::Instant);

    impl TimeSource for TokioTime {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH + self.0.elapsed()
        }
    }

    #[tokio::test(start_paused = true)]
    #[expect(clippy::disallowed_methods, reason = "tokio's paused time")]
    async fn a_change_that_waited_too_long_is_not_sent() {
        let pace = Pace::new(SdkTime {
            sleep: SharedAsyncSleep::new(TokioSleep::new()),
            source: SharedTimeSource::new(TokioTime(tokio::time::Instant::now())),
        });
        // One token a second after a burst of 19: all asked at once, the 20 s end with the 39th.
        let turns = (0..45).map(|_| pace.turn_in_time(Category::DefinitionModify));
        let sent = futures_util::future::join_all(turns).await;
        let in_time = sent.iter().filter(|turn| turn.is_ok()).count();
        assert!((38..=39).contains(&in_time), "{in_time}");
        assert!(sent.iter().rev().take(6).all(Result::is_err));
    }

    #[tokio::test(start_paused = true)]
    #[expect(clippy::disallowed_methods, reason = "tokio's paused time")]
    async fn a_burst_is_free_and_the_rest_comes_at_the_sustained_rate() {
        let start = tokio::time::Instant::now();
        let source = SharedTimeSource::new(TokioTime(start));
        let pace = Pace::new(SdkTime {
            sleep: SharedAsyncSleep::new(TokioSleep::new()),
            source,
        });
        for _ in 0..19 {
            pace.turn(Category::DefinitionModify).await;
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
        for _ in 0..21 {
            pace.turn(Category::DefinitionModify).await;
        }
        let took = start.elapsed().as_secs_f64();
        assert!((20.9..21.2).contains(&took), "{took}");
        pace.turn(Category::ServiceModify).await;
        assert!(
            start.elapsed().as_secs_f64() - took < 0.001,
            "categories do not share tokens"
        );
    }
}
