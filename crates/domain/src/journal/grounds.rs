//! What speaks for a cause: tasks, health checks, the cloud's words and log lines, as data. Sentences are made where they
//! are shown.

use serde::{Deserialize, Serialize};

use crate::observation::{Evidence, StopCause, StoppedTask, UnhealthyTask};

/// Tasks that are kept as examples.
const EXAMPLES: usize = 3;
/// Log lines that are kept.
const LINES: usize = 2;

/// Evidence for a cause.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Grounds {
    /// What the cloud said of it, newest first.
    pub said: Vec<String>,
    /// Tasks that ended alike, newest first: a few of them.
    pub tasks: Vec<StoppedTask>,
    /// How many ended alike.
    pub alike: usize,
    /// A running task whose health check fails.
    pub unhealthy: Option<UnhealthyTask>,
    /// The last lines of the newest stopped task's log.
    pub log: Vec<String>,
}

/// Grounds as journals have them; those before format 2 had sentences.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Sentences(Vec<String>),
    Data {
        #[serde(default)]
        said: Vec<String>,
        #[serde(default)]
        tasks: Vec<StoppedTask>,
        #[serde(default)]
        alike: usize,
        #[serde(default)]
        unhealthy: Option<UnhealthyTask>,
        #[serde(default)]
        log: Vec<String>,
    },
}

impl From<Written> for Grounds {
    fn from(written: Written) -> Self {
        match written {
            Written::Sentences(said) => Self::said(said),
            Written::Data {
                said,
                tasks,
                alike,
                unhealthy,
                log,
            } => Self {
                said,
                tasks,
                alike,
                unhealthy,
                log,
            },
        }
    }
}

impl Grounds {
    /// Only the cloud's words.
    #[must_use]
    pub fn said(said: impl IntoIterator<Item = String>) -> Self {
        Self {
            said: said.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Tasks that ended alike, with what health checks and the log say beside them.
    #[must_use]
    pub fn of_tasks(why: &StopCause, stopped: &[&StoppedTask], evidence: &Evidence) -> Self {
        let alike: Vec<&&StoppedTask> = stopped.iter().filter(|task| task.cause == *why).collect();
        Self {
            tasks: alike
                .iter()
                .take(EXAMPLES)
                .map(|task| (**task).clone())
                .collect(),
            alike: alike.len(),
            ..Self::beside(evidence)
        }
    }

    /// What health checks and the log say.
    #[must_use]
    pub fn beside(evidence: &Evidence) -> Self {
        let skip = evidence.log.len().saturating_sub(LINES);
        Self {
            unhealthy: evidence.unhealthy.first().cloned(),
            log: evidence.log[skip..].to_vec(),
            ..Self::default()
        }
    }
}
