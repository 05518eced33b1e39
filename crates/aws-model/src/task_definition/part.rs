//! A part of a document and where it is. A member that is null is not there, as AWS's JSON protocol has it.

use serde_json::{Map, Value};

use super::Pointer;

/// A value, and its place.
#[derive(Clone, Debug)]
pub(super) struct Part<'v> {
    pub(super) value: &'v Value,
    pub(super) at: Pointer,
}

impl<'v> Part<'v> {
    pub(super) fn whole(value: &'v Value) -> Self {
        Self {
            value,
            at: Pointer::whole(),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<Self> {
        let value = self.there(name)?;
        Some(Self {
            value,
            at: self.at.member(name),
        })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.there(name).is_some()
    }

    fn there(&self, name: &str) -> Option<&'v Value> {
        self.value.get(name).filter(|value| !value.is_null())
    }

    /// The items of the list that is this member.
    pub(super) fn items(&self, name: &str) -> Vec<Self> {
        self.get(name)
            .map(|list| list.own_items())
            .unwrap_or_default()
    }

    /// The items of the list here.
    pub(super) fn own_items(&self) -> Vec<Self> {
        let items = self.value.as_array().map_or(&[][..], Vec::as_slice);
        let item = |(index, value)| Self {
            value,
            at: self.at.item(index),
        };
        items.iter().enumerate().map(item).collect()
    }

    pub(super) fn members(&self) -> Option<&'v Map<String, Value>> {
        self.value.as_object()
    }

    pub(super) fn text(&self, name: &str) -> Option<&'v str> {
        self.value.get(name)?.as_str()
    }

    /// The member's text, empty where it is not there.
    pub(super) fn text_or_empty(&self, name: &str) -> &'v str {
        self.text(name).unwrap_or_default()
    }

    /// The text here.
    pub(super) fn own_text(&self) -> &'v str {
        self.value.as_str().unwrap_or_default()
    }

    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.value.get(name)?.as_i64()
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        self.value.get(name).and_then(Value::as_bool) == Some(true)
    }

    /// The member's place, or this part's where the member is not there.
    pub(super) fn place(&self, name: &str) -> Pointer {
        self.get(name)
            .map_or_else(|| self.at.clone(), |part| part.at)
    }
}
