//! Manifests, indexes and lists of the registry, and what is refused.

use serde_json::json;

use crate::registry_client::{
    Client, INDEX, LIST, MANIFEST, OCI_MANIFEST, configuration, digest_of, manifest, refused,
};
use crate::support::Served;

const NAME: &str = "cat-house/auth";

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
