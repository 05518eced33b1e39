//! ParameterFilters of DescribeParameters and GetParametersByPath [MODEL].

use serde::Deserialize;

use super::state::Parameter;
use crate::ApiError;

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ParameterFilter {
    key: String,
    option: Option<String>,
    #[serde(default)]
    values: Vec<String>,
}

/// The older `Filters` of DescribeParameters: names begin with a value [MEM].
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct OldFilter {
    key: String,
    values: Vec<String>,
}

impl From<&OldFilter> for ParameterFilter {
    fn from(old: &OldFilter) -> Self {
        Self {
            key: old.key.clone(),
            option: (old.key == "Name").then(|| "BeginsWith".to_owned()),
            values: old.values.clone(),
        }
    }
}

/// Keys that GetParametersByPath knows.
pub(super) const OF_PATHS: &[&str] = &["Type", "KeyId", "Label"];
/// Keys that DescribeParameters knows, and `tag:KEY`.
pub(super) const OF_ALL: &[&str] = &["Name", "Type", "KeyId", "Path", "Label", "Tier", "DataType"];

/// Refuses keys and options that AWS refuses.
pub(super) fn checked(filters: &[ParameterFilter], keys: &[&str]) -> Result<(), ApiError> {
    for filter in filters {
        let is_tag = filter.key.starts_with("tag:") && keys == OF_ALL;
        if !is_tag && !keys.contains(&filter.key.as_str()) {
            return Err(ApiError::client(
                "InvalidFilterKey",
                format!(
                    "The following filter key is not valid: {}. Valid filter keys include: [{}].",
                    filter.key,
                    keys.join(", ")
                ),
            ));
        }
        let options: &[&str] = match filter.key.as_str() {
            "Path" => &["Recursive", "OneLevel"],
            "Name" => &["Equals", "BeginsWith", "Contains"],
            _ => &["Equals", "BeginsWith"],
        };
        let unknown = filter
            .option
            .as_deref()
            .filter(|option| !options.contains(option));
        if let Some(option) = unknown {
            return Err(ApiError::client(
                "InvalidFilterOption",
                format!(
                    "The following filter option is not valid: {option}. Valid options include: [{}].",
                    options.join(", ")
                ),
            ));
        }
    }
    Ok(())
}

/// All filters, and of each filter any value.
pub(super) fn passes(filters: &[ParameterFilter], parameter: &Parameter) -> bool {
    filters.iter().all(|filter| filter.passes(parameter))
}

impl ParameterFilter {
    fn passes(&self, parameter: &Parameter) -> bool {
        let Some(latest) = parameter.latest() else {
            return false;
        };
        match self.key.as_str() {
            "Name" => self.any(&parameter.name) || self.any(parameter.name.trim_start_matches('/')),
            "Type" => self.any(parameter.kind.name()),
            "KeyId" => latest.key_id.as_deref().is_some_and(|key| self.any(key)),
            "Tier" => self.any(latest.tier.name()),
            "DataType" => self.any(&latest.data_type),
            "Label" => parameter
                .versions
                .iter()
                .flat_map(|version| &version.labels)
                .any(|label| self.any(label)),
            "Path" => {
                let recursive = self.option.as_deref() == Some("Recursive");
                self.values
                    .iter()
                    .any(|path| is_under(&parameter.name, path, recursive))
            }
            key => {
                let key = key.trim_start_matches("tag:");
                let tag = parameter.tags.get(key);
                tag.is_some_and(|value| self.values.is_empty() || self.any(value))
            }
        }
    }

    fn any(&self, text: &str) -> bool {
        let fits = |value: &String| match self.option.as_deref() {
            Some("BeginsWith") => text.starts_with(value.as_str()),
            Some("Contains") => text.contains(value.as_str()),
            _ => text == value,
        };
        self.values.iter().any(fits)
    }
}

/// Whether a name is below a path, directly or at any depth.
pub(super) fn is_under(name: &str, path: &str, recursive: bool) -> bool {
    let path = path.trim_end_matches('/');
    let below = name
        .strip_prefix(path)
        .and_then(|rest| rest.strip_prefix('/'));
    // The root holds names without a slash as well.
    let below = below.or((path.is_empty() && !name.starts_with('/')).then_some(name));
    below.is_some_and(|rest| recursive || !rest.contains('/'))
}
