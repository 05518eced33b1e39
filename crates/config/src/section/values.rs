//! The values of a table: strings, lists, numbers, durations and words.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use toml::Spanned;
use toml::de::DeValue;

use super::{At, Section};
use crate::{duration, suggest};

/// A string, or a list of them.
pub(crate) enum OneOrMore {
    /// A string.
    One(At<String>),
    /// A list.
    More(At<Vec<At<String>>>),
}

impl Section<'_> {
    pub(crate) fn text(&mut self, key: &'static str) -> Option<At<String>> {
        let found = self.ask(key)?;
        let Some(text) = found.get_ref().as_str() else {
            self.wrong_type(key, "a string", found);
            return None;
        };
        Some(At {
            value: text.to_owned(),
            span: found.span(),
        })
    }

    /// The environments that a table is for.
    pub(crate) fn environments(&mut self) -> Option<At<Vec<At<String>>>> {
        let found = self.ask_everywhere("environments")?;
        self.list_of_texts("environments", found)
    }

    pub(crate) fn texts(&mut self, key: &'static str) -> Option<At<Vec<At<String>>>> {
        let found = self.ask(key)?;
        self.list_of_texts(key, found)
    }

    /// A string, or a list of them.
    pub(crate) fn text_or_texts(&mut self, key: &'static str) -> Option<OneOrMore> {
        let found = self.ask(key)?;
        match found.get_ref() {
            DeValue::Array(_) => self.list_of_texts(key, found).map(OneOrMore::More),
            _ => self.text(key).map(OneOrMore::One),
        }
    }

    fn list_of_texts(
        &mut self,
        key: &'static str,
        found: &Spanned<DeValue<'_>>,
    ) -> Option<At<Vec<At<String>>>> {
        let Some(items) = found.get_ref().as_array() else {
            self.wrong_type(key, "a list of strings", found);
            return None;
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match item.get_ref().as_str() {
                Some(text) => texts.push(At {
                    value: text.to_owned(),
                    span: item.span(),
                }),
                None => self.wrong_type(key, "a list of strings", item),
            }
        }
        Some(At {
            value: texts,
            span: found.span(),
        })
    }

    pub(crate) fn flag(&mut self, key: &'static str) -> Option<At<bool>> {
        let found = self.ask(key)?;
        let Some(value) = found.get_ref().as_bool() else {
            self.wrong_type(key, "`true` or `false`", found);
            return None;
        };
        Some(At {
            value,
            span: found.span(),
        })
    }

    pub(crate) fn number(
        &mut self,
        key: &'static str,
        range: RangeInclusive<u32>,
    ) -> Option<At<u32>> {
        let found = self.ask(key)?;
        let Some(integer) = found.get_ref().as_integer() else {
            self.wrong_type(key, "an integer", found);
            return None;
        };
        let value = i64::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .and_then(|n| u32::try_from(n).ok());
        let Some(value) = value.filter(|value| range.contains(value)) else {
            let message = format!("`{key}` must be from {} to {}", range.start(), range.end());
            self.problem(message, found.span(), "out of range", "");
            return None;
        };
        Some(At {
            value,
            span: found.span(),
        })
    }

    pub(crate) fn duration(&mut self, key: &'static str) -> Option<At<Duration>> {
        let found = self.ask(key)?;
        let Some(text) = found.get_ref().as_str() else {
            self.wrong_type(key, "a duration like \"90s\"", found);
            return None;
        };
        match duration::parse(text) {
            Ok(value) => Some(At {
                value,
                span: found.span(),
            }),
            Err(why) => {
                let message = format!("`{key}` is not a duration: {why}");
                self.problem(
                    message,
                    found.span(),
                    "not a duration",
                    "write it like \"90s\", \"15m\" or \"1h30m\"",
                );
                None
            }
        }
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let found = self.text(key)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == found.value) {
            return Some(*value);
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let message = format!(
            "`{key}` must be {}, found `{}`",
            suggest::list(&known).replace(", ", " or "),
            found.value
        );
        let help =
            suggest::nearest(&found.value, &known).map(|name| format!("did you mean `{name}`?"));
        self.problem(
            message,
            found.span,
            "unknown word",
            &help.unwrap_or_default(),
        );
        None
    }

    /// A table of strings, whose names the user chooses. A value of another type is noted; its name stays.
    pub(crate) fn strings(&mut self, key: &'static str) -> Vec<(At<String>, Option<At<String>>)> {
        let mut values: BTreeMap<String, (At<String>, Option<At<String>>)> = BTreeMap::new();
        // What an environment has comes last and decides.
        for layer in self.stack(key).into_iter().flatten().rev() {
            for (name, entry) in layer.table {
                let text = name.get_ref().as_ref();
                let value = entry.get_ref().as_str().map(|value| At {
                    value: value.to_owned(),
                    span: entry.span(),
                });
                if value.is_none() {
                    self.wrong_type(text, "a string", entry);
                }
                let name = At {
                    value: text.to_owned(),
                    span: name.span(),
                };
                values.insert(text.to_owned(), (name, value));
            }
        }
        values.into_values().collect()
    }
}
