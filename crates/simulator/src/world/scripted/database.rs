//! Databases: the schema revision that scripted migration tasks read and change.

use serde::{Deserialize, Serialize};

use super::tool::ByTool;
use crate::World;
use crate::base::agenda::TaskSerial;
use crate::base::timings::ONE_OFF;
use crate::services::ecs::{self, Behaviour, PlannedExit, StartFailure, TaskDefinition};
use crate::{MigrationTool, Millis, TaskFault};

/// One database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Database {
    /// What `alembic current` reports; empty where nothing was migrated yet.
    pub(crate) revision: String,
    /// Revisions it came from, oldest first: where `downgrade -1` leads.
    pub(crate) earlier: Vec<String>,
    /// Who migrates it; Alembic when nothing is said.
    #[serde(default)]
    pub(crate) tool: Option<MigrationTool>,
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
    /// `alembic current --verbose`.
    CurrentVerbose,
    /// A command of another tool.
    ByTool(ByTool),
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
        let mut rest = words[place + 1..].iter().copied();
        let subcommand = loop {
            match rest.next() {
                Some("-c" | "--config" | "-n" | "--name" | "-x") => drop(rest.next()),
                Some(option) if option.starts_with('-') => {}
                other => break other,
            }
        };
        let rest: Vec<&str> = rest.collect();
        // A relative revision begins like an option.
        let is_revision = |word: &&&str| {
            !word.starts_with('-') || word[1..].starts_with(|c: char| c.is_ascii_digit())
        };
        let revision = rest.iter().find(is_revision).copied();
        let verbose = rest.iter().any(|word| matches!(*word, "-v" | "--verbose"));
        match (subcommand, revision) {
            (Some("upgrade"), Some("head" | "heads")) => Self::UpgradeHead,
            (Some("upgrade"), Some(revision)) => Self::UpgradeTo(revision.to_owned()),
            (Some("downgrade"), Some(revision)) => Self::Downgrade(revision.to_owned()),
            (Some("current"), _) if verbose => Self::CurrentVerbose,
            (Some("current"), _) => Self::Current,
            (Some(_) | None, _) => Self::Other,
        }
    }
}

impl World {
    /// How a RunTask task of this definition will behave.
    pub(crate) fn one_off_behaviour(
        &mut self,
        definition: &TaskDefinition,
        app: &str,
    ) -> Behaviour {
        let after_ms = ONE_OFF.draw(self.weather, &mut self.random);
        let app = definition.container(app);
        let known = app.and_then(ecs::end_of_command);
        let mut exit = PlannedExit {
            after_ms: after_ms + known.as_ref().map_or(0, |known| known.after_ms),
            code: known.as_ref().map_or(0, |known| known.code),
            out_of_memory: false,
        };
        let mut behaviour = Behaviour::default();
        if let Some(database) = self.databases.get(&definition.family) {
            let command = app.map(|app| app.command.as_slice()).unwrap_or_default();
            let by_tool = database.tool.as_ref().map(|tool| tool.doing(command));
            behaviour.migration = Some(match by_tool {
                Some(Some(doing)) => Migration::ByTool(doing),
                Some(None) => Migration::Other,
                None => Migration::of(command),
            });
        }
        // A fault of the way up is not one of asking for the revision, nor of the way down.
        let migration = &behaviour.migration;
        let spared = matches!(
            migration,
            Some(
                Migration::Current
                    | Migration::CurrentVerbose
                    | Migration::Downgrade(_)
                    | Migration::ByTool(ByTool::Current | ByTool::Down(_))
            )
        );
        let asks = behaviour.migration == Some(Migration::Other);
        // Whoever asks the data gets another answer.
        let strikes = |fault| match fault {
            TaskFault::Answers(_) => asks,
            _ => !spared,
        };
        self.faults.strike(&definition.family, strikes);
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
                TaskFault::Answers(code) if asks => exit.code = code,
                TaskFault::Answers(_) => {}
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
        let by_tool = matches!(migration, Migration::ByTool(_));
        let done = match database.obey(migration, head) {
            Ok(lines) => lines,
            Err(why) => {
                let lines = match by_tool {
                    true => vec![format!("ERROR: {why}")],
                    false => failed(&why).to_vec(),
                };
                for line in lines {
                    self.write_line(serial, self.now_ms, line);
                }
                if let Some(task) = self.ecs.task_mut(serial)
                    && let Some(exit) = &mut task.behaviour.exit
                {
                    exit.code = COMMAND_ERROR;
                }
                return;
            }
        };
        for line in done {
            self.write_line(serial, self.now_ms, line);
        }
    }

    /// The schema revision the task's image arrives at.
    fn schema_head(&self, serial: TaskSerial) -> Option<String> {
        let task = self.ecs.task(serial)?;
        let essential = task.app()?;
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
            revision: match revision {
                "base" => String::new(),
                revision => revision.to_owned(),
            },
            earlier: Vec::new(),
            tool: None,
        }
    }

    /// What Alembic does with an image whose newest revision is `head`, and what it prints: log lines go to stderr, the
    /// revision to stdout, and nothing at all to stdout where there is none (alembic 1.20.1 [OBS]); or why it fails.
    fn obey(&mut self, migration: Migration, head: Option<String>) -> Result<Vec<String>, String> {
        if let Migration::ByTool(doing) = &migration {
            return self.obey_tool(doing, head);
        }
        if migration != Migration::Other {
            self.known_to(head.as_deref())?;
        }
        match migration {
            Migration::UpgradeHead => Ok(self.upgrade(head)),
            Migration::UpgradeTo(revision) => Ok(self.upgrade(Some(revision))),
            Migration::Downgrade(revision) => self.downgrade(&revision, head.as_deref()),
            Migration::Current => Ok(self.current(head.as_deref()).into_iter().collect()),
            Migration::CurrentVerbose => Ok(self.verbose(head.as_deref())),
            Migration::ByTool(_) | Migration::Other => Ok(Vec::new()),
        }
    }

    /// An older image does not have the revision that a newer one left (alembic [OBS]: it ends with 255).
    fn known_to(&self, head: Option<&str>) -> Result<(), String> {
        let newer = head.is_some_and(|head| {
            self.revision != head && self.earlier.iter().any(|earlier| earlier == head)
        });
        match newer {
            true => Err(cannot_locate(&self.revision)),
            false => Ok(()),
        }
    }

    fn current(&self, head: Option<&str>) -> Option<String> {
        let is_head = head.is_none_or(|head| head == self.revision);
        match (self.revision.as_str(), is_head) {
            ("", _) => None,
            (revision, true) => Some(format!("{revision} (head)")),
            (revision, false) => Some(revision.to_owned()),
        }
    }

    fn verbose(&self, head: Option<&str>) -> Vec<String> {
        let mut lines = vec!["Current revision(s) for postgresql://***:***@db/app:".to_owned()];
        if let Some(revision) = self.current(head) {
            let parent = self.earlier.last().map_or("<base>", String::as_str);
            lines.push(format!("Rev: {revision}"));
            lines.push(format!(
                "Parent: {}",
                if parent.is_empty() { "<base>" } else { parent }
            ));
            lines.push(format!("Path: /app/alembic/versions/{}_.py", self.revision));
        }
        lines
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

    fn downgrade(&mut self, to: &str, head: Option<&str>) -> Result<Vec<String>, String> {
        let to = match to {
            "-1" => match self.earlier.last() {
                Some(earlier) => earlier.clone(),
                None if self.revision.is_empty() => {
                    return Err("Relative revision -1 didn't produce 1 migrations".to_owned());
                }
                None => String::new(),
            },
            "base" => String::new(),
            revision => revision.to_owned(),
        };
        if to == self.revision {
            return Ok(Vec::new());
        }
        match self.earlier.iter().position(|earlier| *earlier == to) {
            Some(place) => self.earlier.truncate(place),
            None if to.is_empty() => self.earlier.clear(),
            // The newest revision of the image is known, but lies above.
            None if head == Some(to.as_str()) => return Ok(Vec::new()),
            None => return Err(cannot_locate(&to)),
        }
        let from = std::mem::replace(&mut self.revision, to);
        Ok(vec![format!(
            "INFO  [alembic.runtime.migration] Running downgrade {from} -> {}",
            self.revision
        )])
    }
}

fn cannot_locate(revision: &str) -> String {
    format!("Can't locate revision identified by '{revision}'")
}

/// How a failure is told: by the log, if `alembic.ini` is as generated, and to stderr (alembic 1.20.1 [OBS]).
fn failed(why: &str) -> [String; 2] {
    [
        format!("ERROR [alembic.util.messaging] {why}"),
        format!("FAILED: {why}"),
    ]
}

/// The exit code of a command of Alembic that failed (alembic.util.messaging.err: `sys.exit(-1)` [OBS]).
pub(crate) const COMMAND_ERROR: i32 = 255;

/// How long after its start a migration has said its first words.
pub(crate) const FIRST_WORDS_MS: Millis = 1_000;

#[cfg(test)]
mod tests;
