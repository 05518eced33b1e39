//! Publishing, pointing, invalidating and viewing a frontend.

use std::collections::BTreeMap;
use std::fs;

use backstay_adapters::aws::AwsCloud;
use backstay_adapters::files;
use backstay_domain::IdempotencyKey;
use backstay_domain::app::Frontend;
use backstay_domain::definition::sha256_hex;
use backstay_domain::observation::InvalidationView;
use backstay_domain::ports::{ExpectedFile, FailureKind, FrontendStore, Published};
use backstay_domain::release::Manifest;

use crate::bucket::{Objects, body, header, keys, put, s3};
use crate::scripted::{Answer, Aws, Pages};

fn frontend(url: Option<&str>) -> Frontend {
    Frontend {
        directory: "dist".to_owned(),
        bucket: "bucket".to_owned(),
        prefix: "web/".to_owned(),
        distribution: Some("E1".to_owned()),
        url: url.map(str::to_owned),
        mutable: vec!["index.html".to_owned()],
    }
}

struct Build(tempfile::TempDir);

impl Build {
    fn new(files: &[(&str, &str)]) -> Self {
        let build = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            let place = build.0.path().join("dist").join(path);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, text).unwrap();
        }
        build
    }

    fn manifest(&self) -> Manifest {
        files::manifest(&self.0.path().join("dist"), &frontend(None).mutable).unwrap()
    }

    fn cloud(&self, aws: &Aws) -> AwsCloud<Pages> {
        AwsCloud::new(&aws.config(), Pages::default(), self.0.path().to_owned())
    }
}

#[tokio::test]
async fn publishing_adds_what_is_missing_and_touches_nothing_live() {
    let objects = Objects::default();
    let (aws, build) = (
        s3(&objects),
        Build::new(&[
            ("index.html", "<new>"),
            ("assets/a-1.js", "1"),
            ("assets/b-1.css", "22"),
        ]),
    );
    put(&objects, "web/index.html", "<old>", "text/html");
    let (cloud, manifest) = (build.cloud(&aws), build.manifest());
    let first = cloud
        .publish(&frontend(None), &manifest, &BTreeMap::new())
        .await
        .unwrap();
    assert_eq!(
        first,
        Published {
            uploaded: 3,
            present: 0,
            bytes: 8
        }
    );
    let copy = format!("web/_backstay/pointers/{}", sha256_hex(b"<new>"));
    assert_eq!(
        keys(&objects),
        [
            copy.as_str(),
            "web/assets/a-1.js",
            "web/assets/b-1.css",
            "web/index.html"
        ]
    );
    assert_eq!(body(&objects, "web/index.html"), "<old>");
    assert_eq!(
        header(&objects, "web/assets/a-1.js", "cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(
        header(&objects, "web/assets/a-1.js", "content-type"),
        "text/javascript; charset=utf-8"
    );
    assert_eq!(
        header(&objects, "web/assets/a-1.js", "x-amz-meta-sha256"),
        sha256_hex(b"1")
    );
    assert_eq!(header(&objects, "web/assets/a-1.js", "if-none-match"), "*");
    assert!(!header(&objects, "web/assets/a-1.js", "x-amz-checksum-sha256").is_empty());
    let again = cloud
        .publish(&frontend(None), &manifest, &BTreeMap::new())
        .await
        .unwrap();
    assert_eq!(
        again,
        Published {
            uploaded: 0,
            present: 3,
            bytes: 0
        }
    );
}

#[tokio::test]
async fn an_immutable_path_with_other_content_is_a_conflict() {
    let objects = Objects::default();
    let (aws, build) = (s3(&objects), Build::new(&[("app.js", "new")]));
    put(&objects, "web/app.js", "old", "text/javascript");
    let failure = build
        .cloud(&aws)
        .publish(&frontend(None), &build.manifest(), &BTreeMap::new())
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    assert!(
        failure.message.starts_with("app.js is immutable"),
        "{failure}"
    );
    assert_eq!(body(&objects, "web/app.js"), "old");
}

#[tokio::test]
async fn files_that_another_tool_uploaded_are_recognised_by_their_bytes() {
    let objects = Objects::default();
    let (aws, build) = (s3(&objects), Build::new(&[("app.js", "same")]));
    put(&objects, "web/app.js", "same", "text/javascript");
    let published = build
        .cloud(&aws)
        .publish(&frontend(None), &build.manifest(), &BTreeMap::new())
        .await
        .unwrap();
    assert_eq!(
        published,
        Published {
            uploaded: 0,
            present: 1,
            bytes: 0
        }
    );
}

#[tokio::test]
async fn pointers_are_kept_and_can_be_brought_back() {
    let objects = Objects::default();
    let (aws, build) = (s3(&objects), Build::new(&[("index.html", "<new>")]));
    put(
        &objects,
        "web/index.html",
        "<old>",
        "text/html; charset=utf-8",
    );
    let (cloud, frontend, path) = (build.cloud(&aws), frontend(None), "index.html".to_owned());
    let live = cloud
        .pointers(&frontend, &[path.clone(), "missing.html".to_owned()])
        .await
        .unwrap();
    assert_eq!(live, BTreeMap::from([(path.clone(), sha256_hex(b"<old>"))]));
    cloud
        .publish(&frontend, &build.manifest(), &live)
        .await
        .unwrap();
    let new = BTreeMap::from([(path.clone(), Some(sha256_hex(b"<new>")))]);
    cloud.point(&frontend, &new).await.unwrap();
    assert_eq!(body(&objects, "web/index.html"), "<new>");
    assert_eq!(
        header(&objects, "web/index.html", "cache-control"),
        "no-cache"
    );
    cloud
        .point(
            &frontend,
            &BTreeMap::from([(path.clone(), Some(live[&path].clone()))]),
        )
        .await
        .unwrap();
    assert_eq!(body(&objects, "web/index.html"), "<old>");
    assert_eq!(
        header(&objects, "web/index.html", "content-type"),
        "text/html; charset=utf-8"
    );
    cloud
        .point(&frontend, &BTreeMap::from([(path.clone(), None)]))
        .await
        .unwrap();
    assert!(cloud.pointers(&frontend, &[path]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_copy_that_is_missing_or_damaged_never_goes_live() {
    let objects = Objects::default();
    let (aws, build) = (s3(&objects), Build::new(&[("index.html", "<new>")]));
    let (cloud, sha256) = (build.cloud(&aws), sha256_hex(b"<lost>"));
    let pointers = BTreeMap::from([("index.html".to_owned(), Some(sha256.clone()))]);
    let failure = cloud.point(&frontend(None), &pointers).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    put(
        &objects,
        &format!("web/_backstay/pointers/{sha256}"),
        "<edited>",
        "text/html",
    );
    assert_eq!(
        cloud
            .point(&frontend(None), &pointers)
            .await
            .unwrap_err()
            .kind,
        FailureKind::Conflict
    );
    assert!(!keys(&objects).contains(&"web/index.html".to_owned()));
}

#[tokio::test]
async fn just_the_mutable_files_are_invalidated_once_per_key() {
    let aws = Aws::new(|asked| {
        let status = if asked.operation.starts_with("POST") {
            "InProgress"
        } else {
            "Completed"
        };
        let body = format!(
            "<Invalidation><Id>I1</Id><Status>{status}</Status><CreateTime>2026-01-01T00:00:00Z</CreateTime>\
            <InvalidationBatch><Paths><Quantity>1</Quantity></Paths><CallerReference>k</CallerReference></InvalidationBatch></Invalidation>"
        );
        Answer::Raw(200, Vec::new(), body.into_bytes())
    });
    let (cloud, key) = (aws.cloud(), IdempotencyKey::parse("d-1234-new").unwrap());
    let id = cloud
        .invalidate(&frontend(None), &["index.html".to_owned()], &key)
        .await
        .unwrap();
    let sent = aws.asked("POST /2020-05-31/distribution/E1/invalidation")[0].text();
    assert!(
        sent.contains("<CallerReference>d-1234-new</CallerReference>"),
        "{sent}"
    );
    assert!(
        sent.contains(
            "<Quantity>2</Quantity><Items><Path>/</Path><Path>/index.html</Path></Items>"
        ),
        "{sent}"
    );
    assert_eq!(
        cloud.invalidation(&frontend(None), &id).await.unwrap(),
        InvalidationView::Completed
    );
}

fn expected(path: &str, body: &str, media: &str) -> ExpectedFile {
    ExpectedFile {
        path: path.to_owned(),
        sha256: sha256_hex(body.as_bytes()),
        content_type: Some(media.to_owned()),
    }
}

#[tokio::test]
async fn visitors_files_are_compared_by_type_and_bytes() {
    let page = |media, body: &str| (200, media, body.as_bytes().to_vec());
    let pages = Pages(BTreeMap::from([
        (
            "https://x.org/app/index.html".to_owned(),
            page("text/html", "<new>"),
        ),
        (
            "https://x.org/app/a.js".to_owned(),
            page("text/html; charset=utf-8", "<fallback>"),
        ),
        (
            "https://x.org/app/b.css".to_owned(),
            page("text/css", "old"),
        ),
        (
            "https://x.org/app/c%20d.png".to_owned(),
            (403, "application/xml", Vec::new()),
        ),
    ]));
    let aws = Aws::new(|asked| panic!("{}", asked.operation));
    let cloud = AwsCloud::new(&aws.config(), pages, ".".into());
    let files = [
        expected("index.html", "<new>", "text/html; charset=utf-8"),
        expected("a.js", "1", "text/javascript; charset=utf-8"),
        expected("b.css", "new", "text/css"),
        expected("c d.png", "png", "image/png"),
    ];
    let site = frontend(Some("https://x.org/app"));
    let view = cloud.view(&site, &files).await.unwrap();
    let wrong: Vec<String> = view
        .wrong
        .iter()
        .map(|(path, what)| format!("{path}: {what}"))
        .collect();
    let css = format!(
        "b.css: other content: {} instead of {}",
        &sha256_hex(b"old")[..12],
        &sha256_hex(b"new")[..12]
    );
    assert_eq!(
        wrong,
        [
            "a.js: text/html instead of text/javascript",
            css.as_str(),
            "c d.png: status 403"
        ]
    );
    assert_eq!(view.files, 4);
    let unseen = cloud
        .view(&site, &[expected("nowhere", "", "text/plain")])
        .await
        .unwrap_err();
    assert_eq!(
        unseen.kind,
        FailureKind::Unavailable,
        "no answer is not a wrong file"
    );
}

#[tokio::test]
async fn without_an_address_the_bucket_is_looked_at() {
    let objects = Objects::default();
    put(&objects, "web/index.html", "<new>", "text/html");
    let files = [
        expected("index.html", "<new>", "text/html"),
        expected("a.js", "1", "text/javascript"),
    ];
    let view = s3(&objects)
        .cloud()
        .view(&frontend(None), &files)
        .await
        .unwrap();
    assert_eq!(
        view.wrong,
        BTreeMap::from([("a.js".to_owned(), "not there".to_owned())])
    );
}
