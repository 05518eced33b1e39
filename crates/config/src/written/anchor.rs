//! `[migration.anchor]` and `[[migration.checks]]`

use std::ops::Range;
use std::time::Duration;

use super::presence::Presence;
use crate::section::{At, Section};

/// What the database can be brought back to. Which keys belong together depends on `kind`, which an environment's variable may say.
pub(crate) struct Anchor {
    pub(crate) span: Range<usize>,
    pub(crate) kind: Option<At<String>>,
    pub(crate) instance: Option<At<String>>,
    pub(crate) cluster: Option<At<String>>,
    pub(crate) project: Option<At<String>>,
    pub(crate) branch: Option<At<String>>,
    pub(crate) key: Option<At<String>>,
    pub(crate) command: Option<At<Vec<At<String>>>>,
    pub(crate) restore_command: Option<At<Vec<At<String>>>>,
    pub(crate) keep: Option<At<String>>,
    pub(crate) timeout: Option<At<Duration>>,
}

impl Anchor {
    pub(crate) fn read(section: &mut Section<'_>) -> Self {
        let kind = section.text("kind");
        Self {
            span: section.span(),
            kind: section.required("kind", kind),
            instance: section.text("instance"),
            cluster: section.text("cluster"),
            project: section.text("project"),
            branch: section.text("branch"),
            key: section.text("key"),
            command: section.texts("command"),
            restore_command: section.texts("restore_command"),
            keep: section.text("keep"),
            timeout: section.duration("timeout"),
        }
    }
}

/// A question to the data after a migration.
pub(crate) struct DataCheck {
    pub(crate) name: Option<At<String>>,
    pub(crate) command: Option<At<Vec<At<String>>>>,
    pub(crate) timeout: Option<At<Duration>>,
    pub(crate) presence: Presence,
}

impl DataCheck {
    pub(crate) fn read(section: &mut Section<'_>) -> Self {
        let name = section.text("name");
        let command = section.texts("command");
        if let Some(empty) = command.as_ref().filter(|command| command.value.is_empty()) {
            section.problem(
                "`command` is empty",
                empty.span.clone(),
                "empty list",
                "name what is run in the migration's image",
            );
        }
        Self {
            name: section.required("name", name),
            command: section.required("command", command),
            timeout: section.duration("timeout"),
            presence: Presence::read(section),
        }
    }
}
