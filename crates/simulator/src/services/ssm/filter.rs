//! ParameterFilters of DescribeParameters and GetParametersByPath [MODEL].

use serde::Deserialize;

use super::find::invalid;
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
/// Keys that DescribeParameters knows, and `tag:KEY`: "all of the listed filters are valid except Label" (ParameterStringFilter [DOC]).
pub(super) const OF_ALL: &[&str] = &["Path", "Name", "Type", "KeyId", "Tier", "DataType"];

/// Refuses keys, options and values that AWS refuses: which [DOC], in whose words moto's `ssm` [CODE].
pub(super) fn checked(filters: &[ParameterFilter], keys: &[&str]) -> Result<(), ApiError> {
    for (at, filter) in filters.iter().enumerate() {
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
        if filter.values.is_empty() && filter.key != "Label" && !is_tag {
            return Err(ApiError::client(
                "InvalidFilterValue",
                format!(
                    "The following filter values are missing : null for filter key {}.",
                    filter.key
                ),
            ));
        }
        if filters.iter().take(at).any(|other| other.key == filter.key) {
            return Err(ApiError::client(
                "InvalidFilterKey",
                format!(
                    "The following filter is duplicated in the request: {}. A request can contain only one occurrence of a \
                     specific filter.",
                    filter.key
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
        filter.values_fit()?;
    }
    Ok(())
}

/// All filters, and of each filter any value.
pub(super) fn passes(filters: &[ParameterFilter], parameter: &Parameter) -> bool {
    filters.iter().all(|filter| filter.passes(parameter))
}

impl ParameterFilter {
    fn values_fit(&self) -> Result<(), ApiError> {
        let known: &[&str] = match self.key.as_str() {
            "Path" => return self.values.iter().try_for_each(|path| is_path(path)),
            "Tier" => &["Standard", "Advanced", "Intelligent-Tiering"],
            "Type" => &["String", "StringList", "SecureString"],
            _ => return Ok(()),
        };
        match self
            .values
            .iter()
            .find(|value| !known.contains(&value.as_str()))
        {
            Some(value) => Err(ApiError::client(
                "InvalidFilterValue",
                format!(
                    "The following filter value is not valid: {value}. Valid values include: [{}].",
                    known.join(", ")
                ),
            )),
            None => Ok(()),
        }
    }

    fn passes(&self, parameter: &Parameter) -> bool {
        let Some(latest) = parameter.latest() else {
            return false;
        };
        match self.key.as_str() {
            "Name" => self.names(&parameter.name),
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

    /// With and without the slash before a name.
    fn names(&self, name: &str) -> bool {
        let bare = name.trim_start_matches('/');
        self.any(name) || self.any(bare) || self.any(&format!("/{bare}"))
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

fn is_path(path: &str) -> Result<(), ApiError> {
    let lower = path.to_ascii_lowercase();
    if lower.starts_with("/aws") || lower.starts_with("/ssm") {
        return Err(invalid(
            "Filters for common parameters can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). When using global \
             parameters, please specify within a global namespace.",
        ));
    }
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-/".contains(&byte);
    if path.starts_with('/') && !path.contains("//") && path.bytes().all(is_allowed) {
        return Ok(());
    }
    Err(invalid(
        "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash \"/\". \
         It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use only letters, numbers, or the following \
         symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must \
         use the forward slash symbol \"/\". Valid example: /get/parameters2-/by1./path0_.",
    ))
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
