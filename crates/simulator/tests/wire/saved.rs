//! A world that outlives its process.

use std::time::Duration;

use aws_sdk_cloudfront::types::CachePolicyConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use backstay_simulator::{BucketBlueprint, Cloud, SavedWorldError, World};

use crate::stage::{self, CLUSTER, SERVICE};
use crate::support::client;

#[tokio::test(start_paused = true)]
async fn a_restored_world_goes_on_as_the_first_would() {
    let cloud = stage::cloud();
    cloud.with_world(|world| {
        world.create_bucket(&BucketBlueprint {
            name: "state".to_owned(),
            region: None,
            objects: Vec::new(),
        })
    });
    let put = client!(aws_sdk_s3, cloud)
        .put_object()
        .bucket("state")
        .key("journal");
    put.body(ByteStream::from_static(b"\x00\xffbytes"))
        .send()
        .await
        .unwrap();
    let s3 = client!(aws_sdk_s3, cloud);
    let configuration = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled);
    let versioning = s3.put_bucket_versioning().bucket("state");
    let versioning = versioning.versioning_configuration(configuration.build());
    versioning.send().await.unwrap();
    s3.put_object()
        .bucket("state")
        .key("old")
        .send()
        .await
        .unwrap();
    s3.delete_object()
        .bucket("state")
        .key("old")
        .send()
        .await
        .unwrap();
    s3.delete_public_access_block()
        .bucket("state")
        .send()
        .await
        .unwrap();
    s3.create_multipart_upload()
        .bucket("state")
        .key("film")
        .send()
        .await
        .unwrap();
    let policy = CachePolicyConfig::builder().name("mine").min_ttl(1).build();
    let create = client!(aws_sdk_cloudfront, cloud).create_cache_policy();
    create
        .cache_policy_config(policy.unwrap())
        .send()
        .await
        .unwrap();
    let update = client!(aws_sdk_ecs, cloud)
        .update_service()
        .cluster(CLUSTER)
        .service(SERVICE);
    update.force_new_deployment(true).send().await.unwrap();
    cloud.time().sleep(Duration::from_secs(30)).await;

    let text = cloud.with_world(|world| world.to_json().unwrap());
    let restored = Cloud::new(World::from_json(&text).unwrap(), 1.0);
    assert_eq!(
        restored
            .with_world(|world| world.object("state", "journal"))
            .unwrap()
            .body
            .as_ref(),
        b"\x00\xffbytes"
    );
    assert_eq!(restored.with_world(|world| world.to_json().unwrap()), text);

    cloud.time().sleep(Duration::from_secs(600)).await;
    let ends = |cloud: &Cloud| cloud.with_world(|world| world.picture());
    assert_eq!(ends(&restored), ends(&cloud));
}

#[test]
fn another_format_is_named() {
    let error = World::from_json("{\"format\":99,\"world\":{}}").unwrap_err();
    assert!(matches!(error, SavedWorldError::Format { found: 99 }));
    assert!(matches!(
        World::from_json("nonsense").unwrap_err(),
        SavedWorldError::Json(_)
    ));
}
