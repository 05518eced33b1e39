//! Registries beside ECR, through the port: `protocol` against a script, `process` against a real registry.

mod process;
mod protocol;
mod regions;
mod running;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use backstay_adapters::aws::AwsCloud;
use backstay_adapters::https::HttpsTransport;
use backstay_adapters::oci::Logins;
use backstay_domain::ports::{PortFailure, Registry as _};
use backstay_domain::release::ResolvedImage;
use backstay_domain::{Repository, Version};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::scripted::{Answer, Aws};

/// Pauses that take no time, and are noted.
#[derive(Clone, Debug, Default)]
struct Pauses(Arc<Mutex<Vec<Duration>>>);

impl AsyncSleep for Pauses {
    fn sleep(&self, duration: Duration) -> Sleep {
        self.0.lock().unwrap().push(duration);
        Sleep::new(std::future::ready(()))
    }
}

/// The real adapters over the real transport, with docker's logins of its own. No AWS is asked.
struct Desk {
    cloud: AwsCloud<HttpsTransport>,
    pauses: Pauses,
    _logins: TempDir,
}

impl Desk {
    fn new(settings: &Value) -> Self {
        let logins = tempfile::tempdir().unwrap();
        fs::write(logins.path().join("config.json"), settings.to_string()).unwrap();
        let pauses = Pauses::default();
        let aws = Aws::new(|_| Answer::Error(500, "Unexpected"));
        let config = aws.config().into_builder();
        let config = config.sleep_impl(SharedAsyncSleep::new(pauses.clone()));
        let https = HttpsTransport::new().unwrap();
        let cloud = AwsCloud::new(&config.build(), https, PathBuf::from("."));
        Self {
            cloud: cloud.logged_in(Logins::of(logins.path().to_owned())),
            pauses,
            _logins: logins,
        }
    }

    fn anonymous() -> Self {
        Self::new(&json!({}))
    }

    /// Logged in at a host as `octo`.
    fn octo(host: &str, password: &str) -> Self {
        use base64::prelude::{BASE64_STANDARD, Engine as _};
        let auth = BASE64_STANDARD.encode(format!("octo:{password}"));
        Self::new(&json!({ "auths": { host: { "auth": auth } } }))
    }

    async fn resolve(
        &self,
        repositories: &[&str],
        version: &str,
    ) -> Result<BTreeMap<String, ResolvedImage>, PortFailure> {
        let parsed = repositories
            .iter()
            .map(|name| Repository::parse(*name).unwrap());
        let asked: BTreeSet<Repository> = parsed.collect();
        let version = Version::parse(version).unwrap();
        let found = self.cloud.resolve(&asked, &version).await?;
        let found = found.into_iter();
        Ok(found
            .map(|(name, image)| (name.to_string(), image))
            .collect())
    }

    async fn pin(&self, references: &[String]) -> Result<BTreeMap<String, String>, PortFailure> {
        self.cloud.pin(&references.iter().cloned().collect()).await
    }

    /// Those that are gone, and those that nobody can tell of.
    async fn gone(&self, references: &[String]) -> (Vec<String>, Vec<String>) {
        let pulled = self.cloud.gone(&references.iter().cloned().collect()).await;
        let pulled = pulled.unwrap();
        let list = |set: BTreeSet<String>| set.into_iter().collect();
        (list(pulled.gone), list(pulled.unasked))
    }

    fn pauses(&self) -> Vec<u64> {
        let pauses = self.pauses.0.lock().unwrap();
        pauses.iter().map(Duration::as_secs).collect()
    }
}
