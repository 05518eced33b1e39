//! Objects: listed, looked at, read, written, copied, removed.

use std::collections::BTreeMap;
use std::time::Duration;

use backstay_adapters::aws::AwsCloud;
use backstay_adapters::state::{S3Store, Store, Swapped};
use backstay_domain::app::Frontend;
use backstay_domain::definition::sha256_hex;
use backstay_domain::ports::{FrontendStore, Publication};
use backstay_domain::release::{FileKind, Manifest, ManifestFile};
use backstay_domain::survey::Owner;
use backstay_domain::{AppName, EnvironmentName};

use super::{Recorded, hold, named, of};
use crate::scripted::{Answer, Asked, Aws, Pages};

fn frontend() -> Frontend {
    Frontend {
        directory: "dist".to_owned(),
        bucket: "bucket".to_owned(),
        prefix: String::new(),
        distribution: None,
        url: None,
        mutable: vec!["*.jpg".to_owned()],
        region: None,
        media_types: BTreeMap::new(),
    }
}

/// Which call of S3 a request is.
fn call(asked: &Asked) -> &'static str {
    let (method, path) = asked.operation.split_once(' ').unwrap();
    match method {
        "HEAD" if path == "/" => "HeadBucket",
        "HEAD" => "HeadObject",
        "GET" if asked.query.contains("list-type=2") => "ListObjectsV2",
        "GET" if asked.query.contains("acl") => "GetObjectAcl",
        "GET" => "GetObject",
        "PUT" if asked.headers.contains_key("x-amz-copy-source") => "CopyObject",
        "PUT" => "PutObject",
        "DELETE" => "DeleteObject",
        other => panic!("{other}"),
    }
}

/// An S3 that gives one recorded answer to each of its calls: these, else the first of them.
fn s3(chosen: &[&Recorded]) -> Aws {
    let chosen: Vec<Recorded> = chosen.iter().map(|one| (*one).clone()).collect();
    Aws::new(move |asked| {
        let call = call(asked);
        let given = chosen.iter().find(|one| one.operation == call);
        match given {
            Some(recorded) => recorded.answer(),
            None => of(call).remove(0).answer(),
        }
    })
}

/// What was asked of one of S3's calls.
fn asked_for(aws: &Aws, wanted: &str) -> Vec<Asked> {
    let mut names = aws.picture();
    names.sort();
    names.dedup();
    let all = names.iter().flat_map(|name| aws.asked(name));
    all.filter(|asked| call(asked) == wanted).collect()
}

fn state(aws: &Aws) -> S3Store {
    let app = AppName::parse("shop").unwrap();
    let environment = EnvironmentName::parse("staging").unwrap();
    S3Store::new(&aws.config(), "bucket", "", &app, &environment)
}

/// A file whose bytes nobody has: what S3 says of its size and MD5 has to do.
fn file(md5: &str, size: u64, content_type: &str) -> ManifestFile {
    ManifestFile {
        sha256: sha256_hex(md5.as_bytes()),
        size,
        content_type: content_type.to_owned(),
        kind: FileKind::Immutable,
        md5: Some(md5.to_owned()),
        content_encoding: None,
    }
}

/// Between two tags of an XML text, in order.
fn between<'t>(text: &'t str, tag: &str) -> Vec<&'t str> {
    let open = format!("<{tag}>");
    let parts = text.split(open.as_str()).skip(1);
    parts.map(|part| part.split('<').next().unwrap()).collect()
}

/// A build that has just what is listed, but for one file that is not there.
fn built(listing: &str) -> Manifest {
    let keys = between(listing, "Key").into_iter();
    let sizes = between(listing, "Size").into_iter();
    let tags = between(listing, "ETag").into_iter();
    let listed = keys.zip(sizes).zip(tags).map(|((key, size), tag)| {
        let md5 = tag.replace("&quot;", "").replace('"', "");
        (
            key.to_owned(),
            file(&md5, size.parse().unwrap(), "text/plain"),
        )
    });
    let absent = ("new.js".to_owned(), file("none", 1, "text/javascript"));
    Manifest::new(listed.chain([absent]).collect())
}

#[tokio::test]
async fn listings_say_what_is_there() {
    let mut came = BTreeMap::new();
    for recorded in of("ListObjectsV2") {
        let (name, manifest) = (recorded.name.clone(), built(&recorded.text()));
        let last = named("ListObjectsV2", "2009-one");
        let aws = Aws::new(move |asked| match call(asked) {
            // The page after the one that goes on.
            "ListObjectsV2" if asked.query.contains("continuation-token") => last.answer(),
            "ListObjectsV2" => recorded.answer(),
            // No manifest stands for a listing here.
            "GetObject" => Answer::Error(404, "NoSuchKey"),
            other => named(other, first(other)).answer(),
        });
        let found = aws
            .cloud()
            .compare(&frontend(), &manifest, None)
            .await
            .unwrap();
        let absent: Vec<&String> = found.absent.iter().collect();
        let line = format!(
            "{} files, absent {absent:?}, changed {:?}, {} with other headers, {} pages",
            manifest.files.len(),
            found.changed,
            found.headers.len(),
            asked_for(&aws, "ListObjectsV2").len()
        );
        came.insert(name, line.replace('"', "'"));
    }
    let expected = [
        (
            "2009-one",
            "2 files, absent ['new.js'], changed {}, 1 with other headers, 1 pages",
        ),
        (
            "2019-four",
            "5 files, absent ['new.js'], changed {}, 4 with other headers, 1 pages",
        ),
        // Two folders, each with a page more.
        (
            "2026-checksums",
            "2 files, absent ['new.js'], changed {}, 1 with other headers, 4 pages",
        ),
    ];
    hold("ListObjectsV2", came, &expected);
}

/// The answer that is given where no other was chosen.
fn first(call: &str) -> &'static str {
    match call {
        "HeadBucket" => "2021-region",
        "HeadObject" => "2009-version",
        other => panic!("{other}"),
    }
}

/// S3 names the Region of a bucket, and is asked there from then on.
#[tokio::test]
async fn a_bucket_names_its_region() {
    for recorded in of("HeadBucket") {
        let region = recorded.headers["x-amz-bucket-region"].clone();
        let aws = s3(&[&recorded]);
        let found = aws
            .cloud()
            .pointers(&frontend(), &["my-image.jpg".to_owned()])
            .await;
        assert_eq!(found.unwrap().len(), 1);
        let signed = &asked_for(&aws, "GetObject")[0].headers["authorization"];
        assert!(signed.contains(&format!("/{region}/s3/")), "{signed}");
    }
}

#[tokio::test]
async fn objects_are_known_by_their_bytes() {
    for recorded in of("GetObject") {
        let path = "my-image.jpg".to_owned();
        let aws = s3(&[&recorded]);
        let found = aws
            .cloud()
            .pointers(&frontend(), std::slice::from_ref(&path))
            .await
            .unwrap();
        assert_eq!(
            found[&path],
            sha256_hex(&recorded.body),
            "{}",
            recorded.name
        );
    }
}

/// The state that an answer names, which is opaque.
fn tag(recorded: &Recorded) -> String {
    format!("Tag({:?})", recorded.headers["etag"])
}

/// Without a Date nobody knows how old it is: it counts as new.
#[tokio::test(start_paused = true)]
async fn a_cell_is_its_bytes_and_its_tag() {
    for recorded in of("GetObject") {
        let cell = state(&s3(&[&recorded]))
            .cell("lease")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(cell.bytes, recorded.body);
        assert_eq!(
            (format!("{:?}", cell.tag), cell.age),
            (tag(&recorded), Duration::ZERO)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_written_has_a_tag() {
    for recorded in of("PutObject") {
        let aws = s3(&[&recorded]);
        let swapped = state(&aws).swap("lease", None, b"{}").await.unwrap();
        match swapped {
            Swapped::Done(found) => assert_eq!(format!("{found:?}"), tag(&recorded)),
            Swapped::Conflict => panic!("{}", recorded.name),
        }
        assert_eq!(
            asked_for(&aws, "PutObject")[0].headers["if-none-match"],
            "*"
        );
    }
}

#[tokio::test]
async fn what_is_removed_is_removed() {
    for recorded in of("DeleteObject") {
        let aws = s3(&[&recorded]);
        let none = BTreeMap::from([("config.json".to_owned(), None)]);
        let pointed = aws.cloud().point(&frontend(), &none).await;
        assert_eq!(pointed, Ok(()), "{}", recorded.name);
    }
}

/// An object with the right bytes and the wrong type is copied onto itself, and stays readable by whom it was readable.
#[tokio::test]
async fn headers_are_put_right() {
    let build = tempfile::tempdir().unwrap();
    std::fs::create_dir(build.path().join("dist")).unwrap();
    std::fs::write(build.path().join("dist/app.js"), "bytes").unwrap();
    let mut came = BTreeMap::new();
    for (acl, public) in [("subtype", None), ("public", Some("public-read"))] {
        for copied in of("CopyObject") {
            for head in of("HeadObject") {
                let md5 = head.headers["etag"].replace('"', "");
                let size = head.headers["content-length"].parse().unwrap();
                let files = [("app.js".to_owned(), file(&md5, size, "text/javascript"))];
                let manifest = Manifest::new(files.into_iter().collect());
                let wrong = BTreeMap::from([("app.js".to_owned(), "type".to_owned())]);
                let publication = Publication {
                    manifest: &manifest,
                    owner: &Owner {
                        app: AppName::parse("shop").unwrap(),
                        environment: EnvironmentName::parse("test").unwrap(),
                    },
                    upload: &Default::default(),
                    correct: &wrong,
                    keep: &Default::default(),
                };
                let aws = s3(&[&copied, &head, &named("GetObjectAcl", acl)]);
                let cloud = AwsCloud::new(&aws.config(), Pages::default(), build.path().into());
                let published = cloud.publish(&frontend(), &publication).await.unwrap();
                let sent = asked_for(&aws, "CopyObject").remove(0).headers;
                let given = sent.get("x-amz-acl").map(String::as_str);
                assert_eq!(given, public, "{acl}");
                assert_eq!(sent["x-amz-copy-source-if-match"], head.headers["etag"]);
                came.insert(
                    format!("{acl} {} {}", copied.name, head.name),
                    format!("{published:?}"),
                );
            }
        }
    }
    let lines: std::collections::BTreeSet<&String> = came.values().collect();
    assert_eq!((came.len(), lines.len()), (8, 1), "{lines:?}");
}
