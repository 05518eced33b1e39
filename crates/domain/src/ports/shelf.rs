//! What earlier releases left in the cloud: files and images that a rollback may need.

use std::collections::BTreeSet;

use crate::ReleaseId;
use crate::app::Frontend;
use crate::failure::PortFailure;
use crate::prune::{Prune, Stored};
use crate::release::ResolvedImage;

/// What lies in the cloud for releases that may come back, and goes when they are not kept any more.
pub trait Shelf {
    /// What there is at these paths, and which copies of mutable files are kept. MUST page to the end; MUST NOT change anything.
    async fn stored(
        &self,
        frontend: &Frontend,
        paths: &BTreeSet<String>,
    ) -> Result<Stored, PortFailure>;

    /// Takes away what `prune` says, and nothing else. MUST first see to it that nobody believes that it is there. Gives how many
    /// objects went.
    async fn discard(&self, frontend: &Frontend, prune: &Prune) -> Result<u32, PortFailure>;

    /// Protects the images of a release, where their registry knows how. MUST be the same when repeated. Gives what could not be
    /// protected: the release is none the worse for it.
    async fn keep_images(&self, images: &[ResolvedImage], release: &ReleaseId) -> Vec<PortFailure>;

    /// Takes that protection away again, from these releases and no other. MUST NOT delete an image. Gives how many were
    /// protected.
    async fn let_images_go(
        &self,
        releases: &[(ReleaseId, Vec<ResolvedImage>)],
    ) -> Result<u32, PortFailure>;

    /// Digests of those of these images that their registry's own rules would delete. MUST NOT change anything; none where it
    /// has no such rules, or nobody may ask.
    async fn expiring(&self, images: &[ResolvedImage]) -> Result<BTreeSet<String>, PortFailure>;
}
