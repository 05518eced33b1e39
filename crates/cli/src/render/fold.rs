//! Alike events in a row are one line of a story: reviewers read what differs.

use backstay_domain::journal::{Act, Event, Gave, Record, Side};
use backstay_domain::plan::Plan;

use super::words::{Entry, Kind, counted, joined};

/// The records in groups that are told together: in order, none left out.
#[must_use]
pub fn groups(records: &[Record]) -> Vec<&[Record]> {
    records.chunk_by(are_alike).collect()
}

fn are_alike(one: &Record, next: &Record) -> bool {
    let alike = match (&one.event, &next.event) {
        (Event::Intended { act }, Event::Intended { act: next })
        | (Event::Done { act, .. }, Event::Done { act: next, .. }) => same_kind(act, next),
        _ => false,
    };
    alike && one.at == next.at
}

fn same_kind(act: &Act, next: &Act) -> bool {
    match (act, next) {
        (Act::Register { .. }, Act::Register { .. }) => true,
        (Act::RollOut { side, .. }, Act::RollOut { side: next, .. }) => side == next,
        _ => false,
    }
}

/// What several alike events say in one sentence; none for a single one.
#[must_use]
pub fn folded(group: &[Record], plan: Option<&Plan>) -> Option<Entry> {
    let [first, _, ..] = group else {
        return None;
    };
    let (kind, act) = match &first.event {
        Event::Intended { act } => (Kind::Act, act),
        Event::Done { act, .. } => (Kind::Done, act),
        _ => return None,
    };
    let text = match act {
        Act::Register { .. } => {
            let all = format!("register {}", counted(group.len(), "task definition"));
            match group.iter().filter(|one| was_there(one, plan)).count() {
                0 => all,
                known => format!("{all}: {known} there already"),
            }
        }
        Act::RollOut { side, .. } => {
            let services: Vec<String> = group.iter().filter_map(service_of).collect();
            match side {
                Side::New => format!("roll out {}", joined(&services, "service")),
                Side::Old => format!("roll {} back", joined(&services, "service")),
            }
        }
        _ => return None,
    };
    Some(Entry::new(kind, text))
}

/// Whether a revision of a recorded release is used again.
fn was_there(record: &Record, plan: Option<&Plan>) -> bool {
    match (&record.event, plan) {
        (
            Event::Done {
                gave: Gave::Definition(definition),
                ..
            },
            Some(plan),
        ) => plan.revisions.knows(definition),
        _ => false,
    }
}

fn service_of(record: &Record) -> Option<String> {
    match &record.event {
        Event::Intended {
            act: Act::RollOut { service, .. },
        }
        | Event::Done {
            act: Act::RollOut { service, .. },
            ..
        } => Some(service.to_string()),
        _ => None,
    }
}
