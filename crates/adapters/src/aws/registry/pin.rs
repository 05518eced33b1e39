//! What tags stand for now: images of containers beside the app's own, by digest. What cannot be asked stays as it is written.

use std::collections::{BTreeMap, BTreeSet};

use backstay_domain::ports::PortFailure;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::images::{Name, Place};
use super::reference::Reference;
use crate::aws::AwsCloud;

/// Repositories asked at once.
const AT_ONCE: usize = 8;

/// References of one repository, by their tags.
type Tagged<'r> = BTreeMap<&'r str, Vec<(&'r str, String)>>;

impl<T> AwsCloud<T> {
    /// Those of `references` that ECR has, pinned to their digests. A tag that it lacks may be pulled through all the same.
    pub(in crate::aws) async fn pin_images(
        &self,
        references: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, String>, PortFailure> {
        let mut places: BTreeMap<Place<'_>, Tagged<'_>> = BTreeMap::new();
        for text in references {
            let reference = Reference::parse(text);
            let ecr = reference.ecr();
            let (Some((account, region)), Some(host), None) =
                (ecr, reference.host, reference.digest)
            else {
                continue;
            };
            let place = Place {
                account: Some(account),
                region: Some(region),
                repository: reference.repository,
            };
            let tag = reference.tag.unwrap_or("latest");
            let named = places.entry(place).or_default().entry(tag).or_default();
            named.push((text, format!("{host}/{}", reference.repository)));
        }
        let pinned: Vec<Vec<(String, String)>> = stream::iter(places)
            .map(|(place, tagged)| self.pin_of(place, tagged))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(pinned.into_iter().flatten().collect())
    }

    async fn pin_of(
        &self,
        place: Place<'_>,
        tagged: Tagged<'_>,
    ) -> Result<Vec<(String, String)>, PortFailure> {
        let names = tagged.keys().map(|tag| Name::Tag((*tag).to_owned()));
        let found = match self.images(place, &names.collect()).await {
            Ok(found) => found,
            Err(failure) if failure.is_passing() => return Err(failure),
            // It may not be asked, or cannot tell: what it says is a tag, as before.
            Err(failure) => {
                tracing::debug!(%failure, repository = place.repository, "nobody tells the digest");
                return Ok(Vec::new());
            }
        };
        let mut pinned = Vec::new();
        for image in &found.images {
            let id = image.image_id();
            let (tag, digest) = (
                id.and_then(|id| id.image_tag()),
                id.and_then(|id| id.image_digest()),
            );
            let (Some(named), Some(digest)) = (tag.and_then(|tag| tagged.get(tag)), digest) else {
                continue;
            };
            for (text, address) in named {
                pinned.push(((*text).to_owned(), format!("{address}@{digest}")));
            }
        }
        Ok(pinned)
    }
}
