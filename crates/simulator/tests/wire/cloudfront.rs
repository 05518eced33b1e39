//! CloudFront: invalidations in time, and what the edge answers before and after.

use std::time::Duration;

use aws_sdk_cloudfront::types::{InvalidationBatch, Paths};
use aws_sdk_s3::primitives::ByteStream;
use backstay_simulator::{Cloud, DistributionBlueprint, FetchError, WebReply, WebRequest};

use crate::support::{self, client};

const ID: &str = "E2ABCDEFGHIJKL";

fn cloud() -> Cloud {
    over("")
}

/// A distribution over this folder of the bucket.
fn over(origin_path: &str) -> Cloud {
    let cloud = support::cloud();
    cloud.with_world(|world| {
        world.create_distribution(&DistributionBlueprint {
            id: ID.to_owned(),
            hosts: vec![
                "d111.cloudfront.net".to_owned(),
                "cat-house.example".to_owned(),
            ],
            bucket: "cat-house-web".to_owned(),
            origin_path: origin_path.to_owned(),
            default_root_object: "index.html".to_owned(),
            not_found_page: Some("/index.html".to_owned()),
        });
    });
    cloud
}

fn batch(reference: &str, paths: &[&str]) -> InvalidationBatch {
    let items: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    let quantity = i32::try_from(items.len()).unwrap();
    let paths = Paths::builder()
        .quantity(quantity)
        .set_items(Some(items))
        .build()
        .unwrap();
    InvalidationBatch::builder()
        .caller_reference(reference)
        .paths(paths)
        .build()
        .unwrap()
}

async fn fetch(cloud: &Cloud, path: &str) -> WebReply {
    cloud
        .fetch(WebRequest::get(format!("https://cat-house.example{path}")))
        .await
        .unwrap()
}

async fn put(cloud: &Cloud, key: &str, cache_control: Option<&str>, body: &'static [u8]) {
    let put = client!(aws_sdk_s3, cloud)
        .put_object()
        .bucket("cat-house-web")
        .key(key)
        .body(ByteStream::from_static(body));
    put.set_cache_control(cache_control.map(str::to_owned))
        .send()
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_same_reference_is_the_same_invalidation() {
    let cloud = cloud();
    let cloudfront = client!(aws_sdk_cloudfront, cloud);
    let create = |reference: &str, paths: &[&str]| {
        cloudfront
            .create_invalidation()
            .distribution_id(ID)
            .invalidation_batch(batch(reference, paths))
            .send()
    };
    let first = create("release-1", &["/index.html"]).await.unwrap();
    let second = create("release-1", &["/index.html"]).await.unwrap();
    let id = first.invalidation().unwrap().id();
    assert_eq!(id, second.invalidation().unwrap().id());
    assert!(first.location().unwrap().ends_with(id));
    let error = create("release-1", &["/other.html"]).await.unwrap_err();
    assert_eq!(
        error.into_service_error().meta().code(),
        Some("InvalidationBatchAlreadyExists")
    );
    let listed = cloudfront
        .list_invalidations()
        .distribution_id(ID)
        .send()
        .await
        .unwrap();
    assert_eq!(listed.invalidation_list().unwrap().items().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_origin_path_is_a_folder_that_addresses_do_not_show() {
    let cloud = over("/sites/shop");
    put(&cloud, "sites/shop/index.html", None, b"shop").await;
    put(&cloud, "about.html", None, b"outside").await;
    for (path, body) in [
        ("/", "shop"),
        ("/index.html", "shop"),
        ("/about.html", "shop"),
    ] {
        assert_eq!(fetch(&cloud, path).await.body, body, "{path}");
    }
    let config = client!(aws_sdk_cloudfront, cloud)
        .get_distribution_config()
        .id(ID)
        .send()
        .await
        .unwrap();
    let config = config.distribution_config().unwrap();
    let origin = &config.origins().unwrap().items()[0];
    assert_eq!(origin.origin_path(), Some("/sites/shop"));
}

#[tokio::test(start_paused = true)]
async fn an_invalidation_completes_in_time_and_only_then_purges() {
    let cloud = cloud();
    let cloudfront = client!(aws_sdk_cloudfront, cloud);
    put(&cloud, "settings.json", None, b"one").await;
    assert_eq!(fetch(&cloud, "/settings.json").await.body, "one");
    put(&cloud, "settings.json", None, b"two").await;
    let create = cloudfront.create_invalidation().distribution_id(ID);
    let created = create
        .invalidation_batch(batch("r", &["/settings.json"]))
        .send()
        .await
        .unwrap();
    let id = created.invalidation().unwrap().id().to_owned();
    let get = || {
        cloudfront
            .get_invalidation()
            .distribution_id(ID)
            .id(&id)
            .send()
    };
    assert_eq!(
        get().await.unwrap().invalidation().unwrap().status(),
        "InProgress"
    );
    assert_eq!(fetch(&cloud, "/settings.json").await.body, "one");
    cloud.time().sleep(Duration::from_secs(9)).await;
    assert_eq!(
        get().await.unwrap().invalidation().unwrap().status(),
        "Completed"
    );
    assert_eq!(fetch(&cloud, "/settings.json").await.body, "two");
}

#[tokio::test(start_paused = true)]
async fn cache_control_rules_the_edge() {
    let cloud = cloud();
    put(&cloud, "short.txt", Some("max-age=60"), b"one").await;
    assert_eq!(fetch(&cloud, "/short.txt").await.body, "one");
    assert_eq!(fetch(&cloud, "/").await.body, "<html>one</html>");
    put(&cloud, "short.txt", Some("max-age=60"), b"two").await;
    put(&cloud, "index.html", Some("no-cache"), b"<html>two</html>").await;
    assert_eq!(fetch(&cloud, "/short.txt").await.body, "one");
    assert_eq!(fetch(&cloud, "/").await.body, "<html>two</html>");
    cloud.time().sleep(Duration::from_secs(60)).await;
    assert_eq!(fetch(&cloud, "/short.txt").await.body, "two");
}

#[tokio::test(start_paused = true)]
async fn a_missing_page_is_the_application_and_a_missing_host_an_error() {
    let cloud = cloud();
    let reply = fetch(&cloud, "/deep/link?x=1").await;
    assert_eq!(
        (reply.status, reply.body.as_ref()),
        (200, b"<html>one</html>".as_slice())
    );
    let error = cloud
        .fetch(WebRequest::get("https://nobody.example/"))
        .await
        .unwrap_err();
    assert_eq!(error, FetchError::NoSuchHost("nobody.example".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn limits_and_mistakes() {
    let cloud = cloud();
    let cloudfront = client!(aws_sdk_cloudfront, cloud);
    let create = |id: &str, batch: InvalidationBatch| {
        cloudfront
            .create_invalidation()
            .distribution_id(id)
            .invalidation_batch(batch)
            .send()
    };
    for number in 0..15 {
        create(ID, batch(&format!("wild-{number}"), &["/*"]))
            .await
            .unwrap();
    }
    let error = create(ID, batch("one-more", &["/*"]))
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_too_many_invalidations_in_progress());
    create(ID, batch("a-file", &["/index.html"])).await.unwrap();
    cloud.time().sleep(Duration::from_secs(10)).await;
    create(ID, batch("one-more", &["/*"])).await.unwrap();
    let error = create("ENOBODY", batch("x", &["/*"]))
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_no_such_distribution());
    let error = create(ID, batch("y", &["index.html"]))
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_invalid_argument());
}

#[tokio::test(start_paused = true)]
async fn a_distribution_is_described() {
    let cloud = cloud();
    let described = client!(aws_sdk_cloudfront, cloud)
        .get_distribution()
        .id(ID)
        .send()
        .await
        .unwrap();
    let distribution = described.distribution().unwrap();
    assert_eq!(distribution.domain_name(), "d111.cloudfront.net");
    let config = distribution.distribution_config().unwrap();
    assert_eq!(config.aliases().unwrap().items(), ["cat-house.example"]);
    assert_eq!(config.default_root_object(), Some("index.html"));
    assert_eq!(
        config.origins().unwrap().items()[0].domain_name(),
        "cat-house-web.s3.sa-east-1.amazonaws.com"
    );
    assert_eq!(
        config.custom_error_responses().unwrap().items()[0].response_page_path(),
        Some("/index.html")
    );
}
