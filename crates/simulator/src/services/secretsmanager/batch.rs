//! BatchGetSecretValue: values of many secrets, with the failures listed.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::invalid;
use super::list::{Filter, passes};
use super::values::read;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::secretsmanager::SecretsManager;
use crate::wire::{page, with_token};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct BatchGetSecretValue {
    secret_id_list: Option<Vec<String>>,
    filters: Option<Vec<Filter>>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// Either a list of at most 20, or filters [MODEL].
pub(super) fn get(
    here: &mut Here<'_, SecretsManager>,
    request: &BatchGetSecretValue,
) -> Result<Value, ApiError> {
    let ids: Vec<String> = match (&request.secret_id_list, &request.filters) {
        (Some(ids), None) if ids.len() <= 20 => ids.clone(),
        (None, Some(filters)) => {
            let secrets = here.own.secrets.values();
            secrets
                .filter(|secret| secret.deletion.is_none() && passes(filters, secret))
                .map(|secret| secret.name.clone())
                .collect()
        }
        (Some(_) | None, _) => {
            return Err(invalid(
                "Either 'SecretIdList' (at most 20) or 'Filters' must be provided, but not both.",
            ));
        }
    };
    let (ids, next) = page(&ids, request.max_results, request.next_token.as_deref(), 20)?;
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for id in &ids {
        match read(here, id, None, None) {
            Ok(value) => values.push(value),
            Err(error) => errors.push(json!({
                "SecretId": id,
                "ErrorCode": error.code,
                "Message": error.message,
            })),
        }
    }
    Ok(with_token(
        json!({ "SecretValues": values, "Errors": errors }),
        "NextToken",
        next,
    ))
}
