//! Where files are, and what visitors get: regions, large files, pointers, invalidations, looks.

use super::*;

#[tokio::test]
async fn a_bucket_in_another_region_is_found_and_asked_there() {
    let objects = Objects::default();
    let inner = s3(&objects);
    let aws = Aws::new(move |asked| {
        if !asked.headers["authorization"].contains("/us-east-1/s3/") {
            let region = vec![("x-amz-bucket-region", "us-east-1".to_owned())];
            let body = match asked.operation.starts_with("HEAD") {
                true => "",
                false => "<Error><Code>PermanentRedirect</Code></Error>",
            };
            return Answer::Raw(301, region, body.as_bytes().to_vec());
        }
        inner.answer(asked)
    });
    let build = Build::new(&[("index.html", "<new>"), ("app.js", "1")]);
    let published = publish(&build.cloud(&aws), &build.manifest())
        .await
        .unwrap();
    assert_eq!(published.uploaded, 2);
    assert_eq!(aws.count("HEAD /"), 1, "asked once");
    let said = Frontend {
        region: Some("us-east-1".to_owned()),
        ..frontend(None)
    };
    let cloud = build.cloud(&aws);
    cloud.compare(&said, &build.manifest(), None).await.unwrap();
    assert_eq!(aws.count("HEAD /"), 1, "said: not asked");
}

#[tokio::test]
async fn a_large_file_streams_there_and_back() {
    let objects = Objects::default();
    let large = "0123456789abcdef".repeat(600_000);
    let build = Build::new(&[("film.mp4", &large), ("index.html", &large)]);
    let (aws, manifest) = (s3(&objects), build.manifest());
    let cloud = build.cloud(&aws);
    let published = publish(&cloud, &manifest).await.unwrap();
    assert_eq!(published.uploaded, 2);
    assert_eq!(body(&objects, "web/film.mp4"), large);
    let pointer = Pointer {
        sha256: manifest.files["index.html"].sha256.clone(),
        content_type: None,
        content_encoding: None,
    };
    let pointers = BTreeMap::from([("index.html".to_owned(), Some(pointer))]);
    cloud.point(&frontend(None), &pointers).await.unwrap();
    assert_eq!(body(&objects, "web/index.html"), large);
    assert_eq!(
        header(&objects, "web/index.html", "cache-control"),
        "no-cache"
    );
    let expected: Vec<ExpectedFile> = manifest
        .files
        .iter()
        .map(|(path, file)| ExpectedFile {
            path: path.clone(),
            sha256: file.sha256.clone(),
            content_type: Some(file.content_type.clone()),
            size: Some(file.size),
            md5: file.md5.clone(),
        })
        .collect();
    let view = cloud.view(&frontend(None), &expected).await.unwrap();
    assert_eq!((view.wrong.len(), view.unseen), (0, 0));
    let place = build.0.path().join("dist/film.mp4");
    fs::write(place, "short").unwrap();
    objects.lock().unwrap().clear();
    let failure = publish(&cloud, &manifest).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict, "{failure}");
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
    let (cloud, frontend) = (build.cloud(&aws), frontend(None));
    publish(&cloud, &build.manifest()).await.unwrap();
    let point = async |text: Option<&str>| {
        let pointer = text.map(|text| Pointer {
            sha256: sha256_hex(text.as_bytes()),
            content_type: None,
            content_encoding: None,
        });
        let pointers = BTreeMap::from([("index.html".to_owned(), pointer)]);
        cloud.point(&frontend, &pointers).await.unwrap();
    };
    point(Some("<new>")).await;
    assert_eq!(body(&objects, "web/index.html"), "<new>");
    assert_eq!(
        header(&objects, "web/index.html", "cache-control"),
        "no-cache"
    );
    let puts = aws.count("PUT /web/index.html");
    point(Some("<new>")).await;
    assert_eq!(aws.count("PUT /web/index.html"), puts, "it is live already");
    point(Some("<old>")).await;
    assert_eq!(body(&objects, "web/index.html"), "<old>");
    assert_eq!(
        header(&objects, "web/index.html", "content-type"),
        "text/html; charset=utf-8"
    );
    point(None).await;
    assert!(!keys(&objects).contains(&"web/index.html".to_owned()));
}

#[tokio::test]
async fn a_live_file_that_changed_since_the_plan_is_not_kept() {
    let objects = Objects::default();
    let (aws, build) = (s3(&objects), Build::new(&[("index.html", "<new>")]));
    put(&objects, "web/index.html", "<somebody else's>", "text/html");
    let (manifest, planned) = (build.manifest(), sha256_hex(b"<old>"));
    let keep = BTreeMap::from([("index.html".to_owned(), planned.clone())]);
    let publication = Publication {
        manifest: &manifest,
        owner: &owner(),
        upload: &BTreeSet::new(),
        correct: &BTreeMap::new(),
        keep: &keep,
    };
    let cloud = build.cloud(&aws);
    let failure = cloud
        .publish(&frontend(None), &publication)
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    let copy = format!("web/_backstay/pointers/{planned}");
    put(&objects, &copy, "<old>", "text/html");
    let failure = cloud
        .publish(&frontend(None), &publication)
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict, "though it is kept");
}

#[tokio::test]
async fn a_copy_that_is_missing_or_damaged_never_goes_live() {
    let objects = Objects::default();
    let (aws, build) = (s3(&objects), Build::new(&[("index.html", "<new>")]));
    let (cloud, sha256) = (build.cloud(&aws), sha256_hex(b"<lost>"));
    let pointer = Pointer {
        sha256: sha256.clone(),
        content_type: None,
        content_encoding: None,
    };
    let pointers = BTreeMap::from([("index.html".to_owned(), Some(pointer))]);
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
async fn the_entry_page_goes_live_last() {
    let objects = Objects::default();
    let pages = ["404.html", "a/index.html", "index.html", "z.html"];
    let aws = s3(&objects);
    let pointers: BTreeMap<String, Option<Pointer>> = pages
        .iter()
        .map(|path| {
            let sha256 = sha256_hex(path.as_bytes());
            put(
                &objects,
                &format!("web/_backstay/pointers/{sha256}"),
                path,
                "text/html",
            );
            let pointer = Pointer {
                sha256,
                content_type: None,
                content_encoding: None,
            };
            ((*path).to_owned(), Some(pointer))
        })
        .collect();
    aws.cloud().point(&frontend(None), &pointers).await.unwrap();
    let written: Vec<String> = aws
        .picture()
        .into_iter()
        .filter(|it| it.starts_with("PUT"))
        .collect();
    assert_eq!(
        written[2..],
        ["PUT /web/a/index.html", "PUT /web/index.html"]
    );
}

fn forget(files: &[&str]) -> Forget {
    Forget {
        files: files.iter().map(|path| (*path).to_owned()).collect(),
        folders: Vec::new(),
    }
}

#[tokio::test]
async fn just_what_changed_is_invalidated_once_per_key() {
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
        .invalidate(&frontend(None), &forget(&["index.html"]), &key)
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
        size: None,
        md5: None,
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

#[tokio::test]
async fn what_was_confirmed_is_not_fetched_again_until_something_changes() {
    let objects = Objects::default();
    put(&objects, "web/a.js", "1", "text/javascript");
    let files = [
        expected("a.js", "1", "text/javascript"),
        expected("b.js", "2", "application/javascript"),
    ];
    let aws = s3(&objects);
    let (cloud, site) = (aws.cloud(), frontend(None));
    for _ in 0..3 {
        let view = cloud.view(&site, &files).await.unwrap();
        assert_eq!((view.files, view.wrong.len()), (2, 1));
    }
    put(&objects, "web/b.js", "2", "text/javascript");
    assert!(cloud.view(&site, &files).await.unwrap().wrong.is_empty());
    assert_eq!(
        (aws.count("GET /web/a.js"), aws.count("GET /web/b.js")),
        (1, 4)
    );
    cloud.view(&site, &files[..1]).await.unwrap();
    assert_eq!(aws.count("GET /web/a.js"), 2, "another expectation");
    cloud.point(&site, &BTreeMap::new()).await.unwrap();
    cloud.view(&site, &files[..1]).await.unwrap();
    assert_eq!(aws.count("GET /web/a.js"), 3, "something may have changed");
}

#[tokio::test]
async fn what_is_confirmed_of_one_site_says_nothing_of_another() {
    let objects = Objects::default();
    put(&objects, "web/index.html", "<new>", "text/html");
    put(&objects, "admin/index.html", "<old>", "text/html");
    let files = [expected("index.html", "<new>", "text/html")];
    let aws = s3(&objects);
    let (cloud, site) = (aws.cloud(), frontend(None));
    let admin = Frontend {
        prefix: "admin/".to_owned(),
        ..frontend(None)
    };
    for _ in 0..3 {
        let looks = (cloud.view(&site, &files), cloud.view(&admin, &files));
        let (site, admin) = futures_util::join!(looks.0, looks.1);
        assert_eq!(site.unwrap().wrong.len(), 0);
        assert_eq!(admin.unwrap().wrong.len(), 1);
    }
    assert_eq!(aws.count("GET /web/index.html"), 1, "and is kept beside it");
}

#[tokio::test]
async fn one_file_that_is_not_seen_does_not_hide_the_wrong_ones() {
    let pages = Pages(BTreeMap::from([(
        "https://x.org/a.js".to_owned(),
        (404, "text/html", Vec::new()),
    )]));
    let aws = Aws::new(|asked| panic!("{}", asked.operation));
    let cloud = AwsCloud::new(&aws.config(), pages, ".".into());
    let files = [
        expected("a.js", "1", "text/javascript"),
        expected("gone.js", "2", "text/javascript"),
    ];
    let view = cloud
        .view(&frontend(Some("https://x.org")), &files)
        .await
        .unwrap();
    assert_eq!(view.wrong.into_keys().collect::<Vec<_>>(), ["a.js"]);
    assert_eq!(view.unseen, 1);
}
