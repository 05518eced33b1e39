//! PutParameter: a new parameter, or a new version of one.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::invalid;
use super::state::{Parameter, ParameterType, Tier, Version};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::base::secret_text::SecretText;
use crate::services::ssm::Ssm;
use crate::wire::{TagEntry, tags_of};

/// "Parameter Store retains the 100 most recently created versions" [MODEL].
const KEPT_VERSIONS: usize = 100;
const STANDARD_LENGTH: usize = 4_096;
const ADVANCED_LENGTH: usize = 8_192;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PutParameter {
    name: String,
    description: Option<String>,
    value: SecretText,
    #[serde(rename = "Type")]
    kind: Option<ParameterType>,
    key_id: Option<String>,
    overwrite: Option<bool>,
    allowed_pattern: Option<String>,
    tags: Option<Vec<TagEntry>>,
    tier: Option<AskedTier>,
    policies: Option<String>,
    data_type: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum AskedTier {
    Standard,
    Advanced,
    #[serde(rename = "Intelligent-Tiering")]
    IntelligentTiering,
}

/// What a value may be checked as (PutParameter, DataType [DOC]; the words moto's `ssm` [CODE]).
const DATA_TYPES: [&str; 3] = ["text", "aws:ec2:image", "aws:ssm:integration"];

pub(super) fn put(here: &mut Here<'_, Ssm>, request: PutParameter) -> Result<Value, ApiError> {
    if request.policies.as_deref().is_some_and(|text| text != "[]") {
        return Err(not_implemented("parameter policies"));
    }
    if let Some(refusal) = name_flaw(&request.name) {
        return Err(refusal);
    }
    if let Some(kind) = request
        .data_type
        .as_deref()
        .filter(|it| !DATA_TYPES.contains(it))
    {
        return Err(invalid(format!(
            "The following data type is not supported: {kind} (Data type names are all lowercase.)"
        )));
    }
    let overwrite = request.overwrite == Some(true);
    if overwrite && request.tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
        return Err(invalid(
            "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove \
             overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or \
             RemoveTagsFromResource.",
        ));
    }
    let key = here.own.key(&request.name).map(str::to_owned);
    let known = here.own.known(&request.name);
    if known.is_some() && !overwrite {
        return Err(ApiError::client(
            "ParameterAlreadyExists",
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
        ));
    }
    let kind = kind(known, request.kind)?;
    let previous = known.and_then(Parameter::latest);
    let tier = tier(previous, request.tier, &request.value)?;
    let version = Version {
        number: previous.map_or(1, |version| version.number + 1),
        value: request.value,
        at_ms: here.now_ms,
        labels: BTreeSet::new(),
        tier,
        description: request
            .description
            .or_else(|| previous.and_then(|version| version.description.clone())),
        key_id: (kind == ParameterType::SecureString).then(|| {
            let own = || "alias/aws/ssm".to_owned();
            request.key_id.unwrap_or_else(own)
        }),
        allowed_pattern: request.allowed_pattern,
        data_type: request.data_type.unwrap_or_else(|| "text".to_owned()),
    };
    let answer = json!({ "Version": version.number, "Tier": tier.name() });
    let parameter = here
        .own
        .parameters
        .entry(key.unwrap_or_else(|| request.name.clone()))
        .or_insert_with(|| Parameter {
            name: request.name,
            kind,
            tags: tags_of(request.tags),
            versions: Vec::new(),
        });
    add(parameter, version)?;
    Ok(answer)
}

/// The oldest version makes room, unless it has a label [MODEL].
fn add(parameter: &mut Parameter, version: Version) -> Result<(), ApiError> {
    if parameter.versions.len() >= KEPT_VERSIONS {
        let oldest = parameter
            .versions
            .first()
            .filter(|oldest| !oldest.labels.is_empty());
        if let Some(oldest) = oldest {
            return Err(ApiError::client(
                "ParameterMaxVersionLimitExceeded",
                format!(
                    "You attempted to create a new version of {} by calling the PutParameter API with the overwrite flag. \
                     Version {}, the oldest version, can't be deleted because it has a label associated with it. Move the \
                     label to another version of the parameter, and try again.",
                    parameter.name, oldest.number
                ),
            ));
        }
        parameter.versions.remove(0);
    }
    parameter.versions.push(version);
    Ok(())
}

fn kind(
    known: Option<&Parameter>,
    asked: Option<ParameterType>,
) -> Result<ParameterType, ApiError> {
    match (known.map(|known| known.kind), asked) {
        (None, None) => Err(invalid(
            "A parameter type is required when you create a parameter.",
        )),
        (Some(known), Some(asked)) if known != asked => Err(ApiError::client(
            "HierarchyTypeMismatchException",
            "Parameter Store doesn't support changing a parameter type in a hierarchy.",
        )),
        (Some(kind), _) | (None, Some(kind)) => Ok(kind),
    }
}

fn tier(
    previous: Option<&Version>,
    asked: Option<AskedTier>,
    value: &SecretText,
) -> Result<Tier, ApiError> {
    let (length, was) = (value.reveal().len(), previous.map(|version| version.tier));
    let is_long = length > STANDARD_LENGTH;
    let tier = match asked {
        // "You can't downgrade a parameter from the advanced tier" [DOC].
        Some(AskedTier::Standard) if was == Some(Tier::Advanced) => {
            return Err(invalid(
                "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the \
                 advanced-parameter tier to the standard-parameter tier.",
            ));
        }
        Some(AskedTier::Advanced) => Tier::Advanced,
        Some(AskedTier::IntelligentTiering) if is_long => Tier::Advanced,
        Some(AskedTier::Standard | AskedTier::IntelligentTiering) | None => was.unwrap_or_default(),
    };
    match tier {
        Tier::Standard if is_long => Err(invalid(
            "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter \
             value, upgrade the parameter to use the advanced-parameter tier.",
        )),
        Tier::Advanced if length > ADVANCED_LENGTH => Err(invalid(
            "Advanced tier parameters support a maximum parameter value of 8192 characters.",
        )),
        _ if length == 0 => Err(invalid("The parameter value must not be empty.")),
        Tier::Standard | Tier::Advanced => Ok(tier),
    }
}

/// The rules of PutParameter's Name ([MODEL], the text of the first [OBS]).
fn name_flaw(name: &str) -> Option<ApiError> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-/".contains(&byte);
    let first = name.trim_start_matches('/').to_ascii_lowercase();
    if first.starts_with("aws") {
        return Some(ApiError::client(
            "AccessDeniedException",
            format!("No access to reserved parameter name: {name}."),
        ));
    }
    if first.starts_with("ssm") || !name.bytes().all(is_allowed) || name.ends_with('/') {
        return Some(invalid(
            "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of \
             sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 \
             symbols .-_",
        ));
    }
    if name.contains('/') && !name.starts_with('/') {
        return Some(invalid("Parameter name must be a fully qualified name."));
    }
    (name.matches('/').count() > 15).then(|| {
        ApiError::client(
            "HierarchyLevelLimitExceededException",
            "A hierarchy can have a maximum of 15 levels.",
        )
    })
}
