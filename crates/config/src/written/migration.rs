//! `[migration]`

use std::ops::Range;
use std::time::Duration;

use backstay_domain::app::{Compatibility, WayDown};

use super::placement::Placement;
use super::presence::Presence;
use super::{Anchor, Build, DataCheck, Size};
use crate::configured::MigrationTool;
use crate::section::{At, Section};

/// How the database schema is brought to the release.
pub(crate) struct Migration {
    pub(crate) span: Range<usize>,
    pub(crate) task_definition: Option<At<String>>,
    pub(crate) image: Option<At<String>>,
    pub(crate) build: Option<Build>,
    pub(crate) tool: Option<MigrationTool>,
    pub(crate) directory: Option<At<String>>,
    pub(crate) cluster: Option<At<String>>,
    pub(crate) container: Option<At<String>>,
    pub(crate) command: Option<At<Vec<At<String>>>>,
    pub(crate) current_command: Option<At<Vec<At<String>>>>,
    pub(crate) down_command: Option<At<Vec<At<String>>>>,
    pub(crate) empty_revision: Option<At<String>>,
    pub(crate) compatibility: Option<Compatibility>,
    pub(crate) way_down: Option<WayDown>,
    pub(crate) timeout: Option<At<Duration>>,
    pub(crate) placement: Placement,
    pub(crate) anchor: Option<Anchor>,
    pub(crate) checks: Vec<DataCheck>,
    pub(crate) presence: Presence,
    pub(crate) size: Size,
}

impl Migration {
    pub(crate) fn read(section: &mut Section<'_>) -> Self {
        let task_definition = section.text("task_definition");
        let image = section.text("image");
        let container = section.text("container");
        let compatibility = section.choice(
            "compatibility",
            &[
                ("compatible", Compatibility::Compatible),
                ("breaking", Compatibility::Breaking),
            ],
        );
        let way_down = section.choice(
            "way_down",
            &[
                ("lossless", WayDown::Lossless),
                ("lossy", WayDown::Lossy),
                ("absent", WayDown::Absent),
            ],
        );
        let migration = Self {
            span: section.span(),
            task_definition: section.required("task_definition", task_definition),
            image: section.required("image", image),
            build: section.table("build", Build::read),
            tool: section.choice(
                "tool",
                &[
                    ("alembic", MigrationTool::Alembic),
                    ("prisma", MigrationTool::Prisma),
                    ("flyway", MigrationTool::Flyway),
                    ("sql", MigrationTool::Sql),
                ],
            ),
            directory: section.text("directory"),
            cluster: section.text("cluster"),
            container: section.required("container", container),
            command: section.texts("command"),
            current_command: section.texts("current_command"),
            down_command: section.texts("down_command"),
            empty_revision: section.text("empty_revision"),
            compatibility: section.required("compatibility", compatibility),
            way_down,
            timeout: section.duration("timeout"),
            placement: Placement::read(section),
            anchor: section.table("anchor", Anchor::read),
            checks: section.named_list("checks", DataCheck::read),
            presence: Presence::read(section),
            size: Size::read(section),
        };
        migration.commands_say_something(section);
        migration.way_down_is_whole(section);
        migration.revisions_are_whole(section);
        migration
    }

    fn commands_say_something(&self, section: &mut Section<'_>) {
        let commands = [
            ("command", &self.command),
            ("current_command", &self.current_command),
            ("down_command", &self.down_command),
        ];
        for (key, command) in commands {
            if let Some(empty) = command.as_ref().filter(|command| command.value.is_empty()) {
                section.problem(
                    format!("`{key}` is empty"),
                    empty.span.clone(),
                    "empty list",
                    "leave it out",
                );
            }
        }
    }

    /// Where the revisions are says nothing without the tool that lays them out, and the other way round.
    fn revisions_are_whole(&self, section: &mut Section<'_>) {
        match (self.tool, &self.directory) {
            (Some(_), None) if !section.has("directory") => section.problem(
                "the migration has a `tool` but no `directory`",
                section.span(),
                "`directory` is required here",
                "name the directory of its migrations, relative to this file",
            ),
            (None, Some(directory)) if !section.has("tool") => section.problem(
                "the migration has a `directory` but no `tool`",
                directory.span.clone(),
                "`tool` is required here",
                "write tool = \"alembic\", \"prisma\", \"flyway\" or \"sql\"",
            ),
            // What is there and wrong has been said.
            (Some(_) | None, Some(_) | None) => {}
        }
    }

    /// Going down takes a command that says where to, and a way to ask where the schema was.
    fn way_down_is_whole(&self, section: &mut Section<'_>) {
        let Some(down) = &self.down_command else {
            if let Some(WayDown::Lossless | WayDown::Lossy) = self.way_down {
                section.problem(
                    "the migration has a `way_down` but no `down_command`",
                    section.span(),
                    "`down_command` is required here",
                    "add `down_command`, or write way_down = \"absent\"",
                );
            }
            return;
        };
        match self.way_down {
            None => drop(section.required("way_down", self.way_down)),
            Some(WayDown::Absent) => section.problem(
                "the migration has a `down_command`, but its `way_down` is absent",
                down.span.clone(),
                "never run",
                "leave it out, or write way_down = \"lossless\" or \"lossy\"",
            ),
            Some(WayDown::Lossless | WayDown::Lossy) => {}
        }
        if self.current_command.is_none() {
            section.problem(
                "the migration has a `down_command` but no `current_command`",
                section.span(),
                "`current_command` is required here",
                "without it nobody knows which revision to return to",
            );
        }
    }
}
