//! A table of the configuration being read: typed values out, wrong types, missing and unknown keys noted. No meaning.

mod layer;
mod named;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::problem::{Problem, Source};
use crate::suggest;

use layer::{Layer, Of};
pub(crate) use named::Newcomers;
pub(crate) use values::OneOrMore;

/// Keys that were looked for, as `services.*.image`, and whether they were ever there.
pub(crate) type Mentions = BTreeMap<String, bool>;

/// A value, and the bytes it was written in (with its quotes).
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) span: Range<usize>,
}

/// A table being read: what holds everywhere, and over it what one environment has instead.
pub(crate) struct Section<'d> {
    source: &'d Source,
    /// The first that has a key decides; the last is what holds everywhere. Never empty.
    layers: Vec<Layer<'d>>,
    /// As it is written, with `*` for names that users choose.
    kind: String,
    asked: BTreeSet<&'static str>,
    problems: Vec<Problem>,
    mentions: Mentions,
}

impl<'d> Section<'d> {
    /// The whole file, as it is in one environment: tables of `[environments.NAME]` lie over the file's own.
    pub(crate) fn root(
        source: &'d Source,
        table: &'d DeTable<'d>,
        environment: Option<&str>,
    ) -> Self {
        let mut layers = Vec::new();
        layers.extend(environment.and_then(|name| Layer::environment(table, name)));
        layers.push(Layer::whole(table));
        Self::new(source, layers, String::new())
    }

    fn new(source: &'d Source, layers: Vec<Layer<'d>>, kind: String) -> Self {
        Self {
            source,
            layers,
            kind,
            asked: BTreeSet::new(),
            problems: Vec::new(),
            mentions: Mentions::new(),
        }
    }

    /// Where this table begins: its header.
    pub(crate) fn span(&self) -> Range<usize> {
        self.own()
            .map(|layer| layer.span.clone())
            .unwrap_or_default()
    }

    /// Where the environment begins to have something of its own in this table.
    pub(crate) fn of_environment(&self) -> Option<Range<usize>> {
        let first = self.layers.first()?;
        (first.of == Of::Environment).then(|| first.span.clone())
    }

    /// What holds everywhere; of a table that only one environment has, that.
    fn own(&self) -> Option<&Layer<'d>> {
        self.layers.last()
    }

    /// How messages say where: in which table.
    fn place(&self) -> String {
        self.own().map(Layer::place).unwrap_or_default()
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
        for layer in self.layers.iter().filter(|layer| layer.of != Of::Elsewhere) {
            for key in layer.table.keys() {
                let name = key.get_ref().as_ref();
                if !self.asked.contains(name) {
                    let help = suggest::instead_of(name, self.asked.iter().copied());
                    let message = format!("unknown key `{name}` {}", layer.place());
                    let problem = Problem::of(self.source, message);
                    self.problems
                        .push(problem.at(key.span(), "unknown key").help(help));
                }
            }
        }
        (self.problems, self.mentions)
    }

    fn ask(&mut self, key: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        self.asked.insert(key);
        let found = self.layers.iter().find_map(|layer| layer.table.get(key));
        let kind = child(&self.kind, key);
        *self.mentions.entry(kind).or_insert(false) |= found.is_some();
        found
    }

    /// A key that says where its table is: no environment has its own.
    fn ask_everywhere(&mut self, key: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        let found = self.ask(key);
        let written = self
            .layers
            .iter()
            .filter(|layer| layer.of == Of::Environment);
        let wrong: Vec<(Range<usize>, String)> = written
            .filter_map(|layer| Some((layer.table.get_key_value(key)?.0.span(), layer.place())))
            .collect();
        for (span, place) in wrong {
            let message = format!("`{key}` says nothing {place}");
            let help = "it is written where the table holds for every environment";
            self.problem(message, span, "not for one environment", help);
        }
        found
    }

    /// Tables that are read where they lie over the file's own.
    pub(crate) fn read_elsewhere(&mut self, keys: &[&'static str]) {
        for key in keys {
            self.ask(key);
        }
    }

    /// The tables that are called so, one over the other; what is no table is noted.
    fn stack(&mut self, key: &'static str) -> Option<Vec<Layer<'d>>> {
        self.ask(key)?;
        let found: Vec<Result<Layer<'d>, &'d Spanned<DeValue<'d>>>> = self
            .layers
            .iter()
            .filter_map(|layer| layer.below(key))
            .collect();
        let mut stack = Vec::with_capacity(found.len());
        for one in found {
            match one {
                Ok(layer) => stack.push(layer),
                Err(other) => self.wrong_type(key, "a table", other),
            }
        }
        (!stack.is_empty()).then_some(stack)
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
            Problem::of(self.source, message).at(self.span(), format!("`{key}` is required here")),
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
        self.layers
            .iter()
            .any(|layer| layer.table.contains_key(key))
    }

    /// A table inside this one.
    pub(crate) fn table<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Section<'d>) -> T,
    ) -> Option<T> {
        let stack = self.stack(key)?;
        let kind = child(&self.kind, key);
        Some(self.descend(Section::new(self.source, stack, kind), read))
    }

    /// A list of tables. An environment's own is another list.
    pub(crate) fn list<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Section<'d>) -> T,
    ) -> Vec<T> {
        let Some(found) = self.ask(key) else {
            return Vec::new();
        };
        let of = self
            .layers
            .iter()
            .find(|layer| layer.table.contains_key(key));
        let Some((of, path)) = of.map(|layer| (layer.of, layer.path_of(key))) else {
            return Vec::new();
        };
        let mut values = Vec::new();
        for layer in self.items(key, found, (of, path)) {
            let kind = child(&self.kind, key);
            values.push(self.descend(Section::new(self.source, vec![layer], kind), &mut read));
        }
        values
    }

    /// The tables of a list; what is none is noted.
    fn items(
        &mut self,
        key: &'static str,
        found: &'d Spanned<DeValue<'d>>,
        (of, path): (Of, String),
    ) -> Vec<Layer<'d>> {
        let Some(items) = found.get_ref().as_array() else {
            self.wrong_type(key, "a list of tables", found);
            return Vec::new();
        };
        let mut layers = Vec::with_capacity(items.len());
        for item in items {
            match item.get_ref().as_table() {
                Some(table) => layers.push(Layer {
                    table,
                    path: format!("[{path}]"),
                    span: item.span(),
                    of,
                }),
                None => self.wrong_type(key, "a list of tables", item),
            }
        }
        layers
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
        let of = self
            .layers
            .iter()
            .find(|layer| layer.table.contains_key(key));
        let (of, path) = of.map_or((Of::Everywhere, key.to_owned()), |layer| {
            (layer.of, layer.path_of(key))
        });
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match item.get_ref() {
                DeValue::String(value) => values.push(text(At {
                    value: value.as_ref().to_owned(),
                    span: item.span(),
                })),
                DeValue::Table(table) => {
                    let layer = Layer {
                        table,
                        path: format!("[{path}]"),
                        span: item.span(),
                        of,
                    };
                    let kind = child(&self.kind, key);
                    let section = Section::new(self.source, vec![layer], kind);
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
