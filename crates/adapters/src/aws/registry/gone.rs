//! Which references ECR has no longer: one call per repository. What cannot be asked counts as present.

use std::collections::{BTreeMap, BTreeSet};

use backstay_domain::ports::{FailureKind, PortFailure, Pulled};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::images::{Existence, Name, Place};
use super::reference::Reference;
use crate::aws::AwsCloud;

/// Repositories asked at once.
const AT_ONCE: usize = 8;

/// What one repository says of the references to it.
enum Said<'r> {
    /// These it does not have.
    Lacks(Vec<&'r str>),
    /// It does not exist, as far as this caller may know.
    Nowhere(&'r str, Vec<&'r str>),
    /// It may not be asked.
    Denied(Vec<&'r str>),
}

impl<T> AwsCloud<T> {
    /// Those of `references` whose image ECR does not have any more, and those that it cannot be asked for.
    pub(in crate::aws) async fn images_gone(
        &self,
        references: &BTreeSet<String>,
    ) -> Result<Pulled, PortFailure> {
        let mut places: BTreeMap<Place<'_>, BTreeMap<Name, BTreeSet<&str>>> = BTreeMap::new();
        let mut pulled = Pulled::default();
        for text in references {
            let reference = Reference::parse(text);
            match reference.ecr() {
                Some((account, region)) => {
                    let place = Place {
                        account: Some(account),
                        region: Some(region),
                        repository: reference.repository,
                    };
                    let names = places.entry(place).or_default();
                    names.entry(name(&reference)).or_default().insert(text);
                }
                None => {
                    pulled.unasked.insert(text.clone());
                }
            }
        }
        let said: Vec<Said<'_>> = stream::iter(places)
            .map(|(place, wanted)| self.ask(place, wanted))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let nowhere = said.iter().any(|said| matches!(said, Said::Nowhere(..)));
        let own = match nowhere {
            true => self.who_is_asking().await.ok().map(|caller| caller.account),
            false => None,
        };
        for said in said {
            let (list, texts) = match said {
                Said::Lacks(texts) => (&mut pulled.gone, texts),
                // Another account may hide its repositories.
                Said::Nowhere(account, texts) if own.as_deref() == Some(account) => {
                    (&mut pulled.gone, texts)
                }
                Said::Nowhere(_, texts) | Said::Denied(texts) => (&mut pulled.unasked, texts),
            };
            list.extend(texts.into_iter().map(str::to_owned));
        }
        Ok(pulled)
    }

    async fn ask<'r>(
        &self,
        place: Place<'r>,
        wanted: BTreeMap<Name, BTreeSet<&'r str>>,
    ) -> Result<Said<'r>, PortFailure> {
        let all =
            |wanted: BTreeMap<Name, BTreeSet<&'r str>>| wanted.into_values().flatten().collect();
        let found = match self.images(place, &wanted.keys().cloned().collect()).await {
            Ok(found) => found,
            Err(failure) if failure.kind == FailureKind::Denied => {
                tracing::debug!(%failure, repository = place.repository, "may not be asked");
                return Ok(Said::Denied(all(wanted)));
            }
            Err(failure) => return Err(failure),
        };
        if found.repository == Existence::Unknown {
            return Ok(Said::Nowhere(
                place.account.unwrap_or_default(),
                all(wanted),
            ));
        }
        let missing = wanted
            .into_iter()
            .filter(|(name, _)| found.missing.contains(name));
        Ok(Said::Lacks(missing.flat_map(|(_, texts)| texts).collect()))
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
