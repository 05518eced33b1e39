//! Columns.

use super::{Finding, Lock, NEW, Runs};
use crate::change::{Column, Kinds, Null, Value, What};
use crate::kind::{Conversion, Kind};
use crate::known::Known;

pub(super) fn finding(what: &What, known: &Known) -> Finding {
    if let Some((table, column)) = at(what)
        && known.is_new_column(table, column)
        && !matches!(
            what,
            What::AddColumn { .. } | What::SetNotNull { .. } | What::DropDefault { .. }
        )
    {
        return Finding::nothing(NEW);
    }
    match what {
        What::AddColumn { table, .. } if known.is_new(table) => Finding::nothing(NEW),
        What::AddColumn { table, column } => add(table, column, known),
        What::DropColumn { .. } => Finding::brief(
            Runs::Contracts,
            "the code before it may still read or write the column",
        ),
        What::RenameColumn { .. } => {
            Finding::brief(Runs::Breaks, "the code before it knows the old name only")
        }
        What::SetNotNull { table, column } => set_not_null(table, column, known),
        What::DropNotNull { .. } => Finding::brief(
            Runs::Unknown,
            "the code before it may not expect to read a NULL there",
        ),
        // "defaults only apply to subsequent INSERT or ALTER TABLE commands" [DOC].
        What::SetDefault { .. } => Finding::brief(
            Runs::Unknown,
            "the code before it may leave the column out when it inserts, and meets another value",
        ),
        What::DropDefault { table, .. } if known.is_new(table) => Finding::nothing(NEW),
        What::DropDefault { table, column } if known.is_new_column(table, column) => {
            match (
                known.is_required(table, column),
                known.makes_triggers(table),
            ) {
                (false, _) => Finding::nothing(NEW),
                (true, true) => Finding::brief(
                    Runs::Unknown,
                    "the code before it inserts without the column, unless a trigger fills it",
                ),
                (true, false) => Finding::brief(
                    Runs::Breaks,
                    "the code before it inserts without the column, which is refused",
                ),
            }
        }
        What::DropDefault { .. } => Finding::brief(
            Runs::Contracts,
            "the code before it may leave the column out when it inserts",
        ),
        What::SetType {
            table,
            column,
            from,
            to,
            using,
        } => {
            let judged = |from: Option<&Kind>| set_type(column, from, to, using.as_deref());
            match (from.as_ref(), known.kind(table, column)) {
                // Where the revision says otherwise than those before it, either may be so.
                (Some(said), Some(known)) if said != known => {
                    judged(Some(said)).worse(judged(Some(known)))
                }
                (said, known) => judged(said.or(known)),
            }
        }
        What::AddIdentity { .. } => Finding::brief(
            Runs::Unknown,
            "`GENERATED ALWAYS` refuses inserts that name the column",
        ),
        _ => super::objects::finding(what, known),
    }
}

fn at(what: &What) -> Option<(&str, &str)> {
    match what {
        What::AddColumn { table, column } => Some((table, &column.name)),
        What::DropColumn { table, column }
        | What::RenameColumn { table, column, .. }
        | What::SetNotNull { table, column }
        | What::DropNotNull { table, column }
        | What::SetDefault { table, column }
        | What::DropDefault { table, column }
        | What::SetType { table, column, .. }
        | What::AddIdentity { table, column } => Some((table, column)),
        _ => None,
    }
}

fn add(table: &str, column: &Column, known: &Known) -> Finding {
    let (runs, why) = match (&column.value, column.null) {
        (Value::None, Null::Not) if known.makes_triggers(table) => (
            Runs::Unknown,
            "NOT NULL without a default: the code before it inserts without the column, unless a trigger fills it",
        ),
        (Value::None, Null::Not) => (
            Runs::Breaks,
            "NOT NULL without a default: the code before it inserts without the column, which is refused; so is the change where there are rows",
        ),
        (Value::Unknown(_), Null::Not) => (
            Runs::Unknown,
            "NOT NULL, and whether the default is a value nobody knows",
        ),
        (Value::Unknown(_), _) => (
            Runs::Unknown,
            "what its default does when the code before it inserts nobody knows",
        ),
        (value, _) => match (&column.unique, value) {
            (Some(_), Value::Constant) => (
                Runs::Breaks,
                "UNIQUE with the same default for every row: the second row of the code before it is refused; so is the change where there are two",
            ),
            (Some(Kinds::Exclude), Value::None) => (
                Runs::Breaks,
                "NULLS NOT DISTINCT: the second row of the code before it is refused; so is the change where there are two",
            ),
            (Some(_), Value::Stored | Value::Virtual) => (
                Runs::Unknown,
                "rows of the code before it may come to the same value, which is refused",
            ),
            _ if column.refers.is_some() => (
                Runs::Unknown,
                "the code before it may delete what the foreign key holds on to, and its rows need what the default refers to",
            ),
            _ if column.checked.is_some() => (
                Runs::Unknown,
                "a check that rows of the code before it have to pass",
            ),
            (_, Value::Stored) => (
                Runs::Unknown,
                "it is computed of rows of the code before it: where that fails, so does their insert",
            ),
            (_, Value::Virtual) if column.null == Null::Not => (
                Runs::Unknown,
                "it is computed of rows of the code before it, and may be NULL",
            ),
            _ => (Runs::Expands, "the code before it does not know the column"),
        },
    };
    let (lock, how) = cost(column, known);
    Finding::new(runs, why, lock, how)
}

/// "Adding a column with a volatile DEFAULT …, a stored generated column, an identity column, or a column with a domain data type
/// that has constraints will cause the entire table and its indexes to be rewritten." [DOC]
fn cost(column: &Column, known: &Known) -> (Lock, &'static str) {
    let serial = column.kind.as_ref().is_some_and(Kind::is_serial);
    let own = column
        .kind
        .as_ref()
        .is_some_and(|kind| !kind.is_builtin() && !known.is_new_kind(&kind.to_string()));
    match &column.value {
        Value::Volatile => (
            Lock::Rewrite,
            "a volatile default is another one for every row: the table is rewritten",
        ),
        Value::Stored => (
            Lock::Rewrite,
            "a stored generated column is computed for every row: the table is rewritten",
        ),
        Value::Identity => (
            Lock::Rewrite,
            "an identity gives every row a number: the table is rewritten",
        ),
        _ if serial => (
            Lock::Rewrite,
            "a serial gives every row a number: the table is rewritten",
        ),
        Value::Unknown(_) => (
            Lock::Unknown,
            "whether its default is volatile nobody knows",
        ),
        Value::None | Value::Constant | Value::Virtual => match () {
            () if column.unique.is_some() => (
                Lock::All,
                "its index is built under an ACCESS EXCLUSIVE lock",
            ),
            () if column.refers.is_some() => (
                Lock::Writes,
                "a foreign key looks at every row, and locks both tables against writes",
            ),
            () if column.checked.is_some() => (
                Lock::All,
                "a check looks at every row under an ACCESS EXCLUSIVE lock",
            ),
            () if own && column.value != Value::None => (
                Lock::Unknown,
                "a domain with constraints would have the table rewritten",
            ),
            () => (
                Lock::Brief,
                "the value lies in the catalog: no row is rewritten",
            ),
        },
    }
}

/// "Ordinarily this is checked during the ALTER TABLE by scanning the entire table …; however, if a valid CHECK constraint exists …
/// which proves no NULL can exist, then the table scan is skipped." [DOC]
fn set_not_null(table: &str, column: &str, known: &Known) -> Finding {
    if known.is_new(table) {
        return Finding::nothing(NEW);
    }
    let (runs, why) = match known.is_new_column(table, column) {
        true if known.is_filled(table, column) => (
            Runs::Expands,
            "the code before it does not know the column, and its default fills it",
        ),
        true if known.makes_triggers(table) => (
            Runs::Unknown,
            "the code before it inserts without the column, unless a trigger fills it",
        ),
        true => (
            Runs::Breaks,
            "the code before it inserts without the column, which is refused",
        ),
        false => (
            Runs::Contracts,
            "the code before it may write a NULL, or leave the column out",
        ),
    };
    match known.is_never_null(table, column) {
        true => Finding::new(
            runs,
            why,
            Lock::Brief,
            "a check that was validated says so already: no row is looked at",
        ),
        false => Finding::new(
            runs,
            why,
            Lock::All,
            "every row is looked at under an ACCESS EXCLUSIVE lock",
        ),
    }
}

/// "Changing the type of an existing column will normally cause the entire table and its indexes to be rewritten. As an exception …
/// if the USING clause does not change the column contents and the old type is … binary coercible to the new type …" [DOC]
fn set_type(column: &str, from: Option<&Kind>, to: &Kind, using: Option<&str>) -> Finding {
    let plain = using.is_none_or(|using| is_the_same(using, column, to));
    let conversion = match plain {
        true => Kind::conversion(from, to),
        false => Conversion::Rewrites,
    };
    let holds = from.is_some_and(|from| Kind::holds(from, to));
    let (runs, why) = match (conversion, holds) {
        (Conversion::Widens, _) => (Runs::Expands, "every value that fitted fits"),
        (Conversion::Rewrites, true) => (
            Runs::Unknown,
            "every value fits, but the code before it may read it as another type",
        ),
        (Conversion::Rewrites, false) => (
            Runs::Contracts,
            "what the code before it writes may not fit, or be read as something else",
        ),
        (Conversion::Unknown, _) => (
            Runs::Unknown,
            "what the column was before is not in the revisions",
        ),
    };
    let (lock, how) = match conversion {
        Conversion::Widens => (Lock::Brief, "nothing is rewritten"),
        Conversion::Rewrites => (Lock::Rewrite, "the table and its indexes are rewritten"),
        Conversion::Unknown => (
            Lock::Unknown,
            "whether it is rewritten depends on the type that the column had",
        ),
    };
    Finding::new(runs, why, lock, how)
}

/// `USING column` and `USING column::type` leave the contents as they are.
pub(crate) fn is_the_same(using: &str, column: &str, to: &Kind) -> bool {
    let bare = using.trim().trim_matches('"').to_ascii_lowercase();
    match bare.split_once("::") {
        Some((of, kind)) => of.trim().trim_matches('"') == column && Kind::parse(kind) == *to,
        None => bare == column,
    }
}
