//! Which references can no longer be pulled: one call per repository. What cannot be asked counts as present.

use std::collections::{BTreeMap, BTreeSet};

use backstay_domain::ports::PortFailure;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::images::{Name, Place};
use super::reference::Reference;
use crate::aws::AwsCloud;

/// Repositories asked at once.
const AT_ONCE: usize = 8;

impl<T> AwsCloud<T> {
    /// Those of `references` whose image ECR does not have any more.
    pub(in crate::aws) async fn images_gone(
        &self,
        references: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, PortFailure> {
        let mut places: BTreeMap<Place<'_>, BTreeMap<Name, BTreeSet<&str>>> = BTreeMap::new();
        for text in references {
            let reference = Reference::parse(text);
            let Some((account, region)) = reference.ecr() else {
                continue;
            };
            if self.is_here(region) {
                let place = Place {
                    account: Some(account),
                    repository: reference.repository,
                };
                places
                    .entry(place)
                    .or_default()
                    .entry(name(&reference))
                    .or_default()
                    .insert(text);
            }
        }
        let gone: Vec<BTreeSet<String>> = stream::iter(places)
            .map(async |(place, wanted)| {
                let found = self
                    .images(place, &wanted.keys().cloned().collect())
                    .await?;
                let missing = wanted
                    .into_iter()
                    .filter(|(name, _)| found.missing.contains(name));
                Ok::<_, PortFailure>(
                    missing
                        .flat_map(|(_, texts)| texts)
                        .map(str::to_owned)
                        .collect(),
                )
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(gone.into_iter().flatten().collect())
    }
}

/// What is pulled: the digest when there is one.
fn name(reference: &Reference<'_>) -> Name {
    match (reference.digest, reference.tag) {
        (Some(digest), _) => Name::Digest(digest.to_owned()),
        (None, Some(tag)) => Name::Tag(tag.to_owned()),
        (None, None) => Name::Tag("latest".to_owned()),
    }
}
