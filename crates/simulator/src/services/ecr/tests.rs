//! ECR in virtual time: immutability, deletion, scans, lifecycle, layers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::ImageScan;
use super::image::sha256;
use crate::front::{self, Service};
use crate::{ApiError, ImageBlueprint, Weather, World};

const START_MS: u64 = 1_767_225_600_000;
const NAME: &str = "cat-house/auth";
const DAY_MS: u64 = 86_400_000;

fn world() -> World {
    World::new("123456789012", "sa-east-1", 7, Weather::Calm, START_MS)
}

#[track_caller]
fn ask(world: &mut World, operation: &str, input: Value) -> Value {
    front::ask(world, Service::Ecr, operation, &input)
        .unwrap_or_else(|error| panic!("{operation} {input}: {error}"))
}

#[track_caller]
fn refusal(world: &mut World, operation: &str, input: Value) -> ApiError {
    front::ask(world, Service::Ecr, operation, &input).expect_err("refused")
}

/// A repository with images v1, v2, ... pushed a day apart, the last one just now.
fn stocked(images: u64, create: Value) -> World {
    let mut world = world();
    let mut input = json!({ "repositoryName": NAME });
    for (name, value) in create.as_object().expect("members") {
        input[name] = value.clone();
    }
    ask(&mut world, "CreateRepository", input);
    for number in 1..=images {
        world.now_ms = START_MS + (number - 1) * DAY_MS;
        push(&mut world, &[&format!("v{number}")]);
    }
    world
}

fn push(world: &mut World, tags: &[&str]) {
    let image = ImageBlueprint {
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        platforms: vec!["linux/amd64".to_owned()],
        schema_head: None,
    };
    world.push_image(NAME, &image);
}

fn tags(world: &mut World) -> Vec<String> {
    let listed = ask(world, "ListImages", json!({ "repositoryName": NAME }));
    let ids = listed["imageIds"].as_array().expect("ids").iter();
    ids.filter_map(|id| Some(id["imageTag"].as_str()?.to_owned()))
        .collect()
}

fn manifest_of(world: &mut World, tag: &str) -> String {
    let input = json!({ "repositoryName": NAME, "imageIds": [{ "imageTag": tag }] });
    let batch = ask(world, "BatchGetImage", input);
    batch["images"][0]["imageManifest"]
        .as_str()
        .expect("a manifest")
        .to_owned()
}

#[test]
fn a_repository_is_made_once_and_goes_when_it_is_empty_or_forced() {
    let mut world = stocked(1, json!({ "tags": [{ "Key": "a", "Value": "b" }] }));
    let twice = refusal(
        &mut world,
        "CreateRepository",
        json!({ "repositoryName": NAME }),
    );
    assert_eq!(twice.code, "RepositoryAlreadyExistsException");
    let full = refusal(
        &mut world,
        "DeleteRepository",
        json!({ "repositoryName": NAME }),
    );
    assert_eq!(full.code, "RepositoryNotEmptyException");
    let forced = json!({ "repositoryName": NAME, "force": true });
    ask(&mut world, "DeleteRepository", forced);
    let gone = refusal(&mut world, "ListImages", json!({ "repositoryName": NAME }));
    assert_eq!(gone.code, "RepositoryNotFoundException");
}

#[test]
fn an_immutable_tag_stays_where_it_is() {
    let filter = json!([{ "filterType": "WILDCARD", "filter": "v*" }]);
    for (mutability, filters, code) in [
        ("MUTABLE", None, None),
        ("IMMUTABLE", None, Some("ImageTagAlreadyExistsException")),
        ("IMMUTABLE_WITH_EXCLUSION", Some(filter.clone()), None),
        (
            "MUTABLE_WITH_EXCLUSION",
            Some(filter),
            Some("ImageTagAlreadyExistsException"),
        ),
    ] {
        let mut create = json!({ "imageTagMutability": mutability });
        if let Some(filters) = filters {
            create["imageTagMutabilityExclusionFilters"] = filters;
        }
        let mut world = stocked(2, create);
        let manifest = manifest_of(&mut world, "v1");
        let put = json!({ "repositoryName": NAME, "imageManifest": manifest, "imageTag": "v2" });
        let error = front::ask(&mut world, Service::Ecr, "PutImage", &put).err();
        assert_eq!(error.map(|error| error.code), code, "{mutability}");
        // A push by a pipeline follows the same rule.
        push(&mut world, &["v2", "new"]);
        let moved = manifest_of(&mut world, "v2") == manifest_of(&mut world, "new");
        assert_eq!(moved, code.is_none(), "{mutability}");
    }
}

#[test]
fn the_last_tag_takes_the_image_with_it() {
    let mut world = stocked(1, json!({}));
    push(&mut world, &["a", "b"]);
    let mut delete = |id: Value| {
        let input = json!({ "repositoryName": NAME, "imageIds": [id] });
        ask(&mut world, "BatchDeleteImage", input)
    };
    delete(json!({ "imageTag": "a" }));
    delete(json!({ "imageTag": "b" }));
    let again = delete(json!({ "imageTag": "b" }));
    assert_eq!(again["failures"][0]["failureCode"], "ImageNotFound");
    assert_eq!(
        delete(json!({}))["failures"][0]["failureCode"],
        "MissingDigestAndTag"
    );
    let described = ask(
        &mut world,
        "DescribeImages",
        json!({ "repositoryName": NAME }),
    );
    assert_eq!(described["imageDetails"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_basic_scan_completes_and_an_enhanced_one_stays_active() {
    for (scan_type, during, after) in [
        ("BASIC", "IN_PROGRESS", "COMPLETE"),
        ("ENHANCED", "PENDING", "ACTIVE"),
    ] {
        let mut world = stocked(0, json!({}));
        let rules = json!([{ "scanFrequency": "SCAN_ON_PUSH",
            "repositoryFilters": [{ "filter": "cat-house", "filterType": "WILDCARD" }] }]);
        let scanning = json!({ "scanType": scan_type, "rules": rules });
        ask(&mut world, "PutRegistryScanningConfiguration", scanning);
        push(&mut world, &["v1"]);
        let found: ImageScan = serde_json::from_value(json!({ "findings": [
            { "name": "CVE-1", "severity": "HIGH", "package": "zlib", "version": "1" },
            { "name": "CVE-2", "severity": "HIGH", "package": "zlib", "version": "1" }] }))
        .expect("a scan");
        assert!(world.script_image_scan(NAME, "v1", found));
        let describe = json!({ "repositoryName": NAME, "imageId": { "imageTag": "v1" } });
        let early = ask(&mut world, "DescribeImageScanFindings", describe.clone());
        assert_eq!(early["imageScanStatus"]["status"], during);
        assert_eq!(early.get("imageScanFindings"), None);
        world.advance(START_MS + 60_000);
        let late = ask(&mut world, "DescribeImageScanFindings", describe);
        assert_eq!(late["imageScanStatus"]["status"], after);
        let counts = &late["imageScanFindings"]["findingSeverityCounts"];
        assert_eq!(*counts, json!({ "HIGH": 2 }));
    }
}

#[test]
fn there_are_no_findings_before_a_scan_and_one_scan_a_day() {
    let mut world = stocked(1, json!({}));
    let image = json!({ "repositoryName": NAME, "imageId": { "imageTag": "v1" } });
    let none = refusal(&mut world, "DescribeImageScanFindings", image.clone());
    assert_eq!(none.code, "ScanNotFoundException");
    ask(&mut world, "StartImageScan", image.clone());
    let again = refusal(&mut world, "StartImageScan", image.clone());
    assert_eq!(again.code, "LimitExceededException");
    world.advance(START_MS + DAY_MS);
    ask(&mut world, "StartImageScan", image);
}

fn policy(rules: Value) -> String {
    json!({ "rules": rules }).to_string()
}

#[test]
fn a_lifecycle_policy_expires_images_in_time() {
    let rule = |selection: Value| json!([{ "rulePriority": 1, "selection": selection, "action": { "type": "expire" } }]);
    for (rules, left) in [
        (
            rule(
                json!({ "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 2 }),
            ),
            &["v3", "v4"][..],
        ),
        (
            rule(
                json!({ "tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days",
                "countNumber": 3 }),
            ),
            &["v2", "v3", "v4"],
        ),
        (
            // What a higher rule's tags select is out of reach of a lower one.
            json!([
                { "rulePriority": 1, "action": { "type": "expire" }, "selection": { "tagStatus": "tagged",
                    "tagPrefixList": ["v1"], "countType": "imageCountMoreThan", "countNumber": 1 } },
                { "rulePriority": 2, "action": { "type": "expire" }, "selection": { "tagStatus": "any",
                    "countType": "imageCountMoreThan", "countNumber": 1 } }]),
            &["v1", "v4"],
        ),
    ] {
        let mut world = stocked(4, json!({}));
        let put = json!({ "repositoryName": NAME, "lifecyclePolicyText": policy(rules.clone()) });
        ask(&mut world, "PutLifecyclePolicy", put);
        assert_eq!(tags(&mut world).len(), 4);
        let now_ms = world.now_ms;
        world.advance(now_ms + 3_600_000);
        assert_eq!(tags(&mut world), left, "{rules}");
    }
}

#[test]
fn a_deleted_policy_expires_nothing_and_a_preview_changes_nothing() {
    let rules = json!([{ "rulePriority": 1, "action": { "type": "expire" }, "selection":
        { "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1 } }]);
    let mut world = stocked(3, json!({}));
    let name = json!({ "repositoryName": NAME });
    let put = json!({ "repositoryName": NAME, "lifecyclePolicyText": policy(rules) });
    ask(&mut world, "PutLifecyclePolicy", put);
    ask(&mut world, "StartLifecyclePolicyPreview", name.clone());
    let now_ms = world.now_ms;
    world.advance(now_ms + 30_000);
    let preview = ask(&mut world, "GetLifecyclePolicyPreview", name.clone());
    assert_eq!(preview["status"], "COMPLETE");
    assert_eq!(preview["summary"], json!({ "expiringImageTotalCount": 2 }));
    ask(&mut world, "DeleteLifecyclePolicy", name.clone());
    world.advance(now_ms + 2 * DAY_MS);
    assert_eq!(tags(&mut world).len(), 3);
    let gone = refusal(&mut world, "GetLifecyclePolicy", name);
    assert_eq!(gone.code, "LifecyclePolicyNotFoundException");
}

#[test]
fn impossible_policies_are_refused() {
    let any = json!({ "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1 });
    let rule = |priority: u32, selection: &Value| {
        json!({ "rulePriority": priority, "selection": selection,
        "action": { "type": "expire" } })
    };
    let untagged =
        json!({ "tagStatus": "untagged", "countType": "sinceImagePushed", "countNumber": 1 });
    let tagged =
        json!({ "tagStatus": "tagged", "countType": "imageCountMoreThan", "countNumber": 1 });
    for rules in [
        json!([rule(1, &any), rule(1, &any)]),
        json!([rule(1, &any), rule(2, &tagged)]),
        json!([rule(1, &untagged)]),
        json!([rule(1, &tagged)]),
        json!([rule(0, &any)]),
    ] {
        let mut world = stocked(0, json!({}));
        let put = json!({ "repositoryName": NAME, "lifecyclePolicyText": policy(rules) });
        let error = refusal(&mut world, "PutLifecyclePolicy", put);
        assert_eq!(error.code, "InvalidParameterException", "{}", error.message);
    }
}

#[test]
fn an_archived_image_cannot_be_pulled_until_it_is_back() {
    let mut world = stocked(1, json!({}));
    let mut store = |class: &str| {
        let input = json!({ "repositoryName": NAME, "imageId": { "imageTag": "v1" },
            "targetStorageClass": class });
        ask(&mut world, "UpdateImageStorageClass", input)["imageStatus"].clone()
    };
    assert_eq!(store("ARCHIVE"), "ARCHIVED");
    assert_eq!(store("STANDARD"), "ACTIVATING");
    let get = json!({ "repositoryName": NAME, "imageIds": [{ "imageTag": "v1" }] });
    let batch = ask(&mut world, "BatchGetImage", get.clone());
    assert_eq!(batch["failures"][0]["failureCode"], "ImageInaccessible");
    assert!(tags(&mut world).is_empty());
    world.advance(START_MS + 60_000);
    let batch = ask(&mut world, "BatchGetImage", get);
    assert_eq!(batch["failures"], json!([]));
}

fn upload(world: &mut World, bytes: &[u8]) -> String {
    let begun = ask(
        world,
        "InitiateLayerUpload",
        json!({ "repositoryName": NAME }),
    );
    let id = begun["uploadId"].clone();
    let part = json!({ "repositoryName": NAME, "uploadId": id, "partFirstByte": 0,
        "partLastByte": bytes.len() - 1, "layerPartBlob": STANDARD.encode(bytes) });
    ask(world, "UploadLayerPart", part);
    let digest = sha256(bytes);
    let complete =
        json!({ "repositoryName": NAME, "uploadId": id, "layerDigests": [digest.clone()] });
    ask(world, "CompleteLayerUpload", complete);
    digest
}

#[test]
fn a_new_image_needs_its_layers_and_runs_where_its_configuration_says() {
    let mut world = stocked(0, json!({}));
    let configuration = br#"{"os":"linux","architecture":"arm64"}"#;
    let manifest = json!({ "schemaVersion": 2, "config": { "digest": sha256(configuration) },
        "layers": [{ "digest": sha256(b"layer") }] })
    .to_string();
    let put = json!({ "repositoryName": NAME, "imageManifest": manifest, "imageTag": "v1" });
    let early = refusal(&mut world, "PutImage", put.clone());
    assert_eq!(early.code, "LayersNotFoundException");
    upload(&mut world, configuration);
    upload(&mut world, b"layer");
    let made = ask(&mut world, "PutImage", put);
    let digest = sha256(manifest.as_bytes());
    assert_eq!(made["image"]["imageId"]["imageDigest"], digest);
    assert_eq!(manifest_of(&mut world, "v1"), manifest);
    let image = world
        .ecr
        .own(NAME)
        .and_then(|own| own.find(Some("v1"), None));
    assert!(image.is_some_and(|image| image.runs_on("linux/arm64")));
    // An index over it holds it back from deletion.
    let index = json!({ "schemaVersion": 2, "manifests": [{ "digest": digest }] }).to_string();
    let put = json!({ "repositoryName": NAME, "imageManifest": index, "imageTag": "all" });
    ask(&mut world, "PutImage", put);
    let delete = json!({ "repositoryName": NAME, "imageIds": [{ "imageDigest": digest }] });
    let refused = ask(&mut world, "BatchDeleteImage", delete);
    assert_eq!(
        refused["failures"][0]["failureCode"],
        "ImageReferencedByManifestList"
    );
}

#[test]
fn a_label_says_where_a_migration_arrives() {
    let mut world = stocked(0, json!({}));
    let labels = json!({ "backstay.simulator.schema-head": "9c1" });
    let configuration =
        json!({ "os": "linux", "architecture": "amd64", "config": { "Labels": labels } })
            .to_string();
    upload(&mut world, configuration.as_bytes());
    let manifest =
        json!({ "schemaVersion": 2, "config": { "digest": sha256(configuration.as_bytes()) } })
            .to_string();
    let put = json!({ "repositoryName": NAME, "imageManifest": manifest, "imageTag": "v1" });
    ask(&mut world, "PutImage", put);
    let index = json!({ "manifests": [{ "digest": sha256(manifest.as_bytes()) }] }).to_string();
    let put = json!({ "repositoryName": NAME, "imageManifest": index, "imageTag": "all" });
    ask(&mut world, "PutImage", put);
    for tag in ["v1", "all"] {
        // A made-up image takes no tag from one that has content.
        push(&mut world, &[tag]);
        let image = world
            .ecr
            .own(NAME)
            .and_then(|own| own.find(Some(tag), None));
        let head = image.and_then(|image| image.schema_head.as_deref());
        assert_eq!(head, Some("9c1"), "{tag}");
    }
}
