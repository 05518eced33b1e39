//! Refusals as they look on the wire: the code is read, wherever it stands.

use std::collections::BTreeMap;

use backstay_adapters::state::{S3Store, Store};
use backstay_domain::ports::{Identity, Services};
use backstay_domain::{AppName, EnvironmentName};

use super::{REFUSALS, hold, of};
use crate::scripted::{Aws, locator};

#[tokio::test(start_paused = true)]
async fn refusals_are_told_by_their_codes() {
    let mut came = BTreeMap::new();
    for recorded in of(REFUSALS) {
        let (service, name) = (recorded.service.clone(), recorded.name.clone());
        let aws = Aws::new(move |_| recorded.answer());
        let failure = match service.as_str() {
            "ecs" => aws
                .cloud()
                .survey(&[locator("c", "web")])
                .await
                .unwrap_err(),
            "sts" => aws.cloud().caller().await.unwrap_err(),
            "s3" => {
                let app = AppName::parse("shop").unwrap();
                let environment = EnvironmentName::parse("staging").unwrap();
                let store = S3Store::new(&aws.config(), "bucket", "", &app, &environment);
                match store.swap("lease", None, b"{}").await {
                    Err(failure) => failure,
                    Ok(swapped) => {
                        came.insert(format!("{service} {name}"), format!("{swapped:?}"));
                        continue;
                    }
                }
            }
            other => panic!("{other}"),
        };
        let line = format!("{:?} {}", failure.kind, failure.message);
        came.insert(format!("{service} {name}"), line);
    }
    hold(
        REFUSALS,
        came,
        &[
            (
                "ecs denied-capital",
                "Denied AccessDeniedException: User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ecs:UpdateService on resource: arn:aws:ecs:us-east-1:123456789012:service/shop/web because no identity-based policy allows the ecs:UpdateService action",
            ),
            (
                "ecs expired-token",
                "Unauthenticated ExpiredTokenException: The security token included in the request is expired",
            ),
            (
                "ecs malformed",
                "Rejected SerializationException: Start of list found where not expected",
            ),
            (
                "ecs unknown-token",
                "Unauthenticated UnrecognizedClientException: The security token included in the request is invalid.",
            ),
            (
                "s3 denied",
                "Denied AccessDenied: Access Denied (s3://bucket/shop/staging/lease; state needs s3:GetObject, s3:PutObject and s3:ListBucket there)",
            ),
            (
                "s3 permanent-redirect",
                "Rejected PermanentRedirect: The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint. (s3://bucket/shop/staging/lease)",
            ),
            (
                "s3 precondition",
                "Conflict PreconditionFailed: At least one of the pre-conditions you specified did not hold (s3://bucket/shop/staging/lease)",
            ),
            (
                "sts unknown-token",
                "Unauthenticated InvalidClientTokenId: The security token included in the request is invalid.",
            ),
        ],
    );
}
