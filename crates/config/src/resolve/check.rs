//! Smoke checks and probes.

use std::collections::BTreeSet;
use std::time::Duration;

use backstay_domain::app::Check;

use super::Notes;
use crate::section::At;
use crate::template::Scope;
use crate::written;

/// The smoke checks; nothing when there is a problem in any.
pub(super) fn checks(
    written: &[written::Check],
    (scope, environment): (&Scope, &str),
    notes: &mut Notes<'_>,
) -> Option<Vec<Check>> {
    let mut seen = BTreeSet::new();
    let mut checks = Vec::with_capacity(written.len());
    let here = |check: &&written::Check| check.presence.is_in(environment);
    for check in written.iter().filter(here) {
        let name = check
            .name
            .as_ref()
            .and_then(|name| Some((notes.fill(name, scope)?, &name.span)));
        let made = self::check(
            check,
            name.as_ref()
                .map(|(name, _)| name.clone())
                .unwrap_or_default(),
            scope,
            notes,
        );
        if let Some((name, span)) = name
            && !seen.insert(name.clone())
        {
            notes.note(
                format!("two checks are called `{name}`"),
                span,
                "called like an earlier one",
                "",
            );
        }
        checks.push(made);
    }
    checks.into_iter().collect()
}

/// One request and its answer.
pub(super) fn check(
    written: &written::Check,
    name: String,
    scope: &Scope,
    notes: &mut Notes<'_>,
) -> Option<Check> {
    let url = written
        .url
        .as_ref()
        .and_then(|text| url(text, scope, notes));
    let json = written.json.as_ref().map(|json| {
        let pointer = json
            .pointer
            .as_ref()
            .and_then(|pointer| notes.fill(pointer, scope));
        let with_version = scope.clone().keeping(&["version"]);
        let equals = json
            .equals
            .as_ref()
            .and_then(|equals| notes.fill(equals, &with_version));
        pointer.zip(equals)
    });
    let status = written.status.as_ref().map_or(200, |status| status.value);
    Some(Check {
        name,
        url: url?,
        status: u16::try_from(status).ok()?,
        json: super::complete(json)?,
        attempts: written
            .attempts
            .as_ref()
            .map_or(5, |attempts| attempts.value),
        interval: written
            .interval
            .as_ref()
            .map_or(Duration::from_secs(10), |interval| interval.value),
        timeout: written
            .timeout
            .as_ref()
            .map_or(Duration::from_secs(5), |timeout| timeout.value),
    })
}

/// A whole http or https address.
pub(super) fn url(text: &At<String>, scope: &Scope, notes: &mut Notes<'_>) -> Option<String> {
    let filled = notes.fill(text, scope)?;
    let rest = filled
        .strip_prefix("https://")
        .or_else(|| filled.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    match host {
        Some(host) if !host.is_empty() && !filled.contains(char::is_whitespace) => Some(filled),
        _ => {
            let message = format!("`{filled}` is not an http or https address");
            notes.note(
                message,
                &text.span,
                "not an address",
                "for example \"https://example.org/health\"",
            );
            None
        }
    }
}
