//! `NAME`, `NAME:VERSION` and `NAME:LABEL`, or an ARN in the place of the name [MODEL].

use super::find::{missing, name_of};
use super::state::{Parameter, Version};
use crate::ApiError;
use crate::services::ssm::Ssm;

/// What a request names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Selected<'a> {
    pub(super) parameter: &'a Parameter,
    pub(super) version: &'a Version,
    /// `:3` or `:label`, as it was asked.
    pub(super) selector: &'a str,
    /// Its name as it was asked for; its own where an ARN was given.
    pub(super) name: &'a str,
}

pub(super) fn select<'a>(own: &'a Ssm, asked: &'a str) -> Result<Selected<'a>, ApiError> {
    let name = name_of(asked);
    let (name, selector) = match name.find(':') {
        Some(colon) => name.split_at(colon),
        None => (name, ""),
    };
    // The ARNs of `a` and `/a` are the same, and so are their names.
    let parameter = own.known(name).ok_or_else(missing)?;
    let wanted = selector.trim_start_matches(':');
    let version = match wanted {
        "" => parameter.latest(),
        wanted => parameter.versions.iter().find(|version| {
            version.number.to_string() == wanted || version.labels.contains(wanted)
        }),
    };
    let version = version.ok_or_else(|| version_missing(name, wanted))?;
    Ok(Selected {
        parameter,
        version,
        selector,
        name: match asked.starts_with("arn:") {
            true => &parameter.name,
            false => name,
        },
    })
}

pub(super) fn version_missing(name: &str, wanted: &str) -> ApiError {
    ApiError::client(
        "ParameterVersionNotFound",
        format!(
            "Systems Manager could not find version {wanted} of {name}. Verify the version and try again."
        ),
    )
}
