//! The migration.

use std::time::Duration;

use backstay_domain::app::{Migration, WayDown};

use super::placement::placement;
use super::{Notes, anchor, definition, environment, service};
use crate::configured::Revisions;
use crate::files::Files;
use crate::section::At;
use crate::suggest;
use crate::template::Scope;
use crate::written;

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(15 * 60);

pub(super) fn migration(
    written: &written::Migration,
    (environment, here): (&Scope, &str),
    files: &dyn Files,
    notes: &mut Notes<'_>,
) -> Option<Migration> {
    let cluster = match &written.cluster {
        Some(own) => environment::cluster_name(own, "cluster", environment, notes),
        None => Some(environment.fill("{{ cluster }}")),
    };
    let scope = environment.clone().with("cluster", cluster.clone());
    let definition = written.task_definition.as_ref();
    let image = written
        .image
        .as_ref()
        .and_then(|image| service::repository(image, &scope, notes));
    let definition = definition.and_then(|path| {
        definition::definition((path, &written.size), image.as_ref(), &scope, files, notes)
    });
    let container = written
        .container
        .as_ref()
        .and_then(|name| container(name, definition.as_ref(), &scope, notes));
    let command = command(written.command.as_ref(), &scope, notes);
    let current_command = self::command(written.current_command.as_ref(), &scope, notes);
    let down_command = down_command(written.down_command.as_ref(), &scope, notes);
    let anchor = anchor::anchor(written.anchor.as_ref(), &scope, notes);
    let checks = anchor::checks(&written.checks, (&scope, here), notes);
    let placement = placement(&written.placement, &scope, notes);
    let own_network = definition.as_ref().is_none_or(has_a_network_of_its_own);
    if written.placement.subnets.is_empty() && own_network {
        let message = "the migration has no `subnets`: a task on Fargate cannot start without";
        notes.note(message, &written.span, "`subnets` is required here", "");
    }
    let empty_revision = match &written.empty_revision {
        Some(name) => Some(notes.fill(name, &scope)?),
        None => empty_by_tool(down_command.as_ref().and_then(Option::as_deref)),
    };
    let (network, capacity) = placement?;
    Some(Migration {
        cluster: cluster?,
        definition: definition?.template,
        image: image?,
        container: container?,
        command: command?.unwrap_or_default(),
        current_command: current_command?,
        down_command: down_command?,
        empty_revision,
        compatibility: written.compatibility?,
        way_down: written.way_down.unwrap_or(WayDown::Absent),
        timeout: written
            .timeout
            .as_ref()
            .map_or(DEFAULT_TIMEOUT, |timeout| timeout.value),
        network,
        capacity,
        anchor: anchor?,
        checks: checks?,
    })
}

/// Where the revisions are.
pub(super) fn revisions(
    written: &written::Migration,
    environment: &Scope,
    notes: &mut Notes<'_>,
) -> Option<Revisions> {
    let (tool, directory) = (written.tool?, written.directory.as_ref()?);
    let filled = notes.fill(directory, environment)?;
    let leaves = filled.split('/').any(|part| part == "..");
    if filled.starts_with('/') || filled.is_empty() || leaves {
        let message = match leaves {
            true => "the directory of migrations is not inside of this file's directory",
            false => "the directory of migrations is not relative to this file",
        };
        let help = "a release is made of what is committed beside backstay.toml";
        notes.note(message, &directory.span, "write a relative path", help);
        return None;
    }
    Some(Revisions {
        tool,
        directory: filled,
    })
}

pub(super) fn container(
    name: &At<String>,
    definition: Option<&definition::Definition>,
    scope: &Scope,
    notes: &mut Notes<'_>,
) -> Option<String> {
    let filled = notes.fill(name, scope)?;
    let containers = &definition?.containers;
    if containers.contains(&filled) {
        return Some(filled);
    }
    let help = suggest::instead_of(&filled, containers.iter().map(String::as_str));
    notes.note(
        format!("the task definition has no container `{filled}`"),
        &name.span,
        "no such container",
        &help,
    );
    None
}

/// A command's words: outer `None` when there is a problem, inner when there is no command.
pub(super) fn command(
    written: Option<&At<Vec<At<String>>>>,
    scope: &Scope,
    notes: &mut Notes<'_>,
) -> Option<Option<Vec<String>>> {
    super::complete(written.map(|words| notes.fill_all(&words.value, scope)))
}

/// Tasks of the other modes use their host's network.
fn has_a_network_of_its_own(definition: &definition::Definition) -> bool {
    let mode = definition.template.0.get("networkMode");
    mode.and_then(|mode| mode.as_str())
        .is_none_or(|mode| mode == "awsvpc")
}

/// What a known tool calls the empty database when it migrates down to it.
fn empty_by_tool(down: Option<&[String]>) -> Option<String> {
    let words = || {
        down.into_iter()
            .flatten()
            .flat_map(|part| part.split_whitespace())
    };
    let tools = [
        ("alembic", "base"),
        ("goose", "0"),
        ("rails", "0"),
        ("rake", "0"),
    ];
    let named = |tool: &str| words().any(|word| word.rsplit('/').next() == Some(tool));
    let known = tools.iter().find(|(tool, _)| named(tool));
    known.map(|(_, empty)| (*empty).to_owned())
}

/// The command that migrates down says where to: a release may be several revisions ahead.
fn down_command(
    written: Option<&At<Vec<At<String>>>>,
    scope: &Scope,
    notes: &mut Notes<'_>,
) -> Option<Option<Vec<String>>> {
    let words = command(written, &scope.clone().keeping(&["revision"]), notes)?;
    let says_where = |words: &Vec<String>| words.iter().any(|word| word.contains("{{"));
    if let (Some(words), Some(written)) = (&words, written)
        && !words.is_empty()
        && !says_where(words)
    {
        let message = "`down_command` does not say which revision to return to";
        notes.note(
            message,
            &written.span,
            "nothing in it is `{{ revision }}`",
            "use `{{ revision }}`",
        );
    }
    Some(words)
}
