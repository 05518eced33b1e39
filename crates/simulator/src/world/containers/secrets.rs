//! Where the value of a container's secret comes from. A value shows itself to the container only.

use crate::World;
use crate::base::secret_text::SecretText;
use crate::front::Service;
use crate::services::secretsmanager::name_and_key;
use crate::world::elsewhere::{Need, is_secret};

/// Of one variable.
#[derive(Clone, Debug)]
pub(crate) enum SecretSource {
    Value(SecretText),
    /// Another server keeps it; and the key that is read of its value.
    Elsewhere(Box<Need>, Option<String>),
    /// A blueprint lists no secrets: they are taken to exist, and nobody knows a value.
    Unlisted,
}

impl World {
    /// Of a secret or a parameter that can be read: that was decided before the task was started.
    pub(super) fn secret_source(&self, value_from: &str) -> SecretSource {
        let service = match is_secret(value_from) {
            true => Service::SecretsManager,
            false => Service::Ssm,
        };
        if self.elsewhere.has(service) {
            let key = name_and_key(value_from).1.filter(|_| is_secret(value_from));
            let need = self.need(value_from);
            return need.map_or(SecretSource::Unlisted, |need| {
                SecretSource::Elsewhere(Box::new(need), key)
            });
        }
        let value = match is_secret(value_from) {
            true => self.secret_text(value_from),
            false => self.parameter_text(value_from),
        };
        value.map_or(SecretSource::Unlisted, SecretSource::Value)
    }
}
