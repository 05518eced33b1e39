//! Whether a task can have the secrets and parameters that its definition names, wherever they lie.

use crate::World;
use crate::base::arn::regional_arn;
use crate::base::heard::Unlisted;
use crate::base::secret_text::SecretText;
use crate::front::Service;
use crate::services::secretsmanager::{self, Whose};

impl World {
    fn unlisted(&self) -> Unlisted {
        match self.secrets_unlisted {
            true => Unlisted::Exist,
            false => Unlisted::Missing,
        }
    }

    /// Why `valueFrom` of Secrets Manager cannot be read; `None` when it can.
    pub(crate) fn secret_problem(&self, value_from: &str) -> Option<String> {
        let whose = secretsmanager::whose(value_from, &self.account, &self.region);
        if matches!(whose, Whose::Nobodys) {
            return Some(secretsmanager::no_secret(value_from));
        }
        if self.elsewhere.has(Service::SecretsManager) {
            return self.elsewhere.problem(value_from);
        }
        match whose {
            Whose::Own | Whose::Nobodys => self.secretsmanager.problem(value_from, self.unlisted()),
            // Another account's or Region's secrets are not to be seen from here: they are taken to exist [INF].
            Whose::Others => None,
        }
    }

    /// Why `valueFrom` of Parameter Store cannot be read; `None` when it can. It is a name, or an ARN.
    pub(crate) fn parameter_problem(&self, value_from: &str) -> Option<String> {
        if self.elsewhere.has(Service::Ssm) {
            return self.elsewhere.problem(value_from);
        }
        let here = regional_arn("ssm", &self.region, &self.account, "");
        // Another account's or Region's parameters are not to be seen from here: they are taken to exist [INF].
        if value_from.starts_with("arn:") && !value_from.starts_with(&here) {
            return None;
        }
        self.ssm.problem(value_from, self.unlisted())
    }

    /// What a container gets for `valueFrom` of Secrets Manager; nothing where nobody here knows it.
    pub(crate) fn secret_text(&self, value_from: &str) -> Option<SecretText> {
        self.secretsmanager.text(value_from)
    }

    /// What a container gets for `valueFrom` of Parameter Store, decrypted; nothing where nobody here knows it.
    pub(crate) fn parameter_text(&self, value_from: &str) -> Option<SecretText> {
        self.ssm.text(value_from)
    }
}
