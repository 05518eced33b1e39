//! What lies beside the files stands for a listing: for how long, of what, and when it is not believed.

use std::sync::{Arc, Mutex};

use backstay_domain::survey::Standing;

use super::*;

/// A bucket, and what time it is there.
struct Place {
    objects: Objects,
    now: Arc<Mutex<&'static str>>,
    aws: Aws,
}

const NOON: &str = "Fri, 27 Nov 2026 12:00:00 GMT";
const NEXT_MORNING: &str = "Sat, 28 Nov 2026 11:59:59 GMT";
const NEXT_NOON: &str = "Sat, 28 Nov 2026 12:00:00 GMT";

impl Place {
    fn new() -> Self {
        let objects = Objects::default();
        let now = Arc::new(Mutex::new(NOON));
        let (inner, clock) = (s3(&objects), Arc::clone(&now));
        let aws = Aws::new(move |asked| match inner.answer(asked) {
            Answer::Raw(status, mut headers, body) => {
                headers.push(("date", (*clock.lock().unwrap()).to_owned()));
                Answer::Raw(status, headers, body)
            }
            other => other,
        });
        Self { objects, now, aws }
    }

    fn at(&self, moment: &'static str) {
        *self.now.lock().unwrap() = moment;
    }

    /// A process of its own compares, and says what it found, with how many listings and looks.
    async fn compared(&self, build: &Build, site: &Frontend, before: &Manifest) -> String {
        let asked = || self.aws.picture();
        let count = |asked: &[String], what: &str| {
            let is = |it: &&String| it.starts_with(what) && it.as_str() != "HEAD /";
            asked.iter().filter(is).count()
        };
        let earlier = asked();
        let cloud = build.cloud(&self.aws);
        let found = cloud.compare(site, &build.manifest(), Some(before)).await;
        let found = found.unwrap();
        let late = asked();
        let of = |what: &str| count(&late, what) - count(&earlier, what);
        let standing = match found.standing {
            Standing::Stands => "stands",
            Standing::Unknown => "unknown",
        };
        format!(
            "{standing}, absent {}, {} listed, {} looked at",
            found.absent.into_iter().collect::<Vec<_>>().join(" "),
            self.aws.asked("GET /").len() - earlier.iter().filter(|it| *it == "GET /").count(),
            of("HEAD /web/")
        )
    }
}

fn build() -> Build {
    Build::new(&[
        ("index.html", "<page>"),
        ("assets/a.js", "1"),
        ("assets/b.js", "22"),
        ("assets/c.js", "333"),
    ])
}

/// Publishes, and makes the page live.
async fn published(place: &Place, build: &Build) -> Manifest {
    let (cloud, manifest) = (build.cloud(&place.aws), build.manifest());
    publish(&cloud, &manifest).await.unwrap();
    let page = &manifest.files["index.html"];
    let pointer = Pointer {
        sha256: page.sha256.clone(),
        content_type: Some(page.content_type.clone()),
        content_encoding: None,
    };
    let pointers = BTreeMap::from([("index.html".to_owned(), Some(pointer))]);
    cloud.point(&frontend(None), &pointers).await.unwrap();
    manifest
}

const INVENTORY: &str = "web/_backstay/manifest.json";

#[tokio::test]
async fn for_a_day_a_few_looks_stand_for_a_listing() {
    let (place, build) = (Place::new(), build());
    let before = published(&place, &build).await;
    let site = frontend(None);
    let believed = "stands, absent , 0 listed, 2 looked at";
    assert_eq!(place.compared(&build, &site, &before).await, believed);
    place.at(NEXT_MORNING);
    assert_eq!(place.compared(&build, &site, &before).await, believed);
    // Then it is listed again, and what was proven here still is.
    place.at(NEXT_NOON);
    let listed = "stands, absent , 2 listed, 0 looked at";
    assert_eq!(place.compared(&build, &site, &before).await, listed);
    // A clock that went back is none.
    place.at("Fri, 27 Nov 2026 11:59:59 GMT");
    assert_eq!(place.compared(&build, &site, &before).await, listed);
}

#[tokio::test]
async fn what_is_new_is_looked_at_by_itself() {
    let (place, build) = (Place::new(), build());
    let before = published(&place, &build).await;
    let more = Build::new(&[
        ("index.html", "<other page>"),
        ("assets/a.js", "1"),
        ("assets/b.js", "22"),
        ("assets/d.js", "new"),
    ]);
    // The page, the new script, one of those that stand, and the page's copy.
    assert_eq!(
        place.compared(&more, &frontend(None), &before).await,
        "stands, absent assets/d.js index.html, 0 listed, 4 looked at"
    );
    put(
        &place.objects,
        "web/assets/d.js",
        "taken",
        "text/javascript",
    );
    let cloud = more.cloud(&place.aws);
    let found = cloud
        .compare(&frontend(None), &more.manifest(), Some(&before))
        .await;
    assert!(found.unwrap().changed.contains("assets/d.js"));
}

#[tokio::test]
async fn nothing_is_believed_where_somebody_else_was() {
    let (place, build) = (Place::new(), build());
    let before = published(&place, &build).await;
    let site = frontend(None);
    // Whoever empties the bucket takes it away too.
    let inventory = place.objects.lock().unwrap().remove(INVENTORY).unwrap();
    place.objects.lock().unwrap().remove("web/assets/b.js");
    assert_eq!(
        place.compared(&build, &site, &before).await,
        "unknown, absent assets/b.js, 2 listed, 0 looked at"
    );
    // Whoever leaves it there is found out by a look, for each of the files at some moment: then everything is listed.
    place
        .objects
        .lock()
        .unwrap()
        .insert(INVENTORY.to_owned(), inventory);
    let mut found_out = 0;
    for second in ["00", "01", "02", "03", "04", "05", "06", "07"] {
        let moment = format!("Fri, 27 Nov 2026 12:00:{second} GMT");
        place.at(moment.leak());
        let compared = place.compared(&build, &site, &before).await;
        found_out += u32::from(compared.contains("absent assets/b.js, 2 listed"));
    }
    assert!((1..8).contains(&found_out), "{found_out} of 8");
}

#[tokio::test]
async fn what_was_proven_elsewhere_does_not_stand() {
    let (place, build) = (Place::new(), build());
    let before = published(&place, &build).await;
    let moved = Frontend {
        url: Some("https://elsewhere.example".to_owned()),
        ..frontend(None)
    };
    assert!(
        place
            .compared(&build, &moved, &before)
            .await
            .starts_with("unknown, ")
    );
    let other = Build::new(&[("index.html", "<another>")]).manifest();
    assert_eq!(
        place.compared(&build, &frontend(None), &other).await,
        "unknown, absent , 2 listed, 4 looked at"
    );
}

#[tokio::test]
async fn whose_files_they_are_is_said_and_what_nobody_understands_says_nothing() {
    let (place, build) = (Place::new(), build());
    let manifest = published(&place, &build).await;
    let owner_of = async |place: &Place| {
        let cloud = build.cloud(&place.aws);
        let found = cloud.compare(&frontend(None), &manifest, None).await;
        found.unwrap().owner
    };
    assert_eq!(owner_of(&place).await, Some(owner()));
    for body in ["", "{", "[]", r#"{"format": 2}"#] {
        put(&place.objects, INVENTORY, body, "application/json");
        assert_eq!(owner_of(&place).await, None, "{body}");
    }
}

#[tokio::test]
async fn what_goes_is_not_believed_to_be_there() {
    let (place, build) = (Place::new(), build());
    let before = published(&place, &build).await;
    let cloud = build.cloud(&place.aws);
    let paths: BTreeSet<String> = before.files.keys().cloned().collect();
    let stored = cloud.stored(&frontend(None), &paths).await.unwrap();
    assert_eq!(stored.files.len(), 4);
    assert_eq!(stored.files["assets/b.js"].size, 2);
    assert_eq!(stored.copies.len(), 1);
    let prune = Prune {
        files: [(
            "assets/b.js".to_owned(),
            stored.files["assets/b.js"].clone(),
        )]
        .into(),
        copies: stored.copies.clone(),
        ..Prune::default()
    };
    let gone = cloud.discard(&frontend(None), &prune).await.unwrap();
    assert_eq!(gone, 2);
    let left = keys(&place.objects);
    assert_eq!(
        left,
        [
            INVENTORY,
            "web/assets/a.js",
            "web/assets/c.js",
            "web/index.html"
        ]
    );
    assert_eq!(
        place.compared(&build, &frontend(None), &before).await,
        "unknown, absent assets/b.js, 2 listed, 0 looked at"
    );
}

#[tokio::test]
async fn many_files_of_a_bucket_are_listed_and_what_a_listing_cannot_tell_is_read() {
    let objects = Objects::default();
    let many = |count: u32| -> Vec<ExpectedFile> {
        let files = (0..count).map(|number| {
            let body = format!("{number}");
            put(
                &objects,
                &format!("web/{number}.js"),
                &body,
                "text/javascript",
            );
            ExpectedFile {
                path: format!("{number}.js"),
                sha256: sha256_hex(body.as_bytes()),
                content_type: Some("text/javascript".to_owned()),
                size: Some(body.len() as u64),
                md5: Some(md5_hex(body.as_bytes())),
            }
        });
        files.collect()
    };
    let aws = s3(&objects);
    let expected = many(65);
    put(&objects, "web/3.js", "X", "text/javascript");
    set(&objects, "web/4.js", "x-test-etag", "0123-2");
    set(&objects, "web/5.js", "x-test-etag", "0123-2");
    put(&objects, "web/5.js", "Y", "text/javascript");
    objects.lock().unwrap().remove("web/6.js");
    let view = aws.cloud().view(&frontend(None), &expected).await.unwrap();
    assert_eq!(view.files, 65);
    assert_eq!(
        view.wrong.into_keys().collect::<Vec<_>>(),
        ["3.js", "5.js", "6.js"]
    );
    let read = aws
        .picture()
        .iter()
        .filter(|it| it.starts_with("GET /web/"))
        .count();
    assert_eq!(read, 4, "those four and no other");
    let few = aws.cloud().view(&frontend(None), &many(64)).await.unwrap();
    assert!(few.wrong.is_empty());
    let read = aws
        .picture()
        .iter()
        .filter(|it| it.starts_with("GET /web/"))
        .count();
    assert_eq!(read, 4 + 64, "so few are read");
}

fn md5_hex(bytes: &[u8]) -> String {
    let digest = md5::Digest::finalize(md5::Digest::chain_update(md5::Md5::default(), bytes));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
