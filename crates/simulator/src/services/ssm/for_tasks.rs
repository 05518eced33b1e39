//! Whether a task can have a parameter, in the words of the container runtime when it cannot (ecs-semantics C).

use serde_json::Value;

use super::selector::select;
use super::state::Ssm;
use crate::base::heard::Heard;
use crate::base::heard::Unlisted;
use crate::base::secret_text::SecretText;

impl Ssm {
    /// Why a parameter of this account and Region cannot be read; `None` when it can.
    pub(crate) fn problem(&self, value_from: &str, unlisted: Unlisted) -> Option<String> {
        if select(self, value_from).is_ok() {
            return None;
        }
        let name = super::find::name_of(value_from);
        let bare = name.split(':').next().unwrap_or(name);
        let known = self.key(bare).is_some() || self.gone.contains(bare);
        let fails = known || unlisted == Unlisted::Missing;
        fails.then(|| ssm(&format!("invalid parameters: {name}")))
    }

    /// What a container gets for `valueFrom`, decrypted; nothing where nobody here knows it.
    pub(crate) fn text(&self, value_from: &str) -> Option<SecretText> {
        let selected = select(self, value_from).ok()?;
        let text = super::read::value(selected.parameter, selected.version, Some(true));
        Some(SecretText::from(text))
    }
}

/// Account and Region of a parameter that is named by its ARN.
pub(crate) fn whose(value_from: &str) -> Option<(String, String)> {
    let mut parts = value_from.strip_prefix("arn:")?.split(':').skip(2);
    let region = parts.next()?.to_owned();
    Some((parts.next()?.to_owned(), region))
}

/// Why a task cannot have a parameter of another server, by what that server says of GetParameters.
pub(crate) fn problem_elsewhere(value_from: &str, heard: &Heard) -> Option<String> {
    let name = super::find::name_of(value_from);
    match heard {
        Heard::Silence(reason) => Some(ssm(&format!(
            "RequestError: send request failed caused by: {reason}"
        ))),
        Heard::Reply { status: 200, body } => {
            let found = body.get("Parameters").and_then(Value::as_array);
            let is_there = found.is_some_and(|found| !found.is_empty());
            (!is_there).then(|| ssm(&format!("invalid parameters: {name}")))
        }
        Heard::Reply { body, .. } => {
            let text = |name: &str| body.get(name).and_then(Value::as_str);
            let code = text("__type").unwrap_or("InternalServerError");
            let message = text("message").or(text("Message")).unwrap_or_default();
            Some(ssm(&format!("{code}: {message}")))
        }
    }
}

/// The frame of C [OBS].
fn ssm(why: &str) -> String {
    format!(
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to \
         retrieve secrets from ssm: service call has been retried 1 time(s): {why}"
    )
}
