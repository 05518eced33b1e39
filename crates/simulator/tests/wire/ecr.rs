//! ECR: digests, platforms, missing images, tags that move.

use aws_sdk_ecr::types::ImageIdentifier;
use backstay_simulator::{Fault, image_digest};

use crate::support::{client, cloud, image};

fn tag(tag: &str) -> ImageIdentifier {
    ImageIdentifier::builder().image_tag(tag).build()
}

#[tokio::test(start_paused = true)]
async fn repositories_are_described() {
    let cloud = cloud();
    let ecr = client!(aws_sdk_ecr, cloud);
    let described = ecr.describe_repositories().send().await.unwrap();
    let [repository] = described.repositories() else {
        panic!("one repository")
    };
    assert_eq!(
        repository.repository_uri(),
        Some("123456789012.dkr.ecr.sa-east-1.amazonaws.com/cat-house/auth")
    );
    let error = ecr
        .describe_repositories()
        .repository_names("nobody")
        .send()
        .await
        .unwrap_err();
    assert!(
        error
            .into_service_error()
            .is_repository_not_found_exception()
    );
}

#[tokio::test(start_paused = true)]
async fn one_missing_image_fails_the_whole_describe() {
    let cloud = cloud();
    let ecr = client!(aws_sdk_ecr, cloud);
    let describe = || ecr.describe_images().repository_name("cat-house/auth");
    let images = describe().image_ids(tag("2f9c1e7")).send().await.unwrap();
    let [detail] = images.image_details() else {
        panic!("one image")
    };
    let digest = image_digest(
        "cat-house/auth",
        &["2f9c1e7".to_owned(), "latest".to_owned()],
    );
    assert_eq!(detail.image_digest(), Some(digest.as_str()));
    assert_eq!(detail.image_tags(), ["2f9c1e7", "latest"]);
    let error = describe()
        .image_ids(tag("2f9c1e7"))
        .image_ids(tag("gone"))
        .send()
        .await
        .unwrap_err();
    assert!(error.into_service_error().is_image_not_found_exception());
}

#[tokio::test(start_paused = true)]
async fn a_batch_gives_manifests_with_platforms_and_lists_what_is_missing() {
    let cloud = cloud();
    let ecr = client!(aws_sdk_ecr, cloud);
    let request = ecr
        .batch_get_image()
        .repository_name("cat-house/auth")
        .image_ids(tag("latest"));
    let batch = request.image_ids(tag("gone")).send().await.unwrap();
    let manifest: serde_json::Value =
        serde_json::from_str(batch.images()[0].image_manifest().unwrap()).unwrap();
    assert_eq!(
        manifest["manifests"][1]["platform"],
        serde_json::json!({ "os": "linux", "architecture": "arm64" })
    );
    let [failure] = batch.failures() else {
        panic!("one failure")
    };
    assert_eq!(failure.failure_code().unwrap().as_str(), "ImageNotFound");
    assert_eq!(failure.image_id().unwrap().image_tag(), Some("gone"));
}

#[tokio::test(start_paused = true)]
async fn a_tag_put_on_another_manifest_moves() {
    let cloud = cloud();
    let ecr = client!(aws_sdk_ecr, cloud);
    let request = ecr
        .batch_get_image()
        .repository_name("cat-house/auth")
        .image_ids(tag("a1b2c3d"));
    let old = request.send().await.unwrap().images()[0].clone();
    let put = || {
        ecr.put_image()
            .repository_name("cat-house/auth")
            .image_manifest(old.image_manifest().unwrap())
            .image_tag("latest")
    };
    put().send().await.unwrap();
    let found = ecr
        .describe_images()
        .repository_name("cat-house/auth")
        .image_ids(tag("latest"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        found.image_details()[0].image_digest(),
        old.image_id().unwrap().image_digest()
    );
    let error = put().send().await.unwrap_err();
    assert!(
        error
            .into_service_error()
            .is_image_already_exists_exception()
    );
}

#[tokio::test(start_paused = true)]
async fn an_expired_image_is_gone_and_a_pushed_one_is_there() {
    let cloud = cloud();
    let ecr = client!(aws_sdk_ecr, cloud);
    cloud.with_world(|world| {
        world.add_fault(Fault::ImageExpired {
            repository: "cat-house/auth".to_owned(),
            tag: "a1b2c3d".to_owned(),
        });
        world.push_image("cat-house/auth", &image(&["new"], &["linux/amd64"]));
    });
    let listed = ecr
        .list_images()
        .repository_name("cat-house/auth")
        .send()
        .await
        .unwrap();
    let tags: Vec<&str> = listed
        .image_ids()
        .iter()
        .filter_map(ImageIdentifier::image_tag)
        .collect();
    assert_eq!(tags, ["2f9c1e7", "latest", "new"]);
    let token = ecr.get_authorization_token().send().await.unwrap();
    assert_eq!(token.authorization_data().len(), 1);
}
