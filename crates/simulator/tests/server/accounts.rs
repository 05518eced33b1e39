//! Accounts by access key id, Regions by signing scope, and what is global in between.

use serde_json::Value;

use crate::support::{Served, client};

#[tokio::test]
async fn a_key_of_twelve_digits_is_an_account() {
    let served = Served::manual();
    for (key, account) in [
        ("AKIASIMULATED0000000", "123456789012"),
        ("111122223333", "111122223333"),
        ("1111222233334", "123456789012"),
    ] {
        let sts = client!(aws_sdk_sts, served, key, "sa-east-1");
        let identity = sts.get_caller_identity().send().await.unwrap();
        assert_eq!(identity.account(), Some(account), "{key}");
    }
}

#[tokio::test]
async fn accounts_and_regions_are_worlds_of_their_own() {
    let served = Served::manual();
    for (key, region, repositories) in [
        ("AKIA", "sa-east-1", 1),
        ("AKIA", "eu-west-1", 0),
        ("111122223333", "sa-east-1", 0),
    ] {
        let ecr = client!(aws_sdk_ecr, served, key, region);
        let found = ecr.describe_repositories().send().await.unwrap();
        assert_eq!(found.repositories().len(), repositories, "{key} {region}");
    }
    served.get(
        "POST",
        "images?account=111122223333&region=eu-west-1",
        &serde_json::json!({ "repository": "theirs", "tags": ["v1"] }),
    );
    let theirs = client!(aws_sdk_ecr, served, "111122223333", "eu-west-1");
    let images = theirs
        .describe_images()
        .repository_name("theirs")
        .send()
        .await;
    assert_eq!(images.unwrap().image_details().len(), 1);
    let health = served.get("GET", "health", &Value::Null);
    assert_eq!(
        health["worlds"],
        serde_json::json!([
            "123456789012/sa-east-1",
            "111122223333/eu-west-1",
            "111122223333/sa-east-1",
            "123456789012/eu-west-1",
        ])
    );
}

#[tokio::test]
async fn buckets_are_the_accounts_whatever_region_signs() {
    let served = Served::manual();
    let buckets = async |key: &str, region: &'static str| {
        let s3 = client!(aws_sdk_s3, served, key, region);
        s3.list_buckets().send().await.unwrap().buckets().len()
    };
    assert_eq!(buckets("AKIA", "sa-east-1").await, 1);
    assert_eq!(buckets("AKIA", "ap-south-1").await, 1);
    assert_eq!(buckets("111122223333", "sa-east-1").await, 0);
}

#[test]
fn what_is_no_account_or_region_is_refused() {
    let served = Served::manual();
    for query in ["account=1", "region=Nowhere", "region=..%2F..", "region="] {
        assert_eq!(
            served.ask("GET", &format!("picture?{query}"), "").status,
            400,
            "{query}"
        );
    }
    let mut line = crate::raw::Line::to(served.address);
    let scope = "authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/NO_REGION/ecr/aws4_request, x\r\n";
    let target = "x-amz-target: AmazonEC2ContainerRegistry_V20150921.DescribeRepositories\r\n";
    let answer = line
        .ask("POST", "/", &format!("{scope}{target}"), "{}")
        .unwrap();
    assert_eq!(answer.status, 400);
}

#[test]
fn a_client_cannot_invent_regions_without_end() {
    let served = Served::manual();
    let mut line = crate::raw::Line::to(served.address);
    let statuses: Vec<u16> = (0..1_001)
        .map(|number| {
            let path = format!("/_backstay/calls?region=r-{number}");
            line.ask("GET", &path, "", "").unwrap().status
        })
        .collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        999
    );
}
