//! Records to write: those of a deployment that was really played.

use std::sync::OnceLock;

use backstay_cli::scenario::Scenario;
use backstay_domain::DeploymentId;
use backstay_domain::journal::{Event, Finding, Record};
use backstay_domain::lease::Holder;
use backstay_domain::operator::Operator;
use backstay_e2e::{fixtures, played};

/// The whole journal of a deployment that ends well.
pub(crate) fn deployment() -> &'static [Record] {
    static RECORDS: OnceLock<Vec<Record>> = OnceLock::new();
    RECORDS.get_or_init(|| of("everything-is-good"))
}

/// The beginning and the end of that deployment, as if nothing had been between them.
pub(crate) fn short() -> Vec<Record> {
    let whole = deployment();
    let mut some = [&whole[..3], &whole[whole.len() - 1..]].concat();
    renumber(&mut some);
    some
}

/// Numbers records as they lie.
pub(crate) fn renumber(records: &mut [Record]) {
    for (sequence, record) in (0..).zip(records) {
        record.sequence = sequence;
    }
}

/// A whole journal of one small record.
pub(crate) fn abandoned() -> Record {
    let operator = Operator::default();
    Record {
        event: Event::Abandoned { operator },
        ..note(&id("d-1234"), 0)
    }
}

/// The whole journal of a scenario.
pub(crate) fn of(scenario: &str) -> Vec<Record> {
    let path = fixtures().join(format!("../tests/scenarios/{scenario}.md"));
    let scenario = Scenario::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
    // A test may be inside a runtime already, and a play has one of its own.
    let playing = std::thread::spawn(move || played(&scenario).unwrap().records);
    playing.join().unwrap()
}

pub(crate) fn id(text: &str) -> DeploymentId {
    DeploymentId::parse(text).unwrap()
}

/// A record that says nothing much.
pub(crate) fn note(deployment: &DeploymentId, sequence: u64) -> Record {
    Record {
        sequence,
        at: "2026-01-02T03:04:05Z".parse().unwrap(),
        deployment: deployment.clone(),
        event: Event::Found {
            finding: Finding::ChecksPassed,
        },
    }
}

pub(crate) fn holder(actor: &str) -> Holder {
    Holder {
        operator: Operator {
            actor: Some(actor.to_owned()),
            ..Operator::default()
        },
        since: "2026-01-02T03:04:05Z".parse().unwrap(),
        deployment: id("d-1234"),
        doing: "deploying".to_owned(),
    }
}
