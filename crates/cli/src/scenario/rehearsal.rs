//! One rehearsal: a throw-away simulated cloud, a deployment on it, and everything that was seen.

use std::collections::BTreeMap;
use std::path::Path;

use backstay_domain::engine::{self, Begun, Ports, Prepared};
use backstay_domain::journal::{Outcome, Record};
use backstay_domain::plan::Plan;
use backstay_domain::ports::{Clock as _, Ledger, Report};
use backstay_domain::versions::Versions;
use backstay_domain::{DeploymentId, FrontendName, Version};
use backstay_simulator::{Cloud, Fault, FaultId, Picture, Weather, World};

use jiff::SignedDuration;

use super::Scenario;
use super::adjust::{adjust, adjusted};
use super::asked::AskedFault;
use super::desk::Desk;
use super::ports::{Interruption, MemoryJournal};
use super::then::{PlayedThen, Step};
use crate::compose::deployment::{Asked, planned};
use crate::compose::embedded::{FIRST_MOMENT_MS, unsimulated};
use crate::compose::images::pushed_images;
use crate::compose::infrastructure::{Live, account, infrastructure, recorded};
use crate::compose::ledger::MemoryLedger;
use crate::compose::project::Project;
use crate::compose::simulated::{SimulatedAws, SimulatedClock, aws};
use crate::failure::Failure;
use crate::render::outcome;

/// What a rehearsal starts from.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What is deployed.
    pub project: Project,
    /// What is live: its project and version.
    pub live: Option<(Project, Version)>,
    /// Whether the live release is recorded.
    pub recorded: bool,
    /// The version that is deployed.
    pub version: Version,
    /// Repositories to which the version was not pushed.
    pub not_pushed: Vec<String>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// And what people asked for, by the name that they typed.
    pub asked: Vec<(String, AskedFault)>,
    /// The world's weather.
    pub weather: Weather,
    /// The world's seed.
    pub seed: u64,
    /// When it is asked to stop, from its start.
    pub interrupt: Option<SignedDuration>,
    /// Services that Terraform made otherwise.
    pub services: BTreeMap<String, super::GivenService>,
    /// What people do afterwards.
    pub then: Vec<Step>,
}

/// A rehearsal that is set up.
pub struct Rehearsal {
    setup: Setup,
    /// The cloud it plays on.
    pub cloud: Cloud,
    /// The real adapters over it.
    pub aws: SimulatedAws,
    /// Releases that were proven.
    pub ledger: MemoryLedger,
    /// Virtual time.
    pub clock: SimulatedClock,
}

/// What came of a rehearsal.
#[derive(Debug)]
pub struct Played {
    /// The plan, where there was one.
    pub plan: Option<Plan>,
    /// The whole journal.
    pub records: Vec<Record>,
    /// The outcome; none when there was nothing to do.
    pub outcome: Result<Option<Outcome>, Failure>,
    /// Calls by operation.
    pub calls: BTreeMap<String, u64>,
    /// Virtual time that it took, in milliseconds.
    pub took_ms: u64,
    /// What was asked for with `--fault` and made no difference before the end.
    pub not_struck: Vec<String>,
    /// Moments with fewer healthy tasks than the minimum, though no task failed by itself.
    pub violations: Vec<String>,
    /// What is live at the end.
    pub picture: Picture,
    /// Each frontend's entry page in its bucket at the end.
    pub entry_pages: BTreeMap<FrontendName, String>,
    /// The version that the ledger calls proven last.
    pub recorded: Option<Version>,
    /// The commands after it, as they are typed.
    pub steps: Vec<String>,
    /// What came of each command after it.
    pub then: Vec<PlayedThen>,
}

impl Played {
    /// The deployment's exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match &self.outcome {
            Ok(Some(ended)) => outcome::exit_code(ended),
            Ok(None) => 0,
            Err(failure) => failure.exit_code(),
        }
    }
}

impl Setup {
    /// The entry page of each frontend, as its bucket has it.
    #[must_use]
    pub fn entry_pages(&self, world: &World) -> BTreeMap<FrontendName, String> {
        let frontends = self.project.configured.app.frontends.iter();
        let pages = frontends.filter_map(|(name, frontend)| {
            let key = format!("{}index.html", frontend.prefix);
            let object = world.object(&frontend.bucket, &key)?;
            let page = String::from_utf8(object.body.to_vec()).ok()?;
            Some((name.clone(), page))
        });
        pages.collect()
    }

    /// The setup that a scenario's `given` and `play` describe.
    ///
    /// # Errors
    /// When the fixture, a version or a fault is unknown.
    pub fn of(scenario: &Scenario, fixtures: &Path) -> Result<Self, Failure> {
        let (given, play) = (&scenario.given, &scenario.play);
        let project = adjusted(
            Project::load_for_rehearsal(&fixtures.join(&given.app), &given.environment)?,
            given,
        )?;
        let version = |text: &str| {
            Version::parse(text).map_err(|e| Failure::usage(e.to_string(), "name another version"))
        };
        let live = match &given.live {
            Some(live) => {
                let directory = given.live_app.as_ref().unwrap_or(&given.app);
                let project = adjusted(
                    Project::load_for_rehearsal(&fixtures.join(directory), &given.environment)?,
                    given,
                )?;
                Some((project, version(live)?))
            }
            None => None,
        };
        let faults = play
            .faults
            .iter()
            .map(|fault| fault.fault(&project.configured))
            .collect::<Result<_, _>>();
        let faults = faults.map_err(|error| Failure::usage(error.message, error.hint))?;
        Ok(Self {
            version: version(&play.deploy)?,
            not_pushed: play.not_pushed.clone(),
            recorded: given.recorded,
            weather: given.weather,
            seed: given.seed,
            services: given.services.clone(),
            interrupt: play
                .interrupt
                .as_deref()
                .map(str::parse)
                .transpose()
                .map_err(|error: jiff::Error| {
                    Failure::usage(error.to_string(), "for example \"90s\"")
                })?,
            then: play
                .then
                .iter()
                .map(|then| Step::of(then, &project))
                .collect::<Result<_, _>>()?,
            project,
            live,
            faults,
            asked: Vec::new(),
        })
    }
}

impl Rehearsal {
    /// Builds the throw-away cloud. Must be called inside the runtime that plays it.
    ///
    /// # Errors
    /// When the app cannot be put on a simulated cloud.
    pub fn new(setup: Setup) -> Result<Self, Failure> {
        let live = setup
            .live
            .as_ref()
            .map(|(project, version)| Live { project, version });
        let mut made = infrastructure(&setup.project, live, Some(&setup.version))?;
        adjust(&mut made.blueprint, &setup);
        let configured = &setup.project.configured;
        let mut world = World::new(
            account(configured),
            &configured.region,
            setup.seed,
            setup.weather,
            FIRST_MOMENT_MS,
        );
        world.lend_execution_roles();
        world
            .provision(&made.blueprint)
            .map_err(|error| unsimulated(configured, error))?;
        for (repository, image) in pushed_images(configured, &Versions::same(setup.version.clone()))
        {
            if !setup
                .not_pushed
                .iter()
                .any(|missing| missing == repository.as_str())
            {
                world.push_image(repository.as_str(), &image);
            }
        }
        let live = made.live.filter(|_| setup.recorded);
        let live = live.map(|release| recorded(release, &world));
        let ledger = MemoryLedger::of(live.into_iter().collect());
        let cloud = Cloud::new(world, 1.0);
        let aws = aws(&cloud, &configured.region, setup.project.directory.clone());
        let clock = SimulatedClock(cloud.clone());
        Ok(Self {
            setup,
            cloud,
            aws,
            ledger,
            clock,
        })
    }

    /// Plays the deployment.
    pub async fn play<R: Report>(&self, report: &R, planned_hook: impl FnOnce(&Plan)) -> Played {
        let began = self.cloud.now_ms();
        let asked: Vec<(&str, FaultId)> = self.cloud.with_world(|world| {
            for fault in &self.setup.faults {
                world.add_fault(fault.clone());
            }
            let asked = self
                .setup
                .asked
                .iter()
                .filter_map(|(name, asked)| match asked {
                    AskedFault::World(fault) => {
                        Some((name.as_str(), world.add_fault(fault.clone())))
                    }
                    AskedFault::NotPushed(_) | AskedFault::Interrupted(_) => None,
                });
            asked.collect()
        });
        let journal = MemoryJournal::default();
        let mut plan = None;
        let outcome = self
            .deployed(&journal, report, &mut plan, planned_hook)
            .await;
        let took_ms = self.cloud.now_ms() - began;
        let not_struck = self.not_struck(&asked, took_ms);
        let (calls, violations, picture, entry_pages) = self.cloud.with_world(|world| {
            (
                world.calls().clone(),
                world.violations().to_vec(),
                world.picture(),
                self.entry_pages(world),
            )
        });
        let app = &self.setup.project.configured.app;
        let last = self.ledger.last_proven(&app.name, &app.environment).await;
        let recorded = last.ok().flatten().map(|release| release.version);
        let then = match self.afterwards(&journal.records()).await {
            Ok(then) => then,
            Err(failure) => vec![PlayedThen::broken(failure)],
        };
        Played {
            steps: self.setup.then.iter().map(Step::words).collect(),
            then,
            entry_pages,
            recorded,
            plan,
            records: journal.records(),
            outcome,
            calls,
            took_ms,
            not_struck,
            violations,
            picture,
        }
    }

    /// The names of what was asked for and has made no difference.
    fn not_struck(&self, asked: &[(&str, FaultId)], took_ms: u64) -> Vec<String> {
        let idle = self.cloud.with_world(|world| {
            let idle = asked.iter().filter(|(_, id)| !world.has_struck(*id));
            idle.map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>()
        });
        let late = self.setup.asked.iter().filter(|(_, asked)| match asked {
            AskedFault::Interrupted(after) => after.as_millis() > i128::from(took_ms),
            AskedFault::World(_) | AskedFault::NotPushed(_) => false,
        });
        idle.into_iter()
            .chain(late.map(|(name, _)| name.clone()))
            .collect()
    }

    /// What people do afterwards, in the environment that the deployment left.
    async fn afterwards(&self, records: &[Record]) -> Result<Vec<PlayedThen>, Failure> {
        let mut played = Vec::new();
        if self.setup.then.is_empty() {
            return Ok(played);
        }
        let desk = Desk::new(&self.cloud, &self.setup.project, &self.ledger.snapshot()).await?;
        desk.remembers(records).await?;
        for step in &self.setup.then {
            let before = self.calls();
            let said = step.play(&desk, &self.cloud, &self.setup.project).await?;
            let (picture, entry_pages) = self
                .cloud
                .with_world(|world| (world.picture(), self.entry_pages(world)));
            let app = &self.setup.project.configured.app;
            let ledger = desk.ledger();
            let last = ledger.last_proven(&app.name, &app.environment).await;
            let mut calls = self.calls();
            for (operation, count) in &mut calls {
                *count -= before.get(operation).copied().unwrap_or(0);
            }
            played.push(PlayedThen {
                said: Ok(said),
                calls,
                picture,
                entry_pages,
                recorded: last.ok().flatten().map(|release| release.version),
            });
        }
        Ok(played)
    }

    /// Calls so far, by operation.
    fn calls(&self) -> BTreeMap<String, u64> {
        self.cloud.with_world(|world| world.calls().clone())
    }

    fn entry_pages(&self, world: &World) -> BTreeMap<FrontendName, String> {
        self.setup.entry_pages(world)
    }

    async fn deployed<R: Report>(
        &self,
        journal: &MemoryJournal,
        report: &R,
        kept: &mut Option<Plan>,
        planned_hook: impl FnOnce(&Plan),
    ) -> Result<Option<Outcome>, Failure> {
        let id = DeploymentId::parse("d-rehearsal").map_err(Failure::defect)?;
        let world = (&self.aws, &self.ledger, &self.clock);
        let versions = Versions::same(self.setup.version.clone());
        let asked = Asked::rehearsed(&self.setup.project, &versions);
        let Prepared { plan, caller } = planned(asked, id, world).await?;
        planned_hook(&plan);
        let plan = kept.insert(plan);
        if plan.is_empty() {
            return Ok(None);
        }
        let began = self.clock.now();
        let interrupts = Interruption {
            clock: &self.clock,
            at: self
                .setup
                .interrupt
                .and_then(|after| began.checked_add(after).ok()),
        };
        let ports = Ports {
            cloud: &self.aws,
            journal,
            ledger: &self.ledger,
            clock: &self.clock,
            report,
            interrupts: &interrupts,
        };
        let begun = Begun {
            by: Some(caller),
            ..Begun::default()
        };
        Ok(Some(engine::deploy(&ports, plan, begun).await?))
    }
}
