//! The answers of commands that deploy nothing, or could not.

use std::collections::BTreeMap;

use backstay_config::Problems;
use backstay_domain::app::App;
use backstay_domain::lease::{Found, Manner};
use backstay_domain::plan::{Plan, Refusals};
use backstay_domain::prune::Kept;
use backstay_domain::schema::{SchemaRecord, Way};
use backstay_domain::traffic::Answer;
use backstay_domain::verdict::Proof;
use backstay_simulator::server::WebDoor;
use serde_json::{Value, json};

use super::{object, value};
use crate::render::people::PeopleError;
use crate::render::prune::Done;
use crate::render::schema::{migration_words, schema_lines};
use crate::render::status::{Report, waits_word};
use crate::render::words::{score, witnesses};

/// Every reason against a deployment.
#[must_use]
pub fn refusals(refusals: &Refusals, exit_code: u8) -> Value {
    let all: Vec<Value> = refusals
        .0
        .iter()
        .map(|refusal| {
            json!({ "reason": value(refusal), "text": refusal.to_string(), "hint": refusal.hint() })
        })
        .collect();
    object(
        "refusal",
        json!({ "exit_code": exit_code, "refusals": all }),
    )
}

/// Everything that is wrong with a configuration.
#[must_use]
pub fn problems(problems: &Problems, exit_code: u8) -> Value {
    let all: Vec<Value> = problems
        .into_iter()
        .map(|problem| {
            let position = problem.position();
            json!({
                "message": problem.message,
                "file": problem.source.name(),
                "line": position.map(|at| at.line),
                "column": position.map(|at| at.column),
                "label": problem.label.as_ref().map(|label| &label.text),
                "help": problem.help,
            })
        })
        .collect();
    object(
        "problems",
        json!({ "exit_code": exit_code, "problems": all }),
    )
}

/// A configuration without a problem.
#[must_use]
pub fn checked(app: &App) -> Value {
    let services: Vec<&str> = app.services.keys().map(|name| name.as_str()).collect();
    object(
        "checked",
        json!({
            "app": app.name,
            "environment": app.environment,
            "services": services,
            "migration": app.migration.is_some(),
            "frontend": !app.frontends.is_empty(),
            "frontends": app.frontends.keys().collect::<Vec<_>>(),
            "jobs": app.jobs.keys().map(|name| name.as_str()).collect::<Vec<_>>(),
        }),
    )
}

/// What is live, by which proof, and what is not at its end.
#[must_use]
pub fn status(report: &Report, exit_code: u8) -> Value {
    let status = &report.status;
    let recorded = status.recorded.as_ref();
    let open = report.open().map(|(open, ways)| {
        json!({
            "deployment": open.deployment,
            "version": open.plan.as_ref().map(|plan| &plan.release.version),
            "state": waits_word(&open.waits),
            "ways_on": ways,
        })
    });
    let services = status.runs.iter().map(|(name, runs)| {
        let drift = status.drift.get(name).map(|drift| &drift.wanted);
        json!({
            "service": name,
            "definition": runs.definition,
            "images": runs.images,
            "desired": runs.desired,
            "running": runs.running,
            "rolling_out": runs.rolling_out,
            "recorded_image": drift,
        })
    });
    object(
        "status",
        json!({
            "app": report.app,
            "environment": report.environment,
            "exit_code": exit_code,
            "at": status.at,
            "release": recorded.map(|release| &release.id),
            "version": recorded.map(|release| &release.version),
            "versions": recorded.map(|release| release.versions()),
            "components": components(&status.proofs),
            "idle": status.idle,
            "services": services.collect::<Vec<_>>(),
            "deployment": open,
            "schema": status.schema.as_ref().ok().map(schema),
            "lease": report.standing.as_ref().ok().and_then(|one| one.lease.as_ref()).map(lease),
            "problem": report.standing.as_ref().err(),
            "notes": report.notes(),
        }),
    )
}

/// What is known of a database's schema; nothing where no migration is known.
pub(super) fn schema(record: &SchemaRecord) -> Value {
    if record.entries.is_empty() {
        return Value::Null;
    }
    let migrations = record.entries.iter().map(|entry| {
        let (way, to) = match &entry.way {
            Way::Up => ("up", None),
            Way::Down { to, .. } => ("down", Some(to)),
            Way::Accepted => ("accepted", None),
        };
        json!({
            "deployment": entry.deployment,
            "release": entry.release,
            "version": entry.version,
            "way": way,
            "to": to,
            "intended": entry.intended,
            "end": entry.end,
            "before": entry.before,
            "after": entry.after,
            "text": migration_words(entry),
        })
    });
    json!({
        "revision": record.revision(),
        "text": schema_lines(record),
        "migrations": migrations.collect::<Vec<_>>(),
    })
}

/// A lease as it was found.
pub(super) fn lease(found: &Found) -> Value {
    json!({
        "held": found.held(Manner::Patient).is_some(),
        "holder": found.lease.holder,
        "deployment": found.lease.deployment,
        "fence": found.lease.fence,
        "age_seconds": found.age.as_secs(),
    })
}

/// A release that is live already.
#[must_use]
pub fn nothing_to_do(plan: &Plan, proofs: &[Proof], exit_code: u8) -> Value {
    let mut members = standing(plan, proofs);
    if let Value::Object(members) = &mut members {
        members.insert("exit_code".to_owned(), json!(exit_code));
    }
    object("nothing-to-do", members)
}

fn components(proofs: &[Proof]) -> Vec<Value> {
    proofs
        .iter()
        .map(|proof| {
            json!({
                "component": proof.component,
                "proven": proof.holds(),
                "text": format!("{}: {}", score(proof), witnesses(proof)),
                "witnesses": proof.witnesses,
            })
        })
        .collect()
}

fn standing(plan: &Plan, proofs: &[Proof]) -> Value {
    json!({
        "app": plan.release.app,
        "environment": plan.release.environment,
        "release": plan.release.id,
        "version": plan.release.version,
        "components": components(proofs),
    })
}

/// What ended a command.
#[must_use]
pub fn failure(error: &PeopleError, exit_code: u8) -> Value {
    object(
        "error",
        json!({
            "exit_code": exit_code,
            "message": error.message,
            "causes": error.causes,
            "left_behind": error.left_behind,
            "hint": error.hint,
        }),
    )
}

/// A server accepts connections: of clients of AWS, and of users.
#[must_use]
pub fn listening(url: &str, web: &[WebDoor]) -> Value {
    object("listening", json!({ "url": url, "web": web }))
}

/// Users reach something more.
#[must_use]
pub fn web_opened(door: &WebDoor) -> Value {
    object("web-opened", json!(door))
}

/// What was behind a port has gone.
#[must_use]
pub fn web_closed(door: &WebDoor) -> Value {
    object("web-closed", json!(door))
}

/// No deployment waits for anybody.
#[must_use]
pub fn nothing_to_resume(text: &str) -> Value {
    object("nothing-to-resume", json!({ "exit_code": 0, "text": text }))
}

/// What came of taking a lease away.
#[must_use]
pub fn unlocked(text: &str) -> Value {
    object("unlocked", json!({ "exit_code": 0, "text": text }))
}

/// Rollouts that waited, each at its stage, and what was said to them.
#[must_use]
pub fn answered(rollouts: &BTreeMap<String, String>, answer: Answer) -> Value {
    let said = match answer {
        Answer::GoOn => "continue",
        Answer::TurnBack => "abort",
    };
    object(
        "answered",
        json!({ "exit_code": 0, "answer": said, "services": rollouts }),
    )
}

/// What is kept, and what goes or went.
#[must_use]
pub fn prune(found: &Kept, done: Done) -> Value {
    let versions = |releases| Kept::versions(releases);
    object(
        "prune",
        json!({
            "exit_code": 0,
            "kept": versions(&found.kept),
            "not_kept": versions(&found.left),
            "files": found.files(),
            "bytes": found.bytes(),
            "copies": found.copies(),
            "foreign": found.foreign(),
            "gone": match done {
                Done::Nothing => None,
                Done::Gone { objects, tags } => Some(json!({ "objects": objects, "tags": tags })),
            },
        }),
    )
}
