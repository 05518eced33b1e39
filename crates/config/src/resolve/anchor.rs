//! What the database can be brought back to, and what the data is asked after a migration.

use std::collections::BTreeSet;
use std::time::Duration;

use backstay_domain::anchor::{Anchor, AnchorOf, Database};
use backstay_domain::app::DataCheck;

use super::{Notes, complete};
use crate::duration;
use crate::section::At;
use crate::suggest;
use crate::template::Scope;
use crate::written;

/// A snapshot of a large database takes its time.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60 * 60);

const CHECK_TIMEOUT: Duration = Duration::from_secs(5 * 60);

const KINDS: [&str; 5] = [
    "rds-snapshot",
    "rds-point-in-time",
    "neon-branch",
    "command",
    "none",
];

/// Outer `None` when there is a problem, inner when there is no anchor.
pub(super) fn anchor(
    written: Option<&written::Anchor>,
    scope: &Scope,
    notes: &mut Notes<'_>,
) -> Option<Option<Anchor>> {
    let Some(written) = written else {
        return Some(None);
    };
    every_text_is_right(written, scope, notes);
    let kind = written.kind.as_ref()?;
    let word = notes.fill(kind, scope)?;
    let keep = keep(written.keep.as_ref(), scope, notes);
    let of = match word.as_str() {
        "none" => return Some(None),
        "rds-snapshot" => {
            database(written, scope, notes).map(|database| AnchorOf::Snapshot { database })
        }
        "rds-point-in-time" => {
            database(written, scope, notes).map(|database| AnchorOf::PointInTime { database })
        }
        "neon-branch" => branch(written, scope, notes),
        "command" => command(written, scope, notes),
        other => {
            let help = suggest::instead_of(other, KINDS);
            let message = format!("`{other}` is no kind of anchor");
            notes.note(message, &kind.span, "unknown kind", &help);
            None
        }
    };
    let timeout = written.timeout.as_ref().map(|timeout| timeout.value);
    Some(Some(Anchor {
        of: of?,
        timeout: timeout.unwrap_or(DEFAULT_TIMEOUT),
        keep: keep?,
    }))
}

/// What another kind would need is written for another environment: its variables are looked at all the same.
fn every_text_is_right(written: &written::Anchor, scope: &Scope, notes: &mut Notes<'_>) {
    let texts = [
        &written.instance,
        &written.cluster,
        &written.project,
        &written.branch,
        &written.key,
    ];
    for text in texts.into_iter().flatten() {
        notes.fill(text, scope);
    }
    if let Some(words) = &written.command {
        notes.fill_all(&words.value, scope);
    }
    if let Some(words) = &written.restore_command {
        notes.fill_all(&words.value, &scope.clone().keeping(&["anchor"]));
    }
}

/// How long earlier ones stay: an environment's variable may say it.
fn keep(
    written: Option<&At<String>>,
    scope: &Scope,
    notes: &mut Notes<'_>,
) -> Option<Option<Duration>> {
    let Some(text) = written else {
        return Some(None);
    };
    let filled = notes.fill(text, scope)?;
    match duration::parse(&filled) {
        Ok(keep) => Some(Some(keep)),
        Err(why) => {
            notes.note(
                format!("`keep` is no duration: {why}"),
                &text.span,
                "not a duration",
                "for example \"7d\"",
            );
            None
        }
    }
}

fn database(written: &written::Anchor, scope: &Scope, notes: &mut Notes<'_>) -> Option<Database> {
    match (&written.instance, &written.cluster) {
        (Some(instance), None) => Some(Database::Instance(notes.fill(instance, scope)?)),
        (None, Some(cluster)) => Some(Database::Cluster(notes.fill(cluster, scope)?)),
        (Some(_), Some(cluster)) => {
            notes.note(
                "the anchor has an `instance` and a `cluster`",
                &cluster.span,
                "one of them",
                "of a cluster, Aurora's too, name the cluster alone",
            );
            None
        }
        (None, None) => {
            notes.note(
                "the anchor does not say of which database",
                &written.span,
                "`instance` or `cluster` is required here",
                "name the DB instance, or the cluster",
            );
            None
        }
    }
}

fn needed(
    key: &str,
    found: Option<&At<String>>,
    written: &written::Anchor,
    scope: &Scope,
    notes: &mut Notes<'_>,
) -> Option<String> {
    match found {
        Some(text) => notes.fill(text, scope),
        None => {
            let label = format!("`{key}` is required here");
            let message = format!("the anchor has no `{key}`");
            notes.note(message, &written.span, &label, "");
            None
        }
    }
}

fn branch(written: &written::Anchor, scope: &Scope, notes: &mut Notes<'_>) -> Option<AnchorOf> {
    let project = needed("project", written.project.as_ref(), written, scope, notes);
    let branch = needed("branch", written.branch.as_ref(), written, scope, notes);
    let key = match &written.key {
        None => Some("NEON_API_KEY".to_owned()),
        Some(key) => notes.fill(key, scope).filter(|name| {
            let is_name = !name.is_empty()
                && name
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
            if !is_name {
                notes.note(
                    "`key` is not the name of an environment variable",
                    &key.span,
                    "a name is expected here, never the key itself",
                    "for example \"NEON_API_KEY\"",
                );
            }
            is_name
        }),
    };
    Some(AnchorOf::Branch {
        project: project?,
        branch: branch?,
        key: key?,
    })
}

fn command(written: &written::Anchor, scope: &Scope, notes: &mut Notes<'_>) -> Option<AnchorOf> {
    let Some(command) = written
        .command
        .as_ref()
        .filter(|words| !words.value.is_empty())
    else {
        notes.note(
            "the anchor has no `command`",
            &written.span,
            "`command` is required here",
            "name what makes it: the last line that it prints is the anchor's name",
        );
        return None;
    };
    let restoring = scope.clone().keeping(&["anchor"]);
    let restore = written.restore_command.as_ref();
    let restore = complete(restore.map(|words| notes.fill_all(&words.value, &restoring)));
    Some(AnchorOf::Command {
        command: notes.fill_all(&command.value, scope)?,
        restore: restore?,
    })
}

/// The questions to the data; nothing when there is a problem in any.
pub(super) fn checks(
    written: &[written::DataCheck],
    (scope, environment): (&Scope, &str),
    notes: &mut Notes<'_>,
) -> Option<Vec<DataCheck>> {
    let mut seen = BTreeSet::new();
    let mut checks = Vec::with_capacity(written.len());
    let here = |check: &&written::DataCheck| check.presence.is_in(environment);
    for check in written.iter().filter(here) {
        let name = check.name.as_ref().and_then(|name| notes.fill(name, scope));
        if let (Some(filled), Some(at)) = (&name, &check.name)
            && !seen.insert(filled.clone())
        {
            let message = format!("two data checks are called `{filled}`");
            notes.note(message, &at.span, "called like an earlier one", "");
        }
        let command = check.command.as_ref();
        let command = command.and_then(|words| notes.fill_all(&words.value, scope));
        let timeout = check.timeout.as_ref().map(|timeout| timeout.value);
        checks.push(name.zip(command).map(|(name, command)| DataCheck {
            name,
            command,
            timeout: timeout.unwrap_or(CHECK_TIMEOUT),
        }));
    }
    checks.into_iter().collect()
}
