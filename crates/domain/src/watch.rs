//! What has to be looked at before the next decision: nothing more, since every look costs calls.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::anchor::AnchorRequest;
use crate::app::{Check, Frontend, ServiceLocator};
use crate::decide::{
    Back, Phase, anchor_request, asks_who_runs, expected_definition, expected_files,
    frontend_forgotten, frontend_pointed, incomplete, is_to_be_read, job_request, may_serve,
    next_job, open_on_the_way_back, phase, pointers, probe_counts, probe_due,
};
use crate::definition::Definition;
use crate::journal::{Act, Job, Side};
use crate::plan::{Change, Plan, ServicePlan, What};
use crate::ports::{ExpectedFile, Follow, JobRequest};
use crate::progress::{Progress, Standing, after};
use crate::release::Origin;
use crate::scheduled::{self, AskedJob};
use crate::verdict::Component;
use crate::{DefinitionRef, FrontendName, JobName, ServiceName, TaskId, Version};

/// What to look at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watch {
    /// Services, and the rollouts to follow.
    pub follow: Vec<Follow>,
    /// Whose stopped tasks are evidence.
    pub suspects: BTreeMap<ServiceName, Suspect>,
    /// Services whose tasks and targets are witnesses now.
    pub tasks: Vec<ServiceLocator>,
    /// Services on their way, with their probes: witnesses as soon as nobody else's tasks run beside the newest rollout's.
    pub serving: Vec<(ServiceLocator, Option<(Check, Version)>)>,
    /// Probes to send, with the version they must find.
    pub probes: BTreeMap<ServiceName, (Check, Version)>,
    /// Smoke checks to send, with the version they may ask for.
    pub checks: Vec<(Check, Version)>,
    /// The database's anchor, and what it is called where it is made.
    pub anchor: Option<(AnchorRequest, String)>,
    /// A one-off task.
    pub job: Option<(JobRequest, TaskId)>,
    /// The cluster and definition of a migration of which no other task may run.
    pub migrating: Option<(String, Definition)>,
    /// Invalidations, by frontend.
    pub invalidations: BTreeMap<FrontendName, (Frontend, String)>,
    /// The frontends' files.
    pub frontends: BTreeMap<FrontendName, (Frontend, Vec<ExpectedFile>)>,
    /// The frontends' mutable files in their buckets.
    pub pointers: BTreeMap<FrontendName, (Frontend, Vec<String>)>,
    /// Jobs whose triggers are looked at.
    pub schedules: BTreeMap<JobName, AskedJob>,
}

/// A definition whose stopped tasks are evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// Which.
    pub definition: DefinitionRef,
    /// When they are looked for.
    pub asked: Asked,
}

/// When stopped tasks are looked for: each time costs calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// When the cloud gives a sign of trouble.
    InTrouble,
    /// At every look: nothing checks these tasks, so that the cloud gives no sign.
    Always,
}

/// What to look at, given how far the deployment has come.
#[must_use]
pub fn watch(plan: &Plan, progress: &Progress, now: Timestamp) -> Watch {
    let mut watch = Watch::default();
    match phase(plan, progress) {
        Phase::Live => {}
        Phase::Step(what) => watch.step(plan, progress, now, &what),
        Phase::Back(Back::Undone) => {}
        Phase::Back(Back::Halt(_) | Back::Done) => watch.last_look(plan),
        Phase::Back(Back::Frontend) => {
            // Those that are back, or never left, are looked at when everything is proven.
            let away = plan.frontends.iter();
            for (name, _) in away.filter(|of| !frontend_forgotten(progress, *of, Side::Old)) {
                watch.edge(plan, progress, name, Side::Old);
            }
        }
        Phase::Back(Back::Schedules(jobs)) => watch.schedules(plan, &jobs),
        Phase::Back(Back::Schema(job)) => watch.job(plan, progress, now, job),
        Phase::Back(Back::Services(names)) => {
            let names: Vec<&ServiceName> = names.iter().collect();
            watch.backward(plan, progress, &names);
            watch.serving(plan, progress, Side::Old, &names);
        }
        Phase::Back(Back::Prove) => {
            let open = open_on_the_way_back(plan, progress);
            let names: Vec<&ServiceName> = open
                .iter()
                .filter_map(|component| match component {
                    Component::Service(name) => Some(name),
                    Component::Frontend(_) | Component::Migration | Component::Job(_) => None,
                })
                .collect();
            watch.reread(plan, progress, now);
            watch.backward(plan, progress, &names);
            watch.witnesses(plan, progress, now, Side::Old, &names);
            for component in &open {
                if let Component::Frontend(name) = component {
                    watch.edge(plan, progress, name, Side::Old);
                }
            }
        }
    }
    watch
}

impl Watch {
    fn step(&mut self, plan: &Plan, progress: &Progress, now: Timestamp, what: &What) {
        match what {
            What::Register(_) | What::Assets | What::ForgetAnchors => {}
            What::Anchor => {
                let handle = progress.anchor().map(str::to_owned);
                self.anchor = anchor_request(plan, progress).zip(handle);
            }
            What::Migrate => self.job(plan, progress, now, next_job(plan, progress)),
            What::Services(wave) => {
                let members: Vec<&ServiceName> = wave.iter().collect();
                self.forward(plan, progress, &members);
                self.serving(plan, progress, Side::New, &members);
                self.witnesses(plan, progress, now, Side::New, &members);
            }
            What::Checks => {
                self.forward(plan, progress, &[]);
                self.checks = due_checks(plan, progress, now);
            }
            What::Schedules(jobs) => {
                self.forward(plan, progress, &[]);
                self.schedules(plan, jobs);
            }
            What::Frontend => {
                self.forward(plan, progress, &[]);
                for name in plan.frontends.keys() {
                    if !progress.proven(Side::New, &Component::Frontend(name.clone())) {
                        self.edge(plan, progress, name, Side::New);
                    }
                }
            }
            What::Retire(leaving) => {
                let leaving: Vec<&ServiceName> = leaving.iter().collect();
                self.forward(plan, progress, &leaving);
            }
            What::Bake => {
                self.reread(plan, progress, now);
                let all: Vec<&ServiceName> = plan.waves.iter().flatten().collect();
                self.forward(plan, progress, &all);
                let began = progress.bake_began();
                let is_due = |began| now >= after(began, plan.policy.bake);
                if began.is_some_and(is_due) && incomplete(plan, progress).is_empty() {
                    self.witnesses(plan, progress, now, Side::New, &all);
                }
            }
            // Where it cannot be recorded, a human wants to know what runs.
            What::Record => match progress.standing_repeatable(&Act::RecordRelease, now) {
                Standing::GaveUp(_) => self.last_look(plan),
                Standing::Ready
                | Standing::Later(..)
                | Standing::InDoubt(_)
                | Standing::Done(..) => {}
            },
        }
    }

    /// Everything that a human will be told.
    fn last_look(&mut self, plan: &Plan) {
        let follow = |service: &ServicePlan| Follow {
            locator: service.locator.clone(),
            rollout: None,
        };
        self.follow = plan.services.values().map(follow).collect();
        let jobs: Vec<JobName> = plan.jobs.keys().cloned().collect();
        self.schedules(plan, &jobs);
        let pages = plan.frontends.iter().map(|(name, frontend)| {
            let both = [Side::New, Side::Old];
            let paths: BTreeSet<String> = both
                .into_iter()
                .flat_map(|side| pointers(frontend, side).into_keys())
                .collect();
            let paths = paths.into_iter().collect();
            (name.clone(), (frontend.frontend.clone(), paths))
        });
        self.pointers = pages.collect();
    }

    fn schedules(&mut self, plan: &Plan, jobs: &[JobName]) {
        let jobs = jobs.iter().filter_map(|name| {
            let asked = scheduled::asked_of_plan(plan.jobs.get(name)?)?;
            Some((name.clone(), asked))
        });
        self.schedules.extend(jobs);
    }

    fn job(&mut self, plan: &Plan, progress: &Progress, now: Timestamp, job: Job) {
        let task = progress.task(job).map(|(task, _)| task.clone());
        let family = plan
            .migration
            .as_ref()
            .filter(|_| asks_who_runs(progress, now, job));
        self.migrating =
            family.map(|migration| (migration.cluster.clone(), migration.definition.clone()));
        self.job = job_request(plan, progress, job).zip(task);
    }

    /// The revision that is read again beside everything else.
    fn reread(&mut self, plan: &Plan, progress: &Progress, now: Timestamp) {
        if is_to_be_read(plan, progress) {
            self.job(plan, progress, now, Job::RevisionAfter);
        }
    }

    /// The services at work now, and those of this deployment that are proven already: they may still fall.
    fn forward(&mut self, plan: &Plan, progress: &Progress, now: &[&ServiceName]) {
        for (name, service) in &plan.services {
            let begun = progress.may_have_done(&Act::RollOut {
                service: name.clone(),
                side: Side::New,
            });
            let at_work = now.contains(&name) && (begun || service.change == Change::Unchanged);
            let begun = progress.serves_since(name, Side::New);
            let begun = begun.or(progress.rollout_ended(name, Side::New));
            if !at_work && begun.is_none() {
                continue;
            }
            let rollout = match progress.rollout_ended(name, Side::New) {
                None if service.change != Change::Retire => {
                    progress.rollout(name, Side::New).map(|(r, _)| r.clone())
                }
                Some(_) | None => None,
            };
            self.follow.push(Follow {
                locator: service.locator.clone(),
                rollout,
            });
            if let Some(definition) = progress.definition(&Component::Service(name.clone())) {
                self.suspect(service, Side::New, definition);
            }
        }
    }

    /// On the way back a service's old tasks are the suspects.
    fn backward(&mut self, plan: &Plan, progress: &Progress, names: &[&ServiceName]) {
        for service in names.iter().filter_map(|name| plan.services.get(*name)) {
            let name = &service.locator.name;
            self.suspect(service, Side::Old, &service.before.definition);
            let old = progress.rollout(name, Side::Old);
            let rollout = old
                .or(progress.rollout(name, Side::New))
                .map(|(rollout, _)| rollout.clone());
            let rollout = rollout.filter(|_| service.change != Change::Retire);
            self.follow.push(Follow {
                locator: service.locator.clone(),
                rollout,
            });
        }
    }

    /// Those that are on their way and do not serve yet.
    fn serving(&mut self, plan: &Plan, progress: &Progress, side: Side, names: &[&ServiceName]) {
        for service in names.iter().filter_map(|name| plan.services.get(*name)) {
            let name = &service.locator.name;
            let goes = progress.rollout(name, side).is_some()
                && progress.rollout_ended(name, side).is_none()
                && progress.serves_since(name, side).is_none();
            if goes && may_serve(service, side) {
                let probe = probe_counts(service, side, plan)
                    .then(|| probe_for(plan, service, side))
                    .flatten();
                self.serving.push((service.locator.clone(), probe));
            }
        }
    }

    fn witnesses(
        &mut self,
        plan: &Plan,
        progress: &Progress,
        now: Timestamp,
        side: Side,
        names: &[&ServiceName],
    ) {
        for service in names.iter().filter_map(|name| plan.services.get(*name)) {
            if !ready(progress, service, side) {
                continue;
            }
            let name = &service.locator.name;
            self.tasks.push(service.locator.clone());
            if service.is_unchecked(side)
                && let Some(definition) = expected_definition(progress, service, side)
            {
                self.suspect(service, side, definition);
            }
            if probe_due(plan, progress, service, side, now)
                && let Some(probe) = probe_for(plan, service, side)
            {
                self.probes.insert(name.clone(), probe);
            }
        }
    }

    /// The stopped tasks of this definition are evidence against one side of a service.
    pub(crate) fn suspect(
        &mut self,
        service: &ServicePlan,
        side: Side,
        definition: &DefinitionRef,
    ) {
        let suspect = Suspect {
            definition: definition.clone(),
            asked: match service.is_unchecked(side) {
                true => Asked::Always,
                false => Asked::InTrouble,
            },
        };
        self.suspects.insert(service.locator.name.clone(), suspect);
    }

    fn edge(&mut self, plan: &Plan, progress: &Progress, name: &FrontendName, side: Side) {
        let Some(frontend) = plan.frontends.get(name) else {
            return;
        };
        let target = frontend.frontend.clone();
        if !frontend_forgotten(progress, (name, frontend), side) {
            if let Some((id, _)) = progress.invalidation(name, side) {
                let asked = (target, id.to_owned());
                self.invalidations.insert(name.clone(), asked);
            }
        } else if frontend_pointed(progress, (name, frontend), side) {
            let asked = (target, expected_files(frontend, side));
            self.frontends.insert(name.clone(), asked);
        }
    }
}

/// Whether a service's tasks can be witnesses: its rollout has ended, or it never had one.
fn ready(progress: &Progress, service: &ServicePlan, side: Side) -> bool {
    let name = &service.locator.name;
    let component = Component::Service(name.clone());
    match side {
        Side::New => {
            // At the end of the watch one look proves everything, or none of it counts.
            let open = progress.bake_began().is_some() || !progress.proven(side, &component);
            open && (service.change == Change::Unchanged
                || progress.rollout_ended(name, side).is_some())
        }
        // On the way back only those are asked for that are open, and have something to prove. One that serves goes on to its end.
        Side::Old => {
            progress.serves_since(name, side).is_none()
                || progress.rollout_ended(name, side).is_some()
        }
    }
}

/// A service's probe and the version that must answer it. Where nobody knows which one that is, as of what ran before
/// Backstay, only its status counts.
pub(crate) fn probe_for(
    plan: &Plan,
    service: &ServicePlan,
    side: Side,
) -> Option<(Check, Version)> {
    let mut probe = service.probe.clone()?;
    let version = match side {
        Side::New if service.change == Change::Unchanged => None,
        Side::New => Some(service.answers(&plan.release)),
        Side::Old => service.before.version.as_ref(),
    };
    let origin = match (side, &plan.before) {
        (Side::Old, Some(before)) => before.origin,
        (Side::New, _) | (Side::Old, None) => plan.release.origin,
    };
    if version.is_none() || origin == Origin::Found {
        probe.json = None;
    }
    Some((probe, version.unwrap_or(&plan.release.version).clone()))
}

fn due_checks(plan: &Plan, progress: &Progress, now: Timestamp) -> Vec<(Check, Version)> {
    plan.checks
        .iter()
        .filter(|check| {
            progress
                .check(&check.name)
                .is_none_or(|state| now >= after(state.at, check.interval))
        })
        .map(|check| (check.clone(), plan.release.version.clone()))
        .collect()
}
