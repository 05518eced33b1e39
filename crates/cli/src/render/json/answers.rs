//! The answers of commands that deploy nothing, or could not.

use backstay_config::Problems;
use backstay_domain::app::App;
use backstay_domain::plan::{Plan, Refusals};
use backstay_domain::verdict::Proof;
use serde_json::{Value, json};

use super::{object, value};
use crate::render::people::PeopleError;
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
            "frontend": app.frontend.is_some(),
        }),
    )
}

/// An environment without a recorded release.
#[must_use]
pub fn never_deployed(app: &App) -> Value {
    object(
        "status",
        json!({ "app": app.name, "environment": app.environment, "release": null, "components": [] }),
    )
}

/// What is live, by which proof.
#[must_use]
pub fn status(plan: &Plan, proofs: &[Proof]) -> Value {
    object("status", standing(plan, proofs))
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

fn standing(plan: &Plan, proofs: &[Proof]) -> Value {
    let components: Vec<Value> = proofs
        .iter()
        .map(|proof| {
            json!({
                "component": proof.component,
                "proven": proof.holds(),
                "text": format!("{}: {}", score(proof), witnesses(proof)),
                "witnesses": proof.witnesses,
            })
        })
        .collect();
    json!({
        "app": plan.release.app,
        "environment": plan.release.environment,
        "release": plan.release.id,
        "version": plan.release.version,
        "components": components,
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

/// A server accepts connections.
#[must_use]
pub fn listening(url: &str) -> Value {
    object("listening", json!({ "url": url }))
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
