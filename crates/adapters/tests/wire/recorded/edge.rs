//! The registry, the CDN, and who is asking.

use std::collections::{BTreeMap, BTreeSet};

use backstay_domain::app::Frontend;
use backstay_domain::plan::Forget;
use backstay_domain::ports::{FrontendStore, Identity, Registry};
use backstay_domain::{IdempotencyKey, Repository, Version};
use serde_json::{Value, json};

use super::{hold, nothing, of, replay};
use crate::scripted::{Answer, Aws};

fn name(value: &Value) -> Repository {
    Repository::parse(value.as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn images_are_known_by_their_digests() {
    let mut came = BTreeMap::new();
    for recorded in of("BatchGetImage") {
        let repository = recorded.json()["images"][0]["repositoryName"].clone();
        let called = repository.clone();
        let aws = replay(&[&recorded], move |asked| match asked.operation.as_str() {
            "DescribeRepositories" => {
                Answer::Json(json!({"repositories": [{"repositoryName": called,
                "repositoryUri": "123456789012.dkr.ecr.sa-east-1.amazonaws.com/app"}]}))
            }
            _ => nothing(asked),
        });
        let version = Version::parse("latest").unwrap();
        let asked = BTreeSet::from([name(&repository)]);
        let found = aws.cloud().resolve(&asked, &version).await.unwrap();
        let image = &found[&name(&repository)];
        let line = format!("{} {:?}", image.reference, image.platforms);
        came.insert(recorded.name, line);
    }
    hold(
        "BatchGetImage",
        came,
        &[
            (
                "2016-docker",
                "123456789012.dkr.ecr.sa-east-1.amazonaws.com/app@sha256:f1d4ae3f7261a72e98c6ebefe9985cf10a0ea5bd762585a43e0700ed99863807 []",
            ),
            (
                "autoscaler",
                "123456789012.dkr.ecr.sa-east-1.amazonaws.com/app@sha256:4a1c6567c38904384ebc64e35b7eeddd8451110c299e3368d2210066487d97e5 []",
            ),
        ],
    );
}

#[tokio::test]
async fn repositories_have_addresses() {
    let mut came = BTreeMap::new();
    for recorded in of("DescribeRepositories") {
        let repository = recorded.json()["repositories"][0]["repositoryName"].clone();
        let digest = format!("sha256:{}", "a".repeat(64));
        let called = repository.clone();
        let aws = replay(&[&recorded], move |asked| match asked.operation.as_str() {
            "BatchGetImage" => Answer::Json(json!({"images": [{"repositoryName": called,
                "imageId": {"imageDigest": digest, "imageTag": "v1"}}], "failures": []})),
            _ => nothing(asked),
        });
        let version = Version::parse("v1").unwrap();
        let asked = BTreeSet::from([name(&repository)]);
        let line = match aws.cloud().resolve(&asked, &version).await {
            Ok(found) => {
                let found = found.into_values().next();
                let reference = found.map(|image| image.reference).unwrap_or_default();
                reference.split('@').next().unwrap_or_default().to_owned()
            }
            Err(failure) => format!("{:?}: {failure}", failure.kind),
        };
        came.insert(recorded.name, line);
    }
    hold(
        "DescribeRepositories",
        came,
        &[
            (
                "2026-whole",
                "123456789012.dkr.ecr.us-east-1.amazonaws.com/demand-forecasting",
            ),
            (
                "two",
                "Unavailable: ecr.DescribeRepositories: the answer has no address of ubuntu",
            ),
        ],
    );
}

fn frontend() -> Frontend {
    Frontend {
        directory: "dist".to_owned(),
        bucket: "bucket".to_owned(),
        prefix: String::new(),
        distribution: Some("E1".to_owned()),
        url: None,
        mutable: Vec::new(),
        region: None,
        media_types: BTreeMap::new(),
    }
}

#[tokio::test]
async fn invalidations_are_created_and_looked_at() {
    let mut came = BTreeMap::new();
    let (created, looked) = (of("CreateInvalidation"), of("GetInvalidation"));
    for recorded in created.into_iter().chain(looked) {
        let (operation, name) = (recorded.operation.clone(), recorded.name.clone());
        let cloud = Aws::new(move |_| recorded.answer()).cloud();
        let line = match operation.as_str() {
            "CreateInvalidation" => {
                let all = Forget {
                    files: Vec::new(),
                    folders: vec![String::new()],
                };
                let key = IdempotencyKey::parse("d-1").unwrap();
                cloud.invalidate(&frontend(), &all, &key).await.unwrap()
            }
            _ => format!("{:?}", cloud.invalidation(&frontend(), "I1").await.unwrap()),
        };
        came.insert(format!("{operation} {name}"), line);
    }
    let expected = [
        ("CreateInvalidation 2019-all", "IABCDEFGHIJKLM"),
        ("CreateInvalidation 2019-two", "I1JLWSDAP8FU89"),
        ("GetInvalidation 2019-completed", "Completed"),
        ("GetInvalidation 2023-completed", "Completed"),
    ];
    hold("invalidations", came, &expected);
}

#[tokio::test]
async fn the_caller_is_known() {
    let mut came = BTreeMap::new();
    for recorded in of("GetCallerIdentity") {
        let caller = replay(&[&recorded], nothing)
            .cloud()
            .caller()
            .await
            .unwrap();
        came.insert(
            recorded.name,
            format!("{} {}", caller.account, caller.principal),
        );
    }
    let expected = [
        (
            "2016-role",
            "123456789012 arn:aws:sts::123456789012:assumed-role/my-role-name/my-role-session-name",
        ),
        (
            "2016-user",
            "123456789012 arn:aws:iam::123456789012:user/Alice",
        ),
    ];
    hold("GetCallerIdentity", came, &expected);
}
