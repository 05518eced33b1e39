//! One DB instance: its settings and what it is doing.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::Millis;

/// A DB instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Instance {
    pub(super) settings: Settings,
    pub(super) status: Status,
    /// What it will be, and when, soonest first.
    pub(super) coming: VecDeque<(Millis, Status)>,
    /// When it first was available.
    pub(super) created_ms: Option<Millis>,
    /// Its data was as of this time when it was created: an empty database, or what it was restored from.
    pub(super) data_since_ms: Millis,
    pub(super) resource_id: String,
    /// What ModifyDBInstance takes into force at the end of `modifying`.
    pub(super) modified: Option<Settings>,
    pub(super) new_id: Option<String>,
    /// Set in the moment in which the new identifier holds.
    pub(super) renamed: Option<String>,
    /// What waits for the maintenance window, which never comes here: PendingModifiedValues.
    pub(super) pending: Option<Settings>,
    pub(super) stopped_ms: Option<Millis>,
}

/// What a client configures. The password is not among it: nobody reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) class: String,
    pub(super) engine: String,
    pub(super) version: String,
    pub(super) storage_gib: i64,
    pub(super) max_storage_gib: Option<i64>,
    pub(super) storage_type: String,
    pub(super) iops: Option<i64>,
    pub(super) username: String,
    pub(super) database: Option<String>,
    pub(super) port: u16,
    pub(super) zone: String,
    pub(super) security_groups: Vec<String>,
    pub(super) subnet_group: Option<String>,
    pub(super) parameter_group: String,
    pub(super) retention_days: i64,
    pub(super) backup_window: String,
    pub(super) maintenance_window: String,
    pub(super) multi_az: bool,
    pub(super) is_public: bool,
    pub(super) encrypted: bool,
    pub(super) kms_key: Option<String>,
    pub(super) auto_minor: bool,
    pub(super) copy_tags: bool,
    pub(super) iam_authentication: bool,
    pub(super) performance_insights: bool,
    pub(super) protected: bool,
    pub(super) log_exports: Vec<String>,
}

/// DBInstanceStatus, as far as an instance comes into it here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Status {
    Creating,
    BackingUp,
    Available,
    Modifying,
    Rebooting,
    Stopping,
    Stopped,
    Starting,
    Deleting,
    /// It is no more.
    Gone,
}

impl Status {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::BackingUp => "backing-up",
            Self::Available => "available",
            Self::Modifying => "modifying",
            Self::Rebooting => "rebooting",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Starting => "starting",
            Self::Deleting | Self::Gone => "deleting",
        }
    }
}

/// Transaction logs are saved every five minutes [DOC].
const LOG_MS: Millis = 300_000;

impl Instance {
    pub(super) fn become_now(&mut self, status: Status, at_ms: Millis) {
        self.status = status;
        match status {
            Status::Available => {
                self.created_ms.get_or_insert(at_ms);
                self.stopped_ms = None;
                if let Some(modified) = self.modified.take() {
                    self.settings = modified;
                }
                self.renamed = self.new_id.take();
            }
            Status::Stopped => self.stopped_ms = Some(at_ms),
            _ => {}
        }
    }

    /// The end of the last saved transaction log, and at first the end of the first backup; `None` without automated backups
    /// (G [MODEL]).
    pub(super) fn restorable_ms(&self, now_ms: Millis) -> Option<Millis> {
        let created_ms = self.created_ms?;
        let until_ms = self.stopped_ms.unwrap_or(now_ms);
        let saved_ms = until_ms - until_ms % LOG_MS;
        (self.settings.retention_days > 0).then_some(saved_ms.max(created_ms))
    }
}
