//! Multipart uploads, copies of parts, tags and attributes.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, ObjectAttributes, Tag, Tagging,
};

use crate::s3_versions::refusal;
use crate::support::{client, cloud};

const BUCKET: &str = "cat-house-web";
const KEY: &str = "film.mp4";
const LARGE: usize = 5 * 1024 * 1024;

async fn upload(s3: &Client, bodies: &[Vec<u8>]) -> (String, Vec<CompletedPart>) {
    let create = s3.create_multipart_upload().bucket(BUCKET).key(KEY);
    let create = create
        .checksum_algorithm(ChecksumAlgorithm::Sha256)
        .content_type("video/mp4");
    let id = create.send().await.unwrap().upload_id().unwrap().to_owned();
    let mut parts = Vec::new();
    for (number, body) in (1..).zip(bodies) {
        let part = s3
            .upload_part()
            .bucket(BUCKET)
            .key(KEY)
            .upload_id(&id)
            .part_number(number);
        let part = part
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .body(body.clone().into());
        let sent = part.send().await.unwrap();
        let done = CompletedPart::builder()
            .part_number(number)
            .e_tag(sent.e_tag().unwrap());
        parts.push(
            done.set_checksum_sha256(sent.checksum_sha256().map(str::to_owned))
                .build(),
        );
    }
    (id, parts)
}

macro_rules! complete {
    ($s3:expr, $id:expr, $parts:expr) => {{
        let parts = CompletedMultipartUpload::builder()
            .set_parts(Some($parts))
            .build();
        let complete = $s3.complete_multipart_upload().bucket(BUCKET).key(KEY);
        complete.upload_id($id).multipart_upload(parts)
    }};
}

#[tokio::test(start_paused = true)]
async fn parts_become_one_object() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let (id, parts) = upload(&s3, &[vec![b'a'; LARGE], b"end".to_vec()]).await;
    let listed = s3
        .list_parts()
        .bucket(BUCKET)
        .key(KEY)
        .upload_id(&id)
        .send()
        .await
        .unwrap();
    assert_eq!(listed.parts().len(), 2);
    let uploads = s3
        .list_multipart_uploads()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    assert_eq!(uploads.uploads()[0].upload_id(), Some(id.as_str()));
    let turned: Vec<_> = parts.iter().rev().cloned().collect();
    let refused = refusal!(complete!(s3, &id, turned).send().await);
    assert_eq!(refused, (400, "InvalidPartOrder".to_owned()));
    let done = complete!(s3, &id, parts).send().await.unwrap();
    // md5(md5(5 MiB of "a") + md5("end")) and the composite SHA-256, computed by hand with Python's hashlib.
    assert_eq!(done.e_tag(), Some("\"cc8f6f16b44b75adde6349ab98aee432-2\""));
    assert_eq!(
        done.checksum_sha256(),
        Some("CCs1a+1DlLxspT19ARp9eg2ZuO4lvUykB7Orxi45QJg=-2")
    );
    let part = s3
        .get_object()
        .bucket(BUCKET)
        .key(KEY)
        .part_number(2)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (part.parts_count(), part.content_type()),
        (Some(2), Some("video/mp4"))
    );
    assert_eq!(part.body.collect().await.unwrap().into_bytes(), "end");
    let attributes = s3.get_object_attributes().bucket(BUCKET).key(KEY);
    let attributes = attributes
        .object_attributes(ObjectAttributes::ObjectParts)
        .object_attributes(ObjectAttributes::ObjectSize);
    let attributes = attributes.send().await.unwrap();
    assert_eq!(attributes.object_size(), Some(LARGE as i64 + 3));
    assert_eq!(attributes.object_parts().unwrap().parts().len(), 2);
    let gone = s3
        .list_parts()
        .bucket(BUCKET)
        .key(KEY)
        .upload_id(&id)
        .send()
        .await;
    assert_eq!(refusal!(gone), (404, "NoSuchUpload".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn only_the_last_part_may_be_small() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let (id, parts) = upload(&s3, &[b"small".to_vec(), b"end".to_vec()]).await;
    let refused = refusal!(complete!(s3, &id, parts).send().await);
    assert_eq!(refused, (400, "EntityTooSmall".to_owned()));
    let other = CompletedPart::builder()
        .part_number(1)
        .e_tag("\"other\"")
        .build();
    let refused = refusal!(complete!(s3, &id, vec![other]).send().await);
    assert_eq!(refused, (400, "InvalidPart".to_owned()));
    let abort = s3
        .abort_multipart_upload()
        .bucket(BUCKET)
        .key(KEY)
        .upload_id(&id);
    abort.clone().send().await.unwrap();
    assert_eq!(
        refusal!(abort.send().await),
        (404, "NoSuchUpload".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn a_conditional_completion_is_lost_or_in_conflict() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let (id, parts) = upload(&s3, &[b"one".to_vec()]).await;
    s3.put_object()
        .bucket(BUCKET)
        .key(KEY)
        .send()
        .await
        .unwrap();
    let refused = refusal!(
        complete!(s3, &id, parts.clone())
            .if_none_match("*")
            .send()
            .await
    );
    assert_eq!(refused, (412, "PreconditionFailed".to_owned()));
    s3.delete_object()
        .bucket(BUCKET)
        .key(KEY)
        .send()
        .await
        .unwrap();
    let refused = refusal!(complete!(s3, &id, parts).if_none_match("*").send().await);
    assert_eq!(refused, (409, "ConditionalRequestConflict".to_owned()));
    let (id, parts) = upload(&s3, &[b"two".to_vec()]).await;
    complete!(s3, &id, parts)
        .if_none_match("*")
        .send()
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_part_can_be_copied_from_a_range() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let create = s3
        .create_multipart_upload()
        .bucket(BUCKET)
        .key(KEY)
        .send()
        .await
        .unwrap();
    let id = create.upload_id().unwrap();
    let copy = s3
        .upload_part_copy()
        .bucket(BUCKET)
        .key(KEY)
        .upload_id(id)
        .part_number(1);
    let copy = copy
        .copy_source(format!("{BUCKET}/index.html"))
        .copy_source_range("bytes=6-8");
    let copied = copy.send().await.unwrap();
    let etag = copied.copy_part_result().unwrap().e_tag().unwrap();
    let part = CompletedPart::builder().part_number(1).e_tag(etag).build();
    complete!(s3, id, vec![part]).send().await.unwrap();
    let got = s3
        .get_object()
        .bucket(BUCKET)
        .key(KEY)
        .send()
        .await
        .unwrap();
    assert_eq!(got.body.collect().await.unwrap().into_bytes(), "one");
}

#[tokio::test(start_paused = true)]
async fn objects_have_tags() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    s3.put_object()
        .bucket(BUCKET)
        .key(KEY)
        .tagging("a=1&b=2")
        .send()
        .await
        .unwrap();
    let head = s3
        .get_object()
        .bucket(BUCKET)
        .key(KEY)
        .send()
        .await
        .unwrap();
    assert_eq!(head.tag_count(), Some(2));
    let tag = Tag::builder().key("c").value("3").build().unwrap();
    let tagging = Tagging::builder().tag_set(tag.clone()).build().unwrap();
    let put = s3.put_object_tagging().bucket(BUCKET).key(KEY);
    put.tagging(tagging).send().await.unwrap();
    let get = s3.get_object_tagging().bucket(BUCKET).key(KEY);
    assert_eq!(get.clone().send().await.unwrap().tag_set(), [tag]);
    s3.delete_object_tagging()
        .bucket(BUCKET)
        .key(KEY)
        .send()
        .await
        .unwrap();
    assert!(get.send().await.unwrap().tag_set().is_empty());
}

/// A client whose reply was lost asks again: the same answer, as long as the object is the one that the upload has made.
#[tokio::test(start_paused = true)]
async fn a_completion_can_be_asked_for_twice() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let (id, parts) = upload(&s3, &[b"one".to_vec()]).await;
    let first = complete!(s3, &id, parts.clone()).send().await.unwrap();
    let second = complete!(s3, &id, parts.clone()).send().await.unwrap();
    assert_eq!(first.e_tag(), second.e_tag());
    assert_eq!(first.checksum_sha256(), second.checksum_sha256());
    let put = s3.put_object().bucket(BUCKET).key(KEY);
    put.body(b"another".to_vec().into()).send().await.unwrap();
    let refused = refusal!(complete!(s3, &id, parts).send().await);
    assert_eq!(refused, (404, "NoSuchUpload".to_owned()));
}

/// LocalStack's `test_complete_multipart_parts_checksum_composite`, recorded on AWS.
#[tokio::test(start_paused = true)]
async fn the_checksums_of_parts_are_compared() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let (id, parts) = upload(&s3, &[b"one".to_vec()]).await;
    let with = |checksum: Option<&str>| {
        let part = CompletedPart::builder()
            .part_number(1)
            .e_tag(parts[0].e_tag().unwrap());
        vec![
            part.set_checksum_sha256(checksum.map(str::to_owned))
                .build(),
        ]
    };
    let wrong = with(Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
    let refused = refusal!(complete!(s3, &id, wrong).send().await);
    assert_eq!(refused, (400, "InvalidPart".to_owned()));
    let refused = refusal!(complete!(s3, &id, with(None)).send().await);
    assert_eq!(refused, (400, "InvalidRequest".to_owned()));
    complete!(s3, &id, parts.clone()).send().await.unwrap();
}

/// LocalStack's `test_multipart_if_match_with_put`, recorded on AWS: the ETag is the one that is there, and the write came meanwhile.
#[tokio::test(start_paused = true)]
async fn a_write_meanwhile_is_a_conflict() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let (id, parts) = upload(&s3, &[b"one".to_vec()]).await;
    let put = s3.put_object().bucket(BUCKET).key(KEY);
    let put = put.body(b"another".to_vec().into()).send().await.unwrap();
    let conditional = complete!(s3, &id, parts).if_match(put.e_tag().unwrap());
    let refused = refusal!(conditional.send().await);
    assert_eq!(refused, (409, "ConditionalRequestConflict".to_owned()));
}
