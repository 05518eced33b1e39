//! The end of a task's log, as its definition says where it is.

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use backstay_domain::TaskId;
use backstay_domain::ports::PortFailure;
use serde_json::Value;

use super::AwsCloud;
use super::error::{Call, failure};

/// Where a container of a task logs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LogStream {
    group: String,
    stream: String,
    region: Option<String>,
}

impl LogStream {
    /// The stream `prefix/container/task` of a container that logs with `awslogs`.
    pub(super) fn of(document: &Value, container: &str, task: &TaskId) -> Option<Self> {
        let containers = document.get("containerDefinitions")?.as_array()?;
        let found = containers
            .iter()
            .find(|c| c.get("name").and_then(Value::as_str) == Some(container))?;
        let configuration = found.get("logConfiguration")?;
        if configuration.get("logDriver").and_then(Value::as_str) != Some("awslogs") {
            return None;
        }
        let option = |name: &str| {
            configuration
                .get("options")?
                .get(name)?
                .as_str()
                .map(str::to_owned)
        };
        let prefix = option("awslogs-stream-prefix")?;
        let id = task.as_str().rsplit('/').next().unwrap_or_default();
        let stream = format!("{prefix}/{container}/{id}");
        Some(Self {
            group: option("awslogs-group")?,
            stream,
            region: option("awslogs-region"),
        })
    }
}

impl<T> AwsCloud<T> {
    /// The last lines of a stream, oldest first. A stream that does not exist has no lines yet.
    pub(super) async fn last_lines(
        &self,
        log: &LogStream,
        lines: i32,
    ) -> Result<Vec<String>, PortFailure> {
        let mut elsewhere = aws_sdk_cloudwatchlogs::config::Builder::new();
        if let Some(region) = &log.region {
            elsewhere =
                elsewhere.region(aws_sdk_cloudwatchlogs::config::Region::new(region.clone()));
        }
        let sent = self
            .logs
            .get_log_events()
            .log_group_name(&log.group)
            .log_stream_name(&log.stream)
            .start_from_head(false)
            .limit(lines)
            .customize()
            .config_override(elsewhere)
            .send()
            .await;
        match sent {
            Ok(reply) => {
                let lines = reply.events().iter().filter_map(|event| event.message());
                Ok(lines.map(|line| line.trim_end().to_owned()).collect())
            }
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(Vec::new()),
            Err(error) => Err(failure("logs.GetLogEvents", Call::Read, &error)),
        }
    }
}
