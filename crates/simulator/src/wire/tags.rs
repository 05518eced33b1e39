//! Tags as most JSON services list them: `[{"Key": "k", "Value": "v"}]`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

/// By key.
pub(crate) type Tags = BTreeMap<String, String>;

/// One tag of a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TagEntry {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Value", default)]
    value: String,
}

impl TagEntry {
    pub(crate) fn key(&self) -> &str {
        &self.key
    }
}

/// Puts a request's tags over those that are there.
pub(crate) fn put_tags(tags: &mut Tags, entries: Vec<TagEntry>) {
    tags.extend(entries.into_iter().map(|entry| (entry.key, entry.value)));
}

/// A request's tags, or none.
pub(crate) fn tags_of(entries: Option<Vec<TagEntry>>) -> Tags {
    let mut tags = Tags::new();
    put_tags(&mut tags, entries.unwrap_or_default());
    tags
}

pub(crate) fn tag_list(tags: &Tags) -> Value {
    tags.iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}
