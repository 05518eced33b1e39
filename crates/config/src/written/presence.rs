//! `environments = [...]`: where a part of the app is, and which environment changes it.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Document;
use crate::section::{At, Section};
use crate::suggest;

/// Where a part of the app is.
#[derive(Default)]
pub(crate) struct Presence {
    only: Option<At<Vec<At<String>>>>,
    changed: Option<Range<usize>>,
}

impl Presence {
    pub(crate) fn read(section: &mut Section<'_>) -> Self {
        Self {
            only: section.environments(),
            changed: section.of_environment(),
        }
    }

    /// Whether it is there in an environment.
    pub(crate) fn is_in(&self, environment: &str) -> bool {
        self.only
            .as_ref()
            .is_none_or(|only| only.value.iter().any(|name| name.value == environment))
    }

    /// Notes environments that are none, and one that changes what it does not have.
    fn makes_sense(
        &self,
        what: &str,
        environment: Option<&str>,
        known: &[&str],
        root: &mut Section<'_>,
    ) {
        if let Some(only) = &self.only {
            listed(root, only.value.iter(), known, |unknown| {
                format!("{what} is for `{unknown}`, which is not an environment")
            });
            if only.value.is_empty() {
                let message = format!("{what} is in no environment");
                let help = "leave `environments` out to have it everywhere";
                root.problem(message, only.span.clone(), "empty list", help);
            }
        }
        if let (Some(changed), Some(environment)) = (&self.changed, environment)
            && !self.is_in(environment)
        {
            let message = format!("{what} is changed for `{environment}`, where it is not");
            let help = "add the environment to its `environments`, or take this out";
            root.problem(message, changed.clone(), "never read", help);
        }
    }
}

/// Notes every `environments` of a document that makes no sense, as it is in one environment.
pub(super) fn environments_are_known(
    root: &mut Section<'_>,
    document: &Document,
    environment: Option<&str>,
) {
    let known = document.environments.iter();
    let known: Vec<&str> = known.map(|known| known.name.value.as_str()).collect();
    let mut look = |what: &str, presence: &Presence| {
        presence.makes_sense(what, environment, &known, root);
    };
    for service in &document.services {
        look(&format!("`{}`", service.name.value), &service.presence);
    }
    if let Some(migration) = &document.migration {
        look("the migration", &migration.presence);
        for check in &migration.checks {
            look(
                &called("the data check", check.name.as_ref()),
                &check.presence,
            );
        }
    }
    for frontend in &document.frontends {
        look(
            &called("the frontend", frontend.name.as_ref()),
            &frontend.presence,
        );
    }
    for job in &document.jobs {
        look(&format!("the job `{}`", job.name.value), &job.presence);
    }
    for check in &document.checks {
        look(&called("the check", check.name.as_ref()), &check.presence);
    }
}

fn called(what: &str, name: Option<&At<String>>) -> String {
    name.map_or_else(
        || what.to_owned(),
        |name| format!("{what} `{}`", name.value),
    )
}

/// Notes names in a list that are unknown, or there twice.
pub(super) fn listed<'n>(
    root: &mut Section<'_>,
    names: impl Iterator<Item = &'n At<String>>,
    known: &[&str],
    unknown: impl Fn(&str) -> String,
) {
    let mut seen = BTreeSet::new();
    for name in names {
        if !known.contains(&name.value.as_str()) {
            let help = suggest::instead_of(&name.value, known.iter().copied());
            let message = unknown(&name.value);
            root.problem(message, name.span.clone(), "unknown name", &help);
        } else if !seen.insert(&name.value) {
            let message = format!("`{}` is listed twice", name.value);
            root.problem(message, name.span.clone(), "listed before", "");
        }
    }
}
