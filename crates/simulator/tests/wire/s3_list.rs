//! S3: listing and deleting many.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, EncodingType, ObjectIdentifier};
use backstay_simulator::Cloud;

use crate::support::{client, cloud};

const BUCKET: &str = "cat-house-web";

async fn filled(cloud: &Cloud) -> aws_sdk_s3::Client {
    let s3 = client!(aws_sdk_s3, cloud);
    for key in [
        "assets/a.js",
        "assets/b.js",
        "assets/img/c.png",
        "robots.txt",
    ] {
        s3.put_object()
            .bucket(BUCKET)
            .key(key)
            .body(ByteStream::from_static(b"x"))
            .send()
            .await
            .unwrap();
    }
    s3
}

#[tokio::test(start_paused = true)]
async fn pages_follow_each_other() {
    let cloud = cloud();
    let s3 = filled(&cloud).await;
    let mut pages = s3
        .list_objects_v2()
        .bucket(BUCKET)
        .max_keys(2)
        .into_paginator()
        .send();
    let mut sizes = Vec::new();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        sizes.push(page.key_count().unwrap());
        keys.extend(
            page.contents()
                .iter()
                .filter_map(|object| object.key().map(str::to_owned)),
        );
    }
    assert_eq!(
        keys,
        [
            "assets/a.js",
            "assets/b.js",
            "assets/img/c.png",
            "index.html",
            "robots.txt"
        ]
    );
    assert_eq!(sizes, [2, 2, 1]);
}

#[tokio::test(start_paused = true)]
async fn prefix_and_delimiter_make_folders() {
    let cloud = cloud();
    let s3 = filled(&cloud).await;
    let list = || s3.list_objects_v2().bucket(BUCKET).delimiter("/");
    let top = list().send().await.unwrap();
    let keys: Vec<&str> = top
        .contents()
        .iter()
        .filter_map(|object| object.key())
        .collect();
    assert_eq!(keys, ["index.html", "robots.txt"]);
    assert_eq!(top.common_prefixes()[0].prefix(), Some("assets/"));
    let first = list().prefix("assets/").max_keys(2).send().await.unwrap();
    let rest = list()
        .prefix("assets/")
        .continuation_token(first.next_continuation_token().unwrap());
    let rest = rest.send().await.unwrap();
    assert_eq!(rest.common_prefixes()[0].prefix(), Some("assets/img/"));
    assert!(rest.contents().is_empty());
}

#[tokio::test(start_paused = true)]
async fn many_are_deleted_at_once() {
    let cloud = cloud();
    let s3 = filled(&cloud).await;
    let ids = ["assets/a.js", "assets/b.js"]
        .map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
    let delete = Delete::builder()
        .set_objects(Some(ids.to_vec()))
        .build()
        .unwrap();
    let deleted = s3
        .delete_objects()
        .bucket(BUCKET)
        .delete(delete)
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.deleted().len(), 2);
    let left = cloud.with_world(|world| world.keys(BUCKET));
    assert_eq!(left, ["assets/img/c.png", "index.html", "robots.txt"]);
}

#[tokio::test(start_paused = true)]
async fn keys_are_written_as_urls_when_asked_for() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let put = s3.put_object().bucket(BUCKET).key("a b/\u{fc}+.txt");
    put.send().await.unwrap();
    let list = s3.list_objects_v2().bucket(BUCKET).prefix("a ");
    let plain = list.clone().send().await.unwrap();
    assert_eq!(plain.contents()[0].key(), Some("a b/\u{fc}+.txt"));
    let encoded = list.encoding_type(EncodingType::Url).send().await.unwrap();
    assert_eq!(encoded.contents()[0].key(), Some("a+b/%C3%BC%2B.txt"));
    assert_eq!(encoded.prefix(), Some("a+"));
}

#[tokio::test(start_paused = true)]
async fn the_first_list_goes_on_after_a_marker() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    for key in ["a/1", "a/2", "b"] {
        s3.put_object()
            .bucket(BUCKET)
            .key(key)
            .send()
            .await
            .unwrap();
    }
    let list = s3.list_objects().bucket(BUCKET).delimiter("/").max_keys(1);
    let first = list.clone().send().await.unwrap();
    assert_eq!(first.common_prefixes()[0].prefix(), Some("a/"));
    let second = list
        .marker(first.next_marker().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(second.contents()[0].key(), Some("b"));
}
