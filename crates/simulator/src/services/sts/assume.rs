//! AssumeRole and GetSessionToken: the access key id names the account, so that whoever uses it lands there.

use super::invalid;
use crate::wire::{Form, Xml, iso8601};
use crate::{ApiError, World};

pub(super) fn role(world: &mut World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&[
        "RoleArn",
        "RoleSessionName",
        "PolicyArns",
        "Policy",
        "DurationSeconds",
        "Tags",
        "TransitiveTagKeys",
        "ExternalId",
        "SerialNumber",
        "TokenCode",
        "SourceIdentity",
        "MinimumSessionTokenSize",
    ])?;
    let role = Role::of(form)?;
    let seconds = duration(form, 3_600, 43_200)?;
    let answer = Xml::new()
        .nested("Credentials", &credentials(world, role.account, seconds))
        .nested("AssumedRoleUser", &role.user());
    Ok(answer.maybe("SourceIdentity", form.text("SourceIdentity")))
}

/// A role and the session that is asked for.
pub(super) struct Role<'a> {
    pub(super) account: &'a str,
    name: &'a str,
    session: &'a str,
}

impl<'a> Role<'a> {
    /// `arn:aws:iam::ACCOUNT:role[/PATH]/NAME`.
    pub(super) fn of(form: &'a Form) -> Result<Self, ApiError> {
        let arn = form.text("RoleArn").unwrap_or_default();
        let parsed = || {
            let (account, path) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
            let is_account = account.len() == 12 && account.bytes().all(|it| it.is_ascii_digit());
            let name = path.rsplit('/').next()?;
            (is_account && !name.is_empty()).then_some((account, name))
        };
        let (account, name) = parsed().ok_or_else(|| invalid(format!("{arn} is invalid")))?;
        let session = form.text("RoleSessionName").unwrap_or_default();
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
        if !(2..=64).contains(&session.len()) || !session.bytes().all(is_allowed) {
            return Err(invalid(format!(
                "1 validation error detected: Value '{session}' at 'roleSessionName' failed to satisfy constraint: Member \
                 must satisfy regular expression pattern: [\\w+=,.@-]*"
            )));
        }
        Ok(Self {
            account,
            name,
            session,
        })
    }

    pub(super) fn user(&self) -> Xml {
        let Self {
            account,
            name,
            session,
        } = self;
        Xml::new()
            .text("AssumedRoleId", format!("AROASIMULATOR000000000:{session}"))
            .text(
                "Arn",
                format!("arn:aws:sts::{account}:assumed-role/{name}/{session}"),
            )
    }
}

pub(super) fn session_token(world: &mut World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&[
        "DurationSeconds",
        "SerialNumber",
        "TokenCode",
        "MinimumSessionTokenSize",
    ])?;
    let seconds = duration(form, 43_200, 129_600)?;
    let account = world.account.clone();
    Ok(Xml::new().nested("Credentials", &credentials(world, &account, seconds)))
}

/// `ASIA` and the account's digits.
pub(super) fn credentials(world: &mut World, account: &str, seconds: u64) -> Xml {
    let (secret, token) = (world.draw_hex(), world.draw_hex());
    Xml::new()
        .text("AccessKeyId", format!("ASIA{account}"))
        .text("SecretAccessKey", secret)
        .text("SessionToken", token)
        .text("Expiration", iso8601(world.now_ms + seconds * 1_000))
}

/// At least 15 minutes [MODEL].
pub(super) fn duration(form: &Form, usual: u64, most: u64) -> Result<u64, ApiError> {
    let Some(text) = form.text("DurationSeconds") else {
        return Ok(usual);
    };
    let seconds = text.parse().ok().filter(|it| (900..=most).contains(it));
    seconds.ok_or_else(|| {
        invalid(format!(
            "1 validation error detected: Value '{text}' at 'durationSeconds' failed to satisfy constraint: Member must have \
             value between 900 and {most}"
        ))
    })
}

pub(super) fn access_key_info(world: &World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["AccessKeyId"])?;
    let key = form.text("AccessKeyId").unwrap_or_default();
    let account = key.strip_prefix("ASIA").unwrap_or(key);
    let is_account = account.len() == 12 && account.bytes().all(|it| it.is_ascii_digit());
    let own = || world.account.as_str();
    Ok(Xml::new().text("Account", if is_account { account } else { own() }))
}

#[cfg(test)]
mod tests {
    use crate::wire::Form;
    use crate::{Weather, World};

    fn ask(operation: &str, form: &str) -> Result<String, &'static str> {
        let mut world = World::new(
            "123456789012",
            "sa-east-1",
            7,
            Weather::Calm,
            1_767_225_600_000,
        );
        crate::services::sts::call(&mut world, operation, &Form::parse(form.as_bytes()))
            .map(|xml| xml.document("x", ""))
            .map_err(|error| error.code)
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
            format!("{role}&Colour=red"),
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
