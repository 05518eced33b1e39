//! Images: by tag, and whether they can still be pulled.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use aws_sdk_ecr::operation::batch_get_image::{
    BatchGetImageError, BatchGetImageInput, BatchGetImageOutput,
};
use aws_sdk_ecr::operation::describe_repositories::DescribeRepositoriesOutput;
use aws_sdk_ecr::types::{
    Image, ImageFailure, ImageFailureCode, ImageIdentifier, Repository as Described,
};
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;
use aws_smithy_mocks::{MockResponse, mock};
use backstay_domain::{Repository, Version};

use super::*;

const HOST: &str = "123456789012.dkr.ecr.sa-east-1.amazonaws.com";

fn digest(letter: &str) -> String {
    format!("sha256:{}", letter.repeat(64))
}

fn there(id: &ImageIdentifier) -> bool {
    id.image_tag() == Some("v1") || id.image_digest() == Some(&*digest("a"))
}

/// Every repository has one image, but for one that is nowhere and one that may not be asked.
fn answered(sent: &BatchGetImageInput) -> MockResponse<BatchGetImageOutput, BatchGetImageError> {
    let refused = |code| MockResponse::Error(BatchGetImageError::generic(coded(code)));
    match sent.repository_name() {
        Some("app/nowhere") => return refused("RepositoryNotFoundException"),
        Some("app/secret") => return refused("AccessDeniedException"),
        _ => {}
    }
    let (found, missing): (Vec<_>, Vec<_>) = sent.image_ids().iter().partition(|id| there(id));
    let image = |_: &ImageIdentifier| {
        let id = ImageIdentifier::builder().image_digest(digest("a"));
        let manifest = r#"{"manifests": [{"platform": {"os": "linux", "architecture": "arm64"}}]}"#;
        let image = Image::builder().image_id(id.image_tag("v1").build());
        image.image_manifest(manifest).build()
    };
    let failure = |id: &ImageIdentifier| {
        let failure = ImageFailure::builder().image_id(id.clone());
        failure
            .failure_code(ImageFailureCode::ImageNotFound)
            .build()
    };
    MockResponse::Output(
        BatchGetImageOutput::builder()
            .set_images(Some(found.into_iter().map(image).collect()))
            .set_failures(Some(missing.into_iter().map(failure).collect()))
            .build(),
    )
}

fn repositories() -> Rule {
    mock!(aws_sdk_ecr::Client::describe_repositories).then_compute_output(|sent| {
        let described = sent.repository_names().iter().map(|name| {
            Described::builder()
                .repository_name(name)
                .repository_uri(format!("{HOST}/{name}"))
                .build()
        });
        DescribeRepositoriesOutput::builder()
            .set_repositories(Some(described.collect()))
            .build()
    })
}

fn cloud(rules: &[&Rule], identity: &[&Rule]) -> AwsCloud<()> {
    AwsCloud {
        ecr: mocked!(aws_sdk_ecr, rules),
        sts: mocked!(aws_sdk_sts, identity),
        ..AwsCloud::new(&config(), (), ".".into())
    }
}

fn asked(names: &[&str]) -> BTreeSet<Repository> {
    let parsed = names.iter().map(|name| Repository::parse(*name).unwrap());
    parsed.collect()
}

#[tokio::test]
async fn tags_become_digests_and_what_is_not_there_is_left_out() {
    let images = mock!(aws_sdk_ecr::Client::batch_get_image).then_compute_response(answered);
    let repositories = repositories();
    let cloud = cloud(&[&images, &repositories], &[]);
    let version = Version::parse("v1").unwrap();
    let api = format!("{HOST}/app/api");
    let names = asked(&["app/web", "app/nowhere", &api]);
    let found = cloud.resolve_images(&names, &version).await.unwrap();
    assert_eq!(found.len(), 2);
    let web = &found[&Repository::parse("app/web").unwrap()];
    assert_eq!(web.reference, format!("{HOST}/app/web@{}", digest("a")));
    assert_eq!(web.digest.as_str(), digest("a"));
    assert_eq!(web.platforms, ["linux/arm64"]);
    let other = Version::parse("v2").unwrap();
    let absent = cloud.resolve_images(&asked(&["app/web"]), &other).await;
    assert!(absent.unwrap().is_empty());
}

#[tokio::test]
async fn what_can_no_longer_be_pulled_is_gone_and_what_cannot_be_asked_is_not() {
    let foreign = "906394416424.dkr.ecr.sa-east-1.amazonaws.com";
    let elsewhere = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
    let rows = [
        (format!("{HOST}/app/web@{}", digest("a")), "present"),
        (format!("{HOST}/app/web:v0@{}", digest("a")), "present"),
        (format!("{HOST}/app/web@{}", digest("b")), "gone"),
        (format!("{HOST}/app/web:v1"), "present"),
        (format!("{HOST}/app/web:v0"), "gone"),
        (format!("{HOST}/app/nowhere:v1"), "gone"),
        (format!("{HOST}/app/secret:v1"), "unasked"),
        (format!("{foreign}/app/nowhere:v1"), "unasked"),
        (format!("{foreign}/app/secret:v1"), "unasked"),
        (format!("{foreign}/app/web:v0"), "gone"),
        ("ghcr.io/acme/api:v0".to_owned(), "unasked"),
        ("localhost:5000/app/web:v0".to_owned(), "unasked"),
        ("nginx".to_owned(), "unasked"),
        (format!("{elsewhere}/app/web@{}", digest("a")), "present"),
        (format!("{elsewhere}/app/web@{}", digest("b")), "gone"),
    ];
    let images = mock!(aws_sdk_ecr::Client::batch_get_image).then_compute_response(answered);
    let reply = || {
        GetCallerIdentityOutput::builder()
            .account("123456789012")
            .build()
    };
    let identity = always!(aws_sdk_sts, get_caller_identity, reply());
    let references = rows.iter().map(|(text, _)| text.clone()).collect();
    let expected = |what: &str| -> BTreeSet<String> {
        let rows = rows.iter().filter(|(_, is)| *is == what);
        rows.map(|(text, _)| text.clone()).collect()
    };
    let pulled = cloud(&[&images], &[&identity])
        .images_gone(&references)
        .await;
    let pulled = pulled.unwrap();
    assert_eq!(pulled.gone, expected("gone"));
    assert_eq!(pulled.unasked, expected("unasked"));
    assert_eq!(images.num_calls(), 7, "one call per repository");
    assert_eq!(identity.num_calls(), 1);
}

#[tokio::test]
async fn more_than_a_hundred_names_take_more_calls() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let images = mock!(aws_sdk_ecr::Client::batch_get_image).then_compute_response(move |sent| {
        log.lock().unwrap().push(sent.image_ids().len());
        answered(sent)
    });
    let references: BTreeSet<String> = (0..150).map(|n| format!("{HOST}/app/web:t{n}")).collect();
    let pulled = cloud(&[&images], &[])
        .images_gone(&references)
        .await
        .unwrap();
    assert_eq!(pulled.gone, references);
    assert_eq!(*asked.lock().unwrap(), [100, 50]);
}

#[tokio::test]
async fn a_tag_is_pinned_where_it_can_be_asked_for_and_stays_elsewhere() {
    let images = mock!(aws_sdk_ecr::Client::batch_get_image).then_compute_response(answered);
    let pinned = format!("{HOST}/app/web@{}", digest("a"));
    let elsewhere = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
    let rows = [
        (format!("{HOST}/app/web:v1"), Some(pinned)),
        // ECR may pull it through, though it has never seen it.
        (format!("{HOST}/app/web:v0"), None),
        (format!("{HOST}/app/nowhere:v1"), None),
        (format!("{HOST}/app/secret:v1"), None),
        (
            format!("{elsewhere}/app/web:v1"),
            Some(format!("{elsewhere}/app/web@{}", digest("a"))),
        ),
        ("public.ecr.aws/datadog/agent:7".to_owned(), None),
        ("nginx".to_owned(), None),
    ];
    let references = rows.iter().map(|(text, _)| text.clone()).collect();
    let found = cloud(&[&images], &[]).pin_images(&references).await;
    let found = found.unwrap();
    for (text, expected) in &rows {
        assert_eq!(found.get(text), expected.as_ref(), "{text}");
    }
    assert_eq!(images.num_calls(), 4, "one call per repository");
}
