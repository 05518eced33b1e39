//! What the operations share: how their subjects are found, and the errors they have in common.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::errors::unknown;
use crate::ApiError;
use crate::base::unread;
use crate::wire::{Whole, page};

/// An operation's input. Its types refuse members that they do not know.
pub(super) fn input<T: DeserializeOwned>(body: &Value) -> Result<T, ApiError> {
    T::deserialize(body).map_err(|error| unread(&error))
}

/// One of `Filters.Filter.N`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Filter {
    name: String,
    #[serde(default)]
    values: Vec<String>,
}

/// Whether an item has what every filter asks for; a filter that the operation does not have is an error.
pub(super) fn passes(filters: &[Filter], item: &[(&str, &str)]) -> Result<bool, ApiError> {
    for filter in filters {
        let found = item.iter().find(|(name, _)| *name == filter.name);
        let (_, value) =
            found.ok_or_else(|| unknown(format!("Unrecognized filter name: {}", filter.name)))?;
        let wanted = |wanted: &String| {
            wanted == value || wanted.rsplit(':').next().is_some_and(|it| it == *value)
        };
        if !filter.values.iter().any(wanted) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `{NAME: [...], Marker}` of one page: MaxRecords is 20 to 100, and 100 when it is not given [MODEL].
pub(super) fn paged(
    name: &str,
    items: &[Value],
    most: Option<Whole>,
    marker: Option<&str>,
) -> Result<Value, ApiError> {
    let Whole(most) = most.unwrap_or(Whole(100));
    let size = usize::try_from(most)
        .ok()
        .filter(|size| (20..=100).contains(size))
        .ok_or_else(|| {
            unknown(format!(
                "Invalid value {most} for MaxRecords. Must be between 20 and 100"
            ))
        })?;
    let (items, next) = page(items, Some(size), marker, size)
        .map_err(|_| unknown("Invalid or expired pagination token."))?;
    Ok(json!({ name: items, "Marker": next }))
}
