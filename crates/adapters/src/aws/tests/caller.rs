//! Who is asking.

use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;

use super::*;

#[tokio::test]
async fn the_caller_is_who_sts_says() {
    let reply = || {
        GetCallerIdentityOutput::builder()
            .account("123456789012")
            .arn("arn:aws:iam::1:role/ci")
            .user_id("u")
            .build()
    };
    let rule = always!(aws_sdk_sts, get_caller_identity, reply());
    let cloud = AwsCloud {
        sts: mocked!(aws_sdk_sts, &[&rule]),
        ..AwsCloud::new(&config(), (), ".".into())
    };
    let caller = cloud.who_is_asking().await.unwrap();
    assert_eq!(
        (caller.account.as_str(), caller.principal.as_str()),
        ("123456789012", "arn:aws:iam::1:role/ci")
    );
}
