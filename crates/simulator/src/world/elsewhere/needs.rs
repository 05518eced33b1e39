//! Secrets and parameters that tasks may need from another server: which, and what it says about each. No value stays here.

use serde_json::{Value, json};

use crate::World;
use crate::base::heard::Heard;
use crate::front::Service;
use crate::services::{secretsmanager, ssm};

/// A question to Secrets Manager or Parameter Store.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Need {
    pub(crate) value_from: String,
    pub(crate) service: Service,
    pub(crate) account: String,
    pub(crate) region: String,
    /// As `X-Amz-Target` has it.
    pub(crate) target: &'static str,
    pub(crate) input: Value,
}

impl World {
    /// Everything elsewhere that a registered task definition names.
    pub(crate) fn needs(&self) -> Vec<Need> {
        let elsewhere = &self.elsewhere;
        let secrets = elsewhere.has(Service::SecretsManager);
        let parameters = elsewhere.has(Service::Ssm);
        if !secrets && !parameters {
            return Vec::new();
        }
        let mut named = self.ecs.secrets_named();
        named.retain(|value_from| match is_secret(value_from) {
            true => secrets,
            false => parameters,
        });
        let need = |value_from| self.need(value_from);
        named.into_iter().filter_map(need).collect()
    }

    /// Whether some of them have never been asked for, or could not be had.
    pub(crate) fn is_in_doubt(&self, needs: &[Need]) -> bool {
        let can_be_had = |need: &Need| self.elsewhere.verdicts.get(&need.value_from) == Some(&None);
        !needs.iter().all(can_be_had)
    }

    pub(crate) fn need(&self, value_from: &str) -> Option<Need> {
        if is_secret(value_from) {
            let (account, region, input) = secretsmanager::asked(value_from)?;
            return Some(Need {
                value_from: value_from.to_owned(),
                service: Service::SecretsManager,
                account,
                region,
                target: "secretsmanager.GetSecretValue",
                input,
            });
        }
        let (account, region) =
            ssm::whose(value_from).unwrap_or_else(|| (self.account.clone(), self.region.clone()));
        let name = ssm::name_of(value_from);
        Some(Need {
            value_from: value_from.to_owned(),
            service: Service::Ssm,
            account,
            region,
            target: "AmazonSSM.GetParameters",
            // Tasks ask for nothing that is not decrypted [DOC].
            input: json!({ "Names": [name], "WithDecryption": true }),
        })
    }

    /// Takes an answer down.
    pub(crate) fn hear(&mut self, need: &Need, heard: &Heard) {
        let problem = match need.service {
            Service::SecretsManager => secretsmanager::problem_elsewhere(&need.value_from, heard),
            _ => ssm::problem_elsewhere(&need.value_from, heard),
        };
        self.elsewhere
            .verdicts
            .insert(need.value_from.clone(), problem);
    }
}

/// Anything else is a parameter.
pub(crate) fn is_secret(value_from: &str) -> bool {
    value_from.contains(":secretsmanager:")
}
