//! State in a bucket: in another Region than the cluster, or not to be had.

use backstay_adapters::state::{S3Store, Store, Swapped};
use backstay_domain::ports::{Effect, FailureKind};
use backstay_domain::{AppName, EnvironmentName};

use crate::scripted::{Answer, Asked, Aws};

fn store(aws: &Aws) -> S3Store {
    let app = AppName::parse("shop").unwrap();
    let environment = EnvironmentName::parse("staging").unwrap();
    S3Store::new(&aws.config(), "bucket", "", &app, &environment)
}

/// The Region that a request was signed for.
fn region(asked: &Asked) -> &str {
    asked.headers["authorization"].split('/').nth(2).unwrap()
}

fn refusal(status: u16, code: &str, region: Option<&str>) -> Answer {
    let headers = region.map(|region| ("x-amz-bucket-region", region.to_owned()));
    let body = format!("<Error><Code>{code}</Code><Message>m</Message></Error>");
    Answer::Raw(status, headers.into_iter().collect(), body.into_bytes())
}

#[tokio::test(start_paused = true)]
async fn a_bucket_elsewhere_is_asked_where_it_is() {
    for (status, code) in [
        (301, "PermanentRedirect"),
        (400, "AuthorizationHeaderMalformed"),
        (307, "TemporaryRedirect"),
    ] {
        let aws = Aws::new(move |asked| match region(asked) {
            "eu-central-1" => refusal(404, "NoSuchKey", Some("eu-central-1")),
            _ => refusal(status, code, Some("eu-central-1")),
        });
        let store = store(&aws);
        assert_eq!(store.cell("lease").await, Ok(None), "{code}");
        let asked = aws.picture().len();
        assert_eq!(store.cell("lease").await, Ok(None));
        assert_eq!(aws.picture().len(), asked + 1, "it is remembered: {code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_redirect_without_a_region_is_said_as_it_is() {
    let aws = Aws::new(|_| refusal(301, "PermanentRedirect", None));
    let failure = store(&aws).cell("lease").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Rejected);
    let said = "PermanentRedirect: m (s3://bucket/shop/staging/lease)";
    assert_eq!(failure.message, said);
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_is_not_there() {
    let aws = Aws::new(|_| refusal(404, "NoSuchBucket", None));
    let failure = store(&aws).cell("lease").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert!(
        failure.message.contains("the bucket must be there"),
        "{failure}"
    );
}

/// 200, and a header that is not what it should be: it was written all the same.
#[tokio::test(start_paused = true)]
async fn an_answer_whose_headers_cannot_be_read_may_have_written_it() {
    let odd = (
        "x-amz-server-side-encryption-bucket-key-enabled",
        "perhaps".to_owned(),
    );
    for (there, ours) in [("{}", true), ("{\"other\": 1}", false)] {
        let odd = odd.clone();
        let aws = Aws::new(move |asked| match asked.operation.starts_with("PUT") {
            true => Answer::Raw(200, vec![odd.clone()], Vec::new()),
            false => Answer::Raw(200, vec![("etag", "\"one\"".to_owned())], there.into()),
        });
        match store(&aws).swap("lease", None, b"{}").await {
            Ok(swapped) => assert!(ours && matches!(swapped, Swapped::Done(_)), "{there}"),
            Err(failure) => {
                let told = (failure.kind, failure.effect);
                assert_eq!(told, (FailureKind::Unavailable, Effect::Unknown), "{there}");
                assert!(!ours, "{failure}");
            }
        }
    }
}
