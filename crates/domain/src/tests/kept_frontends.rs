//! What is kept of several frontends, and what becomes of one whose name is gone.

use std::collections::BTreeMap;

use super::frontends::{named, two};
use super::world::{app, manifest, release, survey, version};
use crate::FrontendName;
use crate::ledger::Entry;
use crate::prune::{Attempt, Stored, StoredFile, prune};

#[test]
fn a_name_that_the_configuration_lost_is_said_on_the_way_back() {
    let target = release(&two(app()), "old");
    let mut app = two(app());
    app.frontends.remove(&named("admin"));
    let entries = [Entry::bare(target.clone())];
    let earlier = crate::plan::Earlier {
        entries: &entries,
        gone: Default::default(),
        unasked: Default::default(),
        missing_files: vec![],
        schema_risk: crate::plan::SchemaRisk::Refused,
    };
    let deployment = crate::DeploymentId::parse("d-test").unwrap();
    let plan = crate::plan::plan_back(deployment, &app, &target, &survey(&app), &earlier).unwrap();
    let warnings: Vec<String> = plan.warnings.iter().map(ToString::to_string).collect();
    assert!(
        warnings.iter().any(|it| it.contains("`admin`")),
        "{warnings:?}"
    );
}

#[test]
fn what_another_frontend_keeps_keeps_nothing_here() {
    let app = two(app());
    let entries = ["v1", "v2"].map(|of| Entry::bare(release(&app, of)));
    let there = |of: &str| {
        let files = manifest(&version(of)).files.into_iter();
        let immutable = files.filter(|(path, _)| path.ends_with(".js"));
        let stored = immutable.map(|(path, file)| {
            let etag = "0".repeat(32);
            (
                path,
                StoredFile {
                    size: file.size,
                    etag,
                },
            )
        });
        Stored {
            files: stored.collect(),
            ..Stored::default()
        }
    };
    let keep = crate::app::Keep {
        releases: 1,
        days: 0,
    };
    // An attempt at the site wants what only the admin has to lose.
    let attempt = Attempt {
        frontend: named("site"),
        manifest: manifest(&version("v1")),
        before: BTreeMap::new(),
        until: super::world::start(),
    };
    let now = super::world::start();
    let keep_lately = crate::app::Keep { days: 1, ..keep };
    let stored: BTreeMap<FrontendName, Stored> =
        ["site", "admin"].map(|of| (named(of), there("v1"))).into();
    let goes = |attempts: &[Attempt], keep| {
        let entries = entries.clone().map(|entry| Entry {
            at: Some(now - std::time::Duration::from_secs(9 * 24 * 3600)),
            ..entry
        });
        prune((&entries, attempts), &stored, keep, now).files()
    };
    assert_eq!(goes(&[], keep), ["admin: app-v1.js", "site: app-v1.js"]);
    assert_eq!(
        goes(std::slice::from_ref(&attempt), keep_lately),
        ["admin: app-v1.js"]
    );
    // Before it had a name it was called `frontend`, and published here.
    let usual = Attempt {
        frontend: FrontendName::default(),
        ..attempt
    };
    assert!(goes(&[usual], keep_lately).is_empty());
}
