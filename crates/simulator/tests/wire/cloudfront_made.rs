//! Distributions that are made: deployed in time, changed by version, in front of a bucket and a load balancer, deleted at last.

use std::time::Duration;

use aws_sdk_cloudfront::Client;
use aws_sdk_cloudfront::error::ProvideErrorMetadata;
use aws_sdk_cloudfront::types::{
    CacheBehavior, CacheBehaviors, CustomErrorResponse, CustomErrorResponses, CustomOriginConfig,
    DefaultCacheBehavior, DistributionConfig, Origin, OriginAccessControlConfig,
    OriginAccessControlOriginTypes, OriginAccessControlSigningBehaviors,
    OriginAccessControlSigningProtocols, OriginProtocolPolicy, Origins, S3OriginConfig, Tag, Tags,
    ViewerProtocolPolicy,
};
use backstay_simulator::{Cloud, FetchError, WebRequest};

use crate::s3_versions::refusal;
use crate::support::{self, client};
use crate::{stage, stage::HOST};

const OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";
const DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";

async fn control(cloudfront: &Client) -> String {
    let config = OriginAccessControlConfig::builder()
        .name("web")
        .signing_protocol(OriginAccessControlSigningProtocols::Sigv4)
        .signing_behavior(OriginAccessControlSigningBehaviors::Always)
        .origin_access_control_origin_type(OriginAccessControlOriginTypes::S3)
        .build()
        .unwrap();
    let create = cloudfront.create_origin_access_control();
    let created = create
        .origin_access_control_config(config)
        .send()
        .await
        .unwrap();
    created.origin_access_control().unwrap().id().to_owned()
}

/// A bucket for everything, a load balancer for `/auth/*`.
fn config(control: &str) -> DistributionConfig {
    let identity = S3OriginConfig::builder().origin_access_identity("").build();
    let bucket = Origin::builder()
        .id("bucket")
        .domain_name("cat-house-web.s3.sa-east-1.amazonaws.com")
        .s3_origin_config(identity)
        .origin_access_control_id(control)
        .build()
        .unwrap();
    let custom = CustomOriginConfig::builder()
        .http_port(80)
        .https_port(443)
        .origin_protocol_policy(OriginProtocolPolicy::HttpOnly)
        .build()
        .unwrap();
    let balancer = Origin::builder().id("api").domain_name(HOST);
    let balancer = balancer.custom_origin_config(custom).build().unwrap();
    let origins = Origins::builder().quantity(2).items(bucket).items(balancer);
    let default = DefaultCacheBehavior::builder()
        .target_origin_id("bucket")
        .viewer_protocol_policy(ViewerProtocolPolicy::RedirectToHttps)
        .cache_policy_id(OPTIMIZED)
        .build()
        .unwrap();
    let api = CacheBehavior::builder()
        .path_pattern("/auth/*")
        .target_origin_id("api")
        .viewer_protocol_policy(ViewerProtocolPolicy::HttpsOnly)
        .cache_policy_id(DISABLED)
        .build()
        .unwrap();
    let page = CustomErrorResponse::builder()
        .error_code(403)
        .response_code("200")
        .response_page_path("/index.html")
        .build()
        .unwrap();
    DistributionConfig::builder()
        .caller_reference("one")
        .comment("")
        .enabled(true)
        .default_root_object("index.html")
        .origins(origins.build().unwrap())
        .default_cache_behavior(default)
        .cache_behaviors(
            CacheBehaviors::builder()
                .quantity(1)
                .items(api)
                .build()
                .unwrap(),
        )
        .custom_error_responses(
            CustomErrorResponses::builder()
                .quantity(1)
                .items(page)
                .build()
                .unwrap(),
        )
        .build()
        .unwrap()
}

/// What a viewer gets: status and body.
async fn viewed(cloud: &Cloud, domain: &str, path: &str) -> (u16, String) {
    let reply = cloud
        .fetch(WebRequest::get(format!("https://{domain}{path}")))
        .await
        .unwrap();
    (
        reply.status,
        String::from_utf8_lossy(&reply.body).into_owned(),
    )
}

async fn deployed(cloud: &Cloud, cloudfront: &Client, id: &str) {
    cloud.time().sleep(Duration::from_secs(31)).await;
    let got = cloudfront.get_distribution().id(id).send().await.unwrap();
    assert_eq!(got.distribution().unwrap().status(), "Deployed");
}

#[tokio::test(start_paused = true)]
async fn a_distribution_reaches_the_edge_and_reads_the_bucket_it_may_read() {
    let cloud = stage::cloud();
    cloud.with_world(|world| world.create_bucket(&support::bucket()));
    let cloudfront = client!(aws_sdk_cloudfront, cloud);
    let s3 = client!(aws_sdk_s3, cloud);
    let config = config(&control(&cloudfront).await);
    let create = cloudfront.create_distribution().distribution_config(config);
    let made = create.send().await.unwrap();
    let made = made.distribution().unwrap();
    assert_eq!(made.status(), "InProgress");
    let domain = made.domain_name();
    let early = cloud
        .fetch(WebRequest::get(format!("https://{domain}/")))
        .await;
    assert_eq!(early, Err(FetchError::NoSuchHost(domain.to_owned())));
    deployed(&cloud, &cloudfront, made.id()).await;
    assert_eq!(viewed(&cloud, domain, "/").await.0, 403);
    let policy = format!(
        r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"Service":"cloudfront.amazonaws.com"}},"Action":"s3:GetObject",
        "Resource":"arn:aws:s3:::cat-house-web/*","Condition":{{"StringEquals":{{"AWS:SourceArn":"{}"}}}}}}]}}"#,
        made.arn()
    );
    s3.put_bucket_policy()
        .bucket("cat-house-web")
        .policy(policy)
        .send()
        .await
        .unwrap();
    cloud.time().sleep(Duration::from_secs(10)).await;
    let page = (200, "<html>one</html>".to_owned());
    assert_eq!(viewed(&cloud, domain, "/").await, page);
    assert_eq!(viewed(&cloud, domain, "/nothing/there").await, page);
    let (status, body) = viewed(&cloud, domain, "/auth/health").await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test(start_paused = true)]
async fn a_distribution_is_changed_by_version_and_deleted_when_disabled() {
    let cloud = support::cloud();
    let cloudfront = client!(aws_sdk_cloudfront, cloud);
    let control = control(&cloudfront).await;
    let create = cloudfront
        .create_distribution()
        .distribution_config(config(&control));
    let made = create.clone().send().await.unwrap();
    let again = refusal!(create.send().await);
    assert_eq!(again, (409, "DistributionAlreadyExists".to_owned()));
    let (first, id) = (made.e_tag().unwrap(), made.distribution().unwrap().id());
    let delete = |version: &str| {
        cloudfront
            .delete_distribution()
            .id(id)
            .if_match(version)
            .send()
    };
    assert_eq!(
        refusal!(delete(first).await),
        (409, "DistributionNotDisabled".to_owned())
    );
    let got = cloudfront
        .get_distribution_config()
        .id(id)
        .send()
        .await
        .unwrap();
    assert_eq!(got.e_tag(), Some(first));
    let mut config = got.distribution_config().unwrap().clone();
    config.enabled = false;
    let update = cloudfront
        .update_distribution()
        .id(id)
        .distribution_config(config.clone());
    let unversioned = refusal!(update.clone().send().await);
    assert_eq!(unversioned, (400, "InvalidIfMatchVersion".to_owned()));
    let updated = update.clone().if_match(first).send().await.unwrap();
    let second = updated.e_tag().unwrap();
    let late = refusal!(update.if_match(first).send().await);
    assert_eq!(late, (412, "PreconditionFailed".to_owned()));
    let got = cloudfront
        .get_distribution_config()
        .id(id)
        .send()
        .await
        .unwrap();
    assert_eq!(got.distribution_config(), Some(&config));
    assert_eq!(
        refusal!(delete(second).await),
        (409, "DistributionNotDisabled".to_owned())
    );
    deployed(&cloud, &cloudfront, id).await;
    delete(second).await.unwrap();
    assert_eq!(
        refusal!(delete(second).await),
        (404, "NoSuchDistribution".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn aws_fills_in_what_a_configuration_does_not_say() {
    let cloud = support::cloud();
    let cloudfront = client!(aws_sdk_cloudfront, cloud);
    let control = control(&cloudfront).await;
    let create = cloudfront
        .create_distribution()
        .distribution_config(config(&control));
    let made = create.send().await.unwrap();
    let config = made.distribution().unwrap().distribution_config().unwrap();
    let behavior = config.default_cache_behavior().unwrap();
    assert_eq!(config.price_class().unwrap().as_str(), "PriceClass_All");
    assert_eq!(config.http_version().unwrap().as_str(), "http2");
    assert_eq!(config.aliases().unwrap().quantity(), 0);
    assert_eq!(
        config.origins().unwrap().items()[0].connection_attempts(),
        Some(3)
    );
    assert_eq!(behavior.allowed_methods().unwrap().items().len(), 2);
    assert_eq!(behavior.compress(), Some(false));
    let certificate = config.viewer_certificate().unwrap();
    assert_eq!(certificate.cloud_front_default_certificate(), Some(true));
    assert_eq!(
        certificate.minimum_protocol_version().unwrap().as_str(),
        "TLSv1"
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_configuration_names_must_be_there() {
    let cloud = support::cloud();
    let cloudfront = client!(aws_sdk_cloudfront, cloud);
    let control = control(&cloudfront).await;
    type Change = fn(&mut DistributionConfig);
    let rows: [(Change, u16, &str); 5] = [
        (
            |it| it.origins.as_mut().unwrap().items[0].domain_name = "host.test".to_owned(),
            400,
            "InvalidArgument",
        ),
        (
            |it| it.default_cache_behavior.as_mut().unwrap().target_origin_id = "other".to_owned(),
            404,
            "NoSuchOrigin",
        ),
        (
            |it| {
                it.default_cache_behavior.as_mut().unwrap().cache_policy_id =
                    Some("other".to_owned())
            },
            404,
            "NoSuchCachePolicy",
        ),
        (
            |it| {
                it.origins.as_mut().unwrap().items[0].origin_access_control_id =
                    Some("other".to_owned())
            },
            400,
            "InvalidOriginAccessControl",
        ),
        (
            |it| it.origins.as_mut().unwrap().quantity = 3,
            400,
            "InconsistentQuantities",
        ),
    ];
    for (change, status, code) in rows {
        let mut config = config(&control);
        change(&mut config);
        let create = cloudfront.create_distribution().distribution_config(config);
        assert_eq!(refusal!(create.send().await), (status, code.to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_in_use_cannot_be_deleted() {
    let cloud = support::cloud();
    let cloudfront = client!(aws_sdk_cloudfront, cloud);
    let control = control(&cloudfront).await;
    let create = cloudfront
        .create_distribution()
        .distribution_config(config(&control));
    create.send().await.unwrap();
    let got = cloudfront
        .get_origin_access_control()
        .id(&control)
        .send()
        .await
        .unwrap();
    let delete = cloudfront.delete_origin_access_control().id(&control);
    let delete = delete.if_match(got.e_tag().unwrap());
    assert_eq!(
        refusal!(delete.send().await),
        (409, "OriginAccessControlInUse".to_owned())
    );
    let managed = cloudfront
        .get_cache_policy()
        .id(DISABLED)
        .send()
        .await
        .unwrap();
    let delete = cloudfront.delete_cache_policy().id(DISABLED);
    let delete = delete.if_match(managed.e_tag().unwrap());
    assert_eq!(
        refusal!(delete.send().await),
        (400, "IllegalDelete".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn distributions_have_tags() {
    let cloud = support::cloud();
    let cloudfront = client!(aws_sdk_cloudfront, cloud);
    let control = control(&cloudfront).await;
    let create = cloudfront
        .create_distribution()
        .distribution_config(config(&control));
    let made = create.send().await.unwrap();
    let arn = made.distribution().unwrap().arn();
    let tag = Tag::builder()
        .key("app")
        .value("cat-house")
        .build()
        .unwrap();
    let tags = Tags::builder().items(tag.clone()).build();
    cloudfront
        .tag_resource()
        .resource(arn)
        .tags(tags.clone())
        .send()
        .await
        .unwrap();
    let listed = cloudfront
        .list_tags_for_resource()
        .resource(arn)
        .send()
        .await
        .unwrap();
    assert_eq!(listed.tags().unwrap().items(), [tag]);
    let nobodys = cloudfront
        .tag_resource()
        .resource("arn:aws:cloudfront::1:distribution/E1");
    let refused = refusal!(nobodys.tags(tags).send().await);
    assert_eq!(refused, (404, "NoSuchResource".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn managed_policies_can_be_read() {
    let cloud = support::cloud();
    let cloudfront = client!(aws_sdk_cloudfront, cloud);
    let listed = cloudfront.list_cache_policies().send().await.unwrap();
    let names: Vec<_> = listed
        .cache_policy_list()
        .unwrap()
        .items()
        .iter()
        .filter_map(|it| it.cache_policy()?.cache_policy_config().map(|it| it.name()))
        .collect();
    assert!(names.contains(&"Managed-CachingDisabled"), "{names:?}");
    let missing = cloudfront.get_cache_policy().id("nothing").send().await;
    assert_eq!(refusal!(missing), (404, "NoSuchCachePolicy".to_owned()));
}
