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
            "ecs" => aws.cloud().survey(&[locator("c", "web")]).await.unwrap_err(),
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
    hold(REFUSALS, came, &[]);
}
