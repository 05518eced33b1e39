//! Records of the journal as JSON lines on stdout, as they happen.

use backstay_domain::journal::{Event, Record};
use backstay_domain::observation::Observation;
use backstay_domain::ports::Report;
use serde_json::{Value, json};

use super::{object, plan, value};
use crate::render::words::entry;
use crate::shell::Shell;

/// Reports every record as one line.
#[derive(Debug)]
pub struct JsonLines<'a> {
    shell: &'a Shell,
}

impl<'a> JsonLines<'a> {
    /// A report through this shell.
    #[must_use]
    pub fn new(shell: &'a Shell) -> Self {
        Self { shell }
    }
}

impl Report for JsonLines<'_> {
    fn recorded(&self, it: &Record) {
        self.shell.object(&record(it));
    }

    fn observed(&self, _: &Observation) {}
}

/// A record: its position, the words that people read for it, and the event's own members.
#[must_use]
pub fn record(record: &Record) -> Value {
    let words = entry(record, None);
    let mut members = json!({
        "at": record.at,
        "deployment": record.deployment,
        "sequence": record.sequence,
        "kind": words.kind.word(),
        "text": words.text,
    });
    let event = match &record.event {
        Event::Started {
            plan: of,
            by,
            operator,
            why,
        } => {
            json!({ "event": "started", "plan": plan(of), "by": by, "operator": operator, "why": why })
        }
        Event::Intended { .. }
        | Event::Done { .. }
        | Event::Failed { .. }
        | Event::Waiting { .. }
        | Event::Found { .. }
        | Event::Finished { .. }
        | Event::Resumed { .. }
        | Event::Interrupted { .. }
        | Event::Unlocked { .. }
        | Event::Abandoned { .. } => value(&record.event),
    };
    if let (Value::Object(members), Value::Object(event)) = (&mut members, event) {
        members.extend(event);
    }
    object("record", members)
}
