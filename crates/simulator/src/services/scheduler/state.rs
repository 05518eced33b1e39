//! What the account has of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Millis;
use crate::base::schedule::Course;
use crate::wire::Tags;

/// The group that every account has.
pub(super) const DEFAULT: &str = "default";

/// Schedules of an account and Region, by their groups.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Scheduler {
    /// Besides the default one, by name.
    pub(super) groups: BTreeMap<String, Group>,
    /// By group, then by name.
    pub(super) schedules: BTreeMap<String, BTreeMap<String, Schedule>>,
    /// What is to be called: whoever has let time pass carries it on.
    #[serde(skip)]
    pub(crate) outbox: Vec<Invoked>,
}

impl Scheduler {
    /// What starts tasks of ECS, by group and schedule: which TaskDefinitionArn, and whether it is enabled.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = (String, String, bool)> {
        self.schedules.iter().flat_map(|(group, schedules)| {
            let tasks = schedules.iter().filter_map(move |(name, schedule)| {
                let starts = schedule.target["EcsParameters"]["TaskDefinitionArn"].as_str()?;
                let enabled = schedule.enabled == Enabled::Enabled;
                Some((format!("{group}/{name}"), starts.to_owned(), enabled))
            });
            tasks.collect::<Vec<_>>()
        })
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) created_ms: Millis,
    pub(super) tags: Tags,
    pub(super) client_token: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Schedule {
    pub(super) course: Course,
    pub(super) enabled: Enabled,
    pub(super) modified_ms: Millis,
    pub(super) description: Option<String>,
    pub(super) kms_key: Option<String>,
    /// As it was given.
    pub(super) target: Value,
    /// As it was given.
    pub(super) window: Value,
    pub(super) afterwards: Afterwards,
    pub(super) client_token: Option<String>,
}

/// State.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Enabled {
    #[default]
    Enabled,
    Disabled,
}

/// ActionAfterCompletion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Afterwards {
    #[default]
    None,
    Delete,
}

/// A schedule is due: what is to be called.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Invoked {
    pub(crate) group: String,
    pub(crate) name: String,
    /// As it was given.
    pub(crate) target: Value,
    /// Its input, with the keywords filled in, or what AWS sends where there is none.
    pub(crate) message: String,
}
