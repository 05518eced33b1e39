//! The images of a version in ECR: one call per repository, then one for the addresses of those that are called without one.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecr::types::Image;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::release::ResolvedImage;
use backstay_domain::{Digest, Repository, Version};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::images::{Name, Place};
use super::reference::Reference;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure, refusal};
use crate::oci::platforms;

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
            .map(|repository| (repository, place(repository)));
        let places: Vec<(&Repository, Place<'_>)> = places.collect();
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
        // A whole name is the address.
        let asked = found.iter().map(|(_, place, _)| *place);
        let asked = asked.filter(|place| place.account.is_none());
        let addresses = self.addresses(asked.collect()).await?;
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
            let address = match place.account {
                Some(_) => Some(repository.as_str()),
                None => addresses.get(place.repository).map(String::as_str),
            };
            let address = address.ok_or_else(|| unsaid("ecr.DescribeRepositories", "address"))?;
            let reference = format!("{address}@{digest}");
            let manifest = image.image_manifest();
            let manifest = manifest.and_then(|text| serde_json::from_str(text).ok());
            let platforms = manifest.as_ref().map(platforms).unwrap_or_default();
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

    /// The addresses that task definitions pull from, by names in the caller's own registry.
    async fn addresses<'p>(
        &self,
        places: BTreeSet<Place<'p>>,
    ) -> Result<BTreeMap<&'p str, String>, PortFailure> {
        let places: Vec<Place<'p>> = places.into_iter().collect();
        let mut addresses = BTreeMap::new();
        for batch in places.chunks(BATCH) {
            let names = batch.iter().map(|place| place.repository.to_owned());
            let reply = self
                .ecr
                .describe_repositories()
                .set_repository_names(Some(names.collect()))
                .send()
                .await
                .map_err(|error| failure("ecr.DescribeRepositories", Call::Read, &error))?;
            for found in reply.repositories() {
                let mut asked = batch.iter();
                let place = asked.find(|place| found.repository_name() == Some(place.repository));
                if let (Some(place), Some(address)) = (place, found.repository_uri()) {
                    addresses.insert(place.repository, address.to_owned());
                }
            }
        }
        Ok(addresses)
    }
}

/// Where ECR has a repository: a name without a host is the caller's.
fn place(repository: &Repository) -> Place<'_> {
    let reference = Reference::parse(repository.as_str());
    let ecr = reference.ecr();
    Place {
        account: ecr.map(|(account, _)| account),
        region: ecr.map(|(_, region)| region),
        repository: reference.repository,
    }
}
