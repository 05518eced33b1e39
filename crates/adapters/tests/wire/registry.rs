//! Images by tag and by digest.

use std::collections::BTreeSet;

use backstay_domain::ports::{FailureKind, Registry};
use backstay_domain::{Repository, Version};
use serde_json::{Value, json};

use crate::scripted::{Answer, Asked, Aws};

fn digest(letter: &str) -> String {
    format!("sha256:{}", letter.repeat(64))
}

fn image(name: &Value) -> Value {
    let manifest = json!({"manifests": [{"platform": {"os": "linux", "architecture": "arm64"}}]});
    json!({"registryId": "123456789012", "repositoryName": name, "imageManifest": manifest.to_string(),
        "imageId": {"imageDigest": digest("a"), "imageTag": "v1"}})
}

fn ecr(asked: &Asked) -> Answer {
    if asked.operation == "GetCallerIdentity" {
        let identity = "<GetCallerIdentityResponse><GetCallerIdentityResult>\
            <Arn>arn:aws:iam::123456789012:user/a</Arn><Account>123456789012</Account>\
            </GetCallerIdentityResult></GetCallerIdentityResponse>";
        let kind = ("content-type", "text/xml".to_owned());
        return Answer::Raw(200, vec![kind], identity.as_bytes().to_vec());
    }
    let body = asked.json();
    match asked.operation.as_str() {
        "BatchGetImage" if body["repositoryName"] == json!("app/nowhere") => {
            Answer::Error(400, "RepositoryNotFoundException")
        }
        "BatchGetImage" if body["repositoryName"] == json!("app/secret") => {
            Answer::Error(400, "AccessDeniedException")
        }
        "BatchGetImage" => {
            let ids = body["imageIds"].as_array().unwrap().clone();
            let there = |id: &&Value| {
                id["imageTag"] == json!("v1") || id["imageDigest"] == json!(digest("a"))
            };
            let failures: Vec<Value> = ids
                .iter()
                .filter(|id| !there(id))
                .map(|id| json!({"imageId": id, "failureCode": "ImageNotFound"}))
                .collect();
            let images: Vec<Value> = ids
                .iter()
                .filter(there)
                .map(|_| image(&body["repositoryName"]))
                .collect();
            Answer::Json(json!({"images": images, "failures": failures}))
        }
        "DescribeRepositories" => {
            let names = body["repositoryNames"].as_array().unwrap().clone();
            let described: Vec<Value> = names.iter().map(|name| json!({"repositoryName": name,
                "repositoryUri": format!("123456789012.dkr.ecr.sa-east-1.amazonaws.com/{}", name.as_str().unwrap())})).collect();
            Answer::Json(json!({"repositories": described}))
        }
        other => panic!("{other}"),
    }
}

fn repositories(names: &[&str]) -> BTreeSet<Repository> {
    names
        .iter()
        .map(|name| Repository::parse(*name).unwrap())
        .collect()
}

#[tokio::test]
async fn tags_become_digests_and_what_is_not_there_is_left_out() {
    let aws = Aws::new(ecr);
    let version = Version::parse("v1").unwrap();
    let asked = repositories(&[
        "app/web",
        "app/nowhere",
        "123456789012.dkr.ecr.sa-east-1.amazonaws.com/app/api",
    ]);
    let found = aws.cloud().resolve(&asked, &version).await.unwrap();
    assert_eq!(found.len(), 2);
    let web = &found[&Repository::parse("app/web").unwrap()];
    assert_eq!(
        web.reference,
        format!(
            "123456789012.dkr.ecr.sa-east-1.amazonaws.com/app/web@{}",
            digest("a")
        )
    );
    assert_eq!(
        (web.digest.as_str(), web.platforms.as_slice()),
        (digest("a").as_str(), ["linux/arm64".to_owned()].as_slice())
    );
    let absent = aws
        .cloud()
        .resolve(&repositories(&["app/web"]), &Version::parse("v2").unwrap())
        .await
        .unwrap();
    assert!(absent.is_empty());
}

#[tokio::test]
async fn foreign_registries_are_refused_rather_than_guessed() {
    let aws = Aws::new(ecr);
    let version = Version::parse("v1").unwrap();
    let failure = aws
        .cloud()
        .resolve(&repositories(&["ghcr.io/acme/api"]), &version)
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Rejected);
    assert!(failure.message.contains("not supported yet"), "{failure}");
    assert!(aws.picture().is_empty());
}

#[tokio::test]
async fn what_can_no_longer_be_pulled_is_gone_and_what_cannot_be_asked_is_not() {
    let host = "123456789012.dkr.ecr.sa-east-1.amazonaws.com";
    let foreign = "906394416424.dkr.ecr.sa-east-1.amazonaws.com";
    let elsewhere = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
    let rows = [
        (format!("{host}/app/web@{}", digest("a")), "present"),
        (format!("{host}/app/web:v0@{}", digest("a")), "present"),
        (format!("{host}/app/web@{}", digest("b")), "gone"),
        (format!("{host}/app/web:v1"), "present"),
        (format!("{host}/app/web:v0"), "gone"),
        (format!("{host}/app/nowhere:v1"), "gone"),
        (format!("{host}/app/secret:v1"), "unasked"),
        (format!("{foreign}/app/nowhere:v1"), "unasked"),
        (format!("{foreign}/app/secret:v1"), "unasked"),
        (format!("{foreign}/app/web:v0"), "gone"),
        ("ghcr.io/acme/api:v0".to_owned(), "unasked"),
        ("localhost:5000/app/web:v0".to_owned(), "unasked"),
        ("nginx".to_owned(), "unasked"),
        (format!("{elsewhere}/app/web@{}", digest("b")), "unasked"),
    ];
    let aws = Aws::new(ecr);
    let references = rows
        .iter()
        .map(|(reference, _)| reference.clone())
        .collect();
    let expected = |what: &str| -> BTreeSet<String> {
        let rows = rows.iter().filter(|(_, is)| *is == what);
        rows.map(|(text, _)| text.clone()).collect()
    };
    let pulled = aws.cloud().gone(&references).await.unwrap();
    assert_eq!(pulled.gone, expected("gone"));
    assert_eq!(pulled.unasked, expected("unasked"));
    assert_eq!(aws.count("BatchGetImage"), 6, "one call per repository");
    assert_eq!(aws.count("GetCallerIdentity"), 1);
}

#[tokio::test]
async fn more_than_a_hundred_names_take_more_calls() {
    let aws = Aws::new(ecr);
    let host = "123456789012.dkr.ecr.sa-east-1.amazonaws.com";
    let references: BTreeSet<String> = (0..150).map(|n| format!("{host}/app/web:t{n}")).collect();
    let pulled = aws.cloud().gone(&references).await.unwrap();
    assert_eq!(pulled.gone, references);
    assert_eq!(aws.count("BatchGetImage"), 2);
}
