//! S3 with the SDK's own checksums, chunked uploads and addressing.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, MetadataDirective};

use backstay_simulator::BucketBlueprint;

use crate::support::{client, cloud};

const BUCKET: &str = "cat-house-web";

#[tokio::test(start_paused = true)]
async fn a_megabyte_goes_in_and_comes_out_with_its_headers() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let megabyte: Vec<u8> = (0..1_048_576_u32)
        .map(|index| (index % 251) as u8)
        .collect();
    let put = s3
        .put_object()
        .bucket(BUCKET)
        .key("assets/app.js")
        .content_type("text/javascript");
    let put = put
        .cache_control("public, max-age=31536000, immutable")
        .metadata("release", "2f9c1e7");
    put.body(ByteStream::from(megabyte.clone()))
        .send()
        .await
        .unwrap();
    let got = s3
        .get_object()
        .bucket(BUCKET)
        .key("assets/app.js")
        .send()
        .await
        .unwrap();
    assert_eq!(got.content_type(), Some("text/javascript"));
    assert_eq!(
        got.cache_control(),
        Some("public, max-age=31536000, immutable")
    );
    assert_eq!(got.metadata().unwrap()["release"], "2f9c1e7");
    assert_eq!(got.body.collect().await.unwrap().into_bytes(), megabyte);
    let stored = cloud
        .with_world(|world| world.object(BUCKET, "assets/app.js"))
        .unwrap();
    assert_eq!(stored.body.len(), megabyte.len());
}

#[tokio::test(start_paused = true)]
async fn a_bucket_answers_in_its_own_region_only_and_names_it() {
    let cloud = cloud();
    cloud.with_world(|world| {
        world.create_bucket(&BucketBlueprint {
            name: "elsewhere".to_owned(),
            region: Some("us-east-1".to_owned()),
            objects: Vec::new(),
        });
    });
    let s3 = client!(aws_sdk_s3, cloud);
    let head = s3.head_bucket().bucket("elsewhere").send().await;
    let listed = s3.list_objects_v2().bucket("elsewhere").send().await;
    let listed = listed.unwrap_err();
    assert_eq!(listed.code(), Some("PermanentRedirect"));
    let head = head.unwrap_err();
    for raw in [head.raw_response().unwrap(), listed.raw_response().unwrap()] {
        assert_eq!(raw.status().as_u16(), 301);
        assert_eq!(raw.headers().get("x-amz-bucket-region"), Some("us-east-1"));
    }
    let config = s3.config().to_builder();
    let there = aws_sdk_s3::Client::from_conf(
        config
            .region(aws_sdk_s3::config::Region::new("us-east-1"))
            .build(),
    );
    let head = there
        .head_bucket()
        .bucket("elsewhere")
        .send()
        .await
        .unwrap();
    assert_eq!(head.bucket_region(), Some("us-east-1"));
    s3.head_bucket().bucket(BUCKET).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn every_checksum_is_verified_and_kept() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    for algorithm in [
        ChecksumAlgorithm::Crc32,
        ChecksumAlgorithm::Crc32C,
        ChecksumAlgorithm::Sha1,
        ChecksumAlgorithm::Sha256,
    ] {
        let put = s3
            .put_object()
            .bucket(BUCKET)
            .key("a")
            .checksum_algorithm(algorithm.clone());
        put.body(ByteStream::from_static(b"hello"))
            .send()
            .await
            .unwrap();
        let got = s3
            .get_object()
            .bucket(BUCKET)
            .key("a")
            .send()
            .await
            .unwrap();
        assert_eq!(
            got.body.collect().await.unwrap().into_bytes(),
            "hello",
            "{algorithm:?}"
        );
    }
    let wrong = s3
        .put_object()
        .bucket(BUCKET)
        .key("a")
        .checksum_sha256("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    let error = wrong
        .body(ByteStream::from_static(b"hello"))
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.into_service_error().meta().code(), Some("BadDigest"));
}

#[tokio::test(start_paused = true)]
async fn a_conditional_write_is_won_once() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let put = |body: &'static [u8]| {
        s3.put_object()
            .bucket(BUCKET)
            .key("lease")
            .body(ByteStream::from_static(body))
    };
    let created = put(b"one").if_none_match("*").send().await.unwrap();
    let lost = put(b"two").if_none_match("*").send().await.unwrap_err();
    assert_eq!(
        lost.into_service_error().meta().code(),
        Some("PreconditionFailed")
    );
    let etag = created.e_tag().unwrap();
    let swapped = put(b"two").if_match(etag).send().await.unwrap();
    assert_ne!(swapped.e_tag(), Some(etag));
    let lost = put(b"three").if_match(etag).send().await.unwrap_err();
    assert_eq!(lost.raw_response().unwrap().status().as_u16(), 412);
    let missing = s3
        .put_object()
        .bucket(BUCKET)
        .key("nowhere")
        .if_match(etag)
        .send()
        .await
        .unwrap_err();
    assert_eq!(missing.raw_response().unwrap().status().as_u16(), 404);
}

#[tokio::test(start_paused = true)]
async fn a_conditional_delete_needs_the_same_object() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let put = s3
        .put_object()
        .bucket(BUCKET)
        .key("lease")
        .body(ByteStream::from_static(b"one"));
    let etag = put.send().await.unwrap().e_tag().unwrap().to_owned();
    let delete = || s3.delete_object().bucket(BUCKET).key("lease");
    let lost = delete()
        .if_match("\"00000000000000000000000000000000\"")
        .send()
        .await
        .unwrap_err();
    assert_eq!(lost.raw_response().unwrap().status().as_u16(), 412);
    delete().if_match(etag).send().await.unwrap();
    delete().send().await.unwrap();
    let error = s3
        .get_object()
        .bucket(BUCKET)
        .key("lease")
        .send()
        .await
        .unwrap_err();
    assert!(error.into_service_error().is_no_such_key());
}

#[tokio::test(start_paused = true)]
async fn a_part_of_an_object_and_its_head() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let part = s3
        .get_object()
        .bucket(BUCKET)
        .key("index.html")
        .range("bytes=1-4")
        .send()
        .await
        .unwrap();
    assert_eq!(part.content_range(), Some("bytes 1-4/16"));
    assert_eq!(part.body.collect().await.unwrap().into_bytes(), "html");
    let head = s3
        .head_object()
        .bucket(BUCKET)
        .key("index.html")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (head.content_length(), head.cache_control()),
        (Some(16), Some("no-cache"))
    );
    let missing = s3
        .head_object()
        .bucket(BUCKET)
        .key("nowhere")
        .send()
        .await
        .unwrap_err();
    assert!(missing.into_service_error().is_not_found());
}

#[tokio::test(start_paused = true)]
async fn buckets_exist_or_not_in_both_styles_of_address() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let path_style =
        aws_sdk_s3::Client::from_conf(s3.config().to_builder().force_path_style(true).build());
    for s3 in [s3, path_style] {
        s3.head_bucket().bucket(BUCKET).send().await.unwrap();
        let missing = s3
            .head_bucket()
            .bucket("nobodys-bucket")
            .send()
            .await
            .unwrap_err();
        assert!(missing.into_service_error().is_not_found());
        let error = s3
            .get_object()
            .bucket("nobodys-bucket")
            .key("a")
            .send()
            .await
            .unwrap_err();
        assert_eq!(
            error.into_service_error().meta().code(),
            Some("NoSuchBucket")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn copies_keep_their_headers_unless_replaced() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let copy = |key: &str| {
        s3.copy_object()
            .bucket(BUCKET)
            .copy_source(format!("{BUCKET}/index.html"))
            .key(key)
    };
    copy("previous/index.html").send().await.unwrap();
    let kept = cloud
        .with_world(|world| world.object(BUCKET, "previous/index.html"))
        .unwrap();
    assert_eq!(kept.cache_control.as_deref(), Some("no-cache"));
    let replaced = copy("index.html")
        .metadata_directive(MetadataDirective::Replace)
        .cache_control("max-age=60");
    replaced.content_type("text/html").send().await.unwrap();
    let changed = cloud
        .with_world(|world| world.object(BUCKET, "index.html"))
        .unwrap();
    assert_eq!(changed.cache_control.as_deref(), Some("max-age=60"));
    assert!(copy("index.html").send().await.is_err());
}
