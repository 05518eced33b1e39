//! What the operations share: how their subjects are found, and the errors they have in common.

use super::state::Parameter;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::ssm::Ssm;

pub(super) fn existing_mut<'a>(
    here: &'a mut Here<'_, Ssm>,
    name: &str,
) -> Result<&'a mut Parameter, ApiError> {
    let key = here.own.key(name_of(name)).map(str::to_owned);
    let parameter = key.and_then(|key| here.own.parameters.get_mut(&key));
    parameter.ok_or_else(missing)
}

impl Ssm {
    /// The name under which a parameter is kept: one without levels is the same with and without a slash before it (LocalStack
    /// `test_put_parameters`, recorded on AWS [OBS]).
    pub(super) fn key(&self, name: &str) -> Option<&str> {
        let known = |name: &str| {
            let found = self.parameters.get_key_value(name);
            found.map(|(key, _)| key.as_str())
        };
        let bare = name.strip_prefix('/').unwrap_or(name);
        match known(name) {
            None if !bare.contains('/') => known(bare).or_else(|| known(&format!("/{bare}"))),
            found => found,
        }
    }

    pub(super) fn known(&self, name: &str) -> Option<&Parameter> {
        self.parameters.get(self.key(name)?)
    }
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
