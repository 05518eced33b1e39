//! What tasks write, as their definitions say where: the end of one task's log, and what all tasks of a definition wrote.

use aws_sdk_cloudwatchlogs::config::{Builder, Region};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use backstay_domain::TaskId;
use backstay_domain::ports::{FailureKind, PortFailure, Printed};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use serde_json::Value;

use super::AwsCloud;
use super::error::{Call, failure, refusal};

const FILTER: &str = "logs.FilterLogEvents";

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

/// Logs may be kept in another Region.
fn in_region(region: Option<&str>) -> Builder {
    match region {
        Some(region) => Builder::new().region(Region::new(region.to_owned())),
        None => Builder::new(),
    }
}

/// The names of a definition's containers.
fn containers(document: &Value) -> impl Iterator<Item = &str> {
    let all = document.get("containerDefinitions");
    let all = all.and_then(Value::as_array).into_iter().flatten();
    all.filter_map(|one| one.get("name")?.as_str())
}

impl<T> AwsCloud<T> {
    /// What all tasks of a definition wrote since a moment, container by container, in the order of time.
    pub(super) async fn printed_since(
        &self,
        document: &Value,
        since: Timestamp,
    ) -> Result<Vec<Printed>, PortFailure> {
        let (mut readable, mut why) = (Vec::new(), None);
        for container in containers(document) {
            match Options::of(document, container) {
                Ok(options) => readable.push((container, options)),
                Err(unreadable) => why = Some(unreadable),
            }
        }
        if let (true, Some(why)) = (readable.is_empty(), why) {
            return Err(refusal(FILTER, FailureKind::Rejected, why));
        }
        let asked = readable.iter();
        let asked = asked.map(|(container, options)| self.printed_by(container, options, since));
        let mut lines: Vec<Printed> = try_join_all(asked).await?.into_iter().flatten().collect();
        lines.sort();
        Ok(lines)
    }

    async fn printed_by(
        &self,
        container: &str,
        options: &Options,
        since: Timestamp,
    ) -> Result<Vec<Printed>, PortFailure> {
        let mut lines = Vec::new();
        let mut page: Option<String> = None;
        loop {
            let sent = self
                .logs
                .filter_log_events()
                .log_group_name(&options.group)
                .log_stream_name_prefix(format!("{}/{container}/", options.prefix))
                .start_time(since.as_millisecond())
                .set_next_token(page)
                .customize()
                .config_override(in_region(options.region.as_deref()))
                .send()
                .await;
            let reply = match sent {
                Ok(reply) => reply,
                // Nothing was ever written.
                Err(error) if error.code() == Some("ResourceNotFoundException") => break,
                Err(error) => return Err(failure(FILTER, Call::Read, &error)),
            };
            lines.extend(reply.events().iter().filter_map(|event| {
                let stream = event.log_stream_name().unwrap_or_default();
                let task = stream.rsplit('/').next().unwrap_or_default();
                Some(Printed {
                    at: Timestamp::from_millisecond(event.timestamp()?).ok()?,
                    container: container.to_owned(),
                    task: task.get(..8).unwrap_or(task).to_owned(),
                    id: event.event_id().unwrap_or_default().to_owned(),
                    text: event.message().unwrap_or_default().to_owned(),
                })
            }));
            page = reply.next_token.filter(|token| !token.is_empty());
            if page.is_none() {
                break;
            }
        }
        Ok(lines)
    }

    /// The last lines of a stream, oldest first. A stream that does not exist has no lines yet.
    pub(super) async fn last_lines(
        &self,
        log: &LogStream,
        lines: i32,
    ) -> Result<Vec<String>, PortFailure> {
        let sent = self
            .logs
            .get_log_events()
            .log_group_name(&log.group)
            .log_stream_name(&log.stream)
            .start_from_head(false)
            .limit(lines)
            .customize()
            .config_override(in_region(log.region.as_deref()))
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
