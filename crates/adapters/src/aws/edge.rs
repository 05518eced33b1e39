//! The CDN in front of a frontend: CloudFront invalidations of just the mutable files.

use aws_sdk_cloudfront::types::{InvalidationBatch, Paths};
use backstay_domain::IdempotencyKey;
use backstay_domain::app::Frontend;
use backstay_domain::observation::InvalidationView;
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
        paths: &[String],
        key: &IdempotencyKey,
    ) -> Result<String, PortFailure> {
        let broken = |error: &dyn std::error::Error| {
            refusal(CREATE, FailureKind::Rejected, error.to_string())
        };
        let addresses = addresses(&site_path(frontend), paths);
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

/// A directory's index is cached under two addresses.
fn addresses(site: &str, paths: &[String]) -> Vec<String> {
    let mut addresses = Vec::new();
    for path in paths {
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
        assert_eq!(
            addresses("", &paths),
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
            addresses("/app", &["index.html".to_owned()]),
            ["/app/", "/app/index.html"]
        );
    }
}
