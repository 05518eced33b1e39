//! An app's revisions as JSON.

use backstay_domain::app::App;
use backstay_migrations::{
    By, Compatibility, Judged as Verdict, Lock, Locking, Place, Problem, Revision, Runs, Severity,
    Step,
};
use serde_json::{Value, json};

use super::object;
use crate::compose::revisions::{Database, Judged, Origin};
use crate::render::revisions::way_down;

/// All revisions, in their order, and what is wrong with them.
#[must_use]
pub fn revisions(app: &App, judged: &Judged) -> Value {
    let directory = &judged.directory;
    let (commit, other, because) = match &judged.origin {
        Origin::Commit { sha, other } => (Some(sha), other.as_slice(), None),
        Origin::WorkingTree { because } => (None, [].as_slice(), Some(because)),
    };
    let database = match &judged.database {
        Database::Unknown => Value::Null,
        Database::Empty => json!(""),
        Database::On { revision, .. } | Database::Elsewhere(revision) => json!(revision),
    };
    let all: Vec<Value> = directory
        .revisions
        .iter()
        .map(|one| revision(one, judged.database.has(&one.id)))
        .collect();
    let problems: Vec<Value> = directory.problems.iter().map(problem).collect();
    object(
        "migrations",
        json!({
            "app": app.name,
            "environment": app.environment,
            "directory": judged.revisions.directory,
            "commit": commit,
            "differs_here": other,
            "not_of_a_commit": because,
            "database": database,
            "heads": directory.heads,
            "revisions": all,
            "problems": problems,
        }),
    )
}

fn revision(one: &Revision, applied: Option<bool>) -> Value {
    let compatibility = match one.compatibility.value {
        Compatibility::Compatible => "compatible",
        Compatibility::Breaking => "breaking",
    };
    let locking = match one.locking.value {
        Locking::Online => "online",
        Locking::Locks(of) => lock(of),
    };
    let steps: Vec<Value> = one.steps.iter().map(step).collect();
    json!({
        "revision": one.id,
        "title": one.title,
        "at": place(&one.place),
        "parents": one.parents,
        "needs": one.needs,
        "labels": one.labels,
        "repeats": one.repeats,
        "applied": applied,
        "compatibility": verdict(compatibility, &one.compatibility),
        "locks": verdict(locking, &one.locking),
        "way_down": verdict(way_down(one.way_down.value), &one.way_down),
        "steps": steps,
    })
}

fn verdict<T>(value: &str, of: &Verdict<T>) -> Value {
    let by = match of.by {
        By::Linted => "linted",
        By::Declared => "declared",
        By::Nobody => "nobody",
    };
    json!({ "value": value, "by": by, "at": place(&of.place), "because": of.why })
}

fn step(of: &Step) -> Value {
    let code = match of.finding.runs {
        Runs::Expands => "expands",
        Runs::Contracts => "contracts",
        Runs::Breaks => "breaks",
        Runs::Unknown => "unknown",
    };
    json!({
        "at": place(&of.place),
        "does": of.what,
        "code": code,
        "because": of.finding.why,
        "locks": lock(of.finding.lock),
        "locks_because": of.finding.how,
    })
}

fn lock(lock: Lock) -> &'static str {
    match lock {
        Lock::Brief => "brief",
        Lock::Online => "online",
        Lock::Rows => "rows",
        Lock::Unknown => "unknown",
        Lock::Writes => "writes",
        Lock::All => "reads-and-writes",
        Lock::Rewrite => "rewrite",
    }
}

fn problem(of: &Problem) -> Value {
    let severity = match of.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    json!({ "at": place(&of.place), "severity": severity, "message": of.message, "help": of.help })
}

fn place(of: &Place) -> Value {
    json!({ "file": of.file, "line": of.line })
}
