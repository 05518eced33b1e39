//! What a pattern lets pass: every field that it names has a value that fits; what it does not name does not matter [DOC].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::compile::{Dialect, compile};
use super::flaw::Flaw;
use super::matcher::Matcher;

/// A pattern as alternatives, of which one has to fit: `$or` makes several.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pattern {
    pub(super) alternatives: Vec<Alternative>,
}

/// Fields by their paths.
pub(super) type Alternative = BTreeMap<String, Field>;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) matchers: Vec<Matcher>,
    /// How many names lead to it.
    pub(super) depth: usize,
    /// The first of them.
    pub(super) top: String,
}

/// A value of an event that is neither object nor array.
struct Leaf<'a> {
    value: &'a Value,
    /// Which arrays it is in, and at which of their places.
    arrays: Vec<(usize, usize)>,
}

/// After so many tries nothing fits.
const TRIES: usize = 100_000;

impl Pattern {
    /// Reads a pattern.
    pub(crate) fn read(text: &str, dialect: Dialect) -> Result<Self, Flaw> {
        compile(text, dialect)
    }

    /// Whether it lets an event pass.
    pub(crate) fn matches(&self, event: &Value) -> bool {
        let mut leaves = BTreeMap::new();
        flatten(event, "", &mut Vec::new(), &mut 0, &mut leaves);
        self.alternatives.iter().any(|one| fit(one, &leaves))
    }

    /// The names that it begins with.
    pub(crate) fn tops(&self) -> BTreeSet<&str> {
        let fields = self.alternatives.iter().flat_map(BTreeMap::values);
        fields.map(|field| field.top.as_str()).collect()
    }

    /// Whether it looks into objects.
    pub(crate) fn is_nested(&self) -> bool {
        let mut fields = self.alternatives.iter().flat_map(BTreeMap::values);
        fields.any(|field| field.depth > 1)
    }

    /// How many values have to be tried: per alternative the product of each field's values and levels [DOC].
    pub(crate) fn combinations(&self) -> usize {
        let product = |one: &Alternative| {
            one.values().fold(1_usize, |all, field| {
                all.saturating_mul(field.matchers.len() * field.depth)
            })
        };
        let products = self.alternatives.iter().map(product);
        products.fold(0, usize::saturating_add)
    }
}

/// Names are joined with dots, wherever the dots come from.
fn flatten<'a>(
    value: &'a Value,
    path: &str,
    arrays: &mut Vec<(usize, usize)>,
    last_array: &mut usize,
    leaves: &mut BTreeMap<String, Vec<Leaf<'a>>>,
) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                flatten(inner, &joined(path, name), arrays, last_array, leaves);
            }
        }
        Value::Array(items) => {
            *last_array += 1;
            let array = *last_array;
            for (place, item) in items.iter().enumerate() {
                arrays.push((array, place));
                flatten(item, path, arrays, last_array, leaves);
                arrays.pop();
            }
        }
        value => leaves.entry(path.to_owned()).or_default().push(Leaf {
            value,
            arrays: arrays.clone(),
        }),
    }
}

pub(super) fn joined(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

fn fit(one: &Alternative, leaves: &BTreeMap<String, Vec<Leaf<'_>>>) -> bool {
    let mut asked: Vec<Vec<&Leaf<'_>>> = Vec::new();
    for (path, field) in one {
        let Some(there) = leaves.get(path) else {
            match field.matchers.contains(&Matcher::Absent) {
                true => continue,
                false => return false,
            }
        };
        let fits = |leaf: &&Leaf<'_>| field.matchers.iter().any(|it| it.matches(leaf.value));
        let fitting: Vec<&Leaf<'_>> = there.iter().filter(fits).collect();
        if fitting.is_empty() {
            return false;
        }
        asked.push(fitting);
    }
    together(&asked, &mut BTreeMap::new(), &mut 0)
}

/// Of one array all values come from the same element.
fn together(
    asked: &[Vec<&Leaf<'_>>],
    chosen: &mut BTreeMap<usize, usize>,
    tries: &mut usize,
) -> bool {
    let Some((first, rest)) = asked.split_first() else {
        return true;
    };
    for leaf in first {
        *tries += 1;
        if *tries > TRIES {
            return false;
        }
        let agrees =
            |(array, place): &(usize, usize)| chosen.get(array).is_none_or(|known| known == place);
        if !leaf.arrays.iter().all(agrees) {
            continue;
        }
        let before = chosen.clone();
        chosen.extend(leaf.arrays.iter().copied());
        if together(rest, chosen, tries) {
            return true;
        }
        *chosen = before;
    }
    false
}
