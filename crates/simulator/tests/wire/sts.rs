//! STS.

use crate::support::{client, cloud};

#[tokio::test(start_paused = true)]
async fn the_caller_is_known() {
    let cloud = cloud();
    let identity = client!(aws_sdk_sts, cloud)
        .get_caller_identity()
        .send()
        .await
        .unwrap();
    assert_eq!(identity.account(), Some("123456789012"));
    assert!(
        identity
            .arn()
            .unwrap()
            .starts_with("arn:aws:sts::123456789012:assumed-role/")
    );
}

#[tokio::test(start_paused = true)]
async fn an_unknown_operation_is_a_loud_501() {
    let cloud = cloud();
    let error = client!(aws_sdk_sts, cloud)
        .decode_authorization_message()
        .encoded_message("x")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 501);
    let message = error
        .into_service_error()
        .meta()
        .message()
        .unwrap()
        .to_owned();
    assert_eq!(
        message,
        "the simulator does not implement sts.DecodeAuthorizationMessage"
    );
}
