//! Tables that have names: as keys, or as a member. An environment changes those that are there, by their names.

use std::collections::{BTreeMap, BTreeSet};

use toml::de::DeValue;

use super::layer::{Layer, Of};
use super::{At, Section, child};
use crate::suggest;

/// Whether an environment may have a table that is nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Newcomers {
    /// It may.
    Welcome,
    /// It changes what is there and nothing else: a slip of the pen would add something.
    Unknown,
}

impl<'d> Section<'d> {
    /// A table of tables, whose names the user chooses.
    pub(crate) fn tables<T>(
        &mut self,
        key: &'static str,
        newcomers: Newcomers,
        mut read: impl FnMut(At<String>, &mut Section<'d>) -> T,
    ) -> Option<Vec<T>> {
        let stack = self.stack(key)?;
        let names: BTreeSet<&str> = stack
            .iter()
            .filter(|layer| layer.of == Of::Everywhere || newcomers == Newcomers::Welcome)
            .flat_map(|layer| layer.table.keys().map(|name| name.get_ref().as_ref()))
            .collect();
        self.only(key, &stack, &names);
        let mut values = Vec::with_capacity(names.len());
        for text in names {
            let written = stack
                .iter()
                .rev()
                .find_map(|layer| layer.table.get_key_value(text));
            let Some(span) = written.map(|(name, _)| name.span()) else {
                continue;
            };
            let mut inner = Vec::new();
            for found in stack.iter().filter_map(|layer| layer.below(text)) {
                match found {
                    Ok(layer) => inner.push(layer),
                    Err(other) => self.wrong_type(&child(key, text), "a table", other),
                }
            }
            if inner.is_empty() {
                continue;
            }
            let name = At {
                value: text.to_owned(),
                span,
            };
            let kind = child(&child(&self.kind, key), "*");
            let section = Section::new(self.source, inner, kind);
            values.push(self.descend(section, |section| read(name, section)));
        }
        Some(values)
    }

    /// A list of tables that each have a `name`. An environment has a table of them, by their names.
    pub(crate) fn named_list<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Section<'d>) -> T,
    ) -> Vec<T> {
        if self.ask(key).is_none() {
            return Vec::new();
        }
        let mut lists = Vec::new();
        let mut above: Vec<Layer<'d>> = Vec::new();
        for (of, path, found) in self
            .layers
            .iter()
            .filter_map(|layer| Some((layer.of, layer.path_of(key), layer.table.get(key)?)))
            .collect::<Vec<_>>()
        {
            // What only one environment has is a list as everywhere.
            if of == Of::Everywhere || self.layers.len() == 1 {
                lists = self.items(key, found, (of, path));
            } else if let Some(table) = found.get_ref().as_table() {
                above.push(Layer {
                    table,
                    path,
                    span: found.span(),
                    of: Of::Environment,
                });
            } else {
                self.wrong_type(key, "a table by their names", found);
            }
        }
        let names: BTreeSet<&str> = lists.iter().filter_map(Layer::called).collect();
        self.only(key, &above, &names);
        let mut values = Vec::with_capacity(lists.len());
        for own in lists {
            let mut layers = Vec::new();
            let called = own.called();
            let changed =
                called.map(|name| above.iter().filter_map(move |layer| layer.below(name)));
            for found in changed.into_iter().flatten() {
                match found {
                    Ok(layer) => layers.push(layer),
                    Err(other) => self.wrong_type(key, "a table", other),
                }
            }
            layers.push(own);
            let kind = child(&self.kind, key);
            values.push(self.descend(Section::new(self.source, layers, kind), &mut read));
        }
        values
    }

    /// A table of strings, of which any may be a table that says more, by names that the user chooses. What an environment has is
    /// whole: nothing is laid over anything. A value of another type is noted; its name stays.
    pub(crate) fn named_values<T>(
        &mut self,
        key: &'static str,
        text: impl Fn(At<String>) -> T,
        mut read: impl FnMut(&mut Section<'d>) -> Option<T>,
    ) -> Vec<(At<String>, Option<T>)> {
        let mut values: BTreeMap<String, (At<String>, Option<T>)> = BTreeMap::new();
        // What an environment has comes last and decides.
        for layer in self.stack(key).into_iter().flatten().rev() {
            for (name, entry) in layer.table {
                let called = name.get_ref().as_ref();
                let value = match entry.get_ref() {
                    DeValue::String(value) => Some(text(At {
                        value: value.as_ref().to_owned(),
                        span: entry.span(),
                    })),
                    DeValue::Table(table) => {
                        let inner = Layer {
                            table,
                            path: layer.path_of(called),
                            span: entry.span(),
                            of: layer.of,
                        };
                        let kind = child(&child(&self.kind, key), "*");
                        self.descend(Section::new(self.source, vec![inner], kind), &mut read)
                    }
                    _ => {
                        self.wrong_type(called, "a string", entry);
                        None
                    }
                };
                let name = At {
                    value: called.to_owned(),
                    span: name.span(),
                };
                values.insert(called.to_owned(), (name, value));
            }
        }
        values.into_values().collect()
    }

    /// Notes what an environment would change and nobody has.
    fn only(&mut self, key: &str, stack: &[Layer<'d>], names: &BTreeSet<&str>) {
        let mut wrong = Vec::new();
        for layer in stack.iter().filter(|layer| layer.of != Of::Everywhere) {
            for name in layer.table.keys() {
                let text = name.get_ref().as_ref();
                if !names.contains(text) {
                    wrong.push((text.to_owned(), name.span(), layer.path.clone()));
                }
            }
        }
        for (name, span, path) in wrong {
            let message =
                format!("[{path}] changes `{name}`, and `{key}` has none that is called so");
            let help = suggest::instead_of(&name, names.iter().copied());
            self.problem(message, span, "unknown name", &help);
        }
    }
}
