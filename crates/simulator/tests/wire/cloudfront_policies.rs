//! Policies and functions of one's own: made, changed by version, deleted.

use aws_sdk_cloudfront::error::ProvideErrorMetadata;
use aws_sdk_cloudfront::primitives::Blob;
use aws_sdk_cloudfront::types::{
    CachePolicyConfig, FunctionConfig, FunctionRuntime, FunctionStage,
};

use crate::s3_versions::refusal;
use crate::support::{client, cloud};

#[tokio::test(start_paused = true)]
async fn a_cache_policy_is_made_changed_and_deleted() {
    let cloud = cloud();
    let cloudfront = client!(aws_sdk_cloudfront, cloud);
    let config = CachePolicyConfig::builder().name("mine").min_ttl(1);
    let create = cloudfront.create_cache_policy();
    let create = create.cache_policy_config(config.clone().build().unwrap());
    let made = create.clone().send().await.unwrap();
    let policy = made.cache_policy().unwrap();
    let kept = policy.cache_policy_config().unwrap();
    assert_eq!(
        (kept.default_ttl(), kept.max_ttl()),
        (Some(86_400), Some(31_536_000))
    );
    let again = refusal!(create.send().await);
    assert_eq!(again, (409, "CachePolicyAlreadyExists".to_owned()));
    let changed = config.comment("changed").build().unwrap();
    let update = cloudfront.update_cache_policy().id(policy.id());
    let update = update
        .cache_policy_config(changed)
        .if_match(made.e_tag().unwrap());
    let second = update.clone().send().await.unwrap();
    assert_eq!(
        refusal!(update.send().await),
        (412, "PreconditionFailed".to_owned())
    );
    let delete = cloudfront.delete_cache_policy().id(policy.id());
    delete
        .if_match(second.e_tag().unwrap())
        .send()
        .await
        .unwrap();
    let gone = cloudfront.get_cache_policy().id(policy.id()).send().await;
    assert_eq!(refusal!(gone), (404, "NoSuchCachePolicy".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_function_is_developed_and_published() {
    let cloud = cloud();
    let cloudfront = client!(aws_sdk_cloudfront, cloud);
    let config = FunctionConfig::builder()
        .comment("")
        .runtime(FunctionRuntime::CloudfrontJs20);
    let config = config.build().unwrap();
    let create = cloudfront
        .create_function()
        .name("spa")
        .function_config(config);
    let made = create
        .function_code(Blob::new("function handler(event) {}"))
        .send()
        .await
        .unwrap();
    let live = cloudfront
        .describe_function()
        .name("spa")
        .stage(FunctionStage::Live);
    assert_eq!(
        refusal!(live.clone().send().await),
        (404, "NoSuchFunctionExists".to_owned())
    );
    let version = made.e_tag().unwrap();
    cloudfront
        .publish_function()
        .name("spa")
        .if_match(version)
        .send()
        .await
        .unwrap();
    let described = live.send().await.unwrap();
    assert_eq!(
        described.function_summary().unwrap().status(),
        Some("DEPLOYED")
    );
    let got = cloudfront
        .get_function()
        .name("spa")
        .stage(FunctionStage::Live)
        .send()
        .await
        .unwrap();
    assert_eq!(
        got.function_code().unwrap().as_ref(),
        b"function handler(event) {}"
    );
    cloudfront
        .delete_function()
        .name("spa")
        .if_match(version)
        .send()
        .await
        .unwrap();
    let gone = cloudfront.describe_function().name("spa").send().await;
    assert_eq!(refusal!(gone), (404, "NoSuchFunctionExists".to_owned()));
}
