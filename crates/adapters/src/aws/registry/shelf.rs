//! Images of kept releases: a tag of their own, that lifecycle policies can be told to keep, and what a policy would expire all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_ecr::types::{
    ImageActionType, ImageFailure, ImageFailureCode, ImageIdentifier, LifecyclePolicyPreviewStatus,
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use backstay_domain::ReleaseId;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::release::ResolvedImage;
use futures_util::stream::{self, StreamExt};

use super::images::{Name, Place};
use super::reference::Reference;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, after, failure, refusal};

const PUT: &str = "ecr.PutImage";
const DELETE: &str = "ecr.BatchDeleteImage";
const PREVIEW: &str = "ecr.GetLifecyclePolicyPreview";

/// Repositories asked at once.
const AT_ONCE: usize = 8;

/// How often a preview is looked at, and how many times: ECR takes seconds for a few hundred images.
const LOOK_EVERY: Duration = Duration::from_secs(2);
const MOST_LOOKS: u32 = 15;

/// The tag of a release's images.
fn tag_of(release: &ReleaseId) -> String {
    format!("backstay-{release}")
}

/// A tag is at one image of a repository: where a release has more of them there, each has one of its own.
fn tag_among(tag: &str, digests: &BTreeSet<Name>, digest: &str) -> String {
    let digits = digest.strip_prefix("sha256:").unwrap_or(digest);
    match digests.len() {
        0 | 1 => tag.to_owned(),
        _ => format!("{tag}-{}", digits.get(..12).unwrap_or(digits)),
    }
}

impl<T> AwsCloud<T> {
    /// The images that ECR has, each once.
    fn of_ecr<'i>(images: &'i [ResolvedImage]) -> BTreeMap<Place<'i>, BTreeSet<Name>> {
        let mut places: BTreeMap<Place<'i>, BTreeSet<Name>> = BTreeMap::new();
        for image in images {
            let reference = Reference::parse(&image.reference);
            let Some((account, region)) = reference.ecr() else {
                continue;
            };
            let place = Place {
                account: Some(account),
                region: Some(region),
                repository: reference.repository,
            };
            let digest = Name::Digest(image.digest.to_string());
            places.entry(place).or_default().insert(digest);
        }
        places
    }

    /// Gives each of them the release's tag. What could not be tagged is said; the others are.
    pub(in crate::aws) async fn tag_images(
        &self,
        images: &[ResolvedImage],
        release: &ReleaseId,
    ) -> Vec<PortFailure> {
        let tag = tag_of(release);
        stream::iter(Self::of_ecr(images))
            .map(async |(place, digests)| self.tag_in(place, &digests, &tag).await)
            .buffer_unordered(AT_ONCE)
            .filter_map(async |tagged| tagged.err())
            .collect()
            .await
    }

    async fn tag_in(
        &self,
        place: Place<'_>,
        digests: &BTreeSet<Name>,
        tag: &str,
    ) -> Result<(), PortFailure> {
        let ecr = self.ecr_in(place.region);
        for image in self.images(place, digests).await?.images {
            let digest = image.image_id().and_then(|id| id.image_digest());
            let tag = tag_among(tag, digests, digest.unwrap_or_default());
            let sent = ecr
                .put_image()
                .set_registry_id(place.account.map(str::to_owned))
                .repository_name(place.repository)
                .set_image_manifest(image.image_manifest().map(str::to_owned))
                .set_image_manifest_media_type(image.image_manifest_media_type().map(str::to_owned))
                .image_tag(tag)
                .send()
                .await;
            match sent {
                Ok(_) => {}
                // It has the tag already.
                Err(error) if error.code() == Some("ImageAlreadyExistsException") => {}
                Err(error) => return Err(failure(PUT, Call::Repeated, &error)),
            }
        }
        Ok(())
    }

    /// Takes the tags of these releases away. An image that has no other tag stays, untagged.
    pub(in crate::aws) async fn untag_images(
        &self,
        releases: &[(ReleaseId, Vec<ResolvedImage>)],
    ) -> Result<u32, PortFailure> {
        let mut tags: BTreeMap<Place<'_>, BTreeSet<String>> = BTreeMap::new();
        for (release, images) in releases {
            for (place, digests) in Self::of_ecr(images) {
                let tag = tag_of(release);
                let tags = tags.entry(place).or_default();
                tags.extend(digests.iter().filter_map(|name| match name {
                    Name::Digest(digest) => Some(tag_among(&tag, &digests, digest)),
                    Name::Tag(_) => None,
                }));
                tags.insert(tag);
            }
        }
        let mut gone = 0;
        for (place, tags) in tags {
            let tags: Vec<String> = tags.into_iter().collect();
            for some in tags.chunks(100) {
                gone += self
                    .untag_in(place, some)
                    .await
                    .map_err(|failure| after(gone as usize, failure))?;
            }
        }
        Ok(gone)
    }

    /// ECR deletes an image with its last tag [ECR: BatchDeleteImage]: one that has no other keeps this one.
    async fn untag_in(&self, place: Place<'_>, tags: &[String]) -> Result<u32, PortFailure> {
        let names = tags.iter().cloned().map(Name::Tag).collect();
        let found = self.images(place, &names).await?.images;
        let found = found.iter().filter_map(|image| image.image_id());
        let digests: BTreeSet<&str> = found.filter_map(|id| id.image_digest()).collect();
        if digests.is_empty() {
            return Ok(0);
        }
        let identifier = |digest: &str| ImageIdentifier::builder().image_digest(digest).build();
        let identifiers = digests.into_iter().map(identifier).collect();
        let ecr = self.ecr_in(place.region);
        let described = ecr
            .describe_images()
            .set_registry_id(place.account.map(str::to_owned))
            .repository_name(place.repository)
            .set_image_ids(Some(identifiers))
            .send()
            .await
            .map_err(|error| failure("ecr.DescribeImages", Call::Read, &error))?;
        let mut going = Vec::new();
        for image in described.image_details() {
            let has = image.image_tags();
            let ours = has.iter().filter(|tag| tags.contains(tag));
            let ours: Vec<&String> = ours.collect();
            let spared = usize::from(ours.len() == has.len());
            going.extend(ours.into_iter().skip(spared));
        }
        if going.is_empty() {
            return Ok(0);
        }
        let identifier = |tag: &String| ImageIdentifier::builder().image_tag(tag).build();
        let count = going.len();
        let sent = ecr
            .batch_delete_image()
            .set_registry_id(place.account.map(str::to_owned))
            .repository_name(place.repository)
            .set_image_ids(Some(going.into_iter().map(identifier).collect()))
            .send()
            .await;
        let reply = sent.map_err(|error| failure(DELETE, Call::Repeated, &error))?;
        let gone = count.saturating_sub(reply.failures().len());
        let stays = |one: &&ImageFailure| {
            // Somebody else took it away meanwhile.
            one.failure_code() != Some(&ImageFailureCode::ImageNotFound)
        };
        match reply.failures().iter().find(stays) {
            None => Ok(u32::try_from(gone).unwrap_or(u32::MAX)),
            Some(stays) => {
                let tag = stays.image_id().and_then(|id| id.image_tag());
                let code = stays.failure_code().map_or("unknown", |code| code.as_str());
                let why = stays.failure_reason().unwrap_or(code);
                let tag = tag.unwrap_or_default();
                let text = format!("{}:{tag}: {why}", place.repository);
                Err(after(gone, refusal(DELETE, FailureKind::Rejected, text)))
            }
        }
    }

    /// Those of these images that the lifecycle policy of their repository would expire, by ECR's own preview. Where nobody may
    /// ask, none.
    pub(in crate::aws) async fn expiring_images(
        &self,
        images: &[ResolvedImage],
    ) -> Result<BTreeSet<String>, PortFailure> {
        let previews: Vec<_> = stream::iter(Self::of_ecr(images))
            .map(async |(place, digests)| self.expiring_in(place, &digests).await)
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let mut expiring = BTreeSet::new();
        for preview in previews {
            match preview {
                Ok(some) => expiring.extend(some),
                Err(failure) if failure.kind == FailureKind::Denied => {
                    tracing::debug!(%failure, "lifecycle policies may not be read");
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(expiring)
    }

    async fn expiring_in(
        &self,
        place: Place<'_>,
        digests: &BTreeSet<Name>,
    ) -> Result<BTreeSet<String>, PortFailure> {
        const NONE: [&str; 2] = [
            "LifecyclePolicyNotFoundException",
            "RepositoryNotFoundException",
        ];
        let account = place.account.map(str::to_owned);
        let ecr = self.ecr_in(place.region);
        let policy = ecr.get_lifecycle_policy();
        let policy = policy.set_registry_id(account.clone());
        match policy.repository_name(place.repository).send().await {
            Ok(_) => {}
            Err(error) if error.code().is_some_and(|code| NONE.contains(&code)) => {
                return Ok(BTreeSet::new());
            }
            Err(error) => return Err(failure("ecr.GetLifecyclePolicy", Call::Read, &error)),
        }
        let start = ecr.start_lifecycle_policy_preview();
        let start = start.set_registry_id(account.clone());
        match start.repository_name(place.repository).send().await {
            Ok(_) => {}
            // Somebody else's goes on: it previews the same policy.
            Err(error) if error.code() == Some("LifecyclePolicyPreviewInProgressException") => {}
            Err(error) => {
                return Err(failure(
                    "ecr.StartLifecyclePolicyPreview",
                    Call::Repeated,
                    &error,
                ));
            }
        }
        for _ in 0..MOST_LOOKS {
            let mut next = None;
            let mut found = BTreeSet::new();
            loop {
                let asked = ecr.get_lifecycle_policy_preview();
                let asked = asked.set_registry_id(account.clone());
                let asked = asked.repository_name(place.repository);
                let reply = asked.set_next_token(next).send().await;
                let reply = reply.map_err(|error| failure(PREVIEW, Call::Read, &error))?;
                if reply.status() != Some(&LifecyclePolicyPreviewStatus::Complete) {
                    break;
                }
                found.extend(reply.preview_results().iter().filter_map(|result| {
                    let expires = result.action()?.r#type() == Some(&ImageActionType::Expire);
                    let digest = Name::Digest(result.image_digest()?.to_owned());
                    let asked_for = expires && digests.contains(&digest);
                    asked_for.then(|| result.image_digest().unwrap_or_default().to_owned())
                }));
                next = reply.next_token().map(str::to_owned);
                if next.is_none() {
                    return Ok(found);
                }
            }
            self.time.sleep(LOOK_EVERY).await;
        }
        Err(refusal(
            PREVIEW,
            FailureKind::Unavailable,
            "it does not end",
        ))
    }
}
