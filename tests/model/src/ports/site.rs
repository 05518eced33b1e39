//! The frontend's files and its CDN, and requests to the web.

use std::collections::{BTreeMap, BTreeSet};

use backstay_domain::app::{Check, Frontend};
use backstay_domain::observation::{CheckResult, FrontendView, InvalidationView};
use backstay_domain::plan::Forget;
use backstay_domain::ports::{
    Effect, ExpectedFile, FailureKind, FrontendStore, Pointer, PortFailure, Publication, Published,
    Shelf, Web,
};
use backstay_domain::prune::{Prune, Stored};
use backstay_domain::release::{Manifest, ResolvedImage};
use backstay_domain::survey::PublishedFiles;
use backstay_domain::{IdempotencyKey, ReleaseId, Version};

use super::{Hand, failure, ordinal};
use crate::app::{Code, page};
use crate::cloud::Call;
use crate::views;

/// No history prunes.
impl Shelf for Hand<'_> {
    async fn stored(
        &self,
        _frontend: &Frontend,
        _paths: &BTreeSet<String>,
    ) -> Result<Stored, PortFailure> {
        self.sees("s3.ListObjects")?;
        Ok(Stored::default())
    }

    async fn discard(&self, _frontend: &Frontend, _prune: &Prune) -> Result<u32, PortFailure> {
        Ok(0)
    }

    async fn keep_images(
        &self,
        _images: &[ResolvedImage],
        _release: &ReleaseId,
    ) -> Vec<PortFailure> {
        Vec::new()
    }

    async fn let_images_go(
        &self,
        _releases: &[(ReleaseId, Vec<ResolvedImage>)],
    ) -> Result<u32, PortFailure> {
        Ok(0)
    }

    async fn expiring(&self, _images: &[ResolvedImage]) -> Result<BTreeSet<String>, PortFailure> {
        Ok(BTreeSet::new())
    }
}

impl FrontendStore for Hand<'_> {
    async fn compare(
        &self,
        _frontend: &Frontend,
        manifest: &Manifest,
        _recorded: Option<&Manifest>,
    ) -> Result<PublishedFiles, PortFailure> {
        self.sees("s3.ListObjects")?;
        Ok(views::published(
            self.cx.setup,
            &self.world.borrow().cloud,
            manifest,
        ))
    }

    async fn pointers(
        &self,
        _frontend: &Frontend,
        _paths: &[String],
    ) -> Result<BTreeMap<String, String>, PortFailure> {
        self.sees("s3.HeadObject")?;
        let bucket = self.world.borrow().cloud.site.bucket;
        Ok(BTreeMap::from([("index.html".to_owned(), page(bucket))]))
    }

    async fn readable(
        &self,
        _frontend: &Frontend,
        _path: &str,
        _corrected: Option<&str>,
    ) -> Result<(), PortFailure> {
        self.sees("s3.HeadObject")
    }

    async fn publish(
        &self,
        _frontend: &Frontend,
        publication: &Publication<'_>,
    ) -> Result<Published, PortFailure> {
        let release = views::release_of(self.cx.setup, publication.manifest);
        self.call("s3.PutObject", Call::PutFiles { release })?;
        Ok(Published::default())
    }

    async fn point(
        &self,
        _frontend: &Frontend,
        pointers: &BTreeMap<String, Option<Pointer>>,
    ) -> Result<(), PortFailure> {
        let wanted = pointers.get("index.html").and_then(Option::as_ref);
        let wanted = wanted.map(|pointer| views::page_of(&pointer.sha256));
        let page = wanted.unwrap_or(Code::Foreign);
        self.call("s3.PutObject", Call::PutPage { page })
            .map(|_| ())
    }

    async fn invalidate(
        &self,
        _frontend: &Frontend,
        _forget: &Forget,
        key: &IdempotencyKey,
    ) -> Result<String, PortFailure> {
        let key = key.to_string();
        let given = self.call(
            "cloudfront.CreateInvalidation",
            Call::CreateInvalidation { key },
        )?;
        Ok(format!("I{given}"))
    }

    async fn invalidation(
        &self,
        _frontend: &Frontend,
        id: &str,
    ) -> Result<InvalidationView, PortFailure> {
        self.sees("cloudfront.GetInvalidation")?;
        let world = self.world.borrow();
        let all = &world.cloud.site.invalidations;
        match all.get(usize::from(ordinal(id, 'I'))) {
            Some((_, true)) => Ok(InvalidationView::Completed),
            Some((_, false)) => Ok(InvalidationView::InProgress),
            None => Err(failure(
                "cloudfront.GetInvalidation",
                FailureKind::NotFound,
                Effect::None,
            )),
        }
    }

    async fn view(
        &self,
        _frontend: &Frontend,
        expected: &[ExpectedFile],
    ) -> Result<FrontendView, PortFailure> {
        self.sees("https")?;
        Ok(views::edge(&self.world.borrow().cloud, expected))
    }
}

impl Web for Hand<'_> {
    async fn check(&self, _check: &Check, _version: &Version) -> Result<CheckResult, PortFailure> {
        Ok(CheckResult::Passed("200".to_owned()))
    }
}
