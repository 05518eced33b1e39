//! Docker's registry protocol over plain HTTP: what is pushed is what the API shows and what is pulled, and who may.

use std::fs;

use aws_sdk_ecr::types::{ImageIdentifier, TagStatus};
use aws_sdk_ecs::types::{
    AwsVpcConfiguration, Compatibility, ContainerDefinition, CpuArchitecture, LaunchType,
    NetworkConfiguration, NetworkMode, OsFamily, RuntimePlatform,
};
use backstay_simulator::server::{Pace, ServerOptions};
use serde_json::{Value, json};

use crate::raw::Line;
use crate::registry_client::{CONFIGURATION, Client, MANIFEST, digest_of, refused};
use crate::support::{CLUSTER, REGION, START_MS, Served, client, options};

const NAME: &str = "cat-house/auth";

#[tokio::test]
async fn what_is_pushed_is_what_the_api_shows_and_what_is_pulled() {
    let served = Served::manual();
    let docker = Client::of(&served);
    let image = docker.push(NAME, "v1", "linux/arm64", b"layer one");

    let ecr = client!(aws_sdk_ecr, served);
    let id = ImageIdentifier::builder().image_tag("v1").build();
    let described = ecr.describe_images().repository_name(NAME).image_ids(id);
    let described = described.send().await.unwrap();
    let detail = &described.image_details()[0];
    assert_eq!(detail.image_digest(), Some(image.digest.as_str()));
    assert_eq!(detail.image_manifest_media_type(), Some(MANIFEST));
    assert_eq!(detail.artifact_media_type(), Some(CONFIGURATION));
    let pushed_at = detail.image_pushed_at().unwrap().secs();
    assert_eq!(u64::try_from(pushed_at).unwrap(), START_MS / 1000);
    let size = i64::try_from(image.configuration.len() + b"layer one".len()).unwrap();
    assert_eq!(detail.image_size_in_bytes(), Some(size));
    let id = ImageIdentifier::builder()
        .image_digest(&image.digest)
        .build();
    let batch = ecr.batch_get_image().repository_name(NAME).image_ids(id);
    let batch = batch.send().await.unwrap();
    let text = batch.images()[0].image_manifest();
    assert_eq!(text, Some(image.manifest.as_str()));
    let checked = ecr.batch_check_layer_availability().repository_name(NAME);
    let checked = checked
        .layer_digests(digest_of(b"layer one"))
        .send()
        .await
        .unwrap();
    assert_eq!(checked.layers()[0].layer_size(), Some(9));

    for reference in ["v1", &image.digest] {
        let path = format!("/v2/{NAME}/manifests/{reference}");
        let got = docker.ask("GET", &path, "", b"");
        assert_eq!(
            (got.status, got.body.as_slice()),
            (200, image.manifest.as_bytes())
        );
        assert_eq!(
            got.header("docker-content-digest"),
            Some(image.digest.as_str())
        );
        assert_eq!(got.header("content-type"), Some(MANIFEST));
        let head = docker.ask("HEAD", &path, "", b"");
        assert_eq!(
            head.header("content-length"),
            Some(&*image.manifest.len().to_string())
        );
        assert!(head.body.is_empty());
    }
    let layer = format!("/v2/{NAME}/blobs/{}", digest_of(b"layer one"));
    assert_eq!(docker.ask("GET", &layer, "", b"").body, b"layer one");
    assert_eq!(
        docker.ask("HEAD", &layer, "", b"").header("content-length"),
        Some("9")
    );
    let part = docker.ask("GET", &layer, "range: bytes=6-\r\n", b"");
    assert_eq!(
        (part.status, part.body.as_slice()),
        (206, b"one".as_slice())
    );
    assert_eq!(part.header("content-range"), Some("bytes 6-8/9"));
    assert_eq!(
        docker.ask("GET", &layer, "range: bytes=9-\r\n", b"").status,
        416
    );
    let unsupported = docker.ask("DELETE", &layer, "", b"");
    refused(
        &unsupported,
        405,
        "UNSUPPORTED",
        "The operation is unsupported.",
    );

    let calls = served.get("GET", "calls", &Value::Null);
    assert_eq!(calls["calls"]["ecr.PutImage"], 1);
    let deleted = docker.ask(
        "DELETE",
        &format!("/v2/{NAME}/manifests/{}", image.digest),
        "",
        b"",
    );
    assert_eq!(deleted.status, 202);
    let listed = ecr
        .list_images()
        .repository_name(NAME)
        .send()
        .await
        .unwrap();
    assert!(
        listed
            .image_ids()
            .iter()
            .all(|id| id.image_tag() != Some("v1"))
    );
}

#[tokio::test]
async fn what_the_api_was_given_is_pulled_too() {
    let home = tempfile::tempdir().unwrap();
    for state in [None, Some(home.path().to_owned())] {
        let served = Served::with(ServerOptions {
            state,
            ..options(Pace::Manual)
        })
        .unwrap();
        let ecr = client!(aws_sdk_ecr, served);
        let upload = ecr
            .initiate_layer_upload()
            .repository_name(NAME)
            .send()
            .await
            .unwrap();
        let id = upload.upload_id().unwrap();
        let blob = aws_sdk_ecr::primitives::Blob::new("through the API");
        let part = ecr.upload_layer_part().repository_name(NAME).upload_id(id);
        let part = part
            .part_first_byte(0)
            .part_last_byte(14)
            .layer_part_blob(blob);
        part.send().await.unwrap();
        let digest = digest_of(b"through the API");
        let complete = ecr
            .complete_layer_upload()
            .repository_name(NAME)
            .upload_id(id);
        complete.layer_digests(&digest).send().await.unwrap();

        let docker = Client::of(&served);
        let path = format!("/v2/{NAME}/blobs/{digest}");
        assert_eq!(docker.ask("GET", &path, "", b"").body, b"through the API");
        let url = ecr
            .get_download_url_for_layer()
            .repository_name(NAME)
            .layer_digest(&digest);
        let url = url.send().await.unwrap().download_url().unwrap().to_owned();
        let path = url.strip_prefix(&served.url()).unwrap();
        let fetched = Line::to(served.address).ask("GET", path, "", "").unwrap();
        assert_eq!(fetched.body, b"through the API");
        served.get("POST", "advance", &json!({ "by_ms": 3_600_000 }));
        let late = Line::to(served.address).ask("GET", path, "", "").unwrap();
        refused(&late, 403, "DENIED", "expired");
    }
}

/// The words are the runtime's ([OBS], ecs-semantics C).
#[tokio::test]
async fn an_image_for_another_architecture_starts_no_task() {
    let served = Served::manual();
    let docker = Client::of(&served);
    let image = docker.push(NAME, "arm", "linux/arm64", b"for arm only");
    let reference = format!(
        "123456789012.dkr.ecr.sa-east-1.amazonaws.com/{NAME}@{}",
        image.digest
    );
    let ecs = client!(aws_sdk_ecs, served);
    let mut stopped = Vec::new();
    for architecture in [CpuArchitecture::X8664, CpuArchitecture::Arm64] {
        let container = ContainerDefinition::builder()
            .name("auth")
            .image(&reference);
        let platform = RuntimePlatform::builder().cpu_architecture(architecture);
        let definition = ecs
            .register_task_definition()
            .family("pushed")
            .network_mode(NetworkMode::Awsvpc)
            .requires_compatibilities(Compatibility::Fargate)
            .cpu("256")
            .memory("512")
            .execution_role_arn("arn:aws:iam::123456789012:role/execution")
            .runtime_platform(platform.operating_system_family(OsFamily::Linux).build())
            .container_definitions(container.essential(true).build());
        let registered = definition.send().await.unwrap();
        let arn = registered
            .task_definition()
            .unwrap()
            .task_definition_arn()
            .unwrap();
        let subnets = AwsVpcConfiguration::builder().subnets("subnet-0a10000000000001a");
        let network = NetworkConfiguration::builder();
        let network = network
            .awsvpc_configuration(subnets.build().unwrap())
            .build();
        let run = ecs.run_task().cluster(CLUSTER).task_definition(arn);
        let run = run
            .launch_type(LaunchType::Fargate)
            .network_configuration(network);
        let started = run.send().await.unwrap();
        let task = started.tasks()[0].task_arn().unwrap().to_owned();
        served.get("POST", "advance", &json!({ "by_ms": 20 * 60_000 }));
        let described = ecs.describe_tasks().cluster(CLUSTER).tasks(task);
        let described = described.send().await.unwrap();
        stopped.push(described.tasks()[0].stopped_reason().unwrap().to_owned());
    }
    let words = "image Manifest does not contain descriptor matching platform 'linux/amd64'";
    assert!(stopped[0].contains(words), "{stopped:?}");
    assert!(!stopped[1].contains("CannotPull"), "{stopped:?}");
}

#[test]
fn who_may_enter() {
    let served = Served::at(Pace::Manual);
    let mut docker = Client::of(&served);
    let mut nobody = Client::unknown(&served);
    let answer = nobody.ask("GET", "/v2/", "", b"");
    refused(&answer, 401, "UNAUTHORIZED", "Not Authorized");
    let challenge = format!(
        "Basic realm=\"https://{}/\",service=\"ecr.amazonaws.com\"",
        served.address
    );
    assert_eq!(answer.header("www-authenticate"), Some(challenge.as_str()));
    assert_eq!(
        answer.header("docker-distribution-api-version"),
        Some("registry/2.0")
    );
    nobody.authorization = "authorization: Basic QVdTOnNlY3JldA==\r\n".to_owned();
    refused(
        &nobody.ask("GET", "/v2/", "", b""),
        400,
        "DENIED",
        "invalid",
    );
    assert_eq!(docker.ask("GET", "/v2/", "", b"").status, 200);

    // A host may name the registry; its Region has to be the token's.
    let host =
        |account: &str, region: &str| format!("{account}.dkr.ecr.{region}.amazonaws.com:4577");
    docker.host = host("123456789012", REGION);
    assert_eq!(
        docker
            .ask("GET", &format!("/v2/{NAME}/tags/list"), "", b"")
            .status,
        200
    );
    docker.host = host("111122223333", REGION);
    let answer = docker.ask("GET", &format!("/v2/{NAME}/tags/list"), "", b"");
    refused(&answer, 404, "NAME_UNKNOWN", "id '111122223333'");
    docker.host = host("123456789012", "eu-west-1");
    refused(
        &docker.ask("GET", "/v2/", "", b""),
        400,
        "DENIED",
        "invalid",
    );

    // Otherwise the token does.
    let theirs = Client::with_key(&served, "111122223333");
    theirs.create("theirs");
    theirs.push("theirs", "v1", "linux/amd64", b"one");
    let catalog = theirs.ask("GET", "/v2/_catalog", "", b"").json();
    assert_eq!(catalog, json!({ "repositories": ["theirs"] }));

    served.get("POST", "advance", &json!({ "by_ms": 12 * 3_600_000 }));
    let words = "Your authorization token has expired. Reauthenticate and try again.";
    refused(&theirs.ask("GET", "/v2/", "", b""), 403, "DENIED", words);
}

#[tokio::test]
async fn what_is_pushed_is_scanned_and_expires_as_any_image() {
    let served = Served::manual();
    let docker = Client::of(&served);
    let scanned =
        json!({ "repositoryName": "web", "imageScanningConfiguration": { "scanOnPush": true } });
    docker.api("CreateRepository", &scanned);
    docker.push("web", "v1", "linux/amd64", b"one");
    served.get("POST", "advance", &json!({ "by_ms": 60_000 }));
    docker.push("web", "v2", "linux/amd64", b"two");
    served.get("POST", "advance", &json!({ "by_ms": 60_000 }));
    docker.push("web", "v2", "linux/amd64", b"three");
    let described = docker.api("DescribeImages", &json!({ "repositoryName": "web" }));
    assert!(described["imageDetails"][0]["imageScanStatus"].is_object());
    let rule = json!({ "rulePriority": 1, "action": { "type": "expire" }, "selection": {
        "tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1,
    } });
    let keep_one = json!({ "rulePriority": 2, "action": { "type": "expire" }, "selection": {
        "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1,
    } });
    let policy = json!({ "rules": [rule, keep_one] }).to_string();
    docker.api(
        "PutLifecyclePolicy",
        &json!({ "repositoryName": "web", "lifecyclePolicyText": policy }),
    );
    served.get("POST", "advance", &json!({ "by_ms": 24 * 3_600_000 }));
    let docker = Client::of(&served);
    let tags = docker.ask("GET", "/v2/web/tags/list", "", b"").json();
    assert_eq!(tags["tags"], json!(["v2"]));
    let ecr = client!(aws_sdk_ecr, served);
    let filter = aws_sdk_ecr::types::ListImagesFilter::builder().tag_status(TagStatus::Untagged);
    let untagged = ecr
        .list_images()
        .repository_name("web")
        .filter(filter.build());
    assert_eq!(untagged.send().await.unwrap().image_ids().len(), 1);
}

#[test]
fn faults_strike_pushes_and_pulls() {
    let served = Served::manual();
    let docker = Client::of(&served);
    let path = format!("/v2/{NAME}/tags/list");
    for (fault, expected) in [
        (
            json!("throttle"),
            Some((429, "TOOMANYREQUESTS", "Rate exceeded")),
        ),
        (json!("deny"), Some((403, "DENIED", "ecr:ListImages"))),
        (
            json!("server-error"),
            Some((500, "UNKNOWN", "ServerException")),
        ),
        (json!("connection-reset"), None),
        (json!("reply-lost"), None),
    ] {
        let call =
            json!({ "where": "call", "operation": "ecr.ListImages", "count": 1, "fault": fault });
        served.get("POST", "faults", &call);
        match expected {
            Some((status, code, words)) => {
                refused(&docker.ask("GET", &path, "", b""), status, code, words)
            }
            None => assert!(docker.try_ask("GET", &path, "", b"").is_err()),
        }
        assert_eq!(docker.ask("GET", &path, "", b"").status, 200);
    }
}

#[test]
fn layers_outlive_their_server_beside_the_worlds_and_unused_ones_do_not() {
    let home = tempfile::tempdir().unwrap();
    let start = || {
        Served::with(ServerOptions {
            state: Some(home.path().to_owned()),
            ..options(Pace::Manual)
        })
        .unwrap()
    };
    let files = |directory: &str| {
        let entries = fs::read_dir(home.path().join("layers").join(directory));
        entries.map_or(0, Iterator::count)
    };
    let served = start();
    let docker = Client::of(&served);
    let layer = vec![7; 300_000];
    let image = docker.push(NAME, "v1", "linux/amd64", &layer);
    docker.upload(NAME, b"used by nothing");
    docker.begin(NAME);
    assert_eq!((files("sha256"), files("uploads")), (3, 1));
    let snapshot = served.ask("GET", "snapshot", "");
    assert!(snapshot.body.len() < 300_000, "no layer is in it");
    served.end().unwrap();

    let served = start();
    assert_eq!((files("sha256"), files("uploads")), (2, 0));
    let docker = Client::of(&served);
    let got = docker.ask(
        "GET",
        &format!("/v2/{NAME}/manifests/{}", image.digest),
        "",
        b"",
    );
    assert_eq!(got.body, image.manifest.as_bytes());
    let path = format!("/v2/{NAME}/blobs/{}", digest_of(&layer));
    assert_eq!(docker.ask("GET", &path, "", b"").body, layer);
    drop(served);

    // A world that came from elsewhere knows its layers and has none of their bytes.
    let elsewhere = Served::manual();
    elsewhere.ask(
        "POST",
        "restore",
        &String::from_utf8(snapshot.body).unwrap(),
    );
    let answer = Client::of(&elsewhere).ask("GET", &path, "", b"");
    refused(&answer, 404, "BLOB_UNKNOWN", "Push it again");
}
