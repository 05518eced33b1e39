//! Each image is asked for where it is: in ECR, by its own API, or in another registry. What both say is one answer.

use std::collections::{BTreeMap, BTreeSet};

use backstay_domain::ports::{PortFailure, Pulled};
use backstay_domain::release::ResolvedImage;
use backstay_domain::{Repository, Version};
use futures_util::future::{join, try_join};

use super::Owner;
use super::reference::Reference;
use crate::aws::AwsCloud;
use crate::web::Transport;

impl<T: Transport> AwsCloud<T> {
    /// The images tagged `version`, by digest; what is not there is left out.
    pub(in crate::aws) async fn resolve_everywhere(
        &self,
        repositories: &BTreeSet<Repository>,
        version: &Version,
    ) -> Result<BTreeMap<Repository, ResolvedImage>, PortFailure> {
        let is_foreign = |one: &Repository| matches!(Owner::of(one), Owner::Other { .. });
        let (foreign, ecr) = apart(repositories, is_foreign);
        let (mut ecr, foreign) = match foreign.is_empty() {
            true => (self.resolve_images(&ecr, version).await?, BTreeMap::new()),
            false => {
                let foreign = self.resolve_foreign(&foreign, version);
                try_join(self.resolve_images(&ecr, version), foreign).await?
            }
        };
        ecr.extend(foreign);
        Ok(ecr)
    }

    /// Those of `references` whose registries tell, pinned to their digests.
    pub(in crate::aws) async fn pin_everywhere(
        &self,
        references: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, String>, PortFailure> {
        let (foreign, ecr) = apart(references, |text: &String| is_foreign(text));
        let (mut ecr, foreign) =
            try_join(self.pin_images(&ecr), self.pin_foreign(&foreign)).await?;
        ecr.extend(foreign);
        Ok(ecr)
    }

    /// Those of `references` that their registries do not have any more, and those of which nobody can tell.
    pub(in crate::aws) async fn gone_everywhere(
        &self,
        references: &BTreeSet<String>,
    ) -> Result<Pulled, PortFailure> {
        let (foreign, ecr) = apart(references, |text: &String| is_foreign(text));
        let (ecr, foreign) = join(self.images_gone(&ecr), self.foreign_gone(&foreign)).await;
        let mut pulled = ecr?;
        pulled.gone.extend(foreign.gone);
        pulled.unasked.extend(foreign.unasked);
        Ok(pulled)
    }
}

fn is_foreign(reference: &str) -> bool {
    Reference::parse(reference).ecr().is_none()
}

fn apart<T: Clone + Ord>(
    all: &BTreeSet<T>,
    is_foreign: impl Fn(&T) -> bool,
) -> (BTreeSet<T>, BTreeSet<T>) {
    all.iter().cloned().partition(is_foreign)
}
