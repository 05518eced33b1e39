//! Invalidations: one for a key, looked at until it is completed.

use std::collections::BTreeMap;

use aws_sdk_cloudfront::operation::create_invalidation::{
    CreateInvalidationError, CreateInvalidationOutput,
};
use aws_sdk_cloudfront::operation::get_invalidation::GetInvalidationOutput;
use aws_sdk_cloudfront::types::{Invalidation, InvalidationBatch, Paths};
use aws_smithy_mocks::mock;
use backstay_domain::IdempotencyKey;
use backstay_domain::app::Frontend;
use backstay_domain::observation::InvalidationView;
use backstay_domain::plan::Forget;
use backstay_domain::ports::{Effect, FailureKind};

use super::*;

fn frontend(distribution: Option<&str>) -> Frontend {
    Frontend {
        directory: "dist".to_owned(),
        bucket: "bucket".to_owned(),
        prefix: String::new(),
        distribution: distribution.map(str::to_owned),
        url: None,
        mutable: Vec::new(),
        region: None,
        media_types: BTreeMap::new(),
    }
}

fn forget() -> Forget {
    Forget {
        files: vec!["index.html".to_owned(), "a b.html".to_owned()],
        folders: vec!["items/".to_owned()],
    }
}

fn key() -> IdempotencyKey {
    IdempotencyKey::parse("d-1-forget").unwrap()
}

fn batch() -> InvalidationBatch {
    let paths = ["/", "/a%20b.html", "/index.html", "/items/*"];
    let paths = Paths::builder()
        .quantity(4)
        .set_items(Some(paths.map(str::to_owned).to_vec()))
        .build()
        .unwrap();
    let batch = InvalidationBatch::builder()
        .paths(paths)
        .caller_reference("d-1-forget");
    batch.build().unwrap()
}

fn invalidation(status: &str) -> Invalidation {
    let invalidation = Invalidation::builder().id("I1").status(status);
    let invalidation = invalidation.create_time(DateTime::from_secs(1));
    invalidation.invalidation_batch(batch()).build().unwrap()
}

fn cloud(rules: &[&Rule]) -> AwsCloud<()> {
    AwsCloud {
        cloudfront: mocked!(aws_sdk_cloudfront, rules),
        ..AwsCloud::new(&config(), (), ".".into())
    }
}

/// What repeats has the same key and the same paths: CloudFront answers with the one that exists.
#[tokio::test(start_paused = true)]
async fn a_busy_cdn_is_asked_again_with_the_same_key_and_paths() {
    let created = mock!(aws_sdk_cloudfront::Client::create_invalidation)
        .match_requests(|sent| {
            sent.distribution_id() == Some("E1") && sent.invalidation_batch() == Some(&batch())
        })
        .sequence()
        .error(|| CreateInvalidationError::generic(coded("Throttling")))
        .output(|| {
            CreateInvalidationOutput::builder()
                .invalidation(invalidation("InProgress"))
                .build()
        })
        .build();
    let id = cloud(&[&created])
        .create_invalidation(&frontend(Some("E1")), &forget(), &key())
        .await;
    assert_eq!(id.unwrap(), "I1");
    assert_eq!(created.num_calls(), 2);
}

/// Three thousand files at a time: it has to wait until others are done.
#[tokio::test(start_paused = true)]
async fn too_many_at_once_is_a_matter_of_waiting() {
    let refused = refused!(
        aws_sdk_cloudfront,
        create_invalidation,
        CreateInvalidationError,
        "TooManyInvalidationsInProgress"
    );
    let failure = cloud(&[&refused])
        .create_invalidation(&frontend(Some("E1")), &forget(), &key())
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Throttled);
}

#[tokio::test]
async fn an_answer_without_an_invalidation_was_one_all_the_same() {
    let reply = || CreateInvalidationOutput::builder().build();
    let created = always!(aws_sdk_cloudfront, create_invalidation, reply());
    let failure = cloud(&[&created])
        .create_invalidation(&frontend(Some("E1")), &forget(), &key())
        .await
        .unwrap_err();
    assert_eq!(
        (failure.kind, failure.effect),
        (FailureKind::Unavailable, Effect::Applied)
    );
}

#[tokio::test]
async fn it_is_in_progress_until_it_says_completed() {
    let looked = mock!(aws_sdk_cloudfront::Client::get_invalidation)
        .match_requests(|sent| sent.id() == Some("I1") && sent.distribution_id() == Some("E1"))
        .sequence()
        .output(|| GetInvalidationOutput::builder().build())
        .output(|| {
            GetInvalidationOutput::builder()
                .invalidation(invalidation("InProgress"))
                .build()
        })
        .output(|| {
            GetInvalidationOutput::builder()
                .invalidation(invalidation("Completed"))
                .build()
        })
        .build();
    let cloud = cloud(&[&looked]);
    let mut seen = Vec::new();
    for _ in 0..3 {
        let view = cloud
            .look_at_invalidation(&frontend(Some("E1")), "I1")
            .await;
        seen.push(view.unwrap());
    }
    use InvalidationView::{Completed, InProgress};
    assert_eq!(seen, [InProgress, InProgress, Completed]);
}

#[tokio::test]
async fn without_a_distribution_there_is_nobody_to_ask() {
    let asked = cloud(&[])
        .create_invalidation(&frontend(None), &forget(), &key())
        .await;
    assert_eq!(asked.unwrap_err().kind, FailureKind::Rejected);
}
