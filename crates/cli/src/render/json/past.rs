//! What journals and the ledger know: histories, single deployments, differences between releases, audits.

use backstay_adapters::state::journal::Audit;
use backstay_domain::app::App;
use backstay_domain::journal::Record;
use backstay_domain::ledger::Entry;
use backstay_domain::summary::Summary;
use serde_json::{Value, json};

use super::answers::{lease, schema};
use super::{object, record, value};
use crate::render::audit::{Verified, seal_word};
use crate::render::history::History;
use crate::render::release_diff::ReleaseDiff;
use crate::render::show::outcome_of;
use crate::render::summary::{direction_word, end_word};
use crate::render::words::cause_words;

/// What was deployed, newest first.
#[must_use]
pub fn history(history: &History) -> Value {
    let deployments = history.deployments.iter().map(|(id, told)| match told {
        Ok(summary) => summary_object(summary, history.end_word(summary)),
        Err(error) => json!({ "deployment": id, "outcome": null, "error": error.to_string() }),
    });
    let way_back = history.way_back().into_iter().map(entry_object);
    let lease = history.lease.as_ref().map(lease);
    object(
        "history",
        json!({
            "app": history.app,
            "environment": history.environment,
            "live": history.live().map(entry_object),
            "way_back": way_back.collect::<Vec<_>>(),
            "schema": schema(&history.schema),
            "lease": lease,
            "deployments": deployments.collect::<Vec<_>>(),
            "earlier": history.earlier,
        }),
    )
}

/// One deployment with all its records.
#[must_use]
pub fn shown(app: &App, summary: &Summary, records: &[Record]) -> Value {
    let mut members = summary_object(summary, end_word(&summary.end));
    let all: Vec<Value> = records.iter().map(record).collect();
    let more = json!({
        "app": app.name,
        "environment": app.environment,
        "details": outcome_of(records).map(value),
        "records": all,
    });
    if let (Value::Object(members), Value::Object(more)) = (&mut members, more) {
        members.extend(more);
    }
    object("deployment", members)
}

fn summary_object(summary: &Summary, outcome: &str) -> Value {
    let course = summary.course.as_ref();
    json!({
        "deployment": summary.deployment,
        "began": summary.began,
        "last": summary.last,
        "seconds": summary.took().as_secs_f64(),
        "direction": course.map(|course| direction_word(course.direction)),
        "before": course.map(|course| &course.before),
        "release": course.map(|course| &course.release),
        "version": course.map(|course| &course.version),
        "by": summary.by,
        "operator": summary.operator,
        "why": summary.why,
        "outcome": outcome.replace(' ', "-"),
        "cause": summary.end.cause().map(|cause| cause_words(cause).0),
    })
}

fn entry_object(entry: &Entry) -> Value {
    json!({
        "release": entry.release.id,
        "version": entry.release.version,
        "versions": entry.release.versions(),
        "deployment": entry.deployment,
        "at": entry.at,
        "arrival": entry.arrival,
    })
}

/// What differs between two releases.
#[must_use]
pub fn release_diff(diff: &ReleaseDiff) -> Value {
    object("diff", value(diff))
}

/// Whether the journals are as they were written.
#[must_use]
pub fn audited(verified: &Verified, exit_code: u8) -> Value {
    let journals: Vec<Value> = verified.audits.iter().map(audit_object).collect();
    object(
        "audit",
        json!({
            "app": verified.app,
            "environment": verified.environment,
            "exit_code": exit_code,
            "journals": journals,
        }),
    )
}

fn audit_object(audit: &Audit) -> Value {
    let problems: Vec<String> = audit.problems.iter().map(ToString::to_string).collect();
    json!({
        "deployment": audit.deployment,
        "records": audit.records.len(),
        "sealed": seal_word(audit) == "sealed",
        "intact": audit.is_sound(),
        "problems": problems,
    })
}
