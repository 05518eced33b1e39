//! What going down again loses. That nothing is lost is only said where it is seen; what a release has written since, the way down
//! may take with it.

mod undone;

use crate::change::{Change, Check, Kinds, Takes, Unique, Value, What};
use crate::kind::Kind;
use crate::known::Known;
use crate::problem::Place;
use crate::rules::{Runs, finding};
use crate::verdict::{By, Judged};
use crate::written::{Down, Operation, Written};

use undone::{is_within, needs, undoes};

/// Whether what a revision does can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayDown {
    /// Yes, and nothing is lost.
    Lossless,
    /// Yes, and data is lost.
    Lossy,
    /// No.
    Absent,
}

/// Whether people may say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certain {
    /// It is so.
    Yes,
    /// It is not known that nothing is lost: somebody may know more.
    No,
}

/// What the way down of a revision is, as far as it can be seen. `known` is what was known before the revision.
pub(crate) fn way_down(written: &Written, known: &Known) -> (Judged<WayDown>, Certain) {
    let up = &written.up.operations;
    let of_up = |operation: &Operation| Place::new(&written.up.file, operation.line);
    let lasts = |operation: &&Operation| !matches!(operation.change.0, What::Nothing { .. });
    let script = match &written.down {
        Down::Absent { file, line, why } => {
            let place = Place::new(file, *line);
            return (
                judged(WayDown::Absent, By::Linted, place, why),
                Certain::Yes,
            );
        }
        Down::Script(script) => script,
    };
    let at_down = Place::new(&script.file, script.line);
    let of_down = |operation: &Operation| Place::new(&script.file, operation.line);
    let does_something = script.operations.iter().any(|one| lasts(&one));
    let first = up.iter().find(lasts);
    if first.is_none() && !does_something {
        let why = "it changes nothing that lasts";
        return (
            judged(WayDown::Lossless, By::Linted, at_down, why),
            Certain::No,
        );
    }
    if let Some(first) = first.filter(|_| !does_something) {
        let why = format!("it does nothing, and \"{}\" is not undone", first.change);
        return (
            judged(WayDown::Absent, By::Linted, at_down, &why),
            Certain::Yes,
        );
    }
    let moves = up.iter().any(|one| moves_data(&one.change.0));
    let destroyed: Vec<(&Operation, &'static str, Certain)> = up
        .iter()
        .filter_map(|one| {
            let (why, certain) = destroys(&one.change.0, known)?;
            Some((one, why, certain))
        })
        .collect();
    let surely = destroyed.iter().find(|(_, _, sure)| *sure == Certain::Yes);
    if let Some((operation, why, certain)) = surely.or(destroyed.first()) {
        let certain = match moves {
            true => Certain::No,
            false => *certain,
        };
        let why = format!("\"{}\": {why}", operation.change);
        return (
            judged(WayDown::Lossy, By::Linted, of_up(operation), &why),
            certain,
        );
    }
    let unknown = |operation: &&Operation| matches!(operation.change.0, What::Unknown { .. });
    let soft =
        |place: Place, why: String| (judged(WayDown::Lossy, By::Nobody, place, &why), Certain::No);
    if let Some(operation) = up.iter().find(unknown) {
        return soft(
            of_up(operation),
            format!("what it does nobody can tell: {}", operation.change),
        );
    }
    if let Some(operation) = script.operations.iter().find(unknown) {
        return soft(
            of_down(operation),
            format!("what it does nobody can tell: {}", operation.change),
        );
    }
    let undone = |operation: &&Operation| {
        let down = &script.operations;
        down.iter()
            .any(|one| undoes(&one.change.0, &operation.change.0))
            || is_within(operation, up, down)
    };
    if let Some(operation) = up
        .iter()
        .filter(lasts)
        .find(|one| needs(&one.change.0) && !undone(one))
    {
        return soft(
            of_up(operation),
            format!("\"{}\" is not undone", operation.change),
        );
    }
    let loses = |operation: &Operation| loses(&operation.change.0, up, known);
    if let Some((operation, why)) = script
        .operations
        .iter()
        .find_map(|one| Some((one, loses(one)?)))
    {
        return soft(
            of_down(operation),
            format!("\"{}\": {why}", operation.change),
        );
    }
    let why = "everything is undone, and nothing that was written is lost";
    (
        judged(WayDown::Lossless, By::Linted, at_down, why),
        Certain::No,
    )
}

fn judged(value: WayDown, by: By, place: Place, why: &str) -> Judged<WayDown> {
    Judged {
        value,
        by,
        place,
        why: why.to_owned(),
    }
}

/// `SET UNLOGGED`.
pub(crate) const UNLOGGED: &str = "make unlogged:";

/// Data may have been put in safety first.
fn moves_data(what: &What) -> bool {
    match what {
        What::Insert { .. } | What::Update { .. } | What::Unknown { .. } => true,
        // `CREATE TABLE … AS`
        What::CreateTable { columns, .. } => columns.is_empty(),
        _ => false,
    }
}

/// What is gone when the way up is done.
fn destroys(what: &What, known: &Known) -> Option<(&'static str, Certain)> {
    let surely = |why: &'static str| Some((why, Certain::Yes));
    let maybe = |why: &'static str| Some((why, Certain::No));
    match what {
        What::DropTable { .. } => surely("its rows are gone when it is done"),
        What::DropColumn { table, column } if known.is_computed(table, column) => None,
        What::DropColumn { .. } => surely("its values are gone when it is done"),
        What::Truncate { .. } | What::Delete { .. } => surely("the rows are gone when it is done"),
        What::DropObject {
            takes: Takes::Dependents,
            ..
        } => maybe("`CASCADE`: what depends on it goes with it"),
        What::DropObject {
            kind: "schema" | "extension",
            ..
        } => maybe("what it holds is gone when it is done"),
        What::DropObject {
            kind: "sequence", ..
        } => maybe("where it stood is not known any more"),
        What::RewriteTable { how, .. } if *how == UNLOGGED => {
            maybe("a crash empties a table that is not logged")
        }
        What::SetType {
            table,
            column,
            from,
            to,
            using,
        } => {
            let plain = using
                .as_ref()
                .is_none_or(|using| crate::rules::is_the_same(using, column, to));
            let mut from = from.iter().chain(known.kind(table, column)).peekable();
            let fits = from.peek().is_some() && from.all(|from| Kind::holds(from, to));
            (!(plain && fits))
                .then_some(("values may be cut or rounded when it is done", Certain::No))
        }
        _ => None,
    }
}

/// What going down loses of what was written since.
fn loses(what: &What, up: &[Operation], known: &Known) -> Option<&'static str> {
    match what {
        What::DropTable { .. } => Some("what was written to it since is lost"),
        What::DropColumn { table, column } => {
            let computed = up.iter().any(|one| match &one.change.0 {
                What::AddColumn {
                    table: of,
                    column: added,
                } => {
                    of == table
                        && added.name == *column
                        && matches!(added.value, Value::Stored | Value::Virtual)
                }
                _ => false,
            });
            (!computed).then_some("what was written to it since is lost")
        }
        What::Truncate { .. } | What::Delete { .. } => Some("the rows are lost"),
        What::DropObject {
            takes: Takes::Dependents,
            ..
        } => Some("`CASCADE`: what depends on it goes with it"),
        What::DropObject {
            kind: "schema" | "extension",
            ..
        } => Some("what was put into it since is lost"),
        What::RewriteTable { how, .. } if *how == UNLOGGED => {
            Some("a crash empties a table that is not logged")
        }
        What::CreateIndex {
            unique: Unique::Yes,
            ..
        } => Some("it fails where rows were written since that it refuses"),
        What::Update { .. } => Some("whether it restores what was there nobody can tell"),
        What::SetNotNull { .. } => Some("it fails where a NULL was written since"),
        What::AddConstraint {
            check: Check::Now,
            kind,
            ..
        } => match kind {
            Kinds::Check(_)
            | Kinds::ForeignKey
            | Kinds::Unique
            | Kinds::Primary
            | Kinds::Exclude => Some("it fails where rows were written since that it refuses"),
        },
        What::SetType {
            table,
            column,
            from,
            to,
            using,
        } => {
            let made = up.iter().rev().find_map(|one| match &one.change.0 {
                What::SetType {
                    table: of,
                    column: other,
                    to,
                    ..
                } if of == table && other == column => Some(to.clone()),
                _ => None,
            });
            let change = Change(What::SetType {
                table: table.clone(),
                column: column.clone(),
                from: made.or(from.clone()),
                to: to.clone(),
                using: using.clone(),
            });
            (finding(&change, known).runs != Runs::Expands)
                .then_some("what was written since may not fit any more")
        }
        _ => None,
    }
}
