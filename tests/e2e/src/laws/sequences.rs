//! Code never runs on a schema that it was not declared for, after any two deployments and what people do about them. The world's
//! database, the images that are rolled out, and the declarations judge.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use backstay_cli::compose::images::pushed_images;
use backstay_cli::compose::project::Project;
use backstay_cli::scenario::{Command, Desk, Rehearsal, Risk, Scenario, Setup};
use backstay_config::SimulatedSchema;
use backstay_domain::Version;
use backstay_domain::app::{Compatibility, WayDown};
use backstay_domain::versions::Versions;
use backstay_simulator::{Fault, ServiceFault, TaskFault, World, image_digest};

use super::cases::Cases;
use super::counter::paused;
use crate::fixtures;

/// What is live first, and two versions with a migration each.
const VERSIONS: [&str; 3] = ["a1b2c3d", "b1b1b1b", "c2c2c2c"];

/// The revision that each version's code was made for.
const REVISIONS: [&str; 3] = ["8f2", "9c1", "a07"];

/// One sequence in so many is played.
const STRIDE: usize = 25;

/// What a migration is declared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Whether the code before it runs on it.
    pub compatibility: Compatibility,
    /// Whether it can be undone.
    pub way_down: WayDown,
}

/// All declarations.
pub const DECLARED: [Declared; 4] = [
    Declared {
        compatibility: Compatibility::Compatible,
        way_down: WayDown::Lossless,
    },
    Declared {
        compatibility: Compatibility::Compatible,
        way_down: WayDown::Absent,
    },
    Declared {
        compatibility: Compatibility::Breaking,
        way_down: WayDown::Lossless,
    },
    Declared {
        compatibility: Compatibility::Breaking,
        way_down: WayDown::Absent,
    },
];

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Do {
    /// Deploy a version, and everything is well.
    Deploy(usize),
    /// Its catalog-service crashes.
    Crashes(usize),
    /// Its migration ends with 1, and the schema stays.
    MigrationFails(usize),
    /// Its migration ends with 1 after it has changed the schema.
    MigrationBreaks(usize),
    /// `rollback`.
    Rollback,
    /// `rollback --to` the first version.
    RollbackToFirst,
    /// `resume`.
    Resume,
}

const FIRST: [Do; 4] = [
    Do::Deploy(1),
    Do::Crashes(1),
    Do::MigrationFails(1),
    Do::MigrationBreaks(1),
];

const NEXT: [Do; 8] = [
    Do::Deploy(2),
    Do::Crashes(2),
    Do::MigrationBreaks(2),
    Do::Rollback,
    Do::RollbackToFirst,
    Do::Deploy(0),
    Do::Deploy(1),
    Do::Resume,
];

/// Plays sequences in which the first migration is declared as `first`.
///
/// # Errors
/// What keeps them from being played at all.
pub fn sequences(scenario: &Scenario, first: Declared) -> Result<Cases, String> {
    let setup = Setup::of(scenario, &fixtures()).map_err(|failure| failure.to_string())?;
    let mut cases = Cases::default();
    let mut number = DECLARED.iter().position(|one| *one == first).unwrap_or(0);
    for second in DECLARED {
        let house = House::new(&setup, [first, second]);
        for one in FIRST {
            for two in NEXT {
                for three in NEXT {
                    number += 1;
                    if !number.is_multiple_of(STRIDE) {
                        cases.left_out += 1;
                        continue;
                    }
                    cases.count("two deployments and what follows", 1);
                    let steps = [one, two, three];
                    let place = format!("{first:?}, {second:?}: {steps:?}");
                    let found = house.play(&steps).unwrap_or_else(|why| vec![why]);
                    if !found.is_empty() {
                        cases.breaks("two deployments and what follows", &place, found);
                    }
                }
            }
        }
    }
    Ok(cases)
}

/// An app whose versions are declared.
struct House {
    setup: Setup,
    declared: [Declared; 2],
    projects: [Project; 3],
    family: String,
}

/// What is rolled out, and which of it was wrong.
#[derive(Default)]
struct Seen {
    definitions: BTreeMap<String, String>,
    wrong: Vec<String>,
}

impl House {
    fn new(setup: &Setup, declared: [Declared; 2]) -> Self {
        let project = |version: usize| {
            let mut project = setup.project.clone();
            let configured = &mut project.configured;
            let before = version.saturating_sub(1);
            configured.simulation.schema = Some(SimulatedSchema {
                before: REVISIONS[before].to_owned(),
                after: REVISIONS[version].to_owned(),
                prints: "${REVISION}".to_owned(),
            });
            if let Some(migration) = &mut configured.app.migration {
                migration.compatibility = declared[before].compatibility;
                migration.way_down = declared[before].way_down;
            }
            project
        };
        let mut setup = setup.clone();
        setup.project = project(1);
        setup.live = Version::parse(VERSIONS[0])
            .ok()
            .map(|version| (project(1), version));
        let migration = setup.project.configured.app.migration.as_ref();
        let family = migration.and_then(|migration| {
            let family = migration.definition.0.get("family")?;
            Some(family.as_str()?.to_owned())
        });
        Self {
            projects: [project(0), project(1), project(2)],
            setup,
            declared,
            family: family.unwrap_or_default(),
        }
    }

    fn play(&self, steps: &[Do]) -> Result<Vec<String>, String> {
        paused(async {
            let rehearsal = Rehearsal::new(self.setup.clone()).map_err(|f| f.to_string())?;
            let proven = rehearsal.ledger.snapshot();
            let seen = Arc::new(Mutex::new(Seen::default()));
            rehearsal.cloud.with_world(|world| {
                for version in 1..VERSIONS.len() {
                    self.push(world, version);
                }
                self.look(
                    &mut seen.lock().unwrap_or_else(PoisonError::into_inner),
                    world,
                );
            });
            let tap = Arc::clone(&seen);
            let digests = self.digests();
            let declared = self.declared;
            let cloud = rehearsal.cloud.clone().tapped(move |call, world| {
                if call == "ecs.UpdateService" {
                    let mut seen = tap.lock().unwrap_or_else(PoisonError::into_inner);
                    updated(&mut seen, world, &digests, &declared);
                }
            });
            let desk = Desk::new(&cloud, &self.setup.project, &proven);
            let desk = desk.await.map_err(|failure| failure.to_string())?;
            let mut found = Vec::new();
            for (number, step) in steps.iter().enumerate() {
                let (command, project) = self.command(*step);
                cloud.with_world(|world| {
                    world.clear_faults();
                    for fault in self.faults(*step) {
                        world.add_fault(fault);
                    }
                });
                let said = desk.run(project, &command).await;
                let said = said.map_err(|failure| failure.to_string())?;
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                let wrong = seen.wrong.drain(..);
                found.extend(wrong.map(|wrong| format!("step {number}, {step:?}: {wrong}")));
                if said.code == 0 || said.code == 4 {
                    let at_rest = cloud.with_world(|world| self.at_rest(world));
                    let code = said.code;
                    found.extend(at_rest.into_iter().map(|wrong| {
                        format!("step {number}, {step:?}, ends with {code}: {wrong}")
                    }));
                }
            }
            Ok(found)
        })
    }

    fn push(&self, world: &mut World, version: usize) {
        let Ok(name) = Version::parse(VERSIONS[version]) else {
            return;
        };
        let versions = Versions::same(name);
        for (repository, image) in pushed_images(&self.projects[version].configured, &versions) {
            world.push_image(repository.as_str(), &image);
        }
    }

    fn command(&self, step: Do) -> (Command, &Project) {
        let newest = &self.projects[2];
        match step {
            Do::Deploy(version)
            | Do::Crashes(version)
            | Do::MigrationFails(version)
            | Do::MigrationBreaks(version) => match Version::parse(VERSIONS[version]) {
                Ok(name) => (Command::Deploy(name), &self.projects[version]),
                Err(_) => (Command::Resume(None), newest),
            },
            Do::Rollback => (
                Command::Rollback {
                    to: None,
                    risk: Risk::Refused,
                },
                newest,
            ),
            Do::RollbackToFirst => (
                Command::Rollback {
                    to: Some(VERSIONS[0].to_owned()),
                    risk: Risk::Refused,
                },
                newest,
            ),
            Do::Resume => (Command::Resume(None), newest),
        }
    }

    fn faults(&self, step: Do) -> Vec<Fault> {
        let task = |fault| {
            vec![Fault::Task {
                family: self.family.clone(),
                fault,
            }]
        };
        match step {
            Do::Crashes(_) => {
                let services = &self.setup.project.configured.app.services;
                let catalog = services
                    .iter()
                    .find(|(name, _)| name.as_str() == "catalog-service");
                catalog
                    .map(|(_, service)| Fault::Service {
                        service: service.locator.cluster_name.clone(),
                        fault: ServiceFault::Crash,
                        after_ms: None,
                    })
                    .into_iter()
                    .collect()
            }
            Do::MigrationFails(_) => task(TaskFault::Exit(1)),
            Do::MigrationBreaks(_) => task(TaskFault::ExitAfterEffect(1)),
            Do::Deploy(_) | Do::Rollback | Do::RollbackToFirst | Do::Resume => vec![],
        }
    }

    /// Versions by the digests of their images.
    fn digests(&self) -> BTreeMap<String, usize> {
        let services = self.setup.project.configured.app.services.values();
        let pairs = services.flat_map(|service| {
            VERSIONS.iter().enumerate().map(|(version, name)| {
                let digest = image_digest(service.image.as_str(), &[(*name).to_owned()]);
                (digest, version)
            })
        });
        pairs.collect()
    }

    fn look(&self, seen: &mut Seen, world: &World) {
        updated(seen, world, &self.digests(), &self.declared);
        seen.wrong.clear();
    }

    /// Tasks that run on a schema that their code was not declared for.
    fn at_rest(&self, world: &World) -> Vec<String> {
        let digests = self.digests();
        let revision = revision(world);
        let mut found = Vec::new();
        for (service, picture) in world.picture().services {
            for digest in picture.image_digests {
                if let Some(version) = digests.get(&digest)
                    && !is_declared(*version, &revision, &self.declared)
                {
                    found.push(format!(
                        "{service} runs {} on {revision}",
                        VERSIONS[*version]
                    ));
                }
            }
        }
        found
    }
}

fn revision(world: &World) -> String {
    let databases = world.picture().databases;
    databases.into_values().next().unwrap_or_default()
}

/// What was rolled out since the last look, and should not have been on this schema.
fn updated(
    seen: &mut Seen,
    world: &World,
    digests: &BTreeMap<String, usize>,
    declared: &[Declared; 2],
) {
    let revision = revision(world);
    for (service, picture) in world.picture().services {
        let definition = picture.task_definition;
        if seen.definitions.get(&service) == Some(&definition) {
            continue;
        }
        let images = world.images_of(&definition);
        let digest = images.iter().find_map(|image| image.split_once('@'));
        let version = digest.and_then(|(_, digest)| digests.get(digest));
        if let Some(version) = version
            && !is_declared(*version, &revision, declared)
        {
            let name = VERSIONS[*version];
            seen.wrong
                .push(format!("{service} is rolled out to {name} on {revision}"));
        }
        seen.definitions.insert(service, definition);
    }
}

/// A version's own schema, and the one after it where that migration is compatible. Compatibility says nothing of a second one.
fn is_declared(version: usize, revision: &str, declared: &[Declared; 2]) -> bool {
    let Some(at) = REVISIONS.iter().position(|known| *known == revision) else {
        return false;
    };
    match at.checked_sub(version) {
        Some(0) => true,
        Some(1) => declared
            .get(version)
            .is_some_and(|next| next.compatibility == Compatibility::Compatible),
        Some(_) | None => false,
    }
}
