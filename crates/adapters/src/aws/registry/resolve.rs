//! The images of a version: one call per repository, then one for the repositories' addresses.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecr::types::Image;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::release::ResolvedImage;
use backstay_domain::{Digest, Repository, Version};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::images::{Name, Place};
use super::platforms::platforms;
use super::reference::Reference;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure, refusal};

/// Repositories asked at once.
const AT_ONCE: usize = 8;

/// Repositories to a DescribeRepositories call.
const BATCH: usize = 100;

impl<T> AwsCloud<T> {
    /// The images tagged `version`, by digest; what is not there is left out.
    pub(in crate::aws) async fn resolve_images(
        &self,
        repositories: &BTreeSet<Repository>,
        version: &Version,
    ) -> Result<BTreeMap<Repository, ResolvedImage>, PortFailure> {
        let places = repositories
            .iter()
            .map(|repository| Ok((repository, self.place(repository)?)));
        let places: Vec<(&Repository, Place<'_>)> = places.collect::<Result<_, PortFailure>>()?;
        let tagged = BTreeSet::from([Name::Tag(version.to_string())]);
        let found: Vec<(&Repository, Place<'_>, Image)> = stream::iter(places)
            .map(async |(repository, place)| {
                let found = self.images(place, &tagged).await?;
                Ok::<_, PortFailure>(
                    found
                        .images
                        .into_iter()
                        .next()
                        .map(|image| (repository, place, image)),
                )
            })
            .buffer_unordered(AT_ONCE)
            .try_filter_map(async |found| Ok(found))
            .try_collect()
            .await?;
        let addresses = self
            .addresses(found.iter().map(|(_, place, _)| *place).collect())
            .await?;
        let mut resolved = BTreeMap::new();
        for (repository, place, image) in found {
            let digest = image
                .image_id()
                .and_then(|id| id.image_digest())
                .and_then(|text| Digest::parse(text).ok());
            // It is there: what the answers do not say of it must not make it an image that is not.
            let unsaid = |operation, what: &str| {
                let message = format!("the answer has no {what} of {repository}");
                refusal(operation, FailureKind::Unavailable, message)
            };
            let digest = digest.ok_or_else(|| unsaid("ecr.BatchGetImage", "digest"))?;
            let address = addresses.get(&place);
            let address = address.ok_or_else(|| unsaid("ecr.DescribeRepositories", "address"))?;
            let reference = format!("{address}@{digest}");
            let platforms = image.image_manifest().map(platforms).unwrap_or_default();
            resolved.insert(
                repository.clone(),
                ResolvedImage {
                    repository: repository.clone(),
                    digest,
                    reference,
                    platforms,
                },
            );
        }
        Ok(resolved)
    }

    /// Where ECR has a repository.
    fn place<'p>(&self, repository: &'p Repository) -> Result<Place<'p>, PortFailure> {
        let reference = Reference::parse(repository.as_str());
        match (reference.host, reference.ecr()) {
            (None, _) => Ok(Place {
                account: None,
                repository: reference.repository,
            }),
            (Some(_), Some((account, region))) if self.is_here(region) => Ok(Place {
                account: Some(account),
                repository: reference.repository,
            }),
            (Some(host), _) => Err(refusal(
                "registry.resolve",
                FailureKind::Rejected,
                format!("not supported yet: images of {host} cannot be resolved to digests"),
            )),
        }
    }

    /// Whether a region is the one that is deployed to.
    pub(super) fn is_here(&self, region: &str) -> bool {
        self.region() == region
    }

    /// The addresses that task definitions pull from.
    async fn addresses<'p>(
        &self,
        places: BTreeSet<Place<'p>>,
    ) -> Result<BTreeMap<Place<'p>, String>, PortFailure> {
        let mut accounts: BTreeMap<Option<&str>, Vec<Place<'p>>> = BTreeMap::new();
        for place in places {
            accounts.entry(place.account).or_default().push(place);
        }
        let mut addresses = BTreeMap::new();
        for (account, places) in accounts {
            for batch in places.chunks(BATCH) {
                let reply = self
                    .ecr
                    .describe_repositories()
                    .set_registry_id(account.map(str::to_owned))
                    .set_repository_names(Some(
                        batch
                            .iter()
                            .map(|place| place.repository.to_owned())
                            .collect(),
                    ))
                    .send()
                    .await
                    .map_err(|error| failure("ecr.DescribeRepositories", Call::Read, &error))?;
                for found in reply.repositories() {
                    let place = batch
                        .iter()
                        .find(|place| found.repository_name() == Some(place.repository));
                    if let (Some(place), Some(address)) = (place, found.repository_uri()) {
                        addresses.insert(*place, address.to_owned());
                    }
                }
            }
        }
        Ok(addresses)
    }
}
