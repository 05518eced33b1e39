//! Parts of a deployment's summary in words: from where to where, by whom, why, and how it ended.

use backstay_domain::operator::{Operator, Why};
use backstay_domain::plan::Direction;
use backstay_domain::ports::Caller;
use backstay_domain::summary::{Course, End};

use super::clean::clean;

/// How a deployment ended.
#[must_use]
pub fn end_word(end: &End) -> &'static str {
    match end {
        End::Live => "live",
        End::RolledBack { .. } => "rolled back",
        End::Stuck { .. } => "stuck",
        End::Unfinished => "unfinished",
        End::Abandoned => "abandoned",
    }
}

/// `deploy    a1b2c3d → 2f9c1e7`.
#[must_use]
pub fn course_words(course: &Course) -> String {
    let before = course.before.as_ref();
    let before = before.map_or("nothing recorded", |before| before.version.as_str());
    let direction = direction_word(course.direction);
    format!("{direction:<8}  {before} → {}", course.version)
}

/// Whether it goes to a new release or to an earlier one.
#[must_use]
pub fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::Forward => "deploy",
        Direction::Backward => "rollback",
    }
}

/// `ann (GitHub Actions) as assumed-role/deploy/ann`; nothing when nobody was named.
#[must_use]
pub fn who(operator: &Operator, by: Option<&Caller>) -> Option<String> {
    let actor = match (&operator.actor, &operator.run, &operator.host) {
        (Some(actor), Some(run), _) => Some(format!("{actor} ({})", run.system)),
        (None, Some(run), _) => Some(run.system.clone()),
        (Some(actor), None, Some(host)) => Some(format!("{actor} on {host}")),
        (Some(actor), None, None) => Some(actor.clone()),
        (None, None, Some(host)) => Some(format!("somebody on {host}")),
        (None, None, None) => None,
    };
    // Of a principal's handle, people read what follows the account.
    let principal = by.map(|by| by.principal.rsplit(':').next().unwrap_or(&by.principal));
    let words = match (actor, principal) {
        (Some(actor), Some(principal)) => format!("{actor} as {principal}"),
        (Some(actor), None) => actor,
        (None, principal) => principal?.to_owned(),
    };
    Some(clean(&words))
}

/// The operator's own words, the commit, the pull request; nothing when none of them is known.
#[must_use]
pub fn why_words(why: &Why) -> Option<String> {
    let commit = why.commit.as_ref().map(|commit| {
        let sha = commit.sha.get(..7).unwrap_or(&commit.sha);
        let how = commit.deviation.as_ref();
        let how = how.map_or_else(String::new, |how| format!(" ({how})"));
        format!("{sha} {}{how}", commit.subject)
    });
    let parts = [why.reason.clone(), commit, why.pull_request.clone()];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| clean(&parts.join("; ")))
}
