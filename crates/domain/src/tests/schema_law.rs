//! The law of the schema: code never runs on a schema that it was not declared for, after any sequence of deployments and
//! rollbacks, however their migrations end. Enumerated; the database is the judge, not the record.

use std::cell::RefCell;
use std::collections::BTreeSet;

use futures_util::FutureExt;

use super::cloud::{Database, Fake};
use super::world::{app, migration, name, release, survey};
use crate::DeploymentId;
use crate::app::{App, Compatibility, Policy, SchemaDown, WayDown};
use crate::engine::{Begun, Ports, deploy};
use crate::journal::Outcome;
use crate::ledger::Entry;
use crate::plan::{Earlier, Plan, Refusals, SchemaRisk, plan, plan_back};
use crate::ports::Uninterrupted;
use crate::release::Release;
use crate::schema::SchemaRecord;
use crate::survey::Ancestry;

const VERSIONS: [&str; 4] = ["v0", "v1", "v2", "v3"];

/// How the migrations of v1, v2 and v3 are declared, what they really do, and what is configured.
#[derive(Clone, Copy, Debug)]
struct Team {
    compatibility: [Compatibility; 3],
    changes: [bool; 3],
    way_down: WayDown,
    asks: bool,
}

#[derive(Clone, Copy, Debug)]
enum Move {
    /// Forward to a version: how its migration ends, and whether a service of it crashes.
    Deploy(usize, (i32, bool), bool),
    /// To a version that was proven, whether a service crashes on the way.
    Back(usize, bool),
}

/// An environment between two moves.
#[derive(Clone)]
struct Place {
    database: Database,
    /// What all services run; nothing when a human is needed.
    code: Option<usize>,
    record: SchemaRecord,
    ledger: Vec<Entry>,
    deployments: u32,
    /// Which versions' migrations anybody tried.
    tried: BTreeSet<usize>,
    /// On which revisions which code was declared to run.
    declared: BTreeSet<(usize, String)>,
}

impl Team {
    fn app(&self, version: usize) -> App {
        let compatibility = match version {
            0 => Compatibility::Compatible,
            later => self.compatibility[later - 1],
        };
        let mut migration = migration(compatibility, self.way_down);
        if !self.asks {
            migration.current_command = None;
            migration.down_command = None;
        }
        App {
            migration: Some(migration),
            policy: Policy {
                schema_down: SchemaDown::Lossless,
                ..Policy::default()
            },
            ..app()
        }
    }

    fn release(&self, version: usize) -> Release {
        release(&self.app(version), VERSIONS[version])
    }

    /// The revision at a version's head: only what changes something makes one.
    fn head(&self, version: usize) -> String {
        let changes = self.changes[..version].iter().filter(|one| **one).count();
        format!("r{changes}")
    }

    /// What is declared when a migration moves the schema: its own code runs there, and, where it is compatible, the code
    /// just before it, whether or not that was ever live: compatibility does not chain.
    fn declare(&self, at: &mut Place, of: usize, up: &(String, String)) {
        let (_, to) = up;
        at.declared.insert((of, to.clone()));
        if of == 0 || self.compatibility[of - 1] == Compatibility::Compatible {
            let before = at
                .tried
                .range(..of)
                .next_back()
                .map(|code| self.head(*code));
            let those = (0..VERSIONS.len()).filter(|code| Some(self.head(*code)) == before);
            at.declared.extend(those.map(|code| (code, to.clone())));
        }
    }

    fn start(&self) -> Place {
        let entry = Entry::bare(self.release(0));
        Place {
            database: Database {
                revision: self.head(0),
                head: self.head(0),
                up: (0, true),
                ups: vec![],
            },
            code: Some(0),
            tried: [0].into(),
            declared: [(0, self.head(0))].into(),
            record: SchemaRecord::of_ledger(std::slice::from_ref(&entry)),
            ledger: vec![entry],
            deployments: 0,
        }
    }

    fn planned(&self, at: &Place, to: Move, risk: SchemaRisk) -> Result<Plan, Refusals> {
        let (Move::Deploy(version, ..) | Move::Back(version, _)) = to;
        // A rollback is made with the configuration of what is live.
        let newest = at
            .ledger
            .iter()
            .map(|entry| entry.release.version.as_str())
            .max();
        let newest = VERSIONS
            .iter()
            .position(|known| Some(*known) == newest)
            .unwrap_or(0);
        let app = match to {
            Move::Deploy(..) => self.app(version),
            Move::Back(..) => self.app(newest),
        };
        let mut surveyed = survey(&app);
        let last = at.ledger.last().map(|entry| entry.release.version.as_str());
        let last = VERSIONS
            .iter()
            .position(|known| Some(*known) == last)
            .unwrap_or(0);
        let live = self.release(at.code.unwrap_or(last));
        for (name, service) in &mut surveyed.services {
            service.document = live.services[name].definition.clone();
        }
        surveyed.recorded = at.ledger.last().map(|entry| entry.release.clone());
        surveyed.schema = at.record.clone();
        surveyed.schema_risk = risk;
        surveyed.ancestry = Ancestry::Newer;
        let deployment = DeploymentId::parse(format!("d-{:04}", at.deployments)).unwrap();
        match to {
            Move::Deploy(..) => plan(deployment, &app, self.release(version), &surveyed),
            Move::Back(..) => plan_back(
                deployment,
                &app,
                &self.release(version),
                &surveyed,
                &Earlier {
                    entries: &at.ledger,
                    unasked: BTreeSet::new(),
                    gone: BTreeSet::new(),
                    missing_files: vec![],
                    schema_risk: risk,
                },
            ),
        }
    }

    /// Plays a move; nothing when it is refused.
    fn play(&self, at: &Place, to: Move, risk: SchemaRisk) -> Option<(Place, Outcome)> {
        let plan = self.planned(at, to, risk).ok()?;
        let (version, up, crashes) = match to {
            Move::Deploy(version, up, crashes) => (version, up, crashes),
            Move::Back(version, crashes) => (version, (0, true), crashes),
        };
        let mut fake = Fake::of(&plan);
        fake.schema = RefCell::new(at.record.clone());
        fake.recorded = RefCell::new(at.ledger.clone());
        fake.database = RefCell::new(Database {
            revision: at.database.revision.clone(),
            head: self.head(version),
            up,
            ups: vec![],
        });
        let old = at.code.or(at.ledger.last().and_then(|entry| {
            let live = entry.release.version.as_str();
            VERSIONS.iter().position(|known| *known == live)
        }));
        fake.versions = (VERSIONS[old.unwrap_or(0)], VERSIONS[version]);
        if crashes {
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
        let outcome = deploy(&ports, &plan, Begun::default())
            .now_or_never()
            .expect("the fake never waits")
            .unwrap();
        let code = match &outcome {
            Outcome::Live { .. } => Some(version),
            Outcome::RolledBack { .. } => at.code,
            Outcome::Stuck { .. } => None,
        };
        let database = fake.database.into_inner();
        let mut place = Place {
            declared: at.declared.clone(),
            tried: at.tried.clone(),
            database: database.clone(),
            code,
            record: fake.schema.into_inner(),
            ledger: fake.recorded.into_inner(),
            deployments: at.deployments + 1,
        };
        for up in &database.ups {
            self.declare(&mut place, version, up);
        }
        if matches!(to, Move::Deploy(..)) {
            place.tried.insert(version);
        }
        Some((place, outcome))
    }

    fn judge(&self, at: &Place, story: &[Move]) {
        if let Some(code) = at.code {
            let revision = &at.database.revision;
            assert!(
                at.declared.contains(&(code, revision.clone())),
                "{} runs on {revision}: {self:?} {story:?} {:#?}",
                VERSIONS[code],
                at.record
                    .entries
                    .iter()
                    .map(|e| (&e.version, &e.way, &e.end, &e.before, &e.after))
                    .collect::<Vec<_>>(),
            );
        }
    }
}

fn moves() -> Vec<Move> {
    let mut all = Vec::new();
    for version in 0..=3 {
        for end in [(0, true), (1, true), (1, false)] {
            all.push(Move::Deploy(version, end, false));
        }
        all.push(Move::Deploy(version, (0, true), true));
        all.push(Move::Back(version, false));
    }
    all.push(Move::Back(0, true));
    all
}

fn teams() -> Vec<Team> {
    use Compatibility::{Breaking, Compatible};
    let mut all = Vec::new();
    for compatibility in [
        [Compatible, Compatible, Compatible],
        [Breaking, Compatible, Compatible],
        [Compatible, Breaking, Compatible],
        [Compatible, Compatible, Breaking],
    ] {
        for (changes, way_down, asks) in [
            ([true, true, true], WayDown::Absent, false),
            ([true, true, true], WayDown::Lossless, true),
            ([true, false, true], WayDown::Absent, true),
        ] {
            all.push(Team {
                compatibility,
                changes,
                way_down,
                asks,
            });
        }
    }
    all
}

#[test]
fn code_never_runs_on_a_schema_that_it_was_not_declared_for() {
    let (mut played, mut refused, mut stuck) = (0, 0, 0);
    for team in teams() {
        for first in moves() {
            let Some((place, outcome)) = team.play(&team.start(), first, SchemaRisk::Refused)
            else {
                refused += 1;
                continue;
            };
            played += 1;
            team.judge(&place, &[first]);
            stuck += u32::from(matches!(outcome, Outcome::Stuck { .. }));
            for second in moves() {
                let Some((place, _)) = team.play(&place, second, SchemaRisk::Refused) else {
                    refused += 1;
                    continue;
                };
                played += 1;
                team.judge(&place, &[first, second]);
                for third in [Move::Back(0, false), Move::Back(1, false)] {
                    match team.play(&place, third, SchemaRisk::Refused) {
                        Some((place, _)) => {
                            played += 1;
                            team.judge(&place, &[first, second, third]);
                        }
                        None => refused += 1,
                    }
                }
            }
        }
    }
    println!("{played} moves played, {refused} refused, {stuck} stuck at once");
    assert!(
        played > 1_000 && refused > 100 && stuck > 10,
        "{played} {refused} {stuck}"
    );
}

/// Where a human is needed, there is a way on: forward with the next version, and back with a human's word for the schema.
#[test]
fn nothing_is_stuck_for_good() {
    let mut ways = 0;
    for team in teams() {
        for first in moves() {
            let Some((place, Outcome::Stuck { because, .. })) =
                team.play(&team.start(), first, SchemaRisk::Refused)
            else {
                continue;
            };
            let forward = team.play(
                &place,
                Move::Deploy(3, (0, true), false),
                SchemaRisk::Refused,
            );
            assert!(
                matches!(forward, Some((_, Outcome::Live { .. }))),
                "forward after {because}: {team:?} {first:?}"
            );
            let mut restored = place.clone();
            restored.database.revision = team.head(0);
            let back = team.play(&restored, Move::Back(0, false), SchemaRisk::Accepted);
            let Some((back, Outcome::Live { .. })) = back else {
                panic!("back after {because}: {team:?} {first:?}");
            };
            // What a human answered for once is not asked for again.
            let again = team.play(
                &back,
                Move::Deploy(1, (0, true), false),
                SchemaRisk::Refused,
            );
            let Some((again, Outcome::Live { .. })) = again else {
                panic!("forward again after {because}: {team:?} {first:?}");
            };
            team.judge(&again, &[first]);
            ways += 1;
        }
    }
    assert!(ways > 10, "{ways}");
}
