//! Calm lines on stderr as things happen: one per record, and one when a count of tasks changes. Nothing repeats, nothing is
//! drawn over, so that a CI log reads like the story.

use std::cell::RefCell;
use std::collections::BTreeMap;

use anstyle::Style;
use backstay_domain::ServiceName;
use backstay_domain::journal::Record;
use backstay_domain::observation::{Observation, ServiceView};
use backstay_domain::ports::Report;

use super::log::Log;
use super::story::Narrator;
use crate::shell::Shell;

/// Reports line by line.
#[derive(Debug)]
pub struct Lines<'a> {
    shell: &'a Shell,
    state: RefCell<State>,
}

#[derive(Debug, Default)]
struct State {
    narrator: Narrator,
    counts: BTreeMap<ServiceName, String>,
    log: Log,
}

impl<'a> Lines<'a> {
    /// A report through this shell.
    #[must_use]
    pub fn new(shell: &'a Shell) -> Self {
        Self::resumed(shell, &[])
    }

    /// A report of a deployment that goes on after these records.
    #[must_use]
    pub fn resumed(shell: &'a Shell, records: &[Record]) -> Self {
        let narrator = Narrator::after(records);
        let state = State {
            narrator,
            ..State::default()
        };
        Self {
            shell,
            state: RefCell::new(state),
        }
    }
}

impl Report for Lines<'_> {
    fn recorded(&self, record: &Record) {
        if let Ok(mut state) = self.state.try_borrow_mut() {
            let telling = state.narrator.tell(record);
            self.shell.note(&telling.painted());
        }
    }

    fn observed(&self, observation: &Observation) {
        let Ok(mut state) = self.state.try_borrow_mut() else {
            return;
        };
        for line in state.log.fresh(observation) {
            self.shell.note(&line);
        }
        let Some(services) = observation.services.known() else {
            return;
        };
        let time = state.narrator.time(observation.at);
        for (name, view) in services {
            let Some(count) = count(view) else { continue };
            if state.counts.get(name) == Some(&count) {
                continue;
            }
            let dim = Style::new().dimmed();
            let line = format!("{time:<8} {dim}{:<8}{dim:#}{name} {count}", "see");
            self.shell.note(&line);
            state.counts.insert(name.clone(), count);
        }
    }
}

/// Tasks of the rollout that is followed.
fn count(view: &ServiceView) -> Option<String> {
    let followed = view.followed.as_ref()?;
    Some(match followed.failures {
        (0, _) => format!("{}/{} tasks up", followed.running, view.desired),
        (failed, _) => format!(
            "{}/{} tasks up, {failed} failed",
            followed.running, view.desired
        ),
    })
}
