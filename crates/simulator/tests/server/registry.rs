//! Docker's registry protocol over plain HTTP: what is pushed, in whatever pieces, is what the API shows and what is pulled.

use std::fs;
use std::io::Write;
use std::net::Shutdown;

use aws_sdk_ecr::types::{ImageIdentifier, TagStatus};
use backstay_simulator::server::{Pace, ServerOptions};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::raw::{Answer, Line};
use crate::registry_client::{
    CONFIGURATION, Client, INDEX, LIST, MANIFEST, OCI_MANIFEST, configuration, digest_of, manifest,
};
use crate::support::{REGION, START_MS, Served, client, options};

const NAME: &str = "cat-house/auth";

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str, words: &str) {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!(answer.status, status, "{text}");
    let error = &answer.json()["errors"][0];
    assert_eq!(error["code"], code, "{text}");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(words), "{message:?} has {words:?}");
}

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

#[test]
fn any_chunks_make_the_same_layer() {
    let home = tempfile::tempdir().unwrap();
    for state in [None, Some(home.path().to_owned())] {
        let served = Served::with(ServerOptions {
            state,
            ..options(Pace::Manual)
        })
        .unwrap();
        let docker = Client::of(&served);
        let mut runner = TestRunner::new(Config {
            cases: 24,
            failure_persistence: None,
            ..Config::default()
        });
        let chunks = prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3_000), 1..6);
        let strategy = (chunks, any::<bool>(), any::<bool>());
        let played = runner.run(&strategy, |(chunks, ranged, last_with_put)| {
            let whole = chunks.concat();
            prop_assume!(!whole.is_empty());
            let mut at = docker.begin(NAME);
            let (last, first) = chunks.split_last().unwrap();
            let patched = if last_with_put { first } else { &chunks };
            let mut sent = 0;
            for chunk in patched {
                let end = sent + chunk.len();
                let range = match ranged && !chunk.is_empty() {
                    true => format!("content-range: {sent}-{}\r\n", end - 1),
                    false => String::new(),
                };
                let answer = docker.ask("PATCH", &at, &range, chunk);
                prop_assert_eq!(answer.status, 202);
                sent = end;
                let reached = format!("0-{}", end.saturating_sub(1));
                prop_assert_eq!(answer.header("range"), Some(reached.as_str()));
                at = answer.header("location").unwrap().to_owned();
            }
            let rest: &[u8] = if last_with_put { last } else { b"" };
            let digest = digest_of(&whole);
            let done = docker.ask("PUT", &format!("{at}?digest={digest}"), "", rest);
            prop_assert_eq!(done.status, 201);
            prop_assert_eq!(done.header("docker-content-digest"), Some(digest.as_str()));
            let location = done.header("location").unwrap().to_owned();
            prop_assert_eq!(docker.ask("GET", &location, "", b"").body, whole);
            Ok(())
        });
        played.unwrap();
    }
}

#[test]
fn uploads_have_their_rules() {
    let served = Served::manual();
    let docker = Client::of(&served);
    let uploads = format!("/v2/{NAME}/blobs/uploads/");
    let digest = digest_of(b"hello");

    // All at once.
    let at_once = docker.ask("POST", &format!("{uploads}?digest={digest}"), "", b"hello");
    assert_eq!(at_once.status, 201);
    let wrong = docker.ask("POST", &format!("{uploads}?digest={digest}"), "", b"other");
    refused(&wrong, 400, "DIGEST_INVALID", "do not match");

    // A chunk that is out of place is told what is there, and one that is too short leaves nothing behind.
    let at = docker.begin(NAME);
    docker.ask("PATCH", &at, "content-range: 0-1\r\n", b"he");
    let early = docker.ask("PATCH", &at, "content-range: 4-4\r\n", b"o");
    refused(&early, 416, "BLOB_UPLOAD_INVALID", "2 bytes");
    assert_eq!(early.header("range"), Some("0-1"));
    let short = docker.ask("PATCH", &at, "content-range: 2-9\r\n", b"xxx");
    refused(&short, 400, "SIZE_INVALID", "as long as");
    let progress = docker.ask("GET", &at, "", b"");
    assert_eq!(
        (progress.status, progress.header("range")),
        (204, Some("0-1"))
    );
    // What came of a body that broke off stays.
    let mut line = Line::to(served.address);
    let head = format!(
        "PATCH {at} HTTP/1.1\r\nhost: x\r\n{}content-length: 50\r\n\r\nllo",
        docker.authorization
    );
    line.send(head.as_bytes()).unwrap();
    line.stream().shutdown(Shutdown::Write).unwrap();
    let _ = line.rest();
    let progress = docker.ask("GET", &at, "", b"");
    assert_eq!(progress.header("range"), Some("0-4"));
    let done = docker.ask("PUT", &format!("{at}?digest={digest}"), "", b"");
    assert_eq!(done.status, 201);
    let again = docker.ask("PUT", &format!("{at}?digest={digest}"), "", b"");
    refused(&again, 404, "BLOB_UPLOAD_UNKNOWN", "unknown");

    let at = docker.begin(NAME);
    let elsewhere = at.replace(NAME, "cat-house/other");
    docker.create("cat-house/other");
    refused(
        &docker.ask("GET", &elsewhere, "", b""),
        404,
        "BLOB_UPLOAD_UNKNOWN",
        "",
    );
    let empty = docker.ask("PUT", &format!("{at}?digest={}", digest_of(b"")), "", b"");
    refused(
        &empty,
        400,
        "BLOB_UPLOAD_INVALID",
        "does not contain any layer parts",
    );
    let at = docker.begin(NAME);
    assert_eq!(docker.ask("DELETE", &at, "", b"").status, 204);
    refused(
        &docker.ask("PATCH", &at, "", b"x"),
        404,
        "BLOB_UPLOAD_UNKNOWN",
        "",
    );
    let undigested = docker.begin(NAME);
    refused(
        &docker.ask("PUT", &undigested, "", b"x"),
        400,
        "DIGEST_INVALID",
        "",
    );
}

#[test]
fn a_layer_is_mounted_where_the_account_allows_it_and_an_image_uses_it() {
    let served = Served::manual();
    let docker = Client::of(&served);
    docker.create("cat-house/other");
    let unused = digest_of(b"unused");
    docker.upload(NAME, b"unused");
    docker.push(NAME, "v1", "linux/amd64", b"shared");
    let shared = digest_of(b"shared");
    let mount =
        |digest: &str| format!("/v2/cat-house/other/blobs/uploads/?mount={digest}&from={NAME}");
    assert_eq!(docker.ask("POST", &mount(&shared), "", b"").status, 202);
    let setting = json!({ "name": "BLOB_MOUNTING", "value": "ENABLED" });
    assert_eq!(docker.api("PutAccountSetting", &setting), setting);
    let asked = docker.api("GetAccountSetting", &json!({ "name": "BLOB_MOUNTING" }));
    assert_eq!(asked, setting);
    let mounted = docker.ask("POST", &mount(&shared), "", b"");
    assert_eq!(mounted.status, 201);
    let location = mounted.header("location").unwrap().to_owned();
    assert_eq!(docker.ask("GET", &location, "", b"").body, b"shared");
    assert_eq!(docker.ask("POST", &mount(&unused), "", b"").status, 202);
}

#[test]
fn an_index_needs_its_manifests_and_says_its_platforms() {
    let served = Served::manual();
    let docker = Client::of(&served);
    docker.create("web");
    let path = "/v2/web/manifests/v1";
    let entry = |digest: &str, size: usize, architecture: &str| {
        json!({
            "mediaType": OCI_MANIFEST, "digest": digest, "size": size,
            "platform": { "os": "linux", "architecture": architecture },
        })
    };
    let missing = entry(&digest_of(b"nothing"), 7, "amd64");
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [missing] });
    let typed = format!("content-type: {INDEX}\r\n");
    let answer = docker.ask("PUT", path, &typed, index.to_string().as_bytes());
    refused(
        &answer,
        400,
        "MANIFEST_BLOB_UNKNOWN",
        "referencing an image that does not exist",
    );

    let children = ["amd64", "arm64"].map(|architecture| {
        let platform = format!("linux/{architecture}");
        let child = docker.push_untagged("web", &platform, architecture.repeat(10).as_bytes());
        entry(&child.digest, child.manifest.len(), architecture)
    });
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": children });
    let text = index.to_string();
    let answer = docker.ask("PUT", path, &typed, text.as_bytes());
    assert_eq!(answer.status, 201);
    let digest = digest_of(text.as_bytes());
    assert_eq!(
        answer.header("docker-content-digest"),
        Some(digest.as_str())
    );
    let got = docker.ask("GET", path, "", b"");
    assert_eq!(got.header("content-type"), Some(INDEX));
    assert_eq!(got.body, text.as_bytes());

    let described = docker.api("DescribeImages", &json!({ "repositoryName": "web" }));
    let details = described["imageDetails"].as_array().unwrap();
    assert_eq!(
        details.len(),
        3,
        "the children are images too, without tags"
    );
    let whole = details
        .iter()
        .find(|one| one["imageTags"] == json!(["v1"]))
        .unwrap();
    let largest = details
        .iter()
        .map(|one| one["imageSizeInBytes"].as_u64())
        .max()
        .unwrap();
    assert_eq!(
        whole["imageSizeInBytes"].as_u64(),
        largest,
        "the largest of its images"
    );
    let child = children[0]["digest"].as_str().unwrap();
    let answer = docker.ask("DELETE", &format!("/v2/web/manifests/{child}"), "", b"");
    refused(&answer, 405, "UNSUPPORTED", "referenced by manifest list");
    // Docker's own list is the same thing under another name.
    let list = json!({ "schemaVersion": 2, "mediaType": LIST, "manifests": children }).to_string();
    let typed = format!("content-type: {LIST}\r\n");
    let answer = docker.ask("PUT", "/v2/web/manifests/v2", &typed, list.as_bytes());
    assert_eq!(answer.status, 201);
}

#[test]
fn manifests_that_are_none_are_refused() {
    let served = Served::manual();
    let docker = Client::of(&served);
    let size = docker.upload(NAME, &configuration("linux/amd64"));
    let good = manifest(&configuration("linux/amd64"), &[]);
    assert_eq!(size, configuration("linux/amd64").len());
    let without_layer = manifest(&configuration("linux/amd64"), &[b"never pushed"]);
    let schema_1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    let other = digest_of(b"other");
    for (reference, media_type, body, status, code, words) in [
        (
            "v1",
            MANIFEST,
            "{",
            400,
            "MANIFEST_INVALID",
            "no configuration",
        ),
        (
            "v1",
            OCI_MANIFEST,
            &good,
            400,
            "MANIFEST_INVALID",
            "says it is",
        ),
        ("v1", schema_1, "{}", 400, "MANIFEST_INVALID", "served here"),
        (
            "v1",
            MANIFEST,
            &without_layer,
            400,
            "MANIFEST_BLOB_UNKNOWN",
            "layers could not be found",
        ),
        (
            &other,
            MANIFEST,
            &good,
            400,
            "DIGEST_INVALID",
            "does not match the digest",
        ),
        (
            "sha256:12",
            MANIFEST,
            &good,
            400,
            "DIGEST_INVALID",
            "sha256:12",
        ),
        (".v1", MANIFEST, &good, 400, "TAG_INVALID", ".v1"),
    ] {
        let typed = format!("content-type: {media_type}\r\n");
        let path = format!("/v2/{NAME}/manifests/{reference}");
        let answer = docker.ask("PUT", &path, &typed, body.as_bytes());
        refused(&answer, status, code, words);
    }
    let large = "x".repeat(5 * 1024 * 1024);
    let answer = docker.ask(
        "PUT",
        &format!("/v2/{NAME}/manifests/v1"),
        "",
        large.as_bytes(),
    );
    refused(&answer, 413, "MANIFEST_INVALID", "4 MiB");
    let unknown = docker.ask("GET", &format!("/v2/{NAME}/manifests/v1"), "", b"");
    refused(
        &unknown,
        404,
        "MANIFEST_UNKNOWN",
        "Requested image not found",
    );
    let bodiless = docker.ask("GET", &format!("/v2/{NAME}/blobs/{other}"), "", b"");
    refused(&bodiless, 404, "BLOB_UNKNOWN", "unknown");
    // A blueprint's image has a digest, and no bytes that have it.
    let of_blueprint = docker.ask("GET", &format!("/v2/{NAME}/manifests/a1b2c3d"), "", b"");
    refused(&of_blueprint, 404, "MANIFEST_UNKNOWN", "no content");
    for path in ["/v2/nobody/tags/list", "/v2/nobody/manifests/v1"] {
        let answer = docker.ask("GET", path, "", b"");
        let words = "The repository with name 'nobody' does not exist in the registry with id '123456789012'";
        refused(&answer, 404, "NAME_UNKNOWN", words);
    }
    // Nothing is created by pushing: that takes a repository creation template.
    let push = docker.ask("POST", "/v2/nobody/blobs/uploads/", "", b"");
    refused(&push, 404, "NAME_UNKNOWN", "nobody");
}

#[test]
fn an_immutable_tag_stays_where_it_is_and_the_same_image_may_come_again() {
    let served = Served::manual();
    let docker = Client::of(&served);
    let settings = json!({ "repositoryName": "web", "imageTagMutability": "IMMUTABLE" });
    docker.api("CreateRepository", &settings);
    let first = docker.push("web", "v1", "linux/amd64", b"one");
    let again = docker.push("web", "v1", "linux/amd64", b"one");
    assert_eq!(first.digest, again.digest);
    let (answer, _) = docker.try_push("web", "v1", "linux/amd64", b"two");
    let words = "The image tag 'v1' already exists in the 'web' repository and cannot be overwritten because the repository is \
                 immutable.";
    refused(&answer, 400, "TAG_INVALID", words);
    let got = docker.ask("HEAD", "/v2/web/manifests/v1", "", b"");
    assert_eq!(
        got.header("docker-content-digest"),
        Some(first.digest.as_str())
    );
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

#[test]
fn lists_come_in_pages() {
    let served = Served::manual();
    let docker = Client::of(&served);
    docker.create("web");
    for tag in ["c", "a", "b"] {
        docker.push("web", tag, "linux/amd64", tag.as_bytes());
    }
    let all = docker.ask("GET", "/v2/web/tags/list", "", b"");
    assert_eq!(
        all.json(),
        json!({ "name": "web", "tags": ["a", "b", "c"] })
    );
    assert_eq!(all.header("link"), None);
    let first = docker.ask("GET", "/v2/web/tags/list?n=2", "", b"");
    assert_eq!(first.json()["tags"], json!(["a", "b"]));
    let link = first.header("link").unwrap();
    let (next, _) = link.strip_prefix('<').unwrap().split_once('>').unwrap();
    let second = docker.ask("GET", next, "", b"");
    assert_eq!(second.json()["tags"], json!(["c"]));
    assert_eq!(second.header("link"), None);
    let too_many = docker.ask("GET", "/v2/web/tags/list?n=10000", "", b"");
    refused(
        &too_many,
        405,
        "UNSUPPORTED",
        "'Member must have value less than or equal to 1000'",
    );
    let catalog = docker.ask("GET", "/v2/_catalog?n=1", "", b"");
    assert_eq!(catalog.json(), json!({ "repositories": [NAME] }));
    assert!(catalog.header("link").is_some());
}

#[test]
fn referrers_are_found_by_what_they_are_about() {
    let served = Served::manual();
    let docker = Client::of(&served);
    let image = docker.push(NAME, "v1", "linux/amd64", b"one");
    docker.upload(NAME, b"{}");
    let signature = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "artifactType": "application/example.signature",
        "config": { "mediaType": "application/vnd.oci.empty.v1+json", "digest": digest_of(b"{}"), "size": 2 },
        "layers": [], "annotations": { "by": "us" },
        "subject": { "mediaType": MANIFEST, "digest": image.digest, "size": image.manifest.len() },
    })
    .to_string();
    let digest = digest_of(signature.as_bytes());
    let typed = format!("content-type: {OCI_MANIFEST}\r\n");
    let path = format!("/v2/{NAME}/manifests/{digest}");
    let answer = docker.ask("PUT", &path, &typed, signature.as_bytes());
    assert_eq!(
        (answer.status, answer.header("oci-subject")),
        (201, Some(image.digest.as_str()))
    );
    let expected = json!({
        "mediaType": OCI_MANIFEST, "digest": digest, "size": signature.len(),
        "artifactType": "application/example.signature", "annotations": { "by": "us" },
    });
    let path = format!("/v2/{NAME}/referrers/{}", image.digest);
    let all = docker.ask("GET", &path, "", b"");
    assert_eq!(all.json()["manifests"], json!([expected]));
    assert_eq!(all.header("content-type"), Some(INDEX));
    let none = docker.ask("GET", &format!("{path}?artifactType=other"), "", b"");
    assert_eq!(none.json()["manifests"], json!([]));
    assert_eq!(none.header("oci-filters-applied"), Some("artifactType"));
    let input = json!({ "repositoryName": NAME, "subjectId": { "imageDigest": image.digest } });
    let listed = docker.api("ListImageReferrers", &input);
    assert_eq!(listed["referrers"][0]["digest"], json!(digest));
    assert_eq!(listed["referrers"][0]["artifactStatus"], "ACTIVE");
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

/// Where it may mount: as root. Elsewhere a counted skip.
#[test]
fn a_full_disk_is_an_error_of_the_registry_and_leaves_nothing_behind() {
    let Some(disk) = SmallDisk::mounted() else {
        return crate::skips::skipped(
            "a_full_disk_is_an_error",
            "needs a small tmpfs: root and mount(8)",
        );
    };
    let served = Served::with(ServerOptions {
        state: Some(disk.0.path().to_owned()),
        ..options(Pace::Manual)
    })
    .unwrap();
    let docker = Client::of(&served);
    docker.push(NAME, "v1", "linux/amd64", b"small");
    let before = docker.api("DescribeImages", &json!({ "repositoryName": NAME }));
    let large = vec![1; 3 * 1024 * 1024];
    let at = docker.begin(NAME);
    let answer = docker.ask("PATCH", &at, "", &large);
    refused(&answer, 500, "UNKNOWN", "No space left on device");
    refused(
        &docker.ask("GET", &at, "", b""),
        404,
        "BLOB_UPLOAD_UNKNOWN",
        "",
    );
    let uploads = format!("/v2/{NAME}/blobs/uploads/?digest={}", digest_of(&large));
    refused(
        &docker.ask("POST", &uploads, "", &large),
        500,
        "UNKNOWN",
        "No space left",
    );
    let blob = format!("/v2/{NAME}/blobs/{}", digest_of(&large));
    refused(
        &docker.ask("GET", &blob, "", b""),
        404,
        "BLOB_UNKNOWN",
        "unknown",
    );
    let input = json!({ "repositoryName": NAME, "layerDigests": [digest_of(&large)] });
    let checked = docker.api("BatchCheckLayerAvailability", &input);
    assert_eq!(checked["layers"][0]["layerAvailability"], "UNAVAILABLE");
    let after = docker.api("DescribeImages", &json!({ "repositoryName": NAME }));
    assert_eq!(after, before);
    let uploads = disk.0.path().join("layers/uploads");
    assert_eq!(fs::read_dir(uploads).unwrap().count(), 0);
    // There is room again.
    docker.push(NAME, "v2", "linux/amd64", b"small as well");
}

/// A file system of 2 MiB.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mounted() -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let mut mount = std::process::Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
            .arg(directory.path());
        let mounted = mount.output().is_ok_and(|done| done.status.success());
        mounted.then_some(Self(directory))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount")
            .arg("-l")
            .arg(self.0.path())
            .output();
        let _ = std::io::stdout().flush();
    }
}
