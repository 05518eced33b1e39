//! The port of anchors: RDS is the cloud's own; what else there is, somebody else is asked for.

mod cluster;
mod clusters;
mod instance;
mod instances;
mod ours;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use backstay_domain::anchor::{
    Anchor, AnchorOf, AnchorRequest, AnchorView, Anchored, Database, Outlived,
};
use backstay_domain::ports::{FailureKind, PortFailure};
use jiff::Timestamp;

use super::AwsCloud;
use super::error::{Call, failure, refusal};
use crate::outside::{Outside, quoted};

impl<T> AwsCloud<T> {
    pub(super) async fn may_be_anchored(&self, anchor: &Anchor) -> Result<(), PortFailure> {
        match (&anchor.of, &self.outside) {
            (AnchorOf::Snapshot { database }, _) => match database {
                Database::Instance(id) => self.snapshot_possible(id).await,
                Database::Cluster(_) if self.believes() => Ok(()),
                Database::Cluster(id) => {
                    self.cluster(id).await?;
                    self.cluster_snapshots_seen(id).await
                }
            },
            (AnchorOf::PointInTime { database }, _) => match database {
                Database::Instance(id) => self.restorable(id).await.map(drop),
                Database::Cluster(_) if self.believes() => Ok(()),
                Database::Cluster(id) => self.restorable_cluster(id).await.map(drop),
            },
            (AnchorOf::Branch { .. } | AnchorOf::Command { .. }, Outside::Believed) => Ok(()),
            (
                AnchorOf::Branch {
                    project, branch, ..
                },
                Outside::Asked(asked),
            ) => asked.neon()?.branch(project, branch).await.map(drop),
            (AnchorOf::Command { command, .. }, Outside::Asked(asked)) => asked.has(command),
        }
    }

    pub(super) async fn make_anchor(&self, request: &AnchorRequest) -> Result<String, PortFailure> {
        match (&request.anchor.of, &self.outside) {
            (AnchorOf::Snapshot { database }, _) => match database {
                Database::Instance(id) => self.snapshot(request, id).await,
                Database::Cluster(_) if self.believes() => Ok(request.name.clone()),
                Database::Cluster(id) => self.cluster_snapshot(request, id).await,
            },
            // Nothing is made: the moment is the anchor.
            (AnchorOf::PointInTime { .. }, _) => Ok(second(request.moment).to_string()),
            (AnchorOf::Branch { .. } | AnchorOf::Command { .. }, Outside::Believed) => {
                Ok(request.name.clone())
            }
            (
                AnchorOf::Branch {
                    project, branch, ..
                },
                Outside::Asked(asked),
            ) => asked.neon()?.make(request, project, branch).await,
            (AnchorOf::Command { command, .. }, Outside::Asked(asked)) => {
                asked.run(request, command).await
            }
        }
    }

    pub(super) async fn look_at_anchor(
        &self,
        request: &AnchorRequest,
        handle: &str,
    ) -> Result<AnchorView, PortFailure> {
        let believed = || Ok(AnchorView::Ready(anchored(request, handle, Vec::new())));
        match (&request.anchor.of, &self.outside) {
            (AnchorOf::Snapshot { database }, _) => match database {
                Database::Instance(id) => self.look_at_snapshot(request, handle, id).await,
                Database::Cluster(_) if self.believes() => believed(),
                Database::Cluster(id) => self.look_at_cluster_snapshot(request, handle, id).await,
            },
            (AnchorOf::PointInTime { database }, _) => match database {
                Database::Instance(id) => self.look_at_moment(request, handle, id).await,
                Database::Cluster(_) if self.believes() => believed(),
                Database::Cluster(id) => self.look_at_cluster_moment(request, handle, id).await,
            },
            (AnchorOf::Branch { .. } | AnchorOf::Command { .. }, Outside::Believed) => believed(),
            (
                AnchorOf::Branch {
                    project, branch, ..
                },
                Outside::Asked(asked),
            ) => asked.neon()?.look(request, (project, branch), handle).await,
            // The command came to its end.
            (AnchorOf::Command { restore, .. }, Outside::Asked(_)) => {
                let commands = restore.iter().map(|words| restoring(words, handle));
                let commands = commands.collect();
                Ok(AnchorView::Ready(anchored(request, handle, commands)))
            }
        }
    }

    pub(super) async fn forget_anchors(
        &self,
        outlived: &Outlived,
    ) -> Result<Vec<String>, PortFailure> {
        match (&outlived.anchor.of, &self.outside) {
            (AnchorOf::Snapshot { database }, _) => match database {
                Database::Instance(id) => self.forget_snapshots(outlived, id).await,
                Database::Cluster(_) if self.believes() => Ok(Vec::new()),
                Database::Cluster(id) => self.forget_cluster_snapshots(outlived, id).await,
            },
            (AnchorOf::Branch { project, .. }, Outside::Asked(asked)) => {
                asked.neon()?.forget(outlived, project).await
            }
            (AnchorOf::Branch { .. }, Outside::Believed)
            | (AnchorOf::PointInTime { .. } | AnchorOf::Command { .. }, _) => Ok(Vec::new()),
        }
    }

    /// Whether what a simulated cloud does not have is taken as made.
    fn believes(&self) -> bool {
        matches!(self.outside, Outside::Believed)
    }
}

/// An anchor that is there, of the moment at which it was asked for.
fn anchored(request: &AnchorRequest, name: &str, restore: Vec<String>) -> Anchored {
    Anchored {
        name: name.to_owned(),
        what: request.anchor.of.to_string(),
        holds: request.moment,
        restore,
    }
}

fn restoring(words: &[String], anchor: &str) -> String {
    let words = words.iter().map(|word| {
        let word = word
            .replace("{{ anchor }}", anchor)
            .replace("{{anchor}}", anchor);
        quoted(&word)
    });
    words.collect::<Vec<_>>().join(" ")
}

/// RDS restores to a second.
fn second(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}

/// A state that passes: a backup, a modification. It is tried again.
fn not_now<E>(
    operation: &'static str,
    states: &[&str],
    error: &SdkError<E, HttpResponse>,
) -> PortFailure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let failed = failure(operation, Call::Repeated, error);
    match error.code() {
        Some(code) if states.contains(&code) => PortFailure {
            message: failed.message,
            ..refusal(operation, FailureKind::Throttled, "")
        },
        Some(_) | None => failed,
    }
}

/// Where a snapshot stands that is not ready; nothing when it is.
fn stage(status: Option<&str>, percent: Option<i32>, name: &str) -> Option<AnchorView> {
    match status.unwrap_or_default() {
        "available" => None,
        "creating" | "pending" => {
            let percent = percent.and_then(|percent| u8::try_from(percent).ok());
            Some(AnchorView::Making(percent))
        }
        other => {
            let why = format!("the snapshot {name} is `{other}`");
            Some(AnchorView::Failed(why))
        }
    }
}

/// RDS refuses the name and does not show what has it yet: whose it is can be told later.
fn unseen(operation: &'static str, name: &str) -> PortFailure {
    let message = format!("`{name}` is there already, and is not seen yet");
    refusal(operation, FailureKind::Unavailable, message)
}

/// Somebody else's has the name.
fn foreign(operation: &'static str, name: &str) -> PortFailure {
    let message = format!("`{name}` is there, and Backstay did not make it for this deployment");
    refusal(operation, FailureKind::Conflict, message)
}
