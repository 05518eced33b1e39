//! A small application and the environment it lives in.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use crate::app::{
    App, Capacity, Check, Compatibility, Frontend, Migration, Policy, Service, ServiceLocator,
    TaskNetwork, WayDown,
};
use crate::definition::{DefinitionTemplate, sha256_hex};
use crate::ledger::Entry;
use crate::plan::{FrontendPlan, Plan, Refusals, SchemaRisk, plan};
use crate::release::{FileKind, Images, Manifest, ManifestFile, Release, ResolvedImage};
use crate::scheduled::{ByHand, JobRelease, LiveJob, ScheduledJob, Started, Trigger, TriggerState};
use crate::schema::SchemaRecord;
use crate::survey::{
    Activity, Balanced, Bounds, Breaker, DefinitionState, History, LiveService, PublishedFiles,
    ServiceCondition, Survey,
};
use crate::{
    AppName, DefinitionRef, DeploymentId, Digest, EnvironmentName, FrontendName, JobName,
    Repository, RolloutHandle, ServiceName, Version,
};

/// Wave 0 is `auth`; `catalog` and `proxy` depend on it.
pub(super) const SERVICES: [&str; 3] = ["auth", "catalog", "proxy"];

pub(super) fn name(text: &str) -> ServiceName {
    ServiceName::parse(text).unwrap()
}

pub(super) fn definition_ref(text: &str) -> DefinitionRef {
    DefinitionRef::parse(text).unwrap()
}

pub(super) fn rollout(text: &str) -> RolloutHandle {
    RolloutHandle::parse(text).unwrap()
}

pub(super) fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

pub(super) fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

pub(super) fn digest(of: &str) -> Digest {
    Digest::parse(format!("sha256:{}", sha256_hex(of.as_bytes()))).unwrap()
}

fn template(of: &str) -> DefinitionTemplate {
    DefinitionTemplate(
        json!({"family": of, "containerDefinitions": [{"name": "web", "image": "{{ image }}",
        "environment": [{"name": "VERSION", "value": "{{ version }}"}]}]}),
    )
}

fn service(text: &str) -> Service {
    let depends_on: BTreeSet<ServiceName> = match text {
        "auth" => BTreeSet::new(),
        _ => [name("auth")].into(),
    };
    Service {
        locator: ServiceLocator {
            name: name(text),
            cluster: "main".to_owned(),
            cluster_name: text.to_owned(),
        },
        definition: template(text),
        image: Repository::parse(format!("shop/{text}")).unwrap(),
        depends_on,
        drained: BTreeSet::new(),
        desired_count: Some(2),
        timeout: Duration::from_secs(600),
        probe: None,
    }
}

pub(super) fn check(text: &str) -> Check {
    Check {
        name: text.to_owned(),
        url: format!("https://shop.test/{text}"),
        status: 200,
        json: None,
        attempts: 3,
        interval: Duration::from_secs(10),
        timeout: Duration::from_secs(5),
    }
}

/// Three services, nothing else.
pub(super) fn app() -> App {
    App {
        name: AppName::parse("shop").unwrap(),
        environment: EnvironmentName::parse("staging").unwrap(),
        services: SERVICES.map(|text| (name(text), service(text))).into(),
        migration: None,
        frontends: BTreeMap::new(),
        jobs: BTreeMap::new(),
        checks: vec![],
        policy: Policy::default(),
        config_fingerprint: "c0".to_owned(),
        looked_up: Vec::new(),
    }
}

pub(super) fn migration(compatibility: Compatibility, way_down: WayDown) -> Migration {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    Migration {
        cluster: "main".to_owned(),
        definition: template("migration"),
        image: Repository::parse("shop/migration").unwrap(),
        container: "web".to_owned(),
        command: words("alembic upgrade head"),
        current_command: Some(words("alembic current")),
        down_command: Some(
            ["alembic", "downgrade", "{{ revision }}"]
                .map(str::to_owned)
                .to_vec(),
        ),
        empty_revision: Some("base".to_owned()),
        compatibility,
        way_down,
        timeout: Duration::from_secs(300),
        network: TaskNetwork::default(),
        capacity: Capacity::default(),
        anchor: None,
        checks: vec![],
    }
}

pub(super) fn frontend() -> Frontend {
    Frontend {
        directory: "dist".to_owned(),
        bucket: "site".to_owned(),
        prefix: String::new(),
        distribution: Some("E1".to_owned()),
        url: Some("https://shop.test".to_owned()),
        mutable: vec!["index.html".to_owned()],
        region: None,
        media_types: BTreeMap::new(),
    }
}

/// One of everything.
pub(super) fn whole_app() -> App {
    App {
        migration: Some(migration(Compatibility::Compatible, WayDown::Lossless)),
        frontends: crate::frontends::alone(frontend()),
        checks: vec![check("login"), check("list")],
        ..app()
    }
}

pub(super) fn manifest(of: &Version) -> Manifest {
    let file = |path: &str, content: String, kind| {
        let file = ManifestFile {
            sha256: sha256_hex(content.as_bytes()),
            size: 1,
            content_type: "text/html".to_owned(),
            kind,
            md5: None,
            content_encoding: None,
        };
        (path.to_owned(), file)
    };
    Manifest::new(
        [
            file("index.html", format!("index {of}"), FileKind::Mutable),
            file(
                &format!("app-{of}.js"),
                format!("app {of}"),
                FileKind::Immutable,
            ),
        ]
        .into(),
    )
}

pub(super) fn images(app: &App, version: &Version) -> Images {
    let services = app.services.values().map(|service| &service.image);
    let jobs = app.jobs.values().map(|job| &job.image);
    let all = services.chain(app.migration.as_ref().map(|m| &m.image));
    let all = all.chain(jobs);
    let by_repository: BTreeMap<Repository, ResolvedImage> = all
        .map(|repository| {
            let digest = digest(&format!("{repository}:{version}"));
            let image = ResolvedImage {
                repository: repository.clone(),
                reference: format!("registry/{repository}@{digest}"),
                digest,
                platforms: vec!["linux/amd64".to_owned()],
            };
            (repository.clone(), image)
        })
        .collect();
    Images {
        by_repository,
        versions: BTreeMap::new(),
        pins: BTreeMap::new(),
    }
}

pub(super) fn release(app: &App, text: &str) -> Release {
    let version = version(text);
    let frontends = app.frontends.keys();
    let frontends = frontends.map(|name| (name.clone(), manifest(&version)));
    let images = images(app, &version);
    Release::assemble(app, &version, &images, frontends.collect()).unwrap()
}

/// `old` is live and recorded everywhere.
pub(super) fn survey(app: &App) -> Survey {
    let old = release(app, "old");
    let services = old
        .services
        .iter()
        .map(|(name, service)| {
            let live = LiveService {
                condition: ServiceCondition::Active,
                definition_state: DefinitionState::Active,
                definition: definition_ref(&format!("{name}:1")),
                document: service.definition.clone(),
                rollout: rollout(&format!("{name}-1")),
                completed: None,
                activity: Activity::Settled,
                history: History::Completed,
                desired: 2,
                running: 2,
                bounds: Bounds {
                    minimum_healthy_percent: 100,
                    maximum_percent: 200,
                },
                breaker: Breaker::RollsBack,
                balanced: Balanced::Yes,
                judges: crate::survey::Judges::default(),
                strategy: crate::traffic::Strategy::Rolling,
            };
            (name.clone(), live)
        })
        .collect();
    let published = old.frontends.iter().map(|(name, manifest)| {
        let pointers = manifest.of_kind(FileKind::Mutable);
        let published = PublishedFiles {
            live: pointers
                .map(|(path, file)| (path.clone(), file.sha256.clone()))
                .collect(),
            absent: ["app-new.js".to_owned(), "index.html".to_owned()].into(),
            ..PublishedFiles::default()
        };
        (name.clone(), published)
    });
    Survey {
        ours: BTreeSet::new(),
        ancestry: crate::survey::Ancestry::Unknown,
        at: start(),
        services,
        published: published.collect(),
        schema: SchemaRecord::of_ledger(&[Entry::bare(old.clone())]),
        schema_ancestry: crate::survey::Ancestry::Unknown,
        schema_risk: SchemaRisk::Refused,
        migrating: vec![],
        jobs: live_jobs(&old),
        jobs_unseen: BTreeMap::new(),
        applies: None,
        head: None,
        unreadable: None,
        answers: old
            .services
            .keys()
            .map(|name| (name.clone(), old.version.clone()))
            .collect(),
        registered: crate::registered::Registered::default(),
        startable: BTreeSet::new(),
        recorded: Some(old),
        expired: BTreeMap::new(),
        unasked: std::collections::BTreeSet::new(),
        kept: Vec::new(),
        expiring: std::collections::BTreeSet::new(),
    }
}

impl Survey {
    /// What is published of the one frontend.
    pub(super) fn of_the_frontend(&mut self) -> &mut PublishedFiles {
        self.published.entry(FrontendName::default()).or_default()
    }
}

impl Plan {
    /// What happens to the one frontend.
    pub(super) fn of_the_frontend(self) -> FrontendPlan {
        self.frontends.into_values().next().unwrap()
    }

    /// That, to be changed.
    pub(super) fn the_frontend(&mut self) -> &mut FrontendPlan {
        self.frontends.values_mut().next().unwrap()
    }
}

impl Release {
    /// The files of the one frontend.
    pub(super) fn the_frontend(&mut self) -> &mut Manifest {
        self.frontends.values_mut().next().unwrap()
    }
}

/// `NAME:1` is what every trigger starts.
fn live_jobs(old: &Release) -> BTreeMap<JobName, LiveJob> {
    let jobs = old.jobs.iter().filter(|(_, job)| job.trigger.is_some());
    let live = |(name, job): (&JobName, &JobRelease)| {
        let live = LiveJob {
            starts: starts(&format!("{name}:1")),
            means: Some(definition_ref(&format!("{name}:1"))),
            document: Some(job.definition.clone()),
            running: vec![],
        };
        (name.clone(), live)
    };
    jobs.map(live).collect()
}

pub(super) fn starts(definition: &str) -> Started {
    Started {
        definition: definition_ref(definition),
        state: TriggerState::Enabled,
    }
}

pub(super) fn job_name(text: &str) -> JobName {
    JobName::parse(text).unwrap()
}

/// A job that a rule of its name starts; without one where it is called `by-hand`.
pub(super) fn job(text: &str) -> ScheduledJob {
    ScheduledJob {
        cluster: "main".to_owned(),
        definition: template(text),
        image: Repository::parse(format!("shop/{text}")).unwrap(),
        trigger: (text != "by-hand").then(|| Trigger::Rule {
            bus: "default".to_owned(),
            rule: text.to_owned(),
            target: None,
        }),
        by_hand: ByHand {
            container: "web".to_owned(),
            command: vec![],
            timeout: Duration::from_secs(600),
            network: TaskNetwork::default(),
            capacity: Capacity::default(),
        },
    }
}

/// Plans `new` over what the survey says.
pub(super) fn try_plan(app: &App, survey: &Survey) -> Result<Plan, Refusals> {
    let deployment = DeploymentId::parse("d-test").unwrap();
    plan(deployment, app, release(app, "new"), survey)
}

/// The plan of `new` over a steady `old`.
pub(super) fn plan_of(app: &App) -> Plan {
    try_plan(app, &survey(app)).unwrap()
}

/// The plan after a change to the live service `of`.
pub(super) fn plan_with(app: &App, of: &str, change: impl Fn(&mut LiveService)) -> Plan {
    let mut survey = survey(app);
    change(survey.services.get_mut(&name(of)).unwrap());
    try_plan(app, &survey).unwrap()
}
