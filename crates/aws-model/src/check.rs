//! Whether an input is what AWS's model asks for: required members, lengths, ranges, patterns and enums.

use serde_json::Value;

use crate::model::{Between, Kind, List, MapOf, Model, Presence, Shape, ShapeId, Structure, Text};
use crate::path::Path;
use crate::words;

/// What an input does not satisfy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where, as AWS writes it: `containerDefinitions.1.member.name`.
    pub path: String,
    /// The value as AWS shows it, with a blank before it: ` 'x'`, ` null`, or nothing.
    pub shown: String,
    /// What it had to satisfy.
    pub constraint: String,
    /// Of which kind that is.
    pub kind: ConstraintKind,
}

/// What kinds of constraints there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstraintKind {
    /// A member must be there.
    Required,
    /// A length or a range.
    Limit,
    /// A pattern.
    Pattern,
    /// An enum.
    Enum,
}

/// Everything that an input does not satisfy; what the shape does not know is not looked at.
#[must_use]
pub fn check(model: &Model, shape: ShapeId, input: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    Check { model }.value(shape, input, &Path::ROOT, &mut found);
    found
}

struct Check<'a> {
    model: &'a Model,
}

impl Check<'_> {
    fn value(&self, id: ShapeId, value: &Value, path: &Path<'_>, found: &mut Vec<Violation>) {
        let shape = self.model.shape(id);
        match &shape.kind {
            Kind::Structure(structure) => self.structure(structure, value, path, found),
            Kind::List(list) => self.list(shape, list, value, path, found),
            Kind::Map(map) => self.map(shape, map, value, path, found),
            _ => scalar(shape, value, &mut |kind, constraint| {
                found.push(violation(shape, value, path, kind, constraint));
            }),
        }
    }

    fn structure(
        &self,
        structure: &Structure,
        value: &Value,
        path: &Path<'_>,
        found: &mut Vec<Violation>,
    ) {
        let Some(given) = value.as_object() else {
            return;
        };
        for member in structure.members() {
            match given.get(&member.name) {
                Some(inner) if !inner.is_null() => {
                    self.value(member.shape, inner, &path.member(&member.name), found);
                }
                _ if member.presence == Presence::Required => found.push(Violation {
                    path: path.member(&member.name).to_string(),
                    shown: " null".to_owned(),
                    constraint: words::NOT_NULL.to_owned(),
                    kind: ConstraintKind::Required,
                }),
                _ => {}
            }
        }
    }

    fn list(
        &self,
        shape: &Shape,
        list: &List,
        value: &Value,
        path: &Path<'_>,
        found: &mut Vec<Violation>,
    ) {
        let Some(items) = value.as_array() else {
            return;
        };
        count(shape, list.length, items.len(), value, path, found);
        let item_shape = self.model.shape(list.item);
        if !is_scalar(item_shape) {
            for (place, item) in items.iter().enumerate() {
                self.value(list.item, item, &path.item(place), found);
            }
        } else if let Some(kind) = items.iter().find_map(|item| first_kind(item_shape, item)) {
            // Items that are no structures are told together, at their list.
            let all = words::constraints(item_shape).join(", ");
            let constraint = format!("Member must satisfy constraint: [{all}]");
            found.push(violation(shape, value, path, kind, constraint));
        }
    }

    fn map(
        &self,
        shape: &Shape,
        map: &MapOf,
        value: &Value,
        path: &Path<'_>,
        found: &mut Vec<Violation>,
    ) {
        let Some(entries) = value.as_object() else {
            return;
        };
        count(shape, map.length, entries.len(), value, path, found);
        let (key_shape, value_shape) = (self.model.shape(map.key), self.model.shape(map.value));
        let key_kind = entries
            .keys()
            .find_map(|key| first_kind_of_text(key_shape, key));
        if let Some(kind) = key_kind {
            let all = words::constraints(key_shape).join(", ");
            let constraint = format!("Map keys must satisfy constraint: [{all}]");
            found.push(violation(shape, value, path, kind, constraint));
        }
        if !is_scalar(value_shape) {
            for (key, inner) in entries {
                self.value(map.value, inner, &path.value(key), found);
            }
        } else if let Some(kind) = entries
            .values()
            .find_map(|inner| first_kind(value_shape, inner))
        {
            let all = words::constraints(value_shape).join(", ");
            let constraint = format!("Map value must satisfy constraint: [{all}]");
            found.push(violation(shape, value, path, kind, constraint));
        }
    }
}

/// How many there are of a list or a map.
fn count(
    shape: &Shape,
    between: Between<i64>,
    size: usize,
    value: &Value,
    path: &Path<'_>,
    found: &mut Vec<Violation>,
) {
    length(between, size, &mut |constraint| {
        let kind = ConstraintKind::Limit;
        found.push(violation(shape, value, path, kind, constraint));
    });
}

fn violation(
    shape: &Shape,
    value: &Value,
    path: &Path<'_>,
    kind: ConstraintKind,
    constraint: String,
) -> Violation {
    Violation {
        path: path.to_string(),
        shown: words::shown(shape, value),
        constraint,
        kind,
    }
}

fn is_scalar(shape: &Shape) -> bool {
    !matches!(
        shape.kind,
        Kind::Structure(_) | Kind::List(_) | Kind::Map(_) | Kind::Document
    )
}

fn first_kind(shape: &Shape, value: &Value) -> Option<ConstraintKind> {
    let mut first = None;
    scalar(shape, value, &mut |kind, _| {
        first.get_or_insert(kind);
    });
    first
}

fn first_kind_of_text(shape: &Shape, value: &str) -> Option<ConstraintKind> {
    let mut first = None;
    if let Kind::Text(asked) = &shape.kind {
        text(asked, value, &mut |kind, _| {
            first.get_or_insert(kind);
        });
    }
    first
}

fn scalar(shape: &Shape, value: &Value, told: &mut dyn FnMut(ConstraintKind, String)) {
    match (&shape.kind, value) {
        (Kind::Text(asked), Value::String(given)) => text(asked, given, told),
        (Kind::Whole(_, between), Value::Number(number)) => {
            if let Some(number) = number.as_i64() {
                range(*between, number, told);
            }
        }
        (Kind::Real(between), Value::Number(number)) => {
            if let Some(number) = number.as_f64() {
                range(*between, number, told);
            }
        }
        (Kind::Blob(between), Value::String(coded)) => {
            if let Some(size) = decoded_len(coded) {
                length(*between, size, &mut |constraint| {
                    told(ConstraintKind::Limit, constraint);
                });
            }
        }
        _ => {}
    }
}

fn text(asked: &Text, given: &str, told: &mut dyn FnMut(ConstraintKind, String)) {
    // As Java counts.
    let counts = asked.length != Between::default();
    let size = if counts {
        given.encode_utf16().count()
    } else {
        0
    };
    if counts {
        length(asked.length, size, &mut |constraint| {
            told(ConstraintKind::Limit, constraint);
        });
    }
    if let Some(pattern) = asked.pattern().filter(|_| !asked.matches(given)) {
        told(ConstraintKind::Pattern, words::pattern(pattern));
    }
    if !asked.values.is_empty() && !asked.values.iter().any(|value| value == given) {
        told(ConstraintKind::Enum, words::values(asked));
    }
}

fn length(between: Between<i64>, size: usize, told: &mut dyn FnMut(String)) {
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    if let Some(most) = between.most.filter(|most| size > *most) {
        told(words::length_at_most(most));
    }
    if let Some(least) = between.least.filter(|least| size < *least) {
        told(words::length_at_least(least));
    }
}

fn range<T: PartialOrd + Copy + std::fmt::Display>(
    between: Between<T>,
    number: T,
    told: &mut dyn FnMut(ConstraintKind, String),
) {
    if let Some(most) = between.most.filter(|most| number > *most) {
        told(ConstraintKind::Limit, words::value_at_most(most));
    }
    if let Some(least) = between.least.filter(|least| number < *least) {
        told(ConstraintKind::Limit, words::value_at_least(least));
    }
}

fn decoded_len(coded: &str) -> Option<usize> {
    use base64::Engine;
    let decoded = base64::engine::general_purpose::STANDARD.decode(coded);
    decoded.ok().map(|bytes| bytes.len())
}
