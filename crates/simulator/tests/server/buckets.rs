//! A bucket for state: made over the wire, written under conditions, listed in pages.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};

use crate::support::{Served, client, in_its_region};

/// Status and code of a refusal.
macro_rules! refusal {
    ($result:expr) => {{
        let error = $result.unwrap_err();
        let status = error.raw_response().unwrap().status().as_u16();
        (status, error.code().unwrap_or_default().to_owned())
    }};
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn buckets_are_made_listed_and_deleted() {
    let served = Served::manual();
    let s3 = client!(aws_sdk_s3, served);
    let missing = s3.head_bucket().bucket("state").send().await.unwrap_err();
    assert!(missing.into_service_error().is_not_found());
    let location = CreateBucketConfiguration::builder()
        .location_constraint(BucketLocationConstraint::SaEast1)
        .build();
    let create = || s3.create_bucket().bucket("state");
    create()
        .create_bucket_configuration(location)
        .send()
        .await
        .unwrap();
    assert_eq!(
        refusal!(create().send().await),
        refused(409, "BucketAlreadyOwnedByYou")
    );
    let head = s3.head_bucket().bucket("state").send().await.unwrap();
    assert_eq!(head.bucket_region(), Some("sa-east-1"));
    let listed = s3.list_buckets().send().await.unwrap();
    let names: Vec<_> = listed
        .buckets()
        .iter()
        .filter_map(|bucket| bucket.name())
        .collect();
    assert_eq!(names, ["cat-house-web", "state"]);
    assert!(listed.buckets()[1].creation_date().is_some());
    let delete = |bucket: &str| s3.delete_bucket().bucket(bucket).send();
    assert_eq!(
        refusal!(delete("cat-house-web").await),
        refused(409, "BucketNotEmpty")
    );
    delete("state").await.unwrap();
    assert_eq!(
        refusal!(delete("state").await),
        refused(404, "NoSuchBucket")
    );
}

#[tokio::test]
async fn a_write_can_have_conditions() {
    let served = Served::manual();
    let s3 = client!(aws_sdk_s3, served);
    s3.create_bucket()
        .bucket("state")
        .create_bucket_configuration(in_its_region())
        .send()
        .await
        .unwrap();
    let put = |key: &str| {
        s3.put_object()
            .bucket("state")
            .key(key)
            .body(b"x".to_vec().into())
    };
    let first = put("lease").if_none_match("*").send().await.unwrap();
    let etag = first.e_tag().unwrap();
    let lost = refused(412, "PreconditionFailed");
    assert_eq!(refusal!(put("lease").if_none_match("*").send().await), lost);
    let other = "\"00000000000000000000000000000000\"";
    assert_eq!(refusal!(put("lease").if_match(other).send().await), lost);
    assert_eq!(
        refusal!(put("nothing").if_match(etag).send().await),
        refused(404, "NoSuchKey")
    );
    put("lease").if_match(etag).send().await.unwrap();
    let got = s3
        .get_object()
        .bucket("state")
        .key("lease")
        .send()
        .await
        .unwrap();
    assert_eq!(got.e_tag(), Some(etag));
    assert_eq!(got.last_modified().unwrap().secs(), 1_767_225_600);
    let delete = s3.delete_object().bucket("state").key("lease");
    assert_eq!(refusal!(delete.clone().if_match(other).send().await), lost);
    delete.if_match(etag).send().await.unwrap();
}

#[tokio::test]
async fn one_of_many_wins_a_lease() {
    let served = Served::manual();
    let s3 = client!(aws_sdk_s3, served);
    s3.create_bucket()
        .bucket("state")
        .create_bucket_configuration(in_its_region())
        .send()
        .await
        .unwrap();
    let racers: Vec<_> = (0..8)
        .map(|racer| {
            let s3 = client!(aws_sdk_s3, served);
            let put = s3
                .put_object()
                .bucket("state")
                .key("lease")
                .if_none_match("*");
            tokio::spawn(put.body(format!("{racer}").into_bytes().into()).send())
        })
        .collect();
    let mut won = 0;
    for racer in racers {
        won += usize::from(racer.await.unwrap().is_ok());
    }
    assert_eq!(won, 1);
}

#[tokio::test]
async fn keys_are_listed_from_a_place_in_pages() {
    let served = Served::manual();
    let s3 = client!(aws_sdk_s3, served);
    s3.create_bucket()
        .bucket("state")
        .create_bucket_configuration(in_its_region())
        .send()
        .await
        .unwrap();
    for number in 0..7 {
        let put = s3
            .put_object()
            .bucket("state")
            .key(format!("journal/{number}"));
        put.send().await.unwrap();
    }
    s3.put_object()
        .bucket("state")
        .key("zzz")
        .send()
        .await
        .unwrap();
    let mut pages = s3
        .list_objects_v2()
        .bucket("state")
        .prefix("journal/")
        .start_after("journal/1")
        .max_keys(2)
        .into_paginator()
        .send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let keys: Vec<String> = page
            .unwrap()
            .contents()
            .iter()
            .filter_map(|object| object.key().map(str::to_owned))
            .collect();
        found.push(keys.join(" "));
    }
    assert_eq!(
        found,
        ["journal/2 journal/3", "journal/4 journal/5", "journal/6"]
    );
}
