//! Whether a task can have a parameter, in the words of the container runtime when it cannot (ecs-semantics C).

use super::selector::select;
use crate::World;

impl World {
    /// Why `valueFrom` of Parameter Store cannot be read; `None` when it can. It is a name, or an ARN.
    pub(crate) fn parameter_problem(&self, value_from: &str) -> Option<String> {
        let here = format!("arn:aws:ssm:{}:{}:", self.region, self.account);
        let is_elsewhere = value_from.starts_with("arn:") && !value_from.starts_with(&here);
        // Another account's or Region's parameters are not to be seen from here: they are taken to exist [INF].
        if is_elsewhere || select(self, value_from).is_ok() {
            return None;
        }
        let name = super::api::name_of(value_from);
        let bare = name.split(':').next().unwrap_or(name);
        let known = self.ssm.parameters.contains_key(bare) || self.ssm.gone.contains(bare);
        let fails = known || !self.secrets_unlisted;
        fails.then(|| {
            format!(
                "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: \
                 unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid parameters: {name}"
            )
        })
    }
}
