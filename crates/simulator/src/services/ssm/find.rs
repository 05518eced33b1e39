//! What the operations share: how their subjects are found, and the errors they have in common.

use super::state::Parameter;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::ssm::Ssm;

pub(super) fn existing_mut<'a>(
    here: &'a mut Here<'_, Ssm>,
    name: &str,
) -> Result<&'a mut Parameter, ApiError> {
    let name = name_of(name).to_owned();
    here.own.parameters.get_mut(&name).ok_or_else(missing)
}

/// The name, also where an ARN is given.
pub(crate) fn name_of(name_or_arn: &str) -> &str {
    let Some((_, rest)) = name_or_arn.split_once(":parameter/") else {
        return name_or_arn;
    };
    // The ARN of `/a/b` has one slash where the name starts, as that of `b` has.
    match rest.contains('/') {
        true => name_or_arn
            .get(name_or_arn.len() - rest.len() - 1..)
            .unwrap_or(rest),
        false => rest,
    }
}

/// AWS says no more than the exception's name.
pub(super) fn missing() -> ApiError {
    ApiError::client("ParameterNotFound", "")
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationException", message)
}
