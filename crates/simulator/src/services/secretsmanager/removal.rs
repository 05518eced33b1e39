//! DeleteSecret, RestoreSecret, and the end of the recovery window.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{OneSecret, existing, existing_mut, invalid, is_possible, named, not_possible};
use super::state::Deletion;
use crate::base::agenda::Due;
use crate::base::arn::regional_arn;
use crate::base::here::Here;
use crate::services::secretsmanager::SecretsManager;
use crate::wire::seconds;
use crate::{ApiError, Millis};

const DAY_MS: Millis = 86_400_000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteSecret {
    secret_id: String,
    recovery_window_in_days: Option<u64>,
    force_delete_without_recovery: Option<bool>,
}

/// After 30 days, or 7 to 30 as it is asked, or at once [MODEL].
pub(super) fn delete(
    here: &mut Here<'_, SecretsManager>,
    request: &DeleteSecret,
) -> Result<Value, ApiError> {
    let (id, now_ms) = (&request.secret_id, here.now_ms);
    let forced = request.force_delete_without_recovery == Some(true);
    if forced && request.recovery_window_in_days.is_some() {
        return Err(invalid(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        ));
    }
    let days = request.recovery_window_in_days.unwrap_or(30);
    if !(7..=30).contains(&days) {
        return Err(invalid(
            "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
        ));
    }
    if forced {
        is_possible(id)?;
        return Ok(delete_at_once(here, id));
    }
    let secret = existing_mut(here, id)?;
    if secret.deletion.is_some() {
        return Err(not_possible(
            "You can't perform this operation on the secret because it was already scheduled for deletion.",
        ));
    }
    let gone_ms = now_ms + days * DAY_MS;
    secret.deletion = Some(Deletion {
        asked_ms: now_ms,
        gone_ms,
    });
    let mut answer = named(secret);
    let event = Due::SecretGone(Arc::from(secret.arn.as_str()));
    answer["DeletionDate"] = seconds(gone_ms);
    here.agenda.add(gone_ms, event);
    Ok(answer)
}

/// It is no error when there is no such secret [MODEL].
fn delete_at_once(here: &mut Here<'_, SecretsManager>, id: &str) -> Value {
    let now = seconds(here.now_ms);
    let Some(secret) = here.own.find(id) else {
        let arn = regional_arn(
            "secretsmanager",
            here.region,
            here.account,
            format_args!("secret:{id}"),
        );
        return json!({ "ARN": arn, "Name": id, "DeletionDate": now });
    };
    let mut answer = named(secret);
    answer["DeletionDate"] = now;
    let name = secret.name.clone();
    forget(here, &name);
    answer
}

fn forget(here: &mut Here<'_, SecretsManager>, name: &str) {
    here.own.secrets.remove(name);
    here.own.gone.insert(name.to_owned());
}

/// The secret is gone, unless it was restored in the meantime.
pub(crate) fn recovery_window_ends(here: &mut Here<'_, SecretsManager>, arn: &str) {
    let Some(secret) = here.own.find(arn) else {
        return;
    };
    let is_over = |deletion: Deletion| deletion.gone_ms <= here.now_ms;
    if secret.arn == arn && secret.deletion.is_some_and(is_over) {
        let name = secret.name.clone();
        forget(here, &name);
    }
}

pub(super) fn restore(
    here: &mut Here<'_, SecretsManager>,
    request: &OneSecret,
) -> Result<Value, ApiError> {
    existing(here, &request.secret_id)?;
    let secret = existing_mut(here, &request.secret_id)?;
    secret.deletion = None;
    Ok(named(secret))
}
