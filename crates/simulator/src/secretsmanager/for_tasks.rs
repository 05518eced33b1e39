//! Whether a task can have a secret, in the words of the container runtime when it cannot (ecs-semantics C).

use serde_json::Value;

use super::api::marked_for_deletion;
use super::value::SecretValue;
use crate::{ApiError, World};

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

impl World {
    /// Why `valueFrom` of Secrets Manager cannot be read; `None` when it can.
    pub(crate) fn secret_problem(&self, value_from: &str) -> Option<String> {
        let Some(wanted) = ValueFrom::parse(value_from) else {
            return Some(fetching(value_from, &super::api::missing()));
        };
        // Another account's or Region's secrets are not to be seen from here: they are taken to exist [INF].
        if wanted.account != self.account || wanted.region != self.region {
            return None;
        }
        let Some(secret) = self.secretsmanager.find(&wanted.arn) else {
            let unknown = self.secrets_unlisted && !self.was_there(wanted.name);
            return (!unknown).then(|| fetching(&wanted.arn, &super::api::missing()));
        };
        if secret.deletion.is_some() {
            return Some(fetching(&wanted.arn, &marked_for_deletion()));
        }
        let version = match secret.version(wanted.version, wanted.stage) {
            Ok((_, version)) => version,
            Err(error) => return Some(fetching(&wanted.arn, &error)),
        };
        let key = wanted.key?;
        lacks(&version.value, key).then(|| {
            asm(&format!(
                "retrieved secret from Secrets Manager did not contain json key {key}"
            ))
        })
    }

    /// With or without the six characters that its ARN had.
    fn was_there(&self, name: &str) -> bool {
        let gone = &self.secretsmanager.gone;
        let bare = name.rsplit_once('-').map(|(bare, _)| bare);
        gone.contains(name) || bare.is_some_and(|bare| gone.contains(bare))
    }
}

/// A value that is no JSON object has no keys. (The runtime would quote its first character: nobody is told here.)
fn lacks(value: &SecretValue, key: &str) -> bool {
    let SecretValue::Text(text) = value else {
        return true;
    };
    let document: Value = serde_json::from_str(text.reveal()).unwrap_or_default();
    document.get(key).is_none()
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
