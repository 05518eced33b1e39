//! Revisions one by one, over several releases: the plan back and the table of the way back, enumerated against a model of a database
//! and of what people were promised, which knows neither.

mod model;

use std::collections::BTreeSet;

use futures_util::FutureExt;
use jiff::Timestamp;

use self::model::{Promises, broken, may_run, way_back};
use super::cloud::{Database, Fake};
use super::world::{app, migration, name, release, survey};
use crate::DeploymentId;
use crate::app::{App, Compatibility, Policy, SchemaDown, WayDown};
use crate::engine::{Begun, Ports, deploy};
use crate::journal::Outcome;
use crate::ledger::Entry;
use crate::observation::JobState;
use crate::plan::{Earlier, Plan, Refusals, SchemaRisk, plan, plan_back};
use crate::ports::Uninterrupted;
use crate::release::Release;
use crate::schema::{Applied, Reach, Repeats, Revision, SchemaEntry, SchemaRecord};
use crate::survey::Ancestry;

const VERSIONS: [&str; 4] = ["v0", "v1", "v2", "v3"];
const REACHES: [Reach; 3] = [Reach::All, Reach::JustBefore, Reach::Nobody];
const WAYS: [WayDown; 2] = [WayDown::Lossless, WayDown::Lossy];

/// Where a deployment fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fails {
    /// Nowhere.
    Nowhere,
    /// The migration, having done nothing.
    Before,
    /// The migration, having done all of it.
    HalfWay,
    /// A service of the new release.
    Service,
}

const FAILURES: [Fails; 4] = [
    Fails::Nowhere,
    Fails::Before,
    Fails::HalfWay,
    Fails::Service,
];

#[derive(Clone)]
struct Place {
    schema: usize,
    code: Option<usize>,
    record: SchemaRecord,
    ledger: Vec<Entry>,
    deployments: u32,
    moments: Vec<(usize, usize)>,
}

fn number(revision: &str) -> usize {
    revision.trim_start_matches('r').parse().unwrap()
}

/// What `backstay.toml` says of all of them is a lie: it must not matter where the files are known.
fn configured() -> App {
    App {
        migration: Some(migration(Compatibility::Compatible, WayDown::Lossless)),
        policy: Policy {
            schema_down: SchemaDown::Lossless,
            ..Policy::default()
        },
        ..app()
    }
}

fn at_version(version: usize) -> Release {
    release(&configured(), VERSIONS[version])
}

fn start() -> Place {
    let mut entry = Entry::bare(at_version(0));
    entry.at = Some(Timestamp::UNIX_EPOCH);
    let mut record = SchemaRecord::of_ledger(std::slice::from_ref(&entry));
    record.entries[0].after = Some(Revision::new("r0"));
    Place {
        schema: 0,
        code: Some(0),
        record,
        ledger: vec![entry],
        deployments: 0,
        moments: vec![(0, 0)],
    }
}

/// The release that was proven last.
fn last(at: &Place) -> Option<usize> {
    let live = at.ledger.last()?.release.version.as_str();
    VERSIONS.iter().position(|known| *known == live)
}

fn applies(from: usize, to: usize, promises: &Promises) -> Vec<Applied> {
    (from + 1..=to)
        .map(|number| Applied {
            revision: Revision::new(format!("r{number}")),
            title: String::new(),
            reach: promises[number - 1].0,
            way_down: promises[number - 1].1,
            because: "a test".to_owned(),
            repeats: Repeats::Once,
        })
        .collect()
}

fn planned(at: &Place, to: usize, back: Back, promises: &Promises) -> Result<Plan, Refusals> {
    let app = configured();
    let mut seen = survey(&app);
    let live = at_version(at.code.or(last(at)).unwrap_or(0));
    for (name, service) in &mut seen.services {
        service.document = live.services[name].definition.clone();
    }
    seen.recorded = at.ledger.last().map(|entry| entry.release.clone());
    seen.schema = at.record.clone();
    seen.ancestry = Ancestry::Newer;
    seen.schema_ancestry = Ancestry::Newer;
    let on = seen.schema.revision().and_then(|on| on.name().map(number));
    seen.applies = on.map(|on| applies(on, to, promises));
    let deployment: DeploymentId = format!("d-{:04}", at.deployments).parse().unwrap();
    match back {
        Back::No => plan(deployment, &app, at_version(to), &seen),
        Back::Yes => {
            let earlier = Earlier {
                entries: &at.ledger,
                gone: BTreeSet::new(),
                unasked: BTreeSet::new(),
                missing_files: vec![],
                schema_risk: SchemaRisk::Refused,
            };
            plan_back(deployment, &app, &at_version(to), &seen, &earlier)
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Back {
    No,
    Yes,
}

/// Plays a plan; what came of it.
fn played(at: &Place, to: usize, plan: &Plan, fails: Fails) -> (Place, Outcome) {
    let reached = match fails {
        // One revision further, where there are several; else all of it, and the task fails all the same.
        Fails::HalfWay => to.min(at.schema + 1),
        Fails::Nowhere | Fails::Before | Fails::Service => to,
    };
    let mut fake = Fake::of(plan);
    fake.schema = at.record.clone().into();
    fake.recorded = at.ledger.clone().into();
    fake.database = Database {
        revision: format!("r{}", at.schema),
        head: format!("r{}", reached.max(at.schema)),
        up: match fails {
            Fails::Nowhere | Fails::Service => (0, true),
            Fails::Before => (1, false),
            Fails::HalfWay => (1, true),
        },
        ups: vec![],
    }
    .into();
    fake.versions = (VERSIONS[at.code.or(last(at)).unwrap_or(0)], VERSIONS[to]);
    if fails == Fails::Service {
        fake.broken = [name("catalog")].into();
    }
    let ports = Ports {
        cloud: &fake,
        journal: &fake,
        ledger: &fake,
        clock: &fake,
        report: &fake,
        interrupts: &Uninterrupted,
    };
    let outcome = deploy(&ports, plan, Begun::default())
        .now_or_never()
        .expect("the fake never waits")
        .unwrap();
    let code = match &outcome {
        Outcome::Live { .. } => Some(to),
        Outcome::RolledBack { .. } => at.code,
        Outcome::Stuck { .. } => None,
    };
    let schema = number(&fake.database.into_inner().revision);
    let moments = at.moments.iter().copied();
    let place = Place {
        schema,
        code,
        record: fake.schema.into_inner(),
        ledger: fake.recorded.into_inner(),
        deployments: at.deployments + 1,
        moments: moments.chain(code.map(|code| (code, schema))).collect(),
    };
    (place, outcome)
}

#[derive(Default)]
struct Counts {
    deployed: usize,
    stuck: usize,
    returned: usize,
    lowered: usize,
    refused: usize,
}

fn go_on(
    at: &Place,
    from: usize,
    promises: &Promises,
    story: &mut Vec<String>,
    counts: &mut Counts,
) {
    go_back(at, promises, story, counts);
    for to in from + 1..VERSIONS.len() {
        for fails in FAILURES {
            let Ok(plan) = planned(at, to, Back::No, promises) else {
                counts.refused += 1;
                continue;
            };
            story.push(format!("deploy v{to}, fails {fails:?}"));
            let migrating = plan.migrates();
            let compatible = migrating
                .is_none_or(|migration| migration.compatibility == Compatibility::Compatible);
            // While it goes on, the old code serves on every schema that the migration passes through.
            if let (Some(code), true) = (at.code, compatible) {
                let passes: Vec<(usize, usize)> = (at.schema..=to.max(at.schema))
                    .map(|schema| (code, schema))
                    .collect();
                assert_eq!(broken(&passes, promises), None, "{story:?} {promises:?}");
            }
            let (place, outcome) = played(at, to, &plan, fails);
            counts.deployed += 1;
            counts.stuck += usize::from(matches!(outcome, Outcome::Stuck { .. }));
            assert_eq!(
                broken(&place.moments, promises),
                None,
                "{outcome:?} {story:?} {promises:?}"
            );
            // What is not stuck is where it was, or where it was to be.
            let expected = match fails {
                Fails::Nowhere => true,
                Fails::Before | Fails::HalfWay | Fails::Service => {
                    let on = place.schema;
                    at.code
                        .is_none_or(|code| may_run(code, on, promises) || place.code.is_none())
                }
            };
            assert!(expected, "{outcome:?} {story:?} {promises:?}");
            go_on(&place, to, promises, story, counts);
            story.pop();
        }
    }
}

fn go_back(at: &Place, promises: &Promises, story: &mut Vec<String>, counts: &mut Counts) {
    let proven: BTreeSet<usize> = at
        .ledger
        .iter()
        .filter_map(|entry| {
            VERSIONS
                .iter()
                .position(|known| *known == entry.release.version.as_str())
        })
        .collect();
    for to in proven {
        if at.code == Some(to) {
            continue;
        }
        story.push(format!("back to v{to}"));
        match planned(at, to, Back::Yes, promises) {
            Err(_) => {
                counts.refused += 1;
                // One release at a time, and nothing failed: what the model allows is not refused.
                let on = |entry: &SchemaEntry| {
                    let after = entry.after.as_ref()?;
                    after.name().map(number)
                };
                let well = |entry: &SchemaEntry| entry.end == Some(JobState::Exited(0));
                let entries = &at.record.entries;
                let one_by_one = entries.iter().all(well)
                    && entries.windows(2).all(|pair| {
                        matches!((on(&pair[0]), on(&pair[1])), (Some(one), Some(next)) if next == one + 1)
                    });
                if one_by_one && at.code.is_some() {
                    assert_eq!(
                        way_back(to, at.schema, promises),
                        None,
                        "{story:?} {promises:?}"
                    );
                }
            }
            Ok(plan) => {
                let (place, outcome) = played(at, to, &plan, Fails::Nowhere);
                counts.returned += 1;
                counts.lowered += usize::from(place.schema < at.schema);
                assert!(
                    at.code.is_none() || matches!(outcome, Outcome::Live { .. }),
                    "{outcome:?} {story:?} {promises:?}"
                );
                assert_eq!(
                    broken(&place.moments, promises),
                    None,
                    "{story:?} {promises:?}"
                );
                let lost = promises[place.schema.min(at.schema)..at.schema]
                    .iter()
                    .any(|(_, down)| *down != WayDown::Lossless);
                assert!(!lost, "something was lost: {story:?} {promises:?}");
                assert!(
                    way_back(to, at.schema, promises).is_some(),
                    "{story:?} {promises:?}"
                );
            }
        }
        story.pop();
    }
}

/// Every kind of the next two migrations after a first one.
fn over_several_releases(first: Reach) {
    let mut counts = Counts::default();
    let mut kinds = 0;
    for second in REACHES {
        for third in REACHES {
            for lossy in [None, Some(1), Some(2)] {
                let way = |step: usize| WAYS[usize::from(lossy == Some(step))];
                let promises = [(first, way(0)), (second, way(1)), (third, way(2))];
                kinds += 1;
                go_on(&start(), 0, &promises, &mut Vec::new(), &mut counts);
            }
        }
    }
    println!(
        "{kinds} kinds of migrations: {} deployments ({} stuck), {} rollbacks ({} with the schema), {} refused",
        counts.deployed, counts.stuck, counts.returned, counts.lowered, counts.refused
    );
    assert!(counts.deployed > 1_000 && counts.returned > 300 && counts.lowered > 30);
    assert!(counts.stuck > 30 && counts.refused > 30);
}

#[test]
fn after_what_takes_nothing_from_anybody() {
    over_several_releases(Reach::All);
}

#[test]
fn after_what_is_declared_for_the_code_just_before() {
    over_several_releases(Reach::JustBefore);
}

#[test]
fn after_what_breaks_earlier_code() {
    over_several_releases(Reach::Nobody);
}
