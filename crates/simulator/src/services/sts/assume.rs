//! AssumeRole and GetSessionToken: the access key id names the account, so that whoever uses it lands there.

use serde::Deserialize;
use serde_json::{Value, json};

use super::invalid;
use crate::ApiError;
use crate::base::here::Here;
use crate::wire::instant;
use backstay_aws_model::regions::is_arn_of;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct AssumeRole {
    role_arn: String,
    role_session_name: String,
    duration_seconds: Option<u64>,
    source_identity: Option<String>,
    /// Accepted: whether anybody may have the role is never asked.
    #[serde(rename = "PolicyArns")]
    _policies: Option<Value>,
    #[serde(rename = "Policy")]
    _policy: Option<Value>,
    #[serde(rename = "Tags")]
    _tags: Option<Value>,
    #[serde(rename = "TransitiveTagKeys")]
    _transitive: Option<Value>,
    #[serde(rename = "ExternalId")]
    _external: Option<Value>,
    #[serde(rename = "SerialNumber")]
    _serial: Option<Value>,
    #[serde(rename = "TokenCode")]
    _token: Option<Value>,
    #[serde(rename = "MinimumSessionTokenSize")]
    _size: Option<Value>,
}

pub(super) fn role(here: &mut Here<'_, ()>, request: AssumeRole) -> Result<Value, ApiError> {
    let role = Role::of(&request.role_arn, &request.role_session_name)?;
    let seconds = request.duration_seconds.unwrap_or(3_600);
    Ok(json!({
        "Credentials": credentials(here, role.account, seconds),
        "AssumedRoleUser": role.user(),
        "SourceIdentity": request.source_identity,
    }))
}

/// A role and the session that is asked for.
pub(super) struct Role<'a> {
    partition: &'a str,
    pub(super) account: &'a str,
    name: &'a str,
    session: &'a str,
}

impl<'a> Role<'a> {
    /// `arn:PARTITION:iam::ACCOUNT:role[/PATH]/NAME`.
    pub(super) fn of(arn: &'a str, session: &'a str) -> Result<Self, ApiError> {
        let parsed = || {
            let (partition, rest) = arn.strip_prefix("arn:")?.split_once(":iam::")?;
            let (account, path) = rest.split_once(":role/")?;
            is_arn_of(arn, "iam").then_some(())?;
            let is_account = account.len() == 12 && account.bytes().all(|it| it.is_ascii_digit());
            let name = path.rsplit('/').next()?;
            (is_account && !name.is_empty()).then_some((partition, account, name))
        };
        let (partition, account, name) =
            parsed().ok_or_else(|| invalid(format!("{arn} is invalid")))?;
        Ok(Self {
            partition,
            account,
            name,
            session,
        })
    }

    pub(super) fn user(&self) -> Value {
        let Self {
            partition,
            account,
            name,
            session,
        } = self;
        json!({
            "AssumedRoleId": format!("AROASIMULATOR000000000:{session}"),
            "Arn": format!("arn:{partition}:sts::{account}:assumed-role/{name}/{session}"),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetSessionToken {
    duration_seconds: Option<u64>,
    #[serde(rename = "SerialNumber")]
    _serial: Option<Value>,
    #[serde(rename = "TokenCode")]
    _token: Option<Value>,
    #[serde(rename = "MinimumSessionTokenSize")]
    _size: Option<Value>,
}

pub(super) fn session_token(
    here: &mut Here<'_, ()>,
    request: &GetSessionToken,
) -> Result<Value, ApiError> {
    let seconds = request.duration_seconds.unwrap_or(43_200);
    let account = here.account;
    Ok(json!({ "Credentials": credentials(here, account, seconds) }))
}

/// `ASIA` and the account's digits.
pub(super) fn credentials(here: &mut Here<'_, ()>, account: &str, seconds: u64) -> Value {
    let (secret, token) = (here.random.hex(), here.random.hex());
    json!({
        "AccessKeyId": format!("ASIA{account}"),
        "SecretAccessKey": secret,
        "SessionToken": token,
        "Expiration": instant(here.now_ms + seconds * 1_000),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetAccessKeyInfo {
    access_key_id: String,
}

pub(super) fn access_key_info(here: &Here<'_, ()>, request: &GetAccessKeyInfo) -> Value {
    let key = request.access_key_id.as_str();
    let account = key.strip_prefix("ASIA").unwrap_or(key);
    let is_account = account.len() == 12 && account.bytes().all(|it| it.is_ascii_digit());
    let own = || here.account;
    json!({ "Account": if is_account { account } else { own() } })
}

#[cfg(test)]
mod tests {
    use crate::front::{Service, ask_form};
    use crate::{Weather, World};

    fn ask(operation: &str, form: &str) -> Result<String, &'static str> {
        let mut world = World::new(
            "123456789012",
            "sa-east-1",
            7,
            Weather::Calm,
            1_767_225_600_000,
        );
        ask_form(&mut world, Service::Sts, operation, form).map_err(|error| error.code)
    }

    #[test]
    fn credentials_of_a_role_lead_to_its_account() {
        let role = "RoleArn=arn:aws:iam::222233334444:role/path/deploy&RoleSessionName=ci";
        let answer = ask("AssumeRole", role).expect("credentials");
        for part in [
            "<AccessKeyId>ASIA222233334444</AccessKeyId>",
            "<Expiration>2026-01-01T01:00:00Z</Expiration>",
            "<Arn>arn:aws:sts::222233334444:assumed-role/deploy/ci</Arn>",
        ] {
            assert!(answer.contains(part), "{answer}");
        }
        for wrong in [
            "RoleArn=deploy&RoleSessionName=ci".to_owned(),
            "RoleArn=arn:aws:iam::1:role/deploy&RoleSessionName=ci".to_owned(),
            "RoleArn=arn:aws:iam::222233334444:role/deploy&RoleSessionName=a b".to_owned(),
            format!("{role}&DurationSeconds=899"),
        ] {
            assert_eq!(ask("AssumeRole", &wrong), Err("ValidationError"), "{wrong}");
        }
    }

    #[test]
    fn a_session_stays_in_its_account_and_nothing_is_decoded() {
        let answer = ask("GetSessionToken", "").expect("credentials");
        assert!(answer.contains("ASIA123456789012"), "{answer}");
        assert_eq!(ask("DecodeAuthorizationMessage", ""), Err("NotImplemented"));
    }
}
