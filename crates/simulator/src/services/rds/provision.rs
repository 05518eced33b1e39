//! What is there before anybody calls, and what other people do to it.

use serde_json::json;

use super::create;
use super::find::input;
use super::instance::Status;
use super::snapshots::{MOST, Snapshot};
use super::state::Rds;
use crate::Millis;
use crate::base::here::Here;

/// A DB instance as Terraform made it, available long since. What the API would not take is not made.
pub(crate) fn provision(here: &mut Here<'_, Rds>, id: &str, since_ms: Millis) {
    let made = json!({
        "DBInstanceIdentifier": id,
        "DBInstanceClass": "db.t4g.medium",
        "Engine": "postgres",
        "AllocatedStorage": 20,
        "MasterUsername": "backstay",
        "MasterUserPassword": "not-kept-by-anybody",
        "BackupRetentionPeriod": 7,
    });
    let Ok(request) = input(&made) else {
        return;
    };
    if create::create(here, request).is_err() {
        return;
    }
    if let Some(instance) = here.own.instances.get_mut(&id.to_ascii_lowercase()) {
        instance.coming.clear();
        instance.become_now(Status::Available, since_ms);
    }
}

impl Rds {
    /// The manual snapshots that could be restored now, by their names.
    pub(crate) fn available_snapshots(&self, now_ms: Millis) -> Vec<String> {
        let all = self.snapshots.iter();
        let there = all.filter(|(_, snapshot)| snapshot.is_available(now_ms));
        there.map(|(name, _)| name.clone()).collect()
    }

    /// Somebody else makes as many snapshots as the account may have.
    pub(crate) fn fill_with_snapshots(&mut self, now_ms: Millis) {
        let Some((id, instance)) = self.instances.first_key_value() else {
            return;
        };
        let foreign = Snapshot {
            instance: id.clone(),
            instance_created_ms: instance.created_ms,
            resource_id: instance.resource_id.clone(),
            settings: instance.settings.clone(),
            begun_ms: now_ms,
            available_ms: now_ms,
        };
        for number in self.snapshots.len()..MOST {
            let name = format!("somebody-elses-{number}");
            self.snapshots.insert(name, foreign.clone());
        }
    }

    /// Every snapshot that begins from now on takes this much longer.
    pub(crate) fn slow_snapshots(&mut self, ms: Millis) {
        self.slower_ms = ms;
    }
}
