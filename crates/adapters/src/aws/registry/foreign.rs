//! Images of registries beside ECR: what the port asks for, of what such a registry says.

use std::collections::{BTreeMap, BTreeSet};

use backstay_domain::ports::{Effect, FailureKind, PortFailure, Pulled};
use backstay_domain::release::ResolvedImage;
use backstay_domain::{Repository, Version};
use futures_util::stream::{self, StreamExt};

use super::reference::Reference;
use crate::aws::AwsCloud;
use crate::oci::{Depth, Looked, Named, Unheard, Via};
use crate::web::Transport;

/// Images asked for at once.
const AT_ONCE: usize = 8;

impl<T: Transport> AwsCloud<T> {
    /// The images tagged `version`, by digest; what is not there is left out.
    pub(super) async fn resolve_foreign(
        &self,
        repositories: &BTreeSet<Repository>,
        version: &Version,
    ) -> Result<BTreeMap<Repository, ResolvedImage>, PortFailure> {
        let named = |repository: &Repository| {
            let reference = Reference::parse(repository.as_str());
            let called = (Some(version.as_str()), None);
            Named::new(reference.host, reference.repository, called)
        };
        let asked = repositories.iter().map(|one| (one, named(one)));
        let mut resolved = BTreeMap::new();
        for (repository, looked) in self.look_at_all(asked.collect(), Depth::Platforms).await? {
            let Looked::There(found) = looked else {
                continue;
            };
            let image = ResolvedImage {
                repository: repository.clone(),
                reference: format!("{repository}@{}", found.digest),
                digest: found.digest,
                platforms: found.platforms,
            };
            resolved.insert(repository.clone(), image);
        }
        Ok(resolved)
    }

    /// Those of `references` that stand for something, pinned to it. One of a registry that may not be asked, or that nobody here
    /// reaches, stays as it is.
    pub(super) async fn pin_foreign(
        &self,
        references: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, String>, PortFailure> {
        let mut asked = Vec::new();
        for text in references {
            let reference = Reference::parse(text);
            let named = reference.foreign().filter(|_| reference.digest.is_none());
            asked.extend(named.map(|named| ((text, reference), named)));
        }
        let mut pinned = BTreeMap::new();
        let mut lacking = BTreeSet::new();
        for ((text, reference), looked) in self.look_at_each(asked, Depth::Digest).await {
            match looked {
                Ok(Looked::There(found)) => {
                    let host = reference.host.map(|host| format!("{host}/"));
                    let host = host.unwrap_or_default();
                    let address = format!("{host}{}@{}", reference.repository, found.digest);
                    pinned.insert(text.clone(), address);
                }
                Ok(Looked::Lacking) => {
                    lacking.insert(text.as_str());
                }
                // A repository may be hidden from whoever asks, and not from the tasks.
                Ok(Looked::Nowhere) => {}
                Err(Unheard::Said(failure)) if failure.is_passing() => return Err(failure),
                // One that only tasks reach is as good as one that may not be asked.
                Err(Unheard::Said(failure) | Unheard::Unreached(failure)) => {
                    tracing::debug!(%failure, "nobody tells the digest");
                }
            }
        }
        match lacking.is_empty() {
            true => Ok(pinned),
            false => {
                let lacking: Vec<&str> = lacking.into_iter().collect();
                Err(PortFailure {
                    kind: FailureKind::NotFound,
                    effect: Effect::None,
                    operation: "registry.HeadManifest".to_owned(),
                    message: format!("no such image: {}", lacking.join(", ")),
                })
            }
        }
    }

    /// Those of `references` that are gone; one of a registry that may not be asked, or does not answer, nobody can tell.
    pub(super) async fn foreign_gone(&self, references: &BTreeSet<String>) -> Pulled {
        let named = |text: &String| Reference::parse(text).foreign();
        let asked = references
            .iter()
            .filter_map(|text| Some((text, named(text)?)));
        let mut pulled = Pulled::default();
        for (text, looked) in self.look_at_each(asked.collect(), Depth::Digest).await {
            match looked {
                Ok(Looked::There(_)) => {}
                Ok(Looked::Lacking) => {
                    pulled.gone.insert(text.clone());
                }
                Ok(Looked::Nowhere) => {
                    pulled.unasked.insert(text.clone());
                }
                Err(Unheard::Said(failure) | Unheard::Unreached(failure)) => {
                    tracing::debug!(%failure, "nobody tells whether it is there");
                    pulled.unasked.insert(text.clone());
                }
            }
        }
        pulled
    }

    /// Where one cannot be looked at, nothing is said of the others. Several failures of a kind are one.
    async fn look_at_all<K: Ord>(
        &self,
        asked: Vec<(K, Named)>,
        depth: Depth,
    ) -> Result<Vec<(K, Looked)>, PortFailure> {
        let mut all = Vec::new();
        let mut failed: Option<PortFailure> = None;
        for (key, looked) in self.look_at_each(asked, depth).await {
            match (looked.map_err(Unheard::into_failure), &mut failed) {
                (Ok(looked), _) => all.push((key, looked)),
                (Err(failure), None) => failed = Some(failure),
                (Err(failure), Some(first)) => {
                    let same = failure.kind == first.kind && failure.operation == first.operation;
                    if same {
                        first.message = format!("{}; {}", first.message, failure.message);
                    }
                }
            }
        }
        failed.map_or(Ok(all), Err)
    }

    /// In the order of what they are asked for.
    async fn look_at_each<K: Ord>(
        &self,
        asked: Vec<(K, Named)>,
        depth: Depth,
    ) -> Vec<(K, Result<Looked, Unheard>)> {
        let via = Via {
            transport: &self.transport,
            time: &self.time,
        };
        stream::iter(asked)
            .map(async |(key, named)| (key, self.registries.look(via, &named, depth).await))
            .buffered(AT_ONCE)
            .collect()
            .await
    }
}
