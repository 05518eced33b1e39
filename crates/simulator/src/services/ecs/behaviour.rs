//! How a task will behave, decided once when it starts, from the faults then in force.

use serde::{Deserialize, Serialize};

use crate::Millis;
use crate::base::agenda::ServiceKey;
use crate::base::timings::{CRASH_AT_START_MS, SLOW_START_MS};
use crate::world::scripted::Migration;
use crate::{ServiceFault, World};

use super::TaskDefinition;
use super::command::end_of_command;

/// The script of one task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Behaviour {
    /// It never reaches RUNNING.
    pub(crate) failure: Option<StartFailure>,
    /// After RUNNING: nothing listens before; `None`: never.
    pub(crate) ready_after_ms: Option<Millis>,
    /// After RUNNING: every path answers 503 from here on.
    pub(crate) unhealthy_after_ms: Option<Millis>,
    /// After RUNNING: every path but the health check answers 500 from here on.
    pub(crate) errors_after_ms: Option<Millis>,
    /// It ends by itself.
    pub(crate) exit: Option<PlannedExit>,
    /// The essential container whose end that is; nothing: the one that does what the task is for.
    #[serde(default)]
    pub(crate) ended_by: Option<String>,
    /// It does not end by itself: AWS takes it away at the time of its exit.
    #[serde(default)]
    pub(crate) taken: Option<Taken>,
    /// What it does to the database of its family.
    pub(crate) migration: Option<Migration>,
    /// The migration fails before it has changed anything.
    pub(crate) keeps_schema: bool,
}

/// Why a task does not reach RUNNING (C).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StartFailure {
    ImageMissing,
    WrongArchitecture,
    SecretDenied,
    SecretMissing,
    LogDriver,
    /// A secret or parameter that cannot be read: the runtime's words.
    SecretUnavailable(String),
    /// A container that could not be started: the container runtime's words.
    Runtime(String),
    /// What an essential container waits for never comes: its name, and the agent's words.
    Dependency(String, String),
    /// No task is made at all, for this and what follows.
    NoCapacity,
    TaskLimit,
    VcpuLimit,
    InternalError,
    Throttled,
}

impl StartFailure {
    /// What a fault keeps tasks from starting by; none where they start.
    pub(crate) fn of(fault: ServiceFault) -> Option<Self> {
        Some(match fault {
            ServiceFault::ImageMissing => Self::ImageMissing,
            ServiceFault::WrongArchitecture => Self::WrongArchitecture,
            ServiceFault::SecretDenied => Self::SecretDenied,
            ServiceFault::SecretMissing => Self::SecretMissing,
            ServiceFault::LogDriver => Self::LogDriver,
            ServiceFault::NoCapacity => Self::NoCapacity,
            ServiceFault::TaskLimit => Self::TaskLimit,
            ServiceFault::VcpuLimit => Self::VcpuLimit,
            ServiceFault::InternalError => Self::InternalError,
            ServiceFault::Throttled => Self::Throttled,
            ServiceFault::Crash
            | ServiceFault::Unhealthy
            | ServiceFault::SlowStart
            | ServiceFault::Errors5xx
            | ServiceFault::OutOfMemory
            | ServiceFault::SpotInterruption
            | ServiceFault::Maintenance
            | ServiceFault::SlowDrain => return None,
        })
    }

    /// ECS does not get as far as a task.
    pub(crate) fn makes_no_task(&self) -> bool {
        match self {
            Self::NoCapacity
            | Self::TaskLimit
            | Self::VcpuLimit
            | Self::InternalError
            | Self::Throttled => true,
            Self::ImageMissing
            | Self::WrongArchitecture
            | Self::SecretDenied
            | Self::SecretMissing
            | Self::SecretUnavailable(_)
            | Self::Runtime(_)
            | Self::Dependency(..)
            | Self::LogDriver => false,
        }
    }
}

/// Who takes a task away that does not end by itself (C [MODEL, DOC]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Taken {
    Spot,
    Maintenance,
}

/// How and when the main process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlannedExit {
    /// After RUNNING.
    pub(crate) after_ms: Millis,
    pub(crate) code: i32,
    pub(crate) out_of_memory: bool,
}

impl Default for Behaviour {
    /// It starts, answers at once, and goes on for ever.
    fn default() -> Self {
        Self {
            failure: None,
            ready_after_ms: Some(0),
            unhealthy_after_ms: None,
            errors_after_ms: None,
            exit: None,
            ended_by: None,
            taken: None,
            migration: None,
            keeps_schema: false,
        }
    }
}

impl Behaviour {
    /// A migration that changes the schema and fails all the same.
    pub(crate) fn effect_comes_first(&self) -> bool {
        self.migration.is_some() && !self.keeps_schema
    }

    /// When something begins that is planned for so long after RUNNING; 0 for what is there from the start.
    pub(crate) fn late(&self, after_ms: Millis) -> Millis {
        match self.migration.is_some() || after_ms <= CRASH_AT_START_MS {
            true => 0,
            false => after_ms,
        }
    }

    /// What its commands and the faults in force make of a task of this service.
    pub(crate) fn of_service_task(
        world: &World,
        (key, service): (&ServiceKey, &str),
        definition: &TaskDefinition,
        app: &str,
    ) -> Self {
        let mut behaviour = Self::default();
        if let Some(program) = world.apps.get(key) {
            behaviour.ready_after_ms = Some(program.start_ms);
        }
        behaviour.end_as_commands_say(definition, app);
        for (fault, after_ms) in world.faults.on_service(service, definition) {
            behaviour.suffer(fault, after_ms);
        }
        behaviour
    }

    /// An essential container whose command says that it ends takes the task with it; the first of them counts.
    fn end_as_commands_say(&mut self, definition: &TaskDefinition, app: &str) {
        let essential = definition.containers.iter().filter(|it| it.essential);
        let ends = essential.filter_map(|container| {
            let end = end_of_command(container)?;
            Some((end.after_ms, container, end))
        });
        let Some((after_ms, container, end)) = ends.min_by_key(|(after_ms, ..)| *after_ms) else {
            return;
        };
        self.exit = Some(PlannedExit {
            after_ms: after_ms.max(CRASH_AT_START_MS),
            code: end.code,
            out_of_memory: false,
        });
        match container.name == app {
            // Whatever it is, it is no server.
            true => self.ready_after_ms = None,
            false => self.ended_by = Some(container.name.clone()),
        }
    }

    fn suffer(&mut self, fault: ServiceFault, after_ms: Option<Millis>) {
        let exit = |code, out_of_memory| {
            Some(PlannedExit {
                after_ms: after_ms.unwrap_or(CRASH_AT_START_MS),
                code,
                out_of_memory,
            })
        };
        let before = self.exit;
        match fault {
            ServiceFault::SpotInterruption => {
                self.exit = exit(0, false);
                self.taken = Some(Taken::Spot);
            }
            ServiceFault::Maintenance => {
                self.exit = exit(137, false);
                self.taken = Some(Taken::Maintenance);
            }
            ServiceFault::Crash => {
                // A process that dies at once never answers its health check.
                self.ready_after_ms = self.ready_after_ms.filter(|_| after_ms.is_some());
                self.exit = exit(1, false);
            }
            ServiceFault::OutOfMemory => self.exit = exit(137, true),
            ServiceFault::Unhealthy => self.unhealthy_after_ms = Some(after_ms.unwrap_or(0)),
            ServiceFault::SlowStart => {
                let usual_ms = self.ready_after_ms.unwrap_or(0);
                self.ready_after_ms = Some(usual_ms + after_ms.unwrap_or(SLOW_START_MS));
            }
            ServiceFault::Errors5xx => self.errors_after_ms = Some(after_ms.unwrap_or(0)),
            // It is about those that leave.
            ServiceFault::SlowDrain => {}
            ServiceFault::ImageMissing
            | ServiceFault::WrongArchitecture
            | ServiceFault::SecretDenied
            | ServiceFault::SecretMissing
            | ServiceFault::LogDriver
            | ServiceFault::NoCapacity
            | ServiceFault::TaskLimit
            | ServiceFault::VcpuLimit
            | ServiceFault::InternalError
            | ServiceFault::Throttled => self.failure = StartFailure::of(fault),
        }
        if self.exit != before {
            // It is the app that ends now.
            self.ended_by = None;
        }
    }
}
