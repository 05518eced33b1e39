//! What differs between two releases.

use std::collections::BTreeMap;

use backstay_domain::app::{Compatibility, WayDown};
use backstay_domain::operator::Commit;
use backstay_domain::plan::{Change, Plan, ServiceTarget};
use backstay_domain::release::{
    FileKind, Manifest, ManifestFile, MigrationRelease, Release, ServiceRelease,
};
use insta::assert_snapshot;

use super::build::{SECRET, name, ok, plan, service};
use crate::render::json;
use crate::render::release_diff::{ReleaseDiff, diff_text};

/// A service as it is before and after the plan of all these tests.
fn sides(of: &str) -> (ServiceRelease, ServiceRelease) {
    let plan = service(of, Change::Update);
    let Some(ServiceTarget {
        definition, image, ..
    }) = plan.target
    else {
        panic!("{of} has no target");
    };
    let old_image = super::build::image(of, 'a');
    let old = ServiceRelease {
        locator: plan.locator.clone(),
        image: old_image,
        definition: plan.before.document,
        desired_count: Some(2),
        version: None,
    };
    let new = ServiceRelease {
        locator: plan.locator,
        image,
        definition,
        desired_count: Some(3),
        version: None,
    };
    (old, new)
}

fn files(of: &[(&str, char, FileKind)]) -> Manifest {
    let file = |(path, digit, kind): &(&str, char, FileKind)| {
        let file = ManifestFile {
            sha256: digit.to_string().repeat(64),
            size: 1,
            content_type: "text/html".to_owned(),
            kind: *kind,
            md5: None,
            content_encoding: None,
        };
        ((*path).to_owned(), file)
    };
    Manifest::new(of.iter().map(file).collect())
}

fn both() -> (Release, Release) {
    let (old_auth, new_auth) = sides("auth-service");
    let (old_proxy, new_search) = (sides("proxy").0, sides("search").1);
    let Plan {
        release,
        migration,
        checks,
        ..
    } = plan();
    let commit = |sha: &str, subject: &str| {
        Some(Commit {
            deviation: None,
            sha: sha.to_owned(),
            subject: subject.to_owned(),
            at: None,
        })
    };
    let migration = migration.map(|migration| MigrationRelease {
        image: migration.image,
        definition: migration.definition,
        compatibility: Compatibility::Compatible,
        way_down: WayDown::Lossless,
        version: None,
    });
    let old = Release {
        id: ok("r-ba9876543210".parse()),
        version: ok("a1b2c3d".parse()),
        services: BTreeMap::from([(name("auth-service"), old_auth), (name("proxy"), old_proxy)]),
        migration: migration.clone(),
        frontends: backstay_domain::frontends::alone(files(&[
            ("app-1.js", '1', FileKind::Immutable),
            ("index.html", '1', FileKind::Mutable),
        ])),
        commit: commit("a1b2c3d4e5f6", "Begin"),
        config_fingerprint: "c0".repeat(32),
        ..release.clone()
    };
    let new = Release {
        services: BTreeMap::from([
            (name("auth-service"), new_auth),
            (name("search"), new_search),
        ]),
        migration: migration.map(|migration| MigrationRelease {
            image: super::build::image("migrate", 'd'),
            compatibility: Compatibility::Breaking,
            ..migration
        }),
        frontends: backstay_domain::frontends::alone(files(&[
            ("app-2.js", '2', FileKind::Immutable),
            ("app-3.js", '3', FileKind::Immutable),
            ("index.html", '2', FileKind::Mutable),
        ])),
        checks,
        commit: commit("2f9c1e7a0b1c", "Fix the login page"),
        config_fingerprint: "c1".repeat(32),
        ..release
    };
    (old, new)
}

#[test]
fn everything_that_differs() {
    let (old, new) = both();
    let text = diff_text(&ReleaseDiff::between(&old, &new));
    assert!(!text.contains(SECRET) && !text.contains("token=abc"));
    assert_snapshot!(text, @"
    cat-house staging: a1b2c3d (r-ba9876543210) → 2f9c1e7 (r-0123456789ab)

    commit         a1b2c3d Begin → 2f9c1e7 Fix the login page
    configuration  c0c0c0c0c0c0 → c1c1c1c1c1c1
    frontend       2 files added, 1 removed, 1 changed; visitors notice index.html
    check          login added

    migration changed
      image        cat-house/migrate sha256:cccccccc → cat-house/migrate sha256:dddddddd
      old code     runs on the new schema → does not run on the new schema

    service auth-service changed
      image        cat-house/auth-service sha256:aaaaaaaa → cat-house/auth-service sha256:bbbbbbbb
      tasks        2 tasks → 3 tasks
      containerDefinitions.web.dockerLabels.token    changed
      containerDefinitions.web.environment.PASSWORD  changed

    service proxy removed
      image        was cat-house/proxy sha256:aaaaaaaa
      tasks        was 2 tasks

    service search added
      image        cat-house/search sha256:bbbbbbbb
      tasks        3 tasks
    ");
}

#[test]
fn the_same_release_twice() {
    let (old, _) = both();
    assert_snapshot!(diff_text(&ReleaseDiff::between(&old, &old)), @"cat-house staging: a1b2c3d (r-ba9876543210) and a1b2c3d (r-ba9876543210) are the same");
}

#[test]
fn as_json() {
    let (old, new) = both();
    let object = json::release_diff(&ReleaseDiff::between(&old, &new));
    assert!(!object.to_string().contains(SECRET));
    assert!(!object.to_string().contains("token=abc"));
    assert_snapshot!(object["services"][0], @r#"{"name":"auth-service","change":"changed","facts":[{"name":"image","from":"cat-house/auth-service sha256:aaaaaaaa","to":"cat-house/auth-service sha256:bbbbbbbb"},{"name":"tasks","from":"2 tasks","to":"3 tasks"}],"definition":[{"path":"containerDefinitions.web.dockerLabels.token","change":"changed"},{"path":"containerDefinitions.web.environment.PASSWORD","change":"changed"},{"path":"containerDefinitions.web.image","change":"changed","from":"sha256:aaaaaaaa","to":"sha256:bbbbbbbb"}]}"#);
    assert_snapshot!(object["frontend"], @r#"{"added":2,"removed":1,"changed":1,"mutable":["index.html"]}"#);
    let same = json::release_diff(&ReleaseDiff::between(&old, &old));
    assert_eq!(same["equal"], true);
}
