//! ECR of another account and Region: it is asked there, for whom it belongs to, and called as it is written.

use std::collections::BTreeSet;

use backstay_domain::ports::Registry as _;
use backstay_domain::{Repository, Version};
use serde_json::json;

use crate::scripted::{Answer, Asked, Aws};

const ELSEWHERE: &str = "999999999999.dkr.ecr.eu-west-1.amazonaws.com/app/api";

fn digest() -> String {
    format!("sha256:{}", "a".repeat(64))
}

fn registry() -> Aws {
    Aws::new(|asked| match asked.operation.as_str() {
        "BatchGetImage" => {
            let id = json!({ "imageDigest": digest(), "imageTag": "v1" });
            Answer::Json(json!({ "images": [{ "imageId": id, "imageManifest": "{}" }] }))
        }
        "DescribeRepositories" => Answer::Json(json!({ "repositories": [{
            "repositoryName": "app/web",
            "repositoryUri": "123456789012.dkr.ecr.sa-east-1.amazonaws.com/app/web",
        }] })),
        _ => Answer::Error(500, "Unexpected"),
    })
}

/// The Region that a call was signed for, and the account whose registry it is about.
fn place(asked: &Asked) -> (String, Option<String>) {
    let signed = asked.headers["authorization"].clone();
    let region = signed.split('/').nth(2).unwrap().to_owned();
    let account = asked.json()["registryId"].as_str().map(str::to_owned);
    (region, account)
}

#[tokio::test]
async fn another_region_is_asked_there_and_its_name_is_the_address() {
    let aws = registry();
    let cloud = aws.cloud();
    let names = ["app/web", ELSEWHERE].map(|name| Repository::parse(name).unwrap());
    let version = Version::parse("v1").unwrap();
    let found = cloud
        .resolve(&names.clone().into(), &version)
        .await
        .unwrap();
    let references: Vec<&str> = names
        .iter()
        .map(|name| found[name].reference.as_str())
        .collect();
    let own = format!(
        "123456789012.dkr.ecr.sa-east-1.amazonaws.com/app/web@{}",
        digest()
    );
    let pinned = format!("{ELSEWHERE}@{}", digest());
    assert_eq!(references, [own.as_str(), pinned.as_str()]);
    let places: BTreeSet<_> = aws.asked("BatchGetImage").iter().map(place).collect();
    let theirs = ("eu-west-1".to_owned(), Some("999999999999".to_owned()));
    assert_eq!(
        places,
        BTreeSet::from([("sa-east-1".to_owned(), None), theirs.clone()])
    );
    // Nobody has to be asked what is written.
    assert_eq!(aws.count("DescribeRepositories"), 1);
    let tag = format!("{ELSEWHERE}:v1");
    let pins = cloud.pin(&BTreeSet::from([tag.clone()])).await.unwrap();
    assert_eq!(pins[&tag], pinned);
    let pulled = cloud.gone(&BTreeSet::from([pinned])).await.unwrap();
    assert_eq!((pulled.gone.len(), pulled.unasked.len()), (0, 0));
    let last = aws.asked("BatchGetImage").last().map(place);
    assert_eq!(last, Some(theirs));
}
