//! The observer: every sentence of an outcome as people read it, held against the world itself. No witness of the engine is
//! asked. A sentence of a kind that is not known here breaks the law as well: whoever adds one says how it is judged.

use std::collections::BTreeSet;

use backstay_cli::render::outcome::outcome_text;
use backstay_domain::journal::Outcome;
use backstay_domain::plan::Plan;
use backstay_simulator::{ServicePicture, image_digest};

use super::claims::{Claim, Rollout, Schema, What, claim};
use super::outside::Outside;
use super::stage::Stage;
use super::surfaces::Surfaces;

/// A world that is looked at, and what is known of it from before.
pub(super) struct Observer<'a> {
    pub(super) stage: &'a Stage,
    pub(super) surfaces: &'a Surfaces,
    pub(super) outside: &'a Outside,
}

/// Where the frontend is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// What is published.
    InTheBucket,
    /// And what visitors get of it.
    ByVisitors,
}

/// Every sentence that the world does not bear out.
pub(super) fn disagreements(
    observer: &Observer<'_>,
    plan: &Plan,
    outcome: &Outcome,
) -> Vec<String> {
    let text = outcome_text(plan, outcome);
    let mut found = Vec::new();
    for line in sentences(&text, outcome) {
        match claim(line, plan) {
            Err(unknown) => found.push(unknown),
            Ok(None) => {}
            Ok(Some(claimed)) => {
                let wrong = observer.judge(&claimed, side(plan, outcome));
                found.extend(wrong.map(|seen| format!("`{}`: {seen}", line.trim_end())));
            }
        }
    }
    found
}

/// The version that a proof without one is of; none where nobody knows it.
fn side<'p>(plan: &'p Plan, outcome: &Outcome) -> Option<&'p str> {
    match outcome {
        Outcome::Live { .. } => Some(plan.release.version.as_str()),
        Outcome::RolledBack { .. } | Outcome::Stuck { .. } => {
            plan.before.as_ref().map(|before| before.version.as_str())
        }
    }
}

/// Lines that say something about the world: not why it turned back, nor what is in the way.
fn sentences<'t>(text: &'t str, outcome: &Outcome) -> Vec<&'t str> {
    let mut lines = text.lines();
    if let Outcome::RolledBack { .. } = outcome {
        // `Turned back: …` and its details, up to the empty line.
        lines.find(|line| line.is_empty());
    }
    lines
        .filter(|line| !line.trim().is_empty() && !line.starts_with("stuck: "))
        .collect()
}

impl Observer<'_> {
    /// What is seen instead of what is claimed.
    fn judge(&self, claim: &Claim, side: Option<&str>) -> Option<String> {
        match claim {
            Claim::All(version) => self.all_on(version.as_deref()),
            Claim::Proven(service) => self.proven(service, side),
            Claim::NothingToProve(service) => self.without_tasks(service),
            Claim::Retired(service) => self.without_tasks(service),
            Claim::Runs {
                service,
                what,
                rollout,
                tasks,
            } => self.newest(service, what, *rollout, *tasks),
            Claim::Frontend(name, version) => {
                self.frontend(name, version.as_deref(), Seen::InTheBucket)
            }
            Claim::Mixed(name) => {
                let mut pages = self.surfaces.entry_pages.keys();
                let there = pages.any(|known| known.as_str() == name);
                (!there).then(|| "nothing is published".to_owned())
            }
            Claim::Starts(job, what) => self.starts(job, what),
            Claim::Schema(schema) => self.schema(*schema),
            Claim::Anchor(name) => {
                let there = &self.outside.snapshots;
                let absent = !there.contains(name);
                absent.then(|| format!("only {there:?} can be restored"))
            }
        }
    }

    fn picture(&self, service: &str) -> Option<&ServicePicture> {
        let cluster_name = self.stage.names.get(service)?;
        self.surfaces.picture.services.get(cluster_name)
    }

    /// The newest rollout runs this, with so many tasks; all tasks do when it is over.
    fn newest(
        &self,
        service: &str,
        what: &What,
        rollout: Rollout,
        (running, desired): (usize, u32),
    ) -> Option<String> {
        let Some(seen) = self.picture(service) else {
            return Some("there is no such service".to_owned());
        };
        if (seen.running, seen.desired) != (running, desired) {
            return Some(format!("{}/{} tasks run", seen.running, seen.desired));
        }
        let is = match what {
            What::Definition(definition) => seen.task_definition == *definition,
            What::Before => {
                let cluster_name = self.stage.names.get(service)?;
                let before = self.stage.old.picture.services.get(cluster_name);
                before.is_some_and(|before| before.task_definition == seen.task_definition)
            }
            What::Version(version) => {
                let digest = self.digest(service, version)?;
                let images = self.outside.images.get(&seen.task_definition);
                images.is_some_and(|images| images.iter().any(|image| image.ends_with(&digest)))
            }
        };
        if !is {
            return Some(format!("it is {seen:?}"));
        }
        match (rollout, what) {
            (Rollout::Completed, What::Version(version)) => self.runs(service, Some(version)),
            (Rollout::Completed, What::Before | What::Definition(_)) | (Rollout::Open, _) => None,
        }
    }

    /// Everything that the environment's apps have is on this version: none is the one before.
    fn all_on(&self, version: Option<&str>) -> Option<String> {
        let setup = &self.stage.setup;
        let is_new = version == Some(setup.version.as_str());
        let project = match (&setup.live, is_new) {
            (Some((live, _)), false) => live,
            _ => &setup.project,
        };
        let services = project.configured.app.services.keys();
        let wrong = services.filter_map(|service| {
            let seen = match (version, &setup.live) {
                (Some(version), _) => self.runs(service.as_str(), Some(version)),
                (None, _) => self.as_before(service.as_str()),
            };
            seen.map(|seen| format!("{service}: {seen}"))
        });
        let mut wrong: Vec<String> = wrong.collect();
        for name in setup.project.configured.app.frontends.keys() {
            wrong.extend(self.frontend(name.as_str(), version, Seen::ByVisitors));
        }
        for name in setup.project.configured.app.jobs.keys() {
            let what = version.map_or(What::Before, |version| What::Version(version.to_owned()));
            wrong.extend(self.starts(name.as_str(), &what));
        }
        (!wrong.is_empty()).then(|| wrong.join("; "))
    }

    /// As many healthy tasks as wanted, all of them of this version, and users are answered by it.
    fn proven(&self, service: &str, version: Option<&str>) -> Option<String> {
        let mut frontends = self.stage.setup.project.configured.app.frontends.keys();
        if frontends.any(|name| name.as_str() == service) {
            return self.frontend(service, version, Seen::ByVisitors);
        }
        let mut jobs = self.stage.setup.project.configured.app.jobs.keys();
        if jobs.any(|name| name.as_str() == service) {
            let what = version.map_or(What::Before, |version| What::Version(version.to_owned()));
            return self.starts(service, &what);
        }
        if service == "migration" {
            return self.schema(match version == Some(self.stage.setup.version.as_str()) {
                true => Schema::New,
                false => Schema::Before,
            });
        }
        let picture = self.picture(service)?;
        let desired = picture.desired as usize;
        if picture.running != desired || picture.healthy != desired || picture.deploying {
            return Some(format!("{picture:?}"));
        }
        let probed = self.outside.versions.get(service);
        if let (Some(answered), Some(version)) = (probed, version)
            && self.is_app(service, version)
            && answered.as_deref() != Some(version)
        {
            return Some(format!("users are answered by {answered:?}"));
        }
        self.runs(service, version)
    }

    /// Whether the app that this version was deployed from has a probe of the service.
    fn is_app(&self, service: &str, version: &str) -> bool {
        let setup = &self.stage.setup;
        let project = match &setup.live {
            Some((live, known)) if known.as_str() == version => live,
            _ => &setup.project,
        };
        let services = &project.configured.app.services;
        let found = services.iter().find(|(name, _)| name.as_str() == service);
        found.is_some_and(|(_, service)| service.probe.is_some())
    }

    /// All running tasks are of this version: none is the one before.
    fn runs(&self, service: &str, version: Option<&str>) -> Option<String> {
        let Some(version) = version else {
            return self.as_before(service);
        };
        let Some(cluster_name) = self.stage.names.get(service) else {
            return Some("nobody knows this service".to_owned());
        };
        let wanted = self.digest(service, version)?;
        let picture = self.picture(service)?;
        let running = self.outside.tasks.iter().filter(|task| {
            task.service.as_ref() == Some(cluster_name)
                && task.status == "RUNNING"
                && !task.told_to_stop
                // What CodeDeploy keeps for the way back, and no request reaches, is none of what the service runs.
                && picture
                    .running_task_definitions
                    .contains(&task.task_definition)
        });
        let other: BTreeSet<&String> = running
            .filter(|task| !task.image_digests.contains(&wanted))
            .map(|task| &task.task_definition)
            .collect();
        if !other.is_empty() {
            return Some(format!("{other:?} run as well"));
        }
        let none = picture.desired > 0 && picture.running == 0;
        none.then(|| format!("no task runs: {picture:?}"))
    }

    fn digest(&self, service: &str, version: &str) -> Option<String> {
        let setup = &self.stage.setup;
        let projects = std::iter::once(&setup.project).chain(setup.live.iter().map(|(p, _)| p));
        let mut services = projects.flat_map(|project| &project.configured.app.services);
        let (_, found) = services.find(|(name, _)| name.as_str() == service)?;
        Some(image_digest(found.image.as_str(), &[version.to_owned()]))
    }

    /// The service runs what it ran before the deployment.
    fn as_before(&self, service: &str) -> Option<String> {
        let cluster_name = self.stage.names.get(service)?;
        let before = self.stage.old.picture.services.get(cluster_name);
        let now = self.surfaces.picture.services.get(cluster_name);
        let same = match (before, now) {
            (Some(before), Some(now)) => {
                now.task_definition == before.task_definition
                    && now.running_task_definitions == before.running_task_definitions
            }
            (before, now) => before.is_none() && now.is_none(),
        };
        (!same).then(|| format!("it was {before:?} and is {now:?}"))
    }

    fn without_tasks(&self, service: &str) -> Option<String> {
        let picture = self.picture(service)?;
        let alive = picture.running + picture.pending;
        (picture.desired > 0 || alive > 0).then(|| format!("{picture:?}"))
    }

    /// The bucket has this version's pages, and visitors get them where that was proven.
    fn frontend(&self, name: &str, version: Option<&str>, by: Seen) -> Option<String> {
        let setup = &self.stage.setup;
        let mut frontends = setup.project.configured.app.frontends.iter();
        let (name, frontend) = frontends.find(|(known, _)| known.as_str() == name)?;
        let old = self.stage.old.entry_pages.get(name);
        let is_new = version == Some(setup.version.as_str());
        let right = |page: Option<&String>| match (is_new, &setup.live) {
            (true, _) => page.is_some_and(|page| !page.contains("<!-- ")),
            (false, _) => page == old,
        };
        let bucket = self.surfaces.entry_pages.get(name);
        let edge = self.outside.start_pages.get(name);
        if !right(bucket) {
            return Some(format!("the bucket has {}", shown(bucket)));
        }
        let there = old.is_some() || is_new;
        let asked = frontend.url.is_some();
        (by == Seen::ByVisitors && there && asked && !right(edge))
            .then(|| format!("visitors get {}", shown(edge)))
    }

    fn schema(&self, claimed: Schema) -> Option<String> {
        let now = &self.surfaces.picture.databases;
        let before = &self.stage.old.picture.databases;
        let schema = self
            .stage
            .setup
            .project
            .configured
            .simulation
            .schema
            .as_ref();
        let is_new = schema.is_some_and(|schema| now.values().all(|now| *now == schema.after));
        let right = match claimed {
            Schema::Before => now == before,
            Schema::New => is_new,
            Schema::Open => true,
        };
        (!right).then(|| format!("the databases are {now:?}, they were {before:?}"))
    }
}

/// The end of a page: where its version is marked.
fn shown(page: Option<&String>) -> String {
    match page {
        None => "no page".to_owned(),
        Some(page) => {
            let at = page.floor_char_boundary(page.len().saturating_sub(40));
            format!("…{:?}", &page[at..])
        }
    }
}
