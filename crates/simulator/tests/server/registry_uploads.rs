//! Layers on their way into the registry: in one go, in chunks, from another repository, onto a disk that is full.

use std::fs;
use std::net::Shutdown;
use std::process::Command;

use backstay_simulator::server::{Pace, ServerOptions};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use crate::raw::Line;
use crate::registry_client::{Client, digest_of, refused};
use crate::skips::skipped;
use crate::support::{Served, options};

const NAME: &str = "cat-house/auth";

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

/// Where it may mount: as root. Elsewhere a counted skip.
#[test]
fn a_full_disk_is_an_error_of_the_registry_and_leaves_nothing_behind() {
    let Some(disk) = SmallDisk::mounted() else {
        return skipped(
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
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
            .arg(directory.path());
        let mounted = mount.output().is_ok_and(|done| done.status.success());
        mounted.then_some(Self(directory))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).output();
    }
}
