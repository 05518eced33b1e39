//! Names as PostgreSQL compares them: folded to lower case unless they are quoted, and without the schema that is there anyway.

use sqlparser::ast::{Ident, ObjectName, ObjectNamePart};

/// A name of one part.
pub(super) fn ident(ident: &Ident) -> String {
    match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_lowercase(),
    }
}

/// A name of several parts.
pub(super) fn name(name: &ObjectName) -> String {
    let parts: Vec<String> = name
        .0
        .iter()
        .map(|part| match part {
            ObjectNamePart::Identifier(part) => ident(part),
            ObjectNamePart::Function(function) => function.to_string(),
        })
        .collect();
    match parts.as_slice() {
        [schema, rest @ ..] if schema == "public" && !rest.is_empty() => rest.join("."),
        all => all.join("."),
    }
}
