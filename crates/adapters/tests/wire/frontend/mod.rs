//! Comparing, publishing, pointing, invalidating and viewing a frontend.

mod inventory;
mod live;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use backstay_adapters::aws::AwsCloud;
use backstay_adapters::files;
use backstay_domain::app::Frontend;
use backstay_domain::definition::sha256_hex;
use backstay_domain::observation::InvalidationView;
use backstay_domain::plan::Forget;
use backstay_domain::ports::{
    ExpectedFile, FailureKind, FrontendStore, Pointer, PortFailure, Publication, Published, Shelf,
};
use backstay_domain::prune::Prune;
use backstay_domain::release::Manifest;
use backstay_domain::survey::{Owner, PublishedFiles};
use backstay_domain::{AppName, EnvironmentName, IdempotencyKey};

use crate::bucket::{Objects, body, header, keys, put, s3, set};
use crate::scripted::{Answer, Aws, Pages};

fn frontend(url: Option<&str>) -> Frontend {
    Frontend {
        directory: "dist".to_owned(),
        bucket: "bucket".to_owned(),
        prefix: "web/".to_owned(),
        distribution: Some("E1".to_owned()),
        url: url.map(str::to_owned),
        mutable: vec!["index.html".to_owned()],
        region: None,
        media_types: BTreeMap::new(),
    }
}

fn owner() -> Owner {
    Owner {
        app: AppName::parse("shop").unwrap(),
        environment: EnvironmentName::parse("test").unwrap(),
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
        files::manifest(&self.0.path().join("dist"), &frontend(None)).unwrap()
    }

    fn cloud(&self, aws: &Aws) -> AwsCloud<Pages> {
        AwsCloud::new(&aws.config(), Pages::default(), self.0.path().to_owned())
    }
}

/// Compares and publishes, as a deployment does.
async fn publish(cloud: &AwsCloud<Pages>, manifest: &Manifest) -> Result<Published, PortFailure> {
    let found = cloud.compare(&frontend(None), manifest, None).await?;
    let publication = Publication {
        manifest,
        owner: &owner(),
        upload: &found.absent,
        correct: &found.headers,
        keep: &found.live,
    };
    cloud.publish(&frontend(None), &publication).await
}

/// A comparison in a line.
fn picture(found: &PublishedFiles) -> String {
    let names = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(" ");
    let headers = found
        .headers
        .iter()
        .map(|(path, wrong)| format!("{path} ({wrong})"));
    format!(
        "live {}, absent {}, headers {}, changed {}",
        found.live.keys().cloned().collect::<Vec<_>>().join(" "),
        names(&found.absent),
        headers.collect::<Vec<_>>().join(" "),
        names(&found.changed)
    )
}

const FOR_EVER: &str = "public, max-age=31536000, immutable";

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
    let first = publish(&cloud, &manifest).await.unwrap();
    assert_eq!(
        first,
        Published {
            uploaded: 3,
            bytes: 8,
            ..Published::default()
        }
    );
    let mut copies = ["<new>", "<old>"].map(|page| {
        let hash = sha256_hex(page.as_bytes());
        format!("web/_backstay/pointers/{hash}")
    });
    copies.sort();
    assert_eq!(
        keys(&objects),
        [
            copies[0].as_str(),
            copies[1].as_str(),
            "web/assets/a-1.js",
            "web/assets/b-1.css",
            "web/index.html"
        ]
    );
    assert_eq!(body(&objects, "web/index.html"), "<old>");
    assert_eq!(
        header(&objects, "web/assets/a-1.js", "cache-control"),
        FOR_EVER
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
    let again = publish(&cloud, &manifest).await.unwrap();
    assert_eq!(
        again,
        Published {
            present: 3,
            ..Published::default()
        }
    );
}

#[tokio::test]
async fn what_is_too_large_to_be_kept_is_named_and_not_read() {
    let objects = Objects::default();
    let (aws, build) = (s3(&objects), Build::new(&[("index.html", "<new>")]));
    put(&objects, "web/index.html", "<old>", "text/html");
    for (size, too_large) in [(5_u64 << 30, false), ((5_u64 << 30) + 1, true)] {
        set(&objects, "web/index.html", "x-test-size", &size.to_string());
        let reads = aws.count("GET /web/index.html");
        let (cloud, frontend, manifest) = (build.cloud(&aws), frontend(None), build.manifest());
        let found = cloud.compare(&frontend, &manifest, None).await.unwrap();
        assert_eq!(found.too_large.contains("index.html"), too_large, "{size}");
        assert_eq!(
            aws.count("GET /web/index.html") == reads,
            too_large,
            "{size}"
        );
    }
}

#[tokio::test]
async fn every_file_is_compared_and_what_is_known_is_not_asked_again() {
    let objects = Objects::default();
    let build = Build::new(&[
        ("index.html", "<new>"),
        ("right.js", "right"),
        ("alias.js", "alias"),
        ("type.map", "{}"),
        ("cache.css", "cache"),
        ("changed.json", "{new}"),
        ("size.json", "{longer}"),
        ("new/security.txt", "new"),
        ("parts.bin", "parts"),
        ("key.bin", "key"),
        ("empty.css", ""),
    ]);
    let file = |path: &str, text: &str, kind: &str, cache: &str| {
        let key = format!("web/{path}");
        put(&objects, &key, text, kind);
        set(&objects, &key, "cache-control", cache);
    };
    put(&objects, "web/index.html", "<old>", "text/html");
    file(
        "right.js",
        "right",
        "text/javascript",
        "immutable, max-age=31536000, public",
    );
    file("alias.js", "alias", "application/javascript", FOR_EVER);
    file("type.map", "{}", "binary/octet-stream", FOR_EVER);
    file("cache.css", "cache", "text/css", "max-age=60");
    file("changed.json", "{old}", "application/json", FOR_EVER);
    file("size.json", "{}", "application/json", FOR_EVER);
    file("parts.bin", "parts", "application/octet-stream", FOR_EVER);
    set(
        &objects,
        "web/parts.bin",
        "x-test-etag",
        "0123456789abcdef0123456789abcdef-2",
    );
    file("key.bin", "key", "application/octet-stream", FOR_EVER);
    set(
        &objects,
        "web/key.bin",
        "x-test-etag",
        "0123456789abcdef0123456789abcdef",
    );
    set(
        &objects,
        "web/key.bin",
        "x-amz-server-side-encryption",
        "aws:kms",
    );
    file("empty.css", "", "text/css", FOR_EVER);
    let (aws, manifest) = (s3(&objects), build.manifest());
    let cloud = build.cloud(&aws);
    let found = cloud
        .compare(&frontend(None), &manifest, None)
        .await
        .unwrap();
    assert_eq!(
        picture(&found),
        format!(
            "live index.html, absent index.html new/security.txt, \
             headers cache.css (cache-control is max-age=60 instead of {FOR_EVER}) \
             type.map (binary/octet-stream instead of application/json), \
             changed changed.json size.json"
        )
    );
    assert_eq!(found.live["index.html"], sha256_hex(b"<old>"));
    assert_eq!(aws.count("GET /web/right.js"), 0, "its MD5 is listed");
    assert_eq!(aws.count("GET /web/parts.bin"), 1, "only its bytes tell");
    assert_eq!(
        aws.count("GET /web/key.bin"),
        1,
        "an ETag is no MD5 with a key of one's own"
    );
    let looked = s3(&objects);
    let cloud = build.cloud(&looked);
    let mut recorded = manifest.clone();
    recorded
        .files
        .retain(|path, _| !matches!(path.as_str(), "changed.json" | "size.json"));
    let after = cloud
        .compare(&frontend(None), &manifest, Some(&recorded))
        .await
        .unwrap();
    assert_eq!(
        picture(&after),
        "live index.html, absent index.html new/security.txt, headers , changed changed.json size.json",
        "what was proven is believed"
    );
    let heads = looked
        .picture()
        .iter()
        .filter(|asked| asked.starts_with("HEAD /web/"))
        .count();
    assert_eq!(
        heads,
        4,
        "key.bin, changed.json, the live page and its copy: {:?}",
        looked.picture()
    );
}

#[tokio::test]
async fn other_folders_of_the_bucket_are_not_listed() {
    let objects = Objects::default();
    for number in 0..30 {
        put(
            &objects,
            &format!("web/uploads/{number}"),
            "cat",
            "image/png",
        );
    }
    let build = Build::new(&[("index.html", "<new>"), ("assets/a.js", "1")]);
    let aws = s3(&objects);
    let cloud = build.cloud(&aws);
    cloud
        .compare(&frontend(None), &build.manifest(), None)
        .await
        .unwrap();
    let mut asked: Vec<(String, String)> = aws
        .asked("GET /")
        .iter()
        .map(|asked| (asked.parameter("prefix"), asked.parameter("delimiter")))
        .collect();
    asked.sort();
    let pair = |prefix: &str, delimiter: &str| (prefix.to_owned(), delimiter.to_owned());
    assert_eq!(asked, [pair("web/", "/"), pair("web/assets/", "")]);
}

#[tokio::test]
async fn an_immutable_path_with_other_content_is_a_conflict() {
    let objects = Objects::default();
    let (aws, build) = (s3(&objects), Build::new(&[("app.js", "new")]));
    put(&objects, "web/app.js", "old", "text/javascript");
    let failure = publish(&build.cloud(&aws), &build.manifest()).await;
    assert_eq!(
        failure.unwrap().present,
        1,
        "the plan refuses it; what was right then is believed"
    );
    let (manifest, upload) = (build.manifest(), BTreeSet::from(["app.js".to_owned()]));
    let publication = Publication {
        manifest: &manifest,
        owner: &owner(),
        upload: &upload,
        correct: &BTreeMap::new(),
        keep: &BTreeMap::new(),
    };
    let failure = build
        .cloud(&aws)
        .publish(&frontend(None), &publication)
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
async fn what_another_tool_uploaded_keeps_its_bytes_and_gets_right_headers() {
    let objects = Objects::default();
    let build = Build::new(&[
        ("app.js.map", "{}"),
        ("a b#ü.js", "odd"),
        ("index.html", "<p>"),
    ]);
    put(&objects, "web/app.js.map", "{}", "binary/octet-stream");
    set(&objects, "web/app.js.map", "x-amz-meta-owner", "design");
    set(&objects, "web/app.js.map", "content-language", "en");
    put(&objects, "web/a b#ü.js", "odd", "text/plain");
    put(
        &objects,
        "web/index.html",
        "<p>",
        "application/octet-stream",
    );
    let (aws, manifest) = (s3(&objects), build.manifest());
    let published = publish(&build.cloud(&aws), &manifest).await.unwrap();
    assert_eq!(
        published,
        Published {
            corrected: 3,
            ..Published::default()
        }
    );
    for (key, kind, cache) in [
        ("web/app.js.map", "application/json", FOR_EVER),
        ("web/a b#ü.js", "text/javascript; charset=utf-8", FOR_EVER),
        ("web/index.html", "text/html; charset=utf-8", "no-cache"),
    ] {
        assert_eq!(header(&objects, key, "content-type"), kind);
        assert_eq!(header(&objects, key, "cache-control"), cache);
    }
    assert_eq!(body(&objects, "web/a b#ü.js"), "odd");
    assert_eq!(
        header(&objects, "web/app.js.map", "x-amz-meta-owner"),
        "design"
    );
    assert_eq!(header(&objects, "web/app.js.map", "content-language"), "en");
    assert_eq!(
        header(&objects, "web/app.js.map", "x-amz-meta-sha256"),
        sha256_hex(b"{}")
    );
    let again = build
        .cloud(&aws)
        .compare(&frontend(None), &manifest, None)
        .await
        .unwrap();
    assert_eq!(
        picture(&again),
        "live index.html, absent , headers , changed "
    );
}
