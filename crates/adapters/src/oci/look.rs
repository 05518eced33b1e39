//! What a name stands for: a digest, and the platforms that it runs on.

use backstay_domain::Digest;
use backstay_domain::definition::sha256_hex;
use backstay_domain::ports::FailureKind;
use serde_json::Value;

use super::asking::{Registries, Via};
use super::name::Named;
use super::platforms::{platform, platforms};
use super::refused::{Question, Unheard, code};
use crate::web::{Method, Response, Transport};

/// An index before the image of one platform: its digest is the tag's.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.v2+json";

/// Kinds of configurations that say where an image runs.
const CONFIGURATIONS: [&str; 2] = [
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
];

/// How much is asked about an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// What it is: costs nothing of Docker Hub's limit of pulls.
    Digest,
    /// What it runs on as well.
    Platforms,
}

/// An image that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its content address.
    pub(crate) digest: Digest,
    /// For example `linux/arm64`; none where that was not asked for, or is not said.
    pub(crate) platforms: Vec<String>,
}

/// What a registry says of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Looked {
    /// It is there.
    There(Found),
    /// The repository has none of it.
    Lacking,
    /// There is no such repository, as far as whoever asks may know.
    Nowhere,
}

impl Registries {
    /// What a name stands for now.
    ///
    /// # Errors
    /// When its registry may not be asked, or does not answer.
    pub(crate) async fn look<T: Transport>(
        &self,
        via: Via<'_, T>,
        named: &Named,
        depth: Depth,
    ) -> Result<Looked, Unheard> {
        let about = named.to_string();
        let question = |call| Question {
            call,
            host: &named.home.host,
            about: &about,
        };
        let path = format!("manifests/{}", named.reference());
        if depth == Depth::Digest {
            let asked = (Method::Head, path.as_str());
            let reply = self.ask(via, &named.home, asked, MANIFESTS, question("HeadManifest"));
            let reply = reply.await?;
            // An answer without a body does not say what is not there, and some do not say the digest.
            if let (true, Some(digest)) = (reply.status != 404, told(&reply)) {
                return Ok(Looked::There(Found {
                    digest,
                    platforms: Vec::new(),
                }));
            }
        }
        let question = question("GetManifest");
        let asked = (Method::Get, path.as_str());
        let reply = self
            .ask(via, &named.home, asked, MANIFESTS, question)
            .await?;
        if reply.status == 404 {
            return Ok(match code(&reply).as_deref() {
                Some("MANIFEST_UNKNOWN" | "MANIFEST_BLOB_UNKNOWN") => Looked::Lacking,
                // NAME_UNKNOWN, and whoever says nothing.
                _ => Looked::Nowhere,
            });
        }
        let hashed = || Digest::parse(format!("sha256:{}", sha256_hex(&reply.body))).ok();
        let digest = told(&reply)
            .or_else(hashed)
            .ok_or_else(|| question.failed(FailureKind::Unavailable, "the answer has no digest"))?;
        let manifest: Value = serde_json::from_slice(&reply.body)
            .map_err(|_| question.failed(FailureKind::Unavailable, "the answer is no manifest"))?;
        let platforms = match depth {
            Depth::Digest => Vec::new(),
            Depth::Platforms => self.platforms_of(via, named, &manifest).await?,
        };
        Ok(Looked::There(Found { digest, platforms }))
    }

    /// An index lists them; of a single image its configuration says where it runs.
    async fn platforms_of<T: Transport>(
        &self,
        via: Via<'_, T>,
        named: &Named,
        manifest: &Value,
    ) -> Result<Vec<String>, Unheard> {
        let text = |pointer: &str| manifest.pointer(pointer).and_then(Value::as_str);
        let known = text("/config/mediaType").is_some_and(|kind| CONFIGURATIONS.contains(&kind));
        let configuration = text("/config/digest").filter(|_| known);
        let Some(configuration) = configuration.and_then(|text| Digest::parse(text).ok()) else {
            return Ok(platforms(manifest));
        };
        let about = format!("{named}, its configuration {configuration}");
        let question = Question {
            call: "GetBlob",
            host: &named.home.host,
            about: &about,
        };
        let path = format!("blobs/{configuration}");
        let asked = (Method::Get, path.as_str());
        let reply = self.ask(via, &named.home, asked, "*/*", question).await?;
        let said: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        let found = platform(&said).filter(|_| reply.status != 404);
        Ok(found.into_iter().collect())
    }
}

/// The digest that an answer says it is of.
fn told(reply: &Response) -> Option<Digest> {
    Digest::parse(reply.header("docker-content-digest")?).ok()
}
