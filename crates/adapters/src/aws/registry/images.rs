//! BatchGetImage: a hundred identifiers of one repository to a call; those that do not exist are in the answer.

use std::collections::BTreeSet;

use aws_sdk_ecr::Client;
use aws_sdk_ecr::config::Region;
use aws_sdk_ecr::types::{Image, ImageFailureCode, ImageIdentifier};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use backstay_domain::ports::{FailureKind, PortFailure};

use crate::aws::error::{Call, failure, refusal};
use crate::aws::{AwsCloud, Elsewhere};

const GET: &str = "ecr.BatchGetImage";

/// Identifiers to a call.
const BATCH: usize = 100;

/// Without the index types ECR would pick one platform's image, whose digest is not the tag's.
const MEDIA_TYPES: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// Names an image within its repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    Tag(String),
    Digest(String),
}

impl Name {
    fn identifier(&self) -> ImageIdentifier {
        match self {
            Self::Tag(tag) => ImageIdentifier::builder().image_tag(tag).build(),
            Self::Digest(digest) => ImageIdentifier::builder().image_digest(digest).build(),
        }
    }

    fn is(&self, identifier: &ImageIdentifier) -> bool {
        match self {
            Self::Tag(tag) => identifier.image_tag() == Some(tag),
            Self::Digest(digest) => identifier.image_digest() == Some(digest),
        }
    }
}

/// Which repository, of which account and Region; `None`: the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place<'p> {
    pub(super) account: Option<&'p str>,
    pub(super) region: Option<&'p str>,
    pub(super) repository: &'p str,
}

/// What a repository answered.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) images: Vec<Image>,
    pub(super) missing: BTreeSet<Name>,
    pub(super) repository: Existence,
}

/// Whether a repository exists, as far as the caller may know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Existence {
    #[default]
    Known,
    Unknown,
}

impl<T> AwsCloud<T> {
    /// Who answers for the repositories of a Region; `None`: of the one that is deployed to.
    pub(super) fn ecr_in(&self, region: Option<&str>) -> Client {
        let here = self.region();
        match (region.filter(|region| *region != here), self.elsewhere) {
            (None, _) | (Some(_), Elsewhere::Here) => self.ecr.clone(),
            (Some(region), Elsewhere::InItsRegion) => {
                let config = self.ecr.config().to_builder();
                Client::from_conf(config.region(Region::new(region.to_owned())).build())
            }
        }
    }

    /// Asks one repository; in one that does not exist, everything is missing.
    pub(super) async fn images(
        &self,
        place: Place<'_>,
        names: &BTreeSet<Name>,
    ) -> Result<Found, PortFailure> {
        let mut found = Found::default();
        let names: Vec<&Name> = names.iter().collect();
        let ecr = self.ecr_in(place.region);
        for batch in names.chunks(BATCH) {
            let sent = ecr
                .batch_get_image()
                .set_registry_id(place.account.map(str::to_owned))
                .repository_name(place.repository)
                .set_image_ids(Some(batch.iter().map(|name| name.identifier()).collect()))
                .set_accepted_media_types(Some(MEDIA_TYPES.map(str::to_owned).to_vec()))
                .send()
                .await;
            let reply = match sent {
                Ok(reply) => reply,
                Err(error) if error.code() == Some("RepositoryNotFoundException") => {
                    found.repository = Existence::Unknown;
                    found
                        .missing
                        .extend(batch.iter().map(|name| (*name).clone()));
                    continue;
                }
                Err(error) => return Err(failure(GET, Call::Read, &error)),
            };
            for refused in reply.failures() {
                let Some(identifier) = refused.image_id() else {
                    continue;
                };
                if refused.failure_code() != Some(&ImageFailureCode::ImageNotFound) {
                    let code = refused
                        .failure_code()
                        .map_or("unknown", |code| code.as_str());
                    return Err(refusal(
                        GET,
                        FailureKind::Rejected,
                        format!("{}: {code}", place.repository),
                    ));
                }
                found.missing.extend(
                    batch
                        .iter()
                        .filter(|name| name.is(identifier))
                        .map(|name| (*name).clone()),
                );
            }
            found.images.extend(reply.images.unwrap_or_default());
        }
        Ok(found)
    }
}
