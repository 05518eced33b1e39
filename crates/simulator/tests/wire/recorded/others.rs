//! Images, logs, invalidations, objects, and who is asking.

use std::time::Duration;

use aws_sdk_cloudfront::types::{InvalidationBatch, Paths};
use aws_sdk_ecr::types::ImageIdentifier;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketVersioningStatus, MetadataDirective, ObjectCannedAcl, VersioningConfiguration,
};
use backstay_simulator::DistributionBlueprint;

use super::heard::{Heard, overheard};
use crate::support;

const DISTRIBUTION: &str = "E2ABCDEFGHIJKL";
const BUCKET: &str = "cat-house-web";

pub(crate) async fn play(heard: &Heard) {
    let cloud = support::cloud();
    cloud.with_world(|world| {
        world.create_log_group("/ecs/shop");
        world.create_distribution(&DistributionBlueprint {
            origin_path: String::new(),
            id: DISTRIBUTION.to_owned(),
            hosts: vec!["d111.cloudfront.net".to_owned()],
            bucket: BUCKET.to_owned(),
            default_root_object: "index.html".to_owned(),
            not_found_page: None,
        });
    });
    let sts = overheard!(aws_sdk_sts, heard, &cloud);
    sts.get_caller_identity().send().await.unwrap();
    images(&overheard!(aws_sdk_ecr, heard, &cloud)).await;
    let logs = overheard!(aws_sdk_cloudwatchlogs, heard, &cloud);
    cloud.with_world(|world| world.write_log("/ecs/shop", "api/web/1", "hello"));
    cloud.time().sleep(Duration::from_secs(5)).await;
    let read = logs.get_log_events().log_group_name("/ecs/shop");
    read.log_stream_name("api/web/1").send().await.unwrap();
    invalidations(&overheard!(aws_sdk_cloudfront, heard, &cloud)).await;
    objects(&overheard!(aws_sdk_s3, heard, &cloud)).await;
}

async fn images(ecr: &aws_sdk_ecr::Client) {
    ecr.describe_repositories().send().await.unwrap();
    let id = ImageIdentifier::builder().image_tag("latest").build();
    let get = ecr.batch_get_image().repository_name("cat-house/auth");
    get.image_ids(id).send().await.unwrap();
}

async fn invalidations(cloudfront: &aws_sdk_cloudfront::Client) {
    let paths = Paths::builder().quantity(1).items("/*").build().unwrap();
    let batch = InvalidationBatch::builder().caller_reference("one");
    let batch = batch.paths(paths).build().unwrap();
    let create = cloudfront.create_invalidation().invalidation_batch(batch);
    let created = create.distribution_id(DISTRIBUTION).send().await.unwrap();
    let id = created.invalidation().unwrap().id();
    let get = cloudfront.get_invalidation().distribution_id(DISTRIBUTION);
    get.id(id).send().await.unwrap();
}

/// Every call twice: in a bucket without versions, and in one with them.
async fn objects(s3: &aws_sdk_s3::Client) {
    for versions in [false, true] {
        if versions {
            let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled);
            let put = s3.put_bucket_versioning().bucket(BUCKET);
            put.versioning_configuration(on.build())
                .send()
                .await
                .unwrap();
        }
        s3.head_bucket().bucket(BUCKET).send().await.unwrap();
        for key in ["a.txt", "folder/b.txt", "folder/c.txt"] {
            let put = s3.put_object().bucket(BUCKET).key(key);
            let body = ByteStream::from_static(b"bytes");
            put.content_type("text/plain")
                .body(body)
                .send()
                .await
                .unwrap();
        }
        s3.head_object()
            .bucket(BUCKET)
            .key("a.txt")
            .send()
            .await
            .unwrap();
        s3.get_object()
            .bucket(BUCKET)
            .key("a.txt")
            .send()
            .await
            .unwrap();
        let copy = s3.copy_object().bucket(BUCKET).key("copy.txt");
        let copy = copy.copy_source(format!("{BUCKET}/a.txt"));
        let copy = copy.metadata_directive(MetadataDirective::Replace);
        copy.send().await.unwrap();
        let list = s3.list_objects_v2().bucket(BUCKET).delimiter("/");
        list.max_keys(1).send().await.unwrap();
        let list = s3.list_objects_v2().bucket(BUCKET).prefix("folder");
        list.delimiter("/").send().await.unwrap();
        let acl = s3.get_object_acl().bucket(BUCKET).key("a.txt");
        acl.send().await.unwrap();
        let delete = s3.delete_object().bucket(BUCKET).key("copy.txt");
        delete.send().await.unwrap();
    }
    // What everybody may read, in a bucket that has ACLs still.
    let put = s3.put_object().bucket(BUCKET).key("public.txt");
    let put = put.acl(ObjectCannedAcl::PublicRead);
    let put = put.body(ByteStream::from_static(b"bytes")).send().await;
    if put.is_ok() {
        let acl = s3.get_object_acl().bucket(BUCKET).key("public.txt");
        acl.send().await.unwrap();
    }
}
