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
    ///
    /// # Errors
    /// Why there is no stream that could be read.
    pub(super) fn of(document: &Value, container: &str, task: &TaskId) -> Result<Self, String> {
        let id = task.as_str().rsplit('/').next().unwrap_or_default();
        let Options {
            group,
            prefix,
            region,
        } = Options::of(document, container)?;
        Ok(Self {
            group,
            stream: format!("{prefix}/{container}/{id}"),
            region,
        })
    }
}

/// Why what a container prints cannot be read, where its definition says so.
pub(super) fn unreadable(document: &Value, container: &str) -> Option<String> {
    Options::of(document, container).err()
}

/// What a definition says of a container's log.
struct Options {
    group: String,
    prefix: String,
    region: Option<String>,
}

impl Options {
    fn of(document: &Value, container: &str) -> Result<Self, String> {
        let containers = document
            .get("containerDefinitions")
            .and_then(Value::as_array);
        let named = |one: &&Value| one.get("name").and_then(Value::as_str) == Some(container);
        let found = containers.and_then(|all| all.iter().find(named));
        let configuration = found.and_then(|one| one.get("logConfiguration"));
        let configuration = configuration.filter(|configuration| !configuration.is_null());
        let configuration = configuration
            .ok_or_else(|| format!("container `{container}` has no logConfiguration"))?;
        let driver = configuration.get("logDriver").and_then(Value::as_str);
        if driver != Some("awslogs") {
            let driver = driver.unwrap_or("no driver");
            return Err(format!(
                "container `{container}` logs with {driver}; only what `awslogs` writes can be read"
            ));
        }
        let option = |name: &str| {
            let value = configuration.get("options")?.get(name)?;
            value.as_str().map(str::to_owned)
        };
        let required = |name: &str| {
            option(name).ok_or_else(|| format!("container `{container}` logs without `{name}`"))
        };
        Ok(Self {
            group: required("awslogs-group")?,
            prefix: required("awslogs-stream-prefix")?,
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
                // An event has several lines where the driver was told so.
                let lines = lines.flat_map(str::lines);
                Ok(lines.map(|line| line.trim_end().to_owned()).collect())
            }
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(Vec::new()),
            Err(error) => Err(failure("logs.GetLogEvents", Call::Read, &error)),
        }
    }
}
