//! Versions of objects: kept, hidden, found, deleted one by one.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};

use crate::support::{client, cloud};

const BUCKET: &str = "cat-house-web";
const KEY: &str = "state.json";

/// Status and code of a refusal.
macro_rules! refusal {
    ($result:expr) => {{
        let error = $result.unwrap_err();
        let status = error.raw_response().unwrap().status().as_u16();
        (status, error.code().unwrap_or_default().to_owned())
    }};
}
pub(crate) use refusal;

async fn versioning(s3: &Client, status: BucketVersioningStatus) {
    let configuration = VersioningConfiguration::builder().status(status).build();
    let put = s3.put_bucket_versioning().bucket(BUCKET);
    put.versioning_configuration(configuration)
        .send()
        .await
        .unwrap();
}

async fn put(s3: &Client, body: &'static str) -> Option<String> {
    let put = s3.put_object().bucket(BUCKET).key(KEY);
    let put = put.body(body.as_bytes().to_vec().into());
    put.send().await.unwrap().version_id().map(str::to_owned)
}

/// Every version of the key as `body`, `marker` where it is one; the newest has a star.
async fn story(s3: &Client) -> Vec<String> {
    let listed = s3
        .list_object_versions()
        .bucket(BUCKET)
        .prefix(KEY)
        .send()
        .await
        .unwrap();
    let star = |latest: Option<bool>| if latest == Some(true) { "*" } else { "" };
    let markers = listed.delete_markers().iter();
    let mut story: Vec<String> = markers
        .map(|it| format!("marker{}", star(it.is_latest())))
        .collect();
    for version in listed.versions() {
        let get = s3.get_object().bucket(BUCKET).key(KEY);
        let got = get
            .version_id(version.version_id().unwrap())
            .send()
            .await
            .unwrap();
        let body = got.body.collect().await.unwrap().into_bytes();
        story.push(format!(
            "{}{}",
            String::from_utf8_lossy(&body),
            star(version.is_latest())
        ));
    }
    story
}

#[tokio::test(start_paused = true)]
async fn a_delete_hides_and_every_version_stays() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    assert_eq!(put(&s3, "zero").await, None);
    versioning(&s3, BucketVersioningStatus::Enabled).await;
    let one = put(&s3, "one").await.unwrap();
    put(&s3, "two").await.unwrap();
    let deleted = s3
        .delete_object()
        .bucket(BUCKET)
        .key(KEY)
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.delete_marker(), Some(true));
    let marker = deleted.version_id().unwrap();
    assert_eq!(story(&s3).await, ["marker*", "two", "one", "zero"]);
    let get = s3.get_object().bucket(BUCKET).key(KEY);
    let hidden = refusal!(get.clone().send().await);
    assert_eq!(hidden, (404, "NoSuchKey".to_owned()));
    let marked = refusal!(get.clone().version_id(marker).send().await);
    assert_eq!(marked, (405, "MethodNotAllowed".to_owned()));
    let malformed = refusal!(get.clone().version_id("nothing").send().await);
    assert_eq!(malformed, (400, "InvalidArgument".to_owned()));
    let unknown = refusal!(get.version_id("0".repeat(32)).send().await);
    assert_eq!(unknown, (404, "NoSuchVersion".to_owned()));
    let delete = |id: &str| {
        s3.delete_object()
            .bucket(BUCKET)
            .key(KEY)
            .version_id(id)
            .send()
    };
    delete(marker).await.unwrap();
    assert_eq!(story(&s3).await, ["two*", "one", "zero"]);
    delete(&one).await.unwrap();
    delete("null").await.unwrap();
    assert_eq!(story(&s3).await, ["two*"]);
}

#[tokio::test(start_paused = true)]
async fn while_suspended_there_is_one_null_version() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    versioning(&s3, BucketVersioningStatus::Enabled).await;
    put(&s3, "one").await;
    versioning(&s3, BucketVersioningStatus::Suspended).await;
    put(&s3, "two").await;
    put(&s3, "three").await;
    assert_eq!(story(&s3).await, ["three*", "one"]);
    let deleted = s3
        .delete_object()
        .bucket(BUCKET)
        .key(KEY)
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.version_id(), Some("null"));
    assert_eq!(story(&s3).await, ["marker*", "one"]);
}

#[tokio::test(start_paused = true)]
async fn a_bucket_with_old_versions_is_not_empty() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    s3.delete_object()
        .bucket(BUCKET)
        .key("index.html")
        .send()
        .await
        .unwrap();
    versioning(&s3, BucketVersioningStatus::Enabled).await;
    let marker = s3
        .delete_object()
        .bucket(BUCKET)
        .key(KEY)
        .send()
        .await
        .unwrap();
    let delete = s3.delete_bucket().bucket(BUCKET);
    let refused = refusal!(delete.clone().send().await);
    assert_eq!(refused, (409, "BucketNotEmpty".to_owned()));
    let marker = marker.version_id().unwrap();
    s3.delete_object()
        .bucket(BUCKET)
        .key(KEY)
        .version_id(marker)
        .send()
        .await
        .unwrap();
    delete.send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn versions_are_listed_in_pages() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    versioning(&s3, BucketVersioningStatus::Enabled).await;
    for body in ["one", "two", "three"] {
        put(&s3, body).await;
    }
    let (mut key, mut id) = (None, None);
    let mut found = Vec::new();
    loop {
        let list = s3.list_object_versions().bucket(BUCKET).max_keys(2);
        let list = list.set_key_marker(key).set_version_id_marker(id);
        let page = list.send().await.unwrap();
        let named = page
            .versions()
            .iter()
            .map(|it| it.key().unwrap_or_default());
        found.push(named.collect::<Vec<_>>().join(" "));
        if page.is_truncated() != Some(true) {
            break;
        }
        key = page.next_key_marker().map(str::to_owned);
        id = page.next_version_id_marker().map(str::to_owned);
    }
    assert_eq!(found, ["index.html state.json", "state.json state.json"]);
}
