//! What is there before anybody calls, and what other people do to it.

use serde_json::json;

use super::create;
use super::find::input;
use super::instance::Status;
use super::snapshots::{MOST, Snapshot};
use super::state::Rds;
use crate::base::here::Here;
use crate::{Millis, ProvisionError};

/// A DB instance as Terraform made it, available long since.
pub(crate) fn provision(
    here: &mut Here<'_, Rds>,
    id: &str,
    since_ms: Millis,
) -> Result<(), ProvisionError> {
    let key = id.to_ascii_lowercase();
    if here.own.instances.contains_key(&key) {
        return Err(ProvisionError::Duplicate("DB instance", id.to_owned()));
    }
    let made = json!({
        "DBInstanceIdentifier": id,
        "DBInstanceClass": "db.t4g.medium",
        "Engine": "postgres",
        "AllocatedStorage": 20,
        "MasterUsername": "postgres",
        "MasterUserPassword": "not-kept-by-anybody",
        "BackupRetentionPeriod": 7,
    });
    let refused = |error| ProvisionError::Refused {
        what: format!("DB instance `{id}`"),
        error,
    };
    let request = input(&made).map_err(refused)?;
    create::create(here, request).map_err(refused)?;
    if let Some(instance) = here.own.instances.get_mut(&key) {
        instance.coming.clear();
        instance.become_now(Status::Available, since_ms);
    }
    Ok(())
}

impl Rds {
    /// The manual snapshots that could be restored now, by their names.
    pub(crate) fn available_snapshots(&self, now_ms: Millis) -> Vec<String> {
        let all = self.snapshots.iter();
        let there = all.filter(|(_, snapshot)| snapshot.is_available(now_ms));
        there.map(|(name, _)| name.clone()).collect()
    }

    /// Somebody else makes as many snapshots as the account may have; false if there is nothing to make one of, or no room.
    pub(crate) fn fill_with_snapshots(&mut self, now_ms: Millis) -> bool {
        let Some((id, instance)) = self.instances.first_key_value() else {
            return false;
        };
        let foreign = Snapshot {
            instance: id.clone(),
            instance_created_ms: instance.created_ms,
            resource_id: instance.resource_id.clone(),
            settings: instance.settings.clone(),
            begun_ms: now_ms,
            available_ms: now_ms,
        };
        let before = self.snapshots.len();
        let mut names = (0..).map(|number| format!("somebody-elses-{number}"));
        while let (true, Some(name)) = (self.snapshots.len() < MOST, names.next()) {
            self.snapshots
                .entry(name)
                .or_insert_with(|| foreign.clone());
        }
        self.snapshots.len() > before
    }

    /// Every snapshot that begins from now on takes this much longer.
    pub(crate) fn slow_snapshots(&mut self, ms: Millis) {
        self.slower_ms = ms;
    }
}

#[cfg(test)]
mod tests {
    use super::super::snapshots::MOST;
    use crate::{Blueprint, Fault, Trigger, Weather, World, WorldEvent};

    fn world(instances: &str) -> World {
        let blueprint = format!(
            r#"{{"account":"123456789012","region":"sa-east-1","cluster":"main","db_instances":[{instances}]}}"#
        );
        let blueprint: Blueprint = serde_json::from_str(&blueprint).expect("a blueprint");
        let mut world = World::new(
            "123456789012",
            "sa-east-1",
            7,
            Weather::Calm,
            1_800_000_000_000,
        );
        world.provision(&blueprint).expect("an account");
        world
    }

    #[test]
    fn somebody_else_fills_the_account_whatever_names_are_taken() {
        let mut world = world(r#""shop""#);
        assert_eq!(world.rds.instances["shop"].settings.username, "postgres");
        assert!(world.rds.fill_with_snapshots(world.now_ms));
        assert_eq!(world.rds.snapshots.len(), MOST);
        world.rds.snapshots.remove("somebody-elses-3");
        world.rds.snapshots.remove("somebody-elses-4");
        assert!(world.rds.fill_with_snapshots(world.now_ms));
        assert_eq!(world.rds.snapshots.len(), MOST, "no name is taken twice");
        assert!(!world.rds.fill_with_snapshots(world.now_ms), "it is full");
    }

    #[test]
    fn snapshots_of_nothing_do_not_strike() {
        for (instances, struck) in [("", false), (r#""shop""#, true)] {
            let mut world = world(instances);
            let id = world.add_fault(Fault::World {
                when: Trigger::AfterMs(1_000),
                event: WorldEvent::ForeignSnapshots,
            });
            world.advance(world.now_ms + 2_000);
            assert_eq!(world.has_struck(id), struck, "{instances}");
        }
    }
}
