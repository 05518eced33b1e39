//! Databases: the schema revision that scripted migration tasks read and change.

use serde::{Deserialize, Serialize};

use crate::World;
use crate::agenda::TaskSerial;
use crate::ecs::{Behaviour, PlannedExit, StartFailure, TaskDefinition};
use crate::timings::ONE_OFF;
use crate::{Millis, TaskFault};

/// One database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Database {
    /// What `alembic current` reports.
    pub(crate) revision: String,
    /// Revisions it came from, oldest first: where `downgrade -1` leads.
    pub(crate) earlier: Vec<String>,
}

/// What a migration container was told to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Migration {
    /// `alembic upgrade head`, also when there is no command.
    UpgradeHead,
    /// `alembic upgrade REV`.
    UpgradeTo(String),
    /// `alembic downgrade REV`, also `-1`.
    Downgrade(String),
    /// `alembic current`.
    Current,
    /// Anything else: it ends with 0 and changes nothing.
    Other,
}

impl Migration {
    /// Reads a container's command, also behind `sh -c`.
    pub(crate) fn of(command: &[String]) -> Self {
        let line = command.join(" ");
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(place) = words.iter().position(|word| word.ends_with("alembic")) else {
            return if words.is_empty() {
                Self::UpgradeHead
            } else {
                Self::Other
            };
        };
        match words.get(place + 1..) {
            Some(["upgrade", "head" | "heads", ..]) => Self::UpgradeHead,
            Some(["upgrade", revision, ..]) => Self::UpgradeTo((*revision).to_owned()),
            Some(["downgrade", revision, ..]) => Self::Downgrade((*revision).to_owned()),
            Some(["current", ..]) => Self::Current,
            Some(_) | None => Self::Other,
        }
    }
}

impl World {
    /// How a RunTask task of this definition will behave.
    pub(crate) fn one_off_behaviour(
        &mut self,
        definition: &TaskDefinition,
        command: &[String],
    ) -> Behaviour {
        let after_ms = ONE_OFF.draw(self.weather, &mut self.random);
        let mut exit = PlannedExit {
            after_ms,
            code: 0,
            out_of_memory: false,
        };
        let mut behaviour = Behaviour::default();
        if self.databases.contains_key(&definition.family) {
            behaviour.migration = Some(Migration::of(command));
        }
        // A fault of the way up is not one of asking for the revision, nor of the way down.
        let migration = &behaviour.migration;
        let spared = matches!(
            migration,
            Some(Migration::Current | Migration::Downgrade(_))
        );
        let faults = self.faults.on_family(&definition.family);
        for fault in faults.into_iter().filter(|_| !spared) {
            match fault {
                TaskFault::Exit(code) => {
                    exit.code = code;
                    behaviour.keeps_schema = true;
                }
                TaskFault::ExitAfterEffect(code) => exit.code = code,
                TaskFault::NeverStarts => behaviour.failure = Some(StartFailure::ImageMissing),
                TaskFault::Refused => {}
                TaskFault::OutOfMemory => {
                    exit = PlannedExit {
                        code: 137,
                        out_of_memory: true,
                        ..exit
                    };
                    behaviour.keeps_schema = true;
                }
                TaskFault::Slow(more_ms) => exit.after_ms += more_ms,
            }
        }
        behaviour.exit = Some(exit);
        behaviour
    }

    /// A migration ends: the schema changes, unless a fault prevents it, and the container says so.
    pub(crate) fn migrate(&mut self, serial: TaskSerial) {
        let Some(task) = self.ecs.task(serial) else {
            return;
        };
        let Some(migration) = task.behaviour.migration.clone() else {
            return;
        };
        let (keeps, family) = (task.behaviour.keeps_schema, task.definition.family.clone());
        let head = self.schema_head(serial);
        let Some(database) = self.databases.get_mut(&family) else {
            return;
        };
        if keeps {
            return;
        }
        let before = database.revision.clone();
        let lines = match migration {
            Migration::UpgradeHead => database.upgrade(head),
            Migration::UpgradeTo(revision) => database.upgrade(Some(revision)),
            Migration::Downgrade(revision) => database.downgrade(&revision),
            Migration::Current => {
                let is_head = head.is_none_or(|head| head == before);
                vec![if is_head {
                    format!("{before} (head)")
                } else {
                    before
                }]
            }
            Migration::Other => Vec::new(),
        };
        for line in lines {
            self.write_line(serial, self.now_ms, line);
        }
    }

    /// The schema revision the task's image arrives at.
    fn schema_head(&self, serial: TaskSerial) -> Option<String> {
        let task = self.ecs.task(serial)?;
        let essential = task.definition.essential()?;
        let digest = task
            .containers
            .iter()
            .find(|container| container.name == essential.name)?
            .digest
            .as_ref();
        let by_digest = digest.and_then(|digest| {
            let name = essential
                .image
                .split('@')
                .next()
                .unwrap_or(&essential.image);
            self.ecr.image(&format!("{name}@{digest}"))
        });
        by_digest
            .or_else(|| self.ecr.image(&essential.image))?
            .schema_head
            .clone()
    }
}

impl Database {
    pub(crate) fn at(revision: &str) -> Self {
        Self {
            revision: revision.to_owned(),
            earlier: Vec::new(),
        }
    }

    /// Idempotent: at head there is nothing to run.
    fn upgrade(&mut self, to: Option<String>) -> Vec<String> {
        let Some(to) = to.filter(|to| *to != self.revision) else {
            return Vec::new();
        };
        let from = std::mem::replace(&mut self.revision, to);
        let line = format!(
            "INFO  [alembic.runtime.migration] Running upgrade {from} -> {}",
            self.revision
        );
        self.earlier.push(from);
        vec![line]
    }

    fn downgrade(&mut self, to: &str) -> Vec<String> {
        let to = match to {
            "-1" => self
                .earlier
                .last()
                .cloned()
                .unwrap_or_else(|| "base".to_owned()),
            revision => revision.to_owned(),
        };
        if to == self.revision {
            return Vec::new();
        }
        if let Some(place) = self.earlier.iter().position(|earlier| *earlier == to) {
            self.earlier.truncate(place);
        }
        let from = std::mem::replace(&mut self.revision, to);
        vec![format!(
            "INFO  [alembic.runtime.migration] Running downgrade {from} -> {}",
            self.revision
        )]
    }
}

/// How long after its start a migration has said its first words.
pub(crate) const FIRST_WORDS_MS: Millis = 1_000;

#[cfg(test)]
mod tests {
    use super::{Database, Migration};

    #[test]
    fn commands() {
        for (command, expected) in [
            (vec![], Migration::UpgradeHead),
            (vec!["alembic", "upgrade", "head"], Migration::UpgradeHead),
            (
                vec!["sh", "-c", "alembic upgrade head"],
                Migration::UpgradeHead,
            ),
            (
                vec!["alembic", "upgrade", "9c1"],
                Migration::UpgradeTo("9c1".to_owned()),
            ),
            (vec!["alembic", "current"], Migration::Current),
            (
                vec!["alembic", "downgrade", "-1"],
                Migration::Downgrade("-1".to_owned()),
            ),
            (vec!["python", "check.py"], Migration::Other),
        ] {
            let command: Vec<String> = command.into_iter().map(str::to_owned).collect();
            assert_eq!(Migration::of(&command), expected, "{command:?}");
        }
    }

    #[test]
    fn up_twice_is_up_once_and_down_leads_back() {
        let mut database = Database::at("8f2");
        assert_eq!(
            database.upgrade(Some("9c1".to_owned())),
            ["INFO  [alembic.runtime.migration] Running upgrade 8f2 -> 9c1"]
        );
        assert!(database.upgrade(Some("9c1".to_owned())).is_empty());
        database.downgrade("-1");
        assert_eq!(database, Database::at("8f2"));
    }
}
