//! Types, views, functions, triggers, and whatever else there is.

use super::{Finding, Lock, NEW, Runs};
use crate::change::{Beside, Guard, What};
use crate::known::Known;

pub(super) fn finding(what: &What, known: &Known) -> Finding {
    match what {
        What::AddEnumValue { kind, .. } | What::RenameEnumValue { kind, .. }
            if known.is_new_kind(kind) =>
        {
            Finding::nothing(NEW)
        }
        What::AddEnumValue { .. } => Finding::brief(
            Runs::Unknown,
            "the code before it may read a value that it does not know, once the new code writes it",
        ),
        What::RenameEnumValue { .. } => {
            Finding::brief(Runs::Breaks, "the code before it knows the old value only")
        }
        What::CreateView {
            replaces: Guard::New,
            ..
        } => Finding::nothing("a new view"),
        What::CreateView { .. } => Finding::brief(
            Runs::Unknown,
            "the code before it may use the view that is replaced",
        ),
        // "Refresh the materialized view without locking out concurrent selects" [DOC].
        What::Refresh { way, .. } => match way {
            Beside::Concurrently => Finding::new(
                Runs::Expands,
                "the schema stays as it is",
                Lock::Online,
                "`CONCURRENTLY` lets others read it",
            ),
            Beside::Locking => Finding::new(
                Runs::Expands,
                "the schema stays as it is",
                Lock::All,
                "nobody reads it until it is filled again",
            ),
        },
        What::CreateObject {
            guard: Guard::New, ..
        } => Finding::nothing("it is new"),
        What::CreateObject { .. } => Finding::brief(
            Runs::Unknown,
            "the code before it may use the one that is replaced",
        ),
        What::DropObject { name, .. } | What::RenameObject { name, .. }
            if known.is_new_object(name) =>
        {
            Finding::nothing(NEW)
        }
        What::DropObject { .. } => {
            Finding::brief(Runs::Contracts, "the code before it may still use it")
        }
        What::RenameObject { .. } => {
            Finding::brief(Runs::Breaks, "the code before it knows the old name only")
        }
        What::Interferes { .. } => Finding::brief(
            Runs::Unknown,
            "statements of the code before it may end otherwise",
        ),
        What::Nothing { .. } => Finding::nothing("code does not see it"),
        What::Unknown { what, .. } => Finding::new(
            Runs::Unknown,
            format!("nobody can tell: {what}"),
            Lock::Unknown,
            "nobody can tell",
        ),
        // Every other change has a room of its own.
        _ => Finding::new(
            Runs::Unknown,
            "nobody can tell",
            Lock::Unknown,
            "nobody can tell",
        ),
    }
}
