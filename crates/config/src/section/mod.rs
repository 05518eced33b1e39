//! A table of the configuration being read: typed values out, wrong types, missing and unknown keys noted. No meaning.

mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::problem::{Problem, Source};
use crate::suggest;

/// Keys that were looked for, as `services.*.image`, and whether they were ever there.
pub(crate) type Mentions = BTreeMap<String, bool>;

/// A value, and the bytes it was written in (with its quotes).
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) span: Range<usize>,
}

/// A table being read.
pub(crate) struct Section<'d> {
    source: &'d Source,
    table: &'d DeTable<'d>,
    /// As it is written, for example `services.auth-service`; empty at the top.
    path: String,
    /// The same with `*` for names that users choose.
    kind: String,
    span: Range<usize>,
    asked: BTreeSet<&'static str>,
    problems: Vec<Problem>,
    mentions: Mentions,
}

impl<'d> Section<'d> {
    pub(crate) fn root(source: &'d Source, table: &'d DeTable<'d>) -> Self {
        Self::new(source, table, String::new(), String::new(), 0..0)
    }

    fn new(
        source: &'d Source,
        table: &'d DeTable<'d>,
        path: String,
        kind: String,
        span: Range<usize>,
    ) -> Self {
        Self {
            source,
            table,
            path,
            kind,
            span,
            asked: BTreeSet::new(),
            problems: Vec::new(),
            mentions: Mentions::new(),
        }
    }

    /// Where this table begins: its header.
    pub(crate) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// How messages say where: in which table.
    fn place(&self) -> String {
        if self.path.is_empty() {
            "at the top of the file".to_owned()
        } else {
            format!("in [{}]", self.path)
        }
    }

    pub(crate) fn problem(
        &mut self,
        message: impl Into<String>,
        span: Range<usize>,
        label: &str,
        help: &str,
    ) {
        let problem = Problem::of(self.source, message).at(span, label);
        self.problems.push(if help.is_empty() {
            problem
        } else {
            problem.help(help)
        });
    }

    /// Ends the reading: keys that were not asked for are unknown.
    pub(crate) fn finish(mut self) -> (Vec<Problem>, Mentions) {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if !self.asked.contains(name) {
                let help = suggest::instead_of(name, self.asked.iter().copied());
                let problem = Problem::of(
                    self.source,
                    format!("unknown key `{name}` {}", self.place()),
                );
                self.problems
                    .push(problem.at(key.span(), "unknown key").help(help));
            }
        }
        (self.problems, self.mentions)
    }

    fn ask(&mut self, key: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        self.asked.insert(key);
        let found = self.table.get(key);
        let kind = child(&self.kind, key);
        *self.mentions.entry(kind).or_insert(false) |= found.is_some();
        found
    }

    fn wrong_type(&mut self, key: &str, expected: &str, found: &Spanned<DeValue<'_>>) {
        let message = format!(
            "`{key}` must be {expected}, found {}",
            a(found.get_ref().type_str())
        );
        let problem =
            Problem::of(self.source, message).at(found.span(), format!("expected {expected}"));
        let value = found.get_ref();
        let help = match expected {
            "a string" if value.is_integer() => Some("write it in quotes"),
            "an integer"
                if value
                    .as_str()
                    .is_some_and(|text| text.parse::<u32>().is_ok()) =>
            {
                Some("leave out the quotes")
            }
            "`true` or `false`" if matches!(value.as_str(), Some("true" | "false")) => {
                Some("leave out the quotes")
            }
            "a list of strings" | "a list of strings or tables" if value.is_str() => {
                Some("write it in square brackets")
            }
            _ => None,
        };
        self.problems.push(Problem {
            help: help.map(str::to_owned),
            ..problem
        });
    }

    fn missing(&mut self, key: &str) {
        let message = format!("`{key}` is missing {}", self.place());
        self.problems.push(
            Problem::of(self.source, message)
                .at(self.span.clone(), format!("`{key}` is required here")),
        );
    }

    /// Says that a key is missing unless it was found.
    pub(crate) fn required<T>(&mut self, key: &'static str, found: Option<T>) -> Option<T> {
        if found.is_none() && !self.has(key) {
            self.missing(key);
        }
        found
    }

    /// Whether a key is there, however wrong its value is.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.get(key).is_some()
    }

    /// A table inside this one.
    pub(crate) fn table<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Section<'d>) -> T,
    ) -> Option<T> {
        let found = self.ask(key)?;
        let Some(table) = found.get_ref().as_table() else {
            self.wrong_type(key, "a table", found);
            return None;
        };
        let (path, kind) = (child(&self.path, key), child(&self.kind, key));
        Some(self.descend(
            Section::new(self.source, table, path, kind, found.span()),
            read,
        ))
    }

    /// A table of tables, whose names the user chooses.
    pub(crate) fn tables<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(At<String>, &mut Section<'d>) -> T,
    ) -> Option<Vec<T>> {
        let found = self.ask(key)?;
        let Some(table) = found.get_ref().as_table() else {
            self.wrong_type(key, "a table", found);
            return None;
        };
        let mut values = Vec::with_capacity(table.len());
        for (name, entry) in table {
            let text = name.get_ref().as_ref();
            let Some(inner) = entry.get_ref().as_table() else {
                self.wrong_type(&child(key, text), "a table", entry);
                continue;
            };
            let path = child(&child(&self.path, key), text);
            let kind = child(&child(&self.kind, key), "*");
            let name = At {
                value: text.to_owned(),
                span: name.span(),
            };
            let section = Section::new(self.source, inner, path, kind, entry.span());
            values.push(self.descend(section, |section| read(name, section)));
        }
        Some(values)
    }

    /// A list of tables.
    pub(crate) fn list<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Section<'d>) -> T,
    ) -> Vec<T> {
        let Some(found) = self.ask(key) else {
            return Vec::new();
        };
        let Some(items) = found.get_ref().as_array() else {
            self.wrong_type(key, "a list of tables", found);
            return Vec::new();
        };
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            let Some(table) = item.get_ref().as_table() else {
                self.wrong_type(key, "a list of tables", item);
                continue;
            };
            let (path, kind) = (
                format!("[{}]", child(&self.path, key)),
                child(&self.kind, key),
            );
            values.push(self.descend(
                Section::new(self.source, table, path, kind, item.span()),
                &mut read,
            ));
        }
        values
    }

    /// A list of strings, of which any may be a table that says more.
    pub(crate) fn texts_or_tables<T>(
        &mut self,
        key: &'static str,
        text: impl Fn(At<String>) -> T,
        mut read: impl FnMut(&mut Section<'d>) -> Option<T>,
    ) -> Vec<T> {
        let expected = "a list of strings or tables";
        let Some(found) = self.ask(key) else {
            return Vec::new();
        };
        let Some(items) = found.get_ref().as_array() else {
            self.wrong_type(key, expected, found);
            return Vec::new();
        };
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match item.get_ref() {
                DeValue::String(value) => values.push(text(At {
                    value: value.as_ref().to_owned(),
                    span: item.span(),
                })),
                DeValue::Table(table) => {
                    let path = format!("[{}]", child(&self.path, key));
                    let kind = child(&self.kind, key);
                    let section = Section::new(self.source, table, path, kind, item.span());
                    values.extend(self.descend(section, &mut read));
                }
                _ => self.wrong_type(key, expected, item),
            }
        }
        values
    }

    fn descend<T>(
        &mut self,
        mut section: Section<'d>,
        read: impl FnOnce(&mut Section<'d>) -> T,
    ) -> T {
        let value = read(&mut section);
        let (problems, mentions) = section.finish();
        self.problems.extend(problems);
        for (key, found) in mentions {
            *self.mentions.entry(key).or_insert(false) |= found;
        }
        value
    }
}

fn child(parent: &str, key: &str) -> String {
    if parent.is_empty() {
        key.to_owned()
    } else {
        format!("{parent}.{key}")
    }
}

fn a(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {noun}")
}
