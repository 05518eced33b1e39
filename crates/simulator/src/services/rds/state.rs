//! What the account has of it, and how it changes by itself.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::groups::SubnetGroup;
use super::instance::{Instance, Status};
use super::snapshots::Snapshot;
use crate::Millis;
use crate::base::agenda::Due;
use crate::base::arn::regional_arn;
use crate::base::here::Here;

/// Instances, snapshots and subnet groups, each by its identifier.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Rds {
    #[serde(default)]
    pub(super) instances: BTreeMap<String, Instance>,
    #[serde(default)]
    pub(super) snapshots: BTreeMap<String, Snapshot>,
    #[serde(default)]
    pub(super) subnet_groups: BTreeMap<String, SubnetGroup>,
    /// How much longer each snapshot takes that begins now.
    #[serde(default)]
    pub(super) slower_ms: Millis,
    /// By ARN.
    #[serde(default)]
    pub(super) tags: BTreeMap<String, BTreeMap<String, String>>,
}

/// Everything that is due by now has happened. Every call settles first; the agenda only knows when it is worth looking.
pub(crate) fn settle(here: &mut Here<'_, Rds>) {
    let now_ms = here.now_ms;
    for instance in here.own.instances.values_mut() {
        while let Some((at_ms, status)) = instance.coming.front().copied() {
            if at_ms > now_ms {
                break;
            }
            instance.coming.pop_front();
            instance.become_now(status, at_ms);
        }
    }
    let gone = here.own.instances.iter();
    let gone: Vec<String> = gone
        .filter(|(_, instance)| instance.status == Status::Gone)
        .map(|(id, _)| id.clone())
        .collect();
    for id in gone {
        here.own.instances.remove(&id);
        here.own.tags.remove(&instance_arn(here, &id));
    }
    let renamed: Vec<(String, String)> = here
        .own
        .instances
        .iter_mut()
        .filter_map(|(id, instance)| Some((id.clone(), instance.renamed.take()?)))
        .collect();
    for (from, to) in renamed {
        if let Some(instance) = here.own.instances.remove(&from) {
            here.own.instances.insert(to.clone(), instance);
        }
        if let Some(tags) = here.own.tags.remove(&instance_arn(here, &from)) {
            here.own.tags.insert(instance_arn(here, &to), tags);
        }
    }
}

/// An instance goes through states, each of them beginning at its time.
pub(super) fn schedule_instance(here: &mut Here<'_, Rds>, id: &str, states: &[(Millis, Status)]) {
    let Some(instance) = here.own.instances.get_mut(id) else {
        return;
    };
    instance.coming = VecDeque::from_iter(states.iter().copied());
    for (at_ms, _) in states {
        here.agenda.add(*at_ms, Due::Rds);
    }
}

pub(super) fn instance_arn(here: &Here<'_, Rds>, id: &str) -> String {
    arn(here, "db", id)
}

pub(super) fn arn(here: &Here<'_, Rds>, kind: &str, id: &str) -> String {
    regional_arn(
        "rds",
        here.region,
        here.account,
        format_args!("{kind}:{id}"),
    )
}
