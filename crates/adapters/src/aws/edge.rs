//! The CDN in front of a frontend: CloudFront invalidations of just what changed.

use aws_sdk_cloudfront::types::{InvalidationBatch, Paths};
use backstay_domain::IdempotencyKey;
use backstay_domain::app::Frontend;
use backstay_domain::observation::InvalidationView;
use backstay_domain::plan::Forget;
use backstay_domain::ports::{Effect, FailureKind, PortFailure};

use super::AwsCloud;
use super::error::{Call, failure, refusal};
use super::frontend::{encoded, site_path};

const CREATE: &str = "cloudfront.CreateInvalidation";

impl<T> AwsCloud<T> {
    /// The same key and paths are the same invalidation: CloudFront answers with the one that exists.
    pub(super) async fn create_invalidation(
        &self,
        frontend: &Frontend,
        forget: &Forget,
        key: &IdempotencyKey,
    ) -> Result<String, PortFailure> {
        let broken = |error: &dyn std::error::Error| {
            refusal(CREATE, FailureKind::Rejected, error.to_string())
        };
        self.confirmed.forget();
        let addresses = addresses(&site_path(frontend), forget);
        let quantity = i32::try_from(addresses.len()).unwrap_or(i32::MAX);
        let paths = Paths::builder()
            .quantity(quantity)
            .set_items(Some(addresses))
            .build()
            .map_err(|e| broken(&e))?;
        let batch = InvalidationBatch::builder()
            .paths(paths)
            .caller_reference(key.as_str())
            .build();
        let reply = self
            .cloudfront
            .create_invalidation()
            .distribution_id(distribution(frontend, CREATE)?)
            .invalidation_batch(batch.map_err(|e| broken(&e))?)
            .send()
            .await
            .map_err(|error| failure(CREATE, Call::Repeated, &error))?;
        let id = reply
            .invalidation()
            .map(|invalidation| invalidation.id().to_owned());
        id.ok_or_else(|| PortFailure {
            effect: Effect::Applied,
            ..refusal(CREATE, FailureKind::Unavailable, "the answer has no id")
        })
    }

    pub(super) async fn look_at_invalidation(
        &self,
        frontend: &Frontend,
        id: &str,
    ) -> Result<InvalidationView, PortFailure> {
        const GET: &str = "cloudfront.GetInvalidation";
        let reply = self
            .cloudfront
            .get_invalidation()
            .distribution_id(distribution(frontend, GET)?)
            .id(id)
            .send()
            .await
            .map_err(|error| failure(GET, Call::Read, &error))?;
        let completed = reply
            .invalidation()
            .is_some_and(|invalidation| invalidation.status() == "Completed");
        Ok(if completed {
            InvalidationView::Completed
        } else {
            InvalidationView::InProgress
        })
    }
}

fn distribution<'f>(
    frontend: &'f Frontend,
    operation: &'static str,
) -> Result<&'f str, PortFailure> {
    let found = frontend.distribution.as_deref();
    found.ok_or_else(|| {
        refusal(
            operation,
            FailureKind::Rejected,
            "the frontend has no distribution",
        )
    })
}

/// A directory's index is cached under two addresses. A folder is everything below it.
fn addresses(site: &str, forget: &Forget) -> Vec<String> {
    let folders = forget.folders.iter();
    let mut addresses: Vec<String> = folders
        .map(|folder| format!("{site}/{}*", encoded(folder)))
        .collect();
    for path in &forget.files {
        let address = format!("{site}/{}", encoded(path));
        if let Some(directory) = address
            .strip_suffix("index.html")
            .filter(|directory| directory.ends_with('/'))
        {
            addresses.push(directory.to_owned());
        }
        addresses.push(address);
    }
    addresses.sort();
    addresses.dedup();
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_invalidated_under_both_addresses() {
        let paths = [
            "index.html",
            "config.json",
            "help/index.html",
            "a b.html",
            "not-index.html",
        ]
        .map(str::to_owned);
        let files = |paths: &[String]| Forget {
            files: paths.to_vec(),
            folders: Vec::new(),
        };
        assert_eq!(
            addresses("", &files(&paths)),
            [
                "/",
                "/a%20b.html",
                "/config.json",
                "/help/",
                "/help/index.html",
                "/index.html",
                "/not-index.html"
            ]
        );
        assert_eq!(
            addresses("/app", &files(&["index.html".to_owned()])),
            ["/app/", "/app/index.html"]
        );
        let folders = |folders: &[&str]| Forget {
            files: vec!["404.html".to_owned()],
            folders: folders.iter().map(|folder| (*folder).to_owned()).collect(),
        };
        assert_eq!(
            addresses("/app", &folders(&["items ü/", "shop/"])),
            ["/app/404.html", "/app/items%20%C3%BC/*", "/app/shop/*"]
        );
        assert_eq!(addresses("", &folders(&[""])), ["/*", "/404.html"]);
    }
}
