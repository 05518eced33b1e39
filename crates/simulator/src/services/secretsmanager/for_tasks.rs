//! Whether a task can have a secret, in the words of the container runtime when it cannot (ecs-semantics C).

use serde_json::{Value, json};

use super::find::marked_for_deletion;
use super::state::SecretsManager;
use super::value::SecretValue;
use crate::ApiError;
use crate::base::heard::{Heard, Unlisted};
use crate::base::secret_text::SecretText;

/// `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME[:JSON-KEY:STAGE:VERSION-ID]`.
struct ValueFrom<'a> {
    region: &'a str,
    account: &'a str,
    /// Without what follows the name.
    arn: String,
    /// With or without its six characters.
    name: &'a str,
    key: Option<&'a str>,
    stage: Option<&'a str>,
    version: Option<&'a str>,
}

impl<'a> ValueFrom<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(':');
        let mut part = || parts.next();
        let (_, _, _) = (part()?, part()?, part()?);
        let (region, account, _, name) = (part()?, part()?, part()?, part()?);
        let mut rest = || part().filter(|text| !text.is_empty());
        let (key, stage, version) = (rest(), rest(), rest());
        Some(Self {
            region,
            account,
            arn: text.split(':').take(7).collect::<Vec<_>>().join(":"),
            name,
            key,
            stage,
            version,
        })
    }
}

/// Whose secret it is.
pub(crate) enum Whose {
    /// It is no ARN of a secret.
    Nobodys,
    Own,
    Others,
}

/// Whose secret `valueFrom` names.
pub(crate) fn whose(value_from: &str, account: &str, region: &str) -> Whose {
    match ValueFrom::parse(value_from) {
        None => Whose::Nobodys,
        Some(wanted) if wanted.account == account && wanted.region == region => Whose::Own,
        Some(_) => Whose::Others,
    }
}

/// Why what is no ARN of a secret cannot be read.
pub(crate) fn no_secret(value_from: &str) -> String {
    fetching(value_from, &super::find::missing())
}

impl SecretsManager {
    /// Why a secret of this account and Region cannot be read; `None` when it can.
    pub(crate) fn problem(&self, value_from: &str, unlisted: Unlisted) -> Option<String> {
        let Some(wanted) = ValueFrom::parse(value_from) else {
            return Some(no_secret(value_from));
        };
        let Some(secret) = self.find(&wanted.arn) else {
            let unknown = unlisted == Unlisted::Exist && !self.was_there(wanted.name);
            return (!unknown).then(|| fetching(&wanted.arn, &super::find::missing()));
        };
        if secret.deletion.is_some() {
            return Some(fetching(&wanted.arn, &marked_for_deletion()));
        }
        let version = match secret.version(wanted.version, wanted.stage) {
            Ok((_, version)) => version,
            Err(error) => return Some(fetching(&wanted.arn, &error)),
        };
        let key = wanted.key?;
        lacks(&version.value, key).then(|| without(key))
    }

    /// What a container gets for `valueFrom`; nothing where nobody here knows it.
    pub(crate) fn text(&self, value_from: &str) -> Option<SecretText> {
        let wanted = ValueFrom::parse(value_from)?;
        let secret = self.find(&wanted.arn)?;
        let (_, version) = secret.version(wanted.version, wanted.stage).ok()?;
        let SecretValue::Text(text) = &version.value else {
            return None;
        };
        match wanted.key {
            Some(key) => value_of_key(text.reveal(), key).map(SecretText::from),
            None => Some(text.clone()),
        }
    }

    /// With or without the six characters that its ARN had.
    fn was_there(&self, name: &str) -> bool {
        let bare = name.rsplit_once('-').map(|(bare, _)| bare);
        self.gone.contains(name) || bare.is_some_and(|bare| self.gone.contains(bare))
    }
}

/// Whose secret `valueFrom` names, where, and GetSecretValue's input for it; nothing when it is no ARN of a secret.
pub(crate) fn asked(value_from: &str) -> Option<(String, String, Value)> {
    let wanted = ValueFrom::parse(value_from)?;
    let mut input = json!({ "SecretId": wanted.arn });
    if let Some(stage) = wanted.stage {
        input["VersionStage"] = json!(stage);
    }
    if let Some(version) = wanted.version {
        input["VersionId"] = json!(version);
    }
    Some((wanted.account.to_owned(), wanted.region.to_owned(), input))
}

/// The name in `valueFrom`, with the six characters of its ARN where it has them, and the key that is read of the value.
pub(crate) fn name_and_key(value_from: &str) -> (String, Option<String>) {
    match ValueFrom::parse(value_from) {
        Some(wanted) => (wanted.name.to_owned(), wanted.key.map(str::to_owned)),
        None => (value_from.to_owned(), None),
    }
}

/// Why a task cannot have a secret of another server, by what that server says.
pub(crate) fn problem_elsewhere(value_from: &str, heard: &Heard) -> Option<String> {
    let wanted = ValueFrom::parse(value_from)?;
    let failed = |why: &str| {
        let arn = &wanted.arn;
        asm(&format!(
            "failed to fetch secret {arn} from secrets manager: {why}"
        ))
    };
    let (status, body) = match heard {
        Heard::Reply { status, body } => (*status, body),
        Heard::Silence(reason) => {
            return Some(failed(&format!(
                "RequestError: send request failed caused by: {reason}"
            )));
        }
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    if status != 200 {
        let code = text("__type").unwrap_or("InternalServiceError");
        let code = code.rsplit('#').next().unwrap_or(code);
        let message = text("message").or(text("Message")).unwrap_or_default();
        return Some(failed(&format!("{code}: {message}")));
    }
    let key = wanted.key?;
    let document = text("SecretString").unwrap_or_default();
    lacks_key(document, key).then(|| without(key))
}

/// A value that is no JSON object has no keys. (The runtime would quote its first character: nobody is told here.)
fn lacks(value: &SecretValue, key: &str) -> bool {
    let SecretValue::Text(text) = value else {
        return true;
    };
    lacks_key(text.reveal(), key)
}

/// What a container gets of a document with keys: text as it is, anything else as JSON.
pub(crate) fn value_of_key(document: &str, key: &str) -> Option<String> {
    let document: Value = serde_json::from_str(document).ok()?;
    Some(match document.get(key)? {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    })
}

fn lacks_key(text: &str, key: &str) -> bool {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    document.get(key).is_none()
}

fn without(key: &str) -> String {
    asm(&format!(
        "retrieved secret from Secrets Manager did not contain json key {key}"
    ))
}

fn fetching(arn: &str, error: &ApiError) -> String {
    asm(&format!(
        "failed to fetch secret {arn} from secrets manager: {}: {}",
        error.code, error.message
    ))
}

/// The frame of C [OBS].
fn asm(why: &str) -> String {
    format!(
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to \
         retrieve secret from asm: service call has been retried 1 time(s): {why}"
    )
}
