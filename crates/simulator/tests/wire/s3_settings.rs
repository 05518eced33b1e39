//! Settings of a bucket as Terraform reads and writes them.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{
    BucketCannedAcl, BucketLifecycleConfiguration, BucketVersioningStatus, CorsConfiguration,
    CorsRule, ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter,
    ObjectLockEnabled, ObjectOwnership, Payer, Permission, ServerSideEncryption, Tag, Tagging,
};

use crate::s3_versions::refusal;
use crate::support::{client, cloud, in_its_region};

const BUCKET: &str = "cat-house-web";

#[tokio::test(start_paused = true)]
async fn a_new_bucket_says_what_it_has_not() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    macro_rules! missing {
        ($($operation:ident: $code:expr;)*) => {$(
            let refused = refusal!(s3.$operation().bucket(BUCKET).send().await);
            assert_eq!(refused, (404, $code.to_owned()), stringify!($operation));
        )*};
    }
    missing! {
        get_bucket_policy: "NoSuchBucketPolicy";
        get_bucket_policy_status: "NoSuchBucketPolicy";
        get_bucket_lifecycle_configuration: "NoSuchLifecycleConfiguration";
        get_bucket_cors: "NoSuchCORSConfiguration";
        get_bucket_website: "NoSuchWebsiteConfiguration";
        get_bucket_tagging: "NoSuchTagSet";
        get_bucket_replication: "ReplicationConfigurationNotFoundError";
        get_object_lock_configuration: "ObjectLockConfigurationNotFoundError";
    }
    let gone = s3.get_bucket_cors().bucket("nobodys-bucket").send().await;
    assert_eq!(refusal!(gone), (404, "NoSuchBucket".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_new_bucket_has_what_aws_gives_it() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let encryption = s3
        .get_bucket_encryption()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    let rules = encryption
        .server_side_encryption_configuration()
        .unwrap()
        .rules();
    let by_default = rules[0].apply_server_side_encryption_by_default().unwrap();
    assert_eq!(by_default.sse_algorithm(), &ServerSideEncryption::Aes256);
    let block = s3
        .get_public_access_block()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    let block = block.public_access_block_configuration().unwrap();
    assert_eq!(block.block_public_policy(), Some(true));
    let controls = s3
        .get_bucket_ownership_controls()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    let rules = controls.ownership_controls().unwrap().rules();
    assert_eq!(
        rules[0].object_ownership(),
        &ObjectOwnership::BucketOwnerEnforced
    );
    let payer = s3
        .get_bucket_request_payment()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    assert_eq!(payer.payer(), Some(&Payer::BucketOwner));
    let logging = s3.get_bucket_logging().bucket(BUCKET).send().await.unwrap();
    assert!(logging.logging_enabled().is_none());
    let versioning = s3
        .get_bucket_versioning()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    assert!(versioning.status().is_none());
}

#[tokio::test(start_paused = true)]
async fn what_is_deleted_is_not_found() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    s3.delete_public_access_block()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    let block = refusal!(s3.get_public_access_block().bucket(BUCKET).send().await);
    assert_eq!(
        block,
        (404, "NoSuchPublicAccessBlockConfiguration".to_owned())
    );
    s3.delete_bucket_ownership_controls()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    let controls = refusal!(
        s3.get_bucket_ownership_controls()
            .bucket(BUCKET)
            .send()
            .await
    );
    assert_eq!(controls, (404, "OwnershipControlsNotFoundError".to_owned()));
    // Encryption cannot be taken away: AES256 comes back.
    s3.delete_bucket_encryption()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    assert!(
        s3.get_bucket_encryption()
            .bucket(BUCKET)
            .send()
            .await
            .is_ok()
    );
}

#[tokio::test(start_paused = true)]
async fn settings_are_given_back() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let expiration = LifecycleExpiration::builder().days(30).build();
    let filter = LifecycleRuleFilter::builder().prefix("old/").build();
    let rule = LifecycleRule::builder()
        .id("old")
        .status(ExpirationStatus::Enabled);
    let rule = rule.filter(filter).expiration(expiration).build().unwrap();
    let lifecycle = BucketLifecycleConfiguration::builder()
        .rules(rule.clone())
        .build()
        .unwrap();
    let put = s3.put_bucket_lifecycle_configuration().bucket(BUCKET);
    put.lifecycle_configuration(lifecycle).send().await.unwrap();
    let got = s3
        .get_bucket_lifecycle_configuration()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    assert_eq!(got.rules(), [rule]);
    let size = got.transition_default_minimum_object_size().unwrap();
    assert_eq!(size.as_str(), "all_storage_classes_128K");
    let rule = CorsRule::builder()
        .allowed_methods("GET")
        .allowed_origins("*")
        .build()
        .unwrap();
    let cors = CorsConfiguration::builder()
        .cors_rules(rule.clone())
        .build()
        .unwrap();
    s3.put_bucket_cors()
        .bucket(BUCKET)
        .cors_configuration(cors)
        .send()
        .await
        .unwrap();
    let got = s3.get_bucket_cors().bucket(BUCKET).send().await.unwrap();
    assert_eq!(got.cors_rules(), [rule]);
    let tag = Tag::builder()
        .key("app")
        .value("cat + house")
        .build()
        .unwrap();
    let tagging = Tagging::builder().tag_set(tag.clone()).build().unwrap();
    s3.put_bucket_tagging()
        .bucket(BUCKET)
        .tagging(tagging)
        .send()
        .await
        .unwrap();
    let got = s3.get_bucket_tagging().bucket(BUCKET).send().await.unwrap();
    assert_eq!(got.tag_set(), [tag]);
}

#[tokio::test(start_paused = true)]
async fn a_public_policy_is_refused_until_the_block_is_gone() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let statement = |resource: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"{resource}"}}]}}"#
        )
    };
    let open = statement("arn:aws:s3:::cat-house-web/*");
    let put = |policy: &str| s3.put_bucket_policy().bucket(BUCKET).policy(policy).send();
    for (policy, status, code) in [
        (open.as_str(), 403, "AccessDenied"),
        (&statement("arn:aws:s3:::other/*"), 400, "MalformedPolicy"),
        ("no JSON", 400, "MalformedPolicy"),
    ] {
        assert_eq!(
            refusal!(put(policy).await),
            (status, code.to_owned()),
            "{policy}"
        );
    }
    s3.delete_public_access_block()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    put(&open).await.unwrap();
    let got = s3.get_bucket_policy().bucket(BUCKET).send().await.unwrap();
    assert_eq!(got.policy(), Some(open.as_str()));
    let status = s3
        .get_bucket_policy_status()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    assert_eq!(status.policy_status().unwrap().is_public(), Some(true));
}

#[tokio::test(start_paused = true)]
async fn acls_are_disabled_unless_asked_for() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let public = s3
        .put_bucket_acl()
        .bucket(BUCKET)
        .acl(BucketCannedAcl::PublicRead);
    let refused = refusal!(public.send().await);
    assert_eq!(refused, (400, "AccessControlListNotSupported".to_owned()));
    let create = s3
        .create_bucket()
        .bucket("with-acls")
        .create_bucket_configuration(in_its_region())
        .acl(BucketCannedAcl::PublicRead);
    let create = create.object_ownership(ObjectOwnership::BucketOwnerPreferred);
    create.send().await.unwrap();
    let acl = s3
        .get_bucket_acl()
        .bucket("with-acls")
        .send()
        .await
        .unwrap();
    let permissions: Vec<_> = acl
        .grants()
        .iter()
        .filter_map(|it| it.permission())
        .collect();
    assert_eq!(permissions, [&Permission::FullControl, &Permission::Read]);
}

#[tokio::test(start_paused = true)]
async fn object_lock_brings_versioning() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let create = s3
        .create_bucket()
        .bucket("locked")
        .create_bucket_configuration(in_its_region())
        .object_lock_enabled_for_bucket(true);
    create.send().await.unwrap();
    let lock = s3
        .get_object_lock_configuration()
        .bucket("locked")
        .send()
        .await
        .unwrap();
    let enabled = lock
        .object_lock_configuration()
        .unwrap()
        .object_lock_enabled();
    assert_eq!(enabled, Some(&ObjectLockEnabled::Enabled));
    let versioning = s3
        .get_bucket_versioning()
        .bucket("locked")
        .send()
        .await
        .unwrap();
    assert_eq!(versioning.status(), Some(&BucketVersioningStatus::Enabled));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_simulated_says_so() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let inventory = s3
        .list_bucket_inventory_configurations()
        .bucket(BUCKET)
        .send()
        .await;
    assert_eq!(refusal!(inventory).0, 501);
    let torrent = s3
        .get_object_torrent()
        .bucket(BUCKET)
        .key("index.html")
        .send()
        .await;
    assert_eq!(refusal!(torrent), (501, "NotImplemented".to_owned()));
}
