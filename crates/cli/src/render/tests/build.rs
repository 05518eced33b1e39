//! A small app: a migration, three services in two waves, a check and a frontend.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::time::Duration;

use backstay_domain::app::{
    Capacity, Check, Compatibility, Frontend, Policy, ServiceLocator, TaskNetwork, WayDown,
};
use backstay_domain::definition::Definition;
use backstay_domain::journal::{Event, Record};
use backstay_domain::plan::{
    Before, Change, Direction, Forget, FrontendChange, FrontendPlan, MigrationChange,
    MigrationPlan, Plan, SchemaRisk, ServiceBefore, ServicePlan, ServiceTarget, WayBack,
};
use backstay_domain::ports::Renewal;
use backstay_domain::registered::Revisions;
use backstay_domain::release::{FileKind, Manifest, ManifestFile, Origin, Release, ResolvedImage};
use backstay_domain::survey::{Balanced, Breaker, History, Judges};
use backstay_domain::verdict::{Component, Proof, Witness, WitnessKind};
use backstay_domain::{Digest, ServiceName};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// A plain environment value that nobody may see.
pub(super) const SECRET: &str = "hunter2-top-secret";

pub(super) fn ok<T, E: Debug>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error:?}"),
    }
}

pub(super) fn name(text: &str) -> ServiceName {
    ok(ServiceName::parse(text))
}

pub(super) fn digest(digit: char) -> Digest {
    ok(Digest::parse(format!(
        "sha256:{}",
        digit.to_string().repeat(64)
    )))
}

pub(super) fn image(of: &str, digit: char) -> ResolvedImage {
    let digest = digest(digit);
    ResolvedImage {
        repository: ok(format!("cat-house/{of}").parse()),
        reference: format!("111122223333.dkr.ecr.eu-west-1.amazonaws.com/cat-house/{of}@{digest}"),
        digest,
        platforms: vec!["linux/arm64".to_owned()],
    }
}

fn definition(of: &str, version: &str, digit: char) -> Definition {
    let password = format!("{SECRET}-{version}");
    Definition::new(json!({
        "family": of, "cpu": "256", "memory": "512",
        "containerDefinitions": [{
            "name": "web", "image": image(of, digit).reference,
            "environment": [{"name": "PASSWORD", "value": password}, {"name": "REGION", "value": "eu"}],
            "portMappings": [{"containerPort": 8080}],
            "dockerLabels": {"token": password},
        }],
    }))
}

pub(super) fn service(of: &str, change: Change) -> ServicePlan {
    let document = definition(of, "a1b2c3d", 'a');
    let target = match change {
        Change::Unchanged => document.clone(),
        Change::Update | Change::Start | Change::Retire => definition(of, "2f9c1e7", 'b'),
    };
    ServicePlan {
        locator: ServiceLocator {
            name: name(of),
            cluster: "staging".to_owned(),
            cluster_name: of.to_owned(),
        },
        change,
        target: (change != Change::Retire).then(|| ServiceTarget {
            definition: target,
            image: image(of, 'b'),
            renewal: Renewal::IfChanged,
            desired: (change == Change::Start).then_some(2),
            version: None,
        }),
        before: ServiceBefore {
            definition: ok(format!("arn:aws:ecs:x:1:task-definition/{of}:41").parse()),
            document,
            version: None,
            rollout: ok(format!("arn:aws:ecs:x:1:service-deployment/{of}/old").parse()),
            desired: if change == Change::Start { 0 } else { 2 },
            history: History::Completed,
            breaker: Breaker::RollsBack,
            balanced: Balanced::Yes,
            judges: Judges::default(),
            strategy: backstay_domain::traffic::Strategy::Rolling,
        },
        timeout: Duration::from_mins(15),
        probe: None,
        awaited: backstay_domain::app::Awaited::default(),
    }
}

fn migration() -> MigrationPlan {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    MigrationPlan {
        change: MigrationChange::Run,
        cluster: "staging".to_owned(),
        definition: definition("migrate", "2f9c1e7", 'c'),
        image: image("migrate", 'c'),
        container: "migrate".to_owned(),
        command: words("alembic upgrade head"),
        current_command: Some(words("alembic current")),
        down_command: Some(words("alembic downgrade {{ revision }}")),
        empty_revision: Some("base".to_owned()),
        known_revision: None,
        applies: None,
        undoes: None,
        undeclared: None,
        compatibility: Compatibility::Compatible,
        way_down: WayDown::Lossless,
        timeout: Duration::from_mins(10),
        network: TaskNetwork::default(),
        capacity: Capacity::default(),
        schema_risk: SchemaRisk::default(),
        anchor: None,
        checks: Vec::new(),
        head: None,
    }
}

fn frontend() -> FrontendPlan {
    let file = |kind, size| ManifestFile {
        sha256: "0".repeat(64),
        size,
        content_type: "text/html".to_owned(),
        kind,
        md5: None,
        content_encoding: None,
    };
    FrontendPlan {
        frontend: Frontend {
            directory: "dist".to_owned(),
            bucket: "cat-house-web".to_owned(),
            prefix: String::new(),
            distribution: Some("E2EXAMPLE".to_owned()),
            url: Some("https://cats.example".to_owned()),
            mutable: vec!["index.html".to_owned()],
            region: None,
            media_types: BTreeMap::new(),
        },
        manifest: Manifest::new(BTreeMap::from([
            ("index.html".to_owned(), file(FileKind::Mutable, 1_200)),
            ("app-1f.js".to_owned(), file(FileKind::Immutable, 480_000)),
        ])),
        published: None,
        before: BTreeMap::from([("index.html".to_owned(), "1".repeat(64))]),
        change: FrontendChange::Publish,
        upload: ["app-1f.js".to_owned(), "index.html".to_owned()].into(),
        correct: BTreeMap::new(),
        forget: Some(Forget::of(&["index.html".to_owned()].into())),
        settled: None,
    }
}

/// The plan that all tests begin with.
pub(super) fn plan() -> Plan {
    let check = Check {
        name: "login".to_owned(),
        url: "https://cats.example/login?token=abc".to_owned(),
        status: 200,
        json: None,
        attempts: 3,
        interval: Duration::from_secs(5),
        timeout: Duration::from_secs(5),
    };
    let services = [
        ("auth-service", Change::Update),
        ("catalog-service", Change::Update),
        ("proxy", Change::Unchanged),
    ];
    Plan {
        direction: Direction::Forward,
        deployment: ok("d-7f3a".parse()),
        release: Release {
            id: ok("r-0123456789ab".parse()),
            app: ok("cat-house".parse()),
            environment: ok("staging".parse()),
            version: ok("2f9c1e7".parse()),
            services: BTreeMap::new(),
            migration: None,
            frontends: BTreeMap::new(),
            jobs: BTreeMap::new(),
            checks: vec![],
            commit: None,
            origin: Origin::Assembled,
            looked_up: vec![],
            config_fingerprint: String::new(),
        },
        before: Some(Before {
            id: ok("r-ba9876543210".parse()),
            version: ok("a1b2c3d".parse()),
            origin: Origin::Assembled,
        }),
        services: services
            .into_iter()
            .map(|(of, change)| (name(of), service(of, change)))
            .collect(),
        revisions: Revisions::default(),
        startable: BTreeSet::new(),
        waves: vec![
            vec![name("auth-service"), name("proxy")],
            vec![name("catalog-service")],
        ],
        migration: Some(migration()),
        frontends: backstay_domain::frontends::alone(frontend()),
        jobs: BTreeMap::new(),
        checks: vec![check],
        policy: Policy::default(),
        way_back: WayBack::Whole,
        steps: vec![],
        warnings: Vec::new(),
    }
}

/// A proof that holds; what its witnesses say names a handle that differs from run to run.
pub(super) fn proof(component: Component, kinds: &[WitnessKind]) -> Proof {
    let witnesses = kinds
        .iter()
        .map(|kind| Witness::confirms(*kind, "handle-that-varies"))
        .collect();
    Proof {
        component,
        witnesses,
    }
}

pub(super) fn service_proof(of: &str) -> Proof {
    use WitnessKind::{Probe, Rollout, Targets, Tasks};
    let component = Component::Service(name(of));
    proof(component, &[Rollout, Tasks, Targets, Probe])
}

/// Every component of [`plan`].
pub(super) fn proofs() -> Vec<Proof> {
    vec![
        proof(Component::Migration, &[WitnessKind::ExitCode]),
        service_proof("auth-service"),
        service_proof("catalog-service"),
        service_proof("proxy"),
        proof(
            Component::Frontend(Default::default()),
            &[WitnessKind::Edge],
        ),
    ]
}

/// Records at these seconds.
pub(super) fn records(events: Vec<(i64, Event)>) -> Vec<Record> {
    (0..)
        .zip(events)
        .map(|(sequence, (second, event))| Record {
            sequence,
            at: Timestamp::UNIX_EPOCH + SignedDuration::from_millis(second * 1000 + 300),
            deployment: ok("d-7f3a".parse()),
            event,
        })
        .collect()
}
