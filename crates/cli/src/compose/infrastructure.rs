//! What Terraform would have made for an app, and the release that is live on it: the simulated cloud's blueprint.

use std::collections::{BTreeMap, BTreeSet};

use backstay_config::{Configured, SimulatedSchema, SimulatedService};
use backstay_domain::anchor::{AnchorOf, Database};
use backstay_domain::app::Migration;
use backstay_domain::definition::container_documents;
use backstay_domain::ledger::{Entry, Runs};
use backstay_domain::release::Release;
use backstay_domain::{DefinitionRef, Version};
use backstay_simulator::{
    Blueprint, ClusterState, DatabaseBlueprint, LoadBalancerBlueprint, MigrationTool,
    NetworkLoadBalancerBlueprint, RuleBlueprint, ServiceBlueprint, ServiceHistory, World,
};
use serde_json::Value;

use super::balancing::{balanced, hosts_of, hosts_of_rules, wired};
use super::behaviour::{app, traffic};
use super::frontend::{Builds, buckets, builds_on_disk, distributions};
use super::images::{images, repositories};
use super::project::Project;
use super::schedules::schedules;
use crate::failure::Failure;

/// The account of an environment that names none.
pub const ACCOUNT: &str = "000000000000";

/// The tag of the image with which Terraform makes a service.
const BOOTSTRAP: &str = "bootstrap";

/// What is live before the play starts.
#[derive(Clone, Copy, Debug)]
pub struct Live<'a> {
    /// The project it was deployed from.
    pub project: &'a Project,
    /// Its version.
    pub version: &'a Version,
}

/// A blueprint, and the release that is live on it.
#[derive(Clone, Debug)]
pub struct Infrastructure {
    /// For the simulator.
    pub blueprint: Blueprint,
    /// For the ledger. Nothing when nothing was ever deployed.
    pub live: Option<Release>,
}

/// The infrastructure for `project`, with `live` running on it. Only when `deployed` is that very version is its frontend the
/// build on disk; an earlier version had other pointers.
///
/// # Errors
/// When the frontend build cannot be read, or the app cannot be put on a simulated cloud.
pub fn infrastructure(
    project: &Project,
    live: Option<Live<'_>>,
    deployed: Option<&Version>,
) -> Result<Infrastructure, Failure> {
    let configured = &project.configured;
    let (objects, release) = match live {
        Some(live) => {
            let builds = match deployed == Some(live.version) {
                true => builds_on_disk(live.project, "")?,
                false => builds_on_disk(live.project, &format!("<!-- {} -->\n", live.version))?,
            };
            let Builds { manifests, objects } = builds;
            let images = images(&live.project.configured, live.version);
            let release = Release::assemble(
                &live.project.configured.app,
                live.version,
                &images,
                manifests,
            )
            .map_err(|missing| Failure::Defect(format!("no image of {missing:?}")))?;
            (objects, Some(release))
        }
        None => (BTreeMap::new(), None),
    };
    // Where nothing was ever deployed, Terraform made the services with a first image and no task.
    let bootstrap = Version::parse(BOOTSTRAP).map_err(Failure::defect)?;
    let present = live.map_or(&bootstrap, |live| live.version);
    let both: Vec<&Configured> = std::iter::once(configured)
        .chain(live.map(|l| &l.project.configured))
        .collect();
    let mut blueprint = Blueprint {
        account: account(configured).to_owned(),
        region: configured.region.clone(),
        cluster: cluster(configured),
        further_clusters: Vec::new(),
        cluster_state: ClusterState::Active,
        repositories: repositories(&both, present),
        target_groups: Vec::new(),
        load_balancers: Vec::new(),
        network_load_balancers: Vec::new(),
        services: Vec::new(),
        task_definitions: Vec::new(),
        buckets: buckets(configured, &both, objects),
        distributions: distributions(configured)?,
        log_groups: log_groups(&both),
        databases: databases(configured),
        db_instances: db_instances(configured),
        schedules: schedules(&both, release.as_ref(), present),
    };
    let own = blueprint.cluster.clone();
    let further = both.iter().flat_map(|configured| clusters(configured));
    let further: BTreeSet<String> = further.filter(|cluster| *cluster != own).collect();
    blueprint.further_clusters = further.into_iter().collect();
    add_services(&mut blueprint, &both, release.as_ref(), present)?;
    Ok(Infrastructure {
        blueprint,
        live: release,
    })
}

/// What the ledger says of a release that was deployed long ago: its services run what `world` has of them, and so do its jobs.
#[must_use]
pub fn recorded(release: Release, world: &World) -> Entry {
    let pictures = world.picture().services;
    let services = release.services.iter();
    let runs = services.filter_map(|(name, service)| {
        let picture = pictures.get(&service.locator.cluster_name)?;
        let runs = Runs {
            definition: DefinitionRef::parse(picture.task_definition_arn.as_str()).ok()?,
            version: Some(release.version_of(name).clone()),
        };
        Some((name.clone(), runs))
    });
    Entry {
        jobs: super::schedules::starts(&release, world),
        runs: runs.collect(),
        ..Entry::bare(release.clone())
    }
}

/// The account of an environment.
#[must_use]
pub fn account(configured: &Configured) -> &str {
    configured.account.as_deref().unwrap_or(ACCOUNT)
}

/// The cluster that most services are on.
fn cluster(configured: &Configured) -> String {
    let all: Vec<String> = clusters(configured).collect();
    let services = |name: &String| all.iter().filter(|one| *one == name).count();
    let mut most = None;
    for name in &all {
        if most.is_none_or(|known| services(name) > services(known)) {
            most = Some(name);
        }
    }
    most.cloned().unwrap_or_default()
}

/// The cluster of each service and of the migration.
fn clusters(configured: &Configured) -> impl Iterator<Item = String> {
    let services = configured.app.services.values();
    let services = services.map(|service| service.locator.cluster.clone());
    let migration = configured.app.migration.iter();
    let jobs = configured.app.jobs.values().map(|job| job.cluster.clone());
    services
        .chain(migration.map(|migration| migration.cluster.clone()))
        .chain(jobs)
}

/// Services of either app, each with its target group and listener rule, live ones with their tasks.
fn add_services(
    blueprint: &mut Blueprint,
    both: &[&Configured],
    live: Option<&Release>,
    present: &Version,
) -> Result<(), Failure> {
    let mut rules = Vec::new();
    let mut hosts = BTreeSet::new();
    let mut wires = Vec::new();
    let mut done = BTreeSet::new();
    for configured in both {
        hosts.extend(hosts_of(configured)?);
        let by_host = hosts_of_rules(configured)?;
        for (name, service) in &configured.app.services {
            if !done.insert(name.clone()) {
                continue;
            }
            let fallback = SimulatedService::default();
            let wanted = configured
                .simulation
                .services
                .get(name)
                .unwrap_or(&fallback);
            let running = live.and_then(|release| release.services.get(name));
            let document = match running {
                Some(running) => running.definition.document.clone(),
                None => {
                    let images = images(configured, present);
                    let image = images
                        .by_repository
                        .get(&service.image)
                        .map_or("", |image| image.reference.as_str());
                    service.definition.render(present, image).document
                }
            };
            let own = by_host.get(name).cloned().unwrap_or_default();
            let cluster_name = service.locator.cluster_name.as_str();
            let made = balanced(name, cluster_name, &document, (wanted, &own));
            // A pattern is the rule's; what reaches the load balancer are names.
            let named = made.rules.iter().flat_map(|rule| &rule.hosts);
            hosts.extend(named.filter(|host| !host.contains(['*', '?'])).cloned());
            rules.extend(made.rules);
            blueprint.target_groups.extend(made.groups);
            wires.extend(made.listeners);
            let mut attached = made.attached.into_iter();
            let desired_count = if running.is_some() {
                service.desired_count.unwrap_or(1)
            } else {
                0
            };
            blueprint.services.push(ServiceBlueprint {
                cluster: Some(service.locator.cluster.clone()),
                target_group: attached.next(),
                further_target_groups: attached.collect(),
                traffic: wanted
                    .strategy
                    .as_ref()
                    .map(|wanted| traffic(wanted, made.alternate)),
                ..service_blueprint(
                    &service.locator.cluster_name,
                    document,
                    desired_count,
                    wanted,
                )
            });
        }
        rules.extend(
            configured
                .simulation
                .fixed_responses
                .iter()
                .map(|fixed| RuleBlueprint {
                    path: fixed.path.clone(),
                    hosts: Vec::new(),
                    target_group: None,
                    alternate: None,
                    fixed_status: Some(fixed.status),
                }),
        );
    }
    if !wires.is_empty() {
        let wired: BTreeSet<String> = both.iter().flat_map(|one| wired(one)).collect();
        let balancer = NetworkLoadBalancerBlueprint {
            name: format!("{}-nlb", blueprint.cluster),
            hosts: wired.into_iter().collect(),
            listeners: wires,
        };
        blueprint.network_load_balancers.push(balancer);
    }
    // The listener asks the most particular rule first.
    rules.sort_by_key(|rule| std::cmp::Reverse((rule.path.len(), !rule.hosts.is_empty())));
    rules.dedup();
    if !rules.is_empty() {
        let name = format!("{}-alb", blueprint.cluster);
        blueprint.load_balancers.push(LoadBalancerBlueprint {
            name,
            hosts: hosts.into_iter().collect(),
            rules,
        });
    }
    Ok(())
}

fn service_blueprint(
    name: &str,
    task_definition: Value,
    desired_count: u32,
    wanted: &SimulatedService,
) -> ServiceBlueprint {
    ServiceBlueprint {
        name: name.to_owned(),
        cluster: None,
        task_definition,
        desired_count,
        minimum_healthy_percent: wanted.minimum_healthy_percent,
        maximum_percent: wanted.maximum_percent,
        circuit_breaker: wanted.circuit_breaker,
        circuit_breaker_rollback: wanted.circuit_breaker_rollback,
        health_check_grace_period_seconds: wanted.health_check_grace_period.as_secs(),
        target_group: None,
        further_target_groups: Vec::new(),
        history: ServiceHistory::Steady,
        app: app(wanted),
        capacity_provider: wanted.capacity_provider.clone(),
        traffic: None,
    }
}

fn log_groups(both: &[&Configured]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for configured in both {
        let templates = configured
            .app
            .services
            .values()
            .map(|service| &service.definition.0);
        for document in templates.chain(
            configured
                .app
                .migration
                .iter()
                .map(|migration| &migration.definition.0),
        ) {
            for container in container_documents(document) {
                let group = container
                    .pointer("/logConfiguration/options/awslogs-group")
                    .and_then(Value::as_str);
                found.extend(group.map(str::to_owned));
            }
        }
    }
    found.into_iter().collect()
}

fn databases(configured: &Configured) -> Vec<DatabaseBlueprint> {
    let (Some(migration), Some(schema)) =
        (&configured.app.migration, &configured.simulation.schema)
    else {
        return Vec::new();
    };
    let family = migration
        .definition
        .0
        .get("family")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    vec![DatabaseBlueprint {
        migration_family: family,
        revision: schema.before.clone(),
        tool: tool(migration, schema),
    }]
}

/// The DB instance that the anchor is of. Clusters, and whatever is not AWS's, a simulated cloud does not have.
fn db_instances(configured: &Configured) -> Vec<String> {
    let migration = configured.app.migration.as_ref();
    let anchor = migration.and_then(|migration| migration.anchor.as_ref());
    match anchor.map(|anchor| &anchor.of) {
        Some(
            AnchorOf::Snapshot {
                database: Database::Instance(id),
            }
            | AnchorOf::PointInTime {
                database: Database::Instance(id),
            },
        ) => vec![id.clone()],
        Some(
            AnchorOf::Snapshot { .. }
            | AnchorOf::PointInTime { .. }
            | AnchorOf::Branch { .. }
            | AnchorOf::Command { .. },
        )
        | None => Vec::new(),
    }
}

/// The tool whose commands the app has; nothing for Alembic, which the simulated cloud knows.
fn tool(migration: &Migration, schema: &SimulatedSchema) -> Option<MigrationTool> {
    let commands = [
        Some(&migration.command),
        migration.current_command.as_ref(),
        migration.down_command.as_ref(),
    ];
    let words = || commands.iter().flatten().flat_map(|command| command.iter());
    let is_alembic = words().any(|word| word.contains("alembic"));
    (!is_alembic && words().next().is_some()).then(|| MigrationTool {
        up: migration.command.clone(),
        current: migration.current_command.clone(),
        down: migration.down_command.clone(),
        empty: migration.empty_revision.clone(),
        prints: schema.prints.clone(),
    })
}
