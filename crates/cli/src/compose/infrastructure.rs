//! What Terraform would have made for an app, and the release that is live on it: the simulated cloud's blueprint.

use std::collections::{BTreeMap, BTreeSet};

use backstay_adapters::files;
use backstay_config::{Configured, SimulatedService, StateLocation};
use backstay_domain::definition::{container_documents, sha256_hex};
use backstay_domain::release::{FileKind, Images, Manifest, ManifestFile, Release, ResolvedImage};
use backstay_domain::{Digest, Repository, ServiceName, Version};
use backstay_simulator::{
    Blueprint, BucketBlueprint, ClusterState, DatabaseBlueprint, DistributionBlueprint,
    ImageBlueprint, LoadBalancerBlueprint, ObjectBlueprint, RepositoryBlueprint, RuleBlueprint,
    ServiceBlueprint, ServiceHistory, ServiceTargetGroup, TargetGroupBlueprint, image_digest,
};
use serde_json::Value;
use url::Url;

use super::project::Project;
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
            let build = match deployed == Some(live.version) {
                true => build_on_disk(live.project, "")?,
                false => build_on_disk(live.project, &format!("<!-- {} -->\n", live.version))?,
            };
            let manifest = build.as_ref().map(|(manifest, _)| manifest.clone());
            let images = images(&live.project.configured, live.version);
            let release = Release::assemble(
                &live.project.configured.app,
                live.version,
                &images,
                manifest,
            )
            .map_err(|missing| Failure::Simulated(format!("no image of {missing:?}")))?;
            (
                build.map(|(_, objects)| objects).unwrap_or_default(),
                Some(release),
            )
        }
        None => (Vec::new(), None),
    };
    // Where nothing was ever deployed, Terraform made the services with a first image and no task.
    let bootstrap =
        Version::parse(BOOTSTRAP).map_err(|error| Failure::Simulated(error.to_string()))?;
    let present = live.map_or(&bootstrap, |live| live.version);
    let both: Vec<&Configured> = std::iter::once(configured)
        .chain(live.map(|l| &l.project.configured))
        .collect();
    let mut blueprint = Blueprint {
        account: account(configured).to_owned(),
        region: configured.region.clone(),
        cluster: cluster(configured),
        cluster_state: ClusterState::Active,
        repositories: repositories(&both, present),
        target_groups: Vec::new(),
        load_balancers: Vec::new(),
        services: Vec::new(),
        task_definitions: Vec::new(),
        buckets: buckets(configured, objects),
        distributions: distributions(configured)?,
        log_groups: log_groups(&both),
        databases: databases(configured),
    };
    add_services(&mut blueprint, &both, release.as_ref(), present)?;
    Ok(Infrastructure {
        blueprint,
        live: release,
    })
}

/// The account of an environment.
#[must_use]
pub fn account(configured: &Configured) -> &str {
    configured.account.as_deref().unwrap_or(ACCOUNT)
}

/// The images that a version needs, by repository, as a build pipeline pushes them.
#[must_use]
pub fn pushed_images(
    configured: &Configured,
    version: &Version,
) -> Vec<(Repository, ImageBlueprint)> {
    let schema_head = configured
        .simulation
        .schema
        .as_ref()
        .map(|schema| schema.after.clone());
    let image = || ImageBlueprint {
        tags: vec![version.to_string()],
        platforms: vec!["linux/amd64".to_owned()],
        schema_head: schema_head.clone(),
    };
    names(configured)
        .into_iter()
        .map(|repository| (repository, image()))
        .collect()
}

fn names(configured: &Configured) -> BTreeSet<Repository> {
    let migration = configured
        .app
        .migration
        .iter()
        .map(|migration| migration.image.clone());
    configured
        .app
        .services
        .values()
        .map(|service| service.image.clone())
        .chain(migration)
        .collect()
}

fn images(configured: &Configured, version: &Version) -> Images {
    let resolved = |repository: Repository| {
        let digest =
            Digest::parse(image_digest(repository.as_str(), &[version.to_string()])).ok()?;
        let reference = format!(
            "{}.dkr.ecr.{}.amazonaws.com/{repository}@{digest}",
            account(configured),
            configured.region
        );
        let platforms = vec!["linux/amd64".to_owned()];
        Some((
            repository.clone(),
            ResolvedImage {
                repository,
                digest,
                reference,
                platforms,
            },
        ))
    };
    Images {
        by_repository: names(configured).into_iter().filter_map(resolved).collect(),
    }
}

fn repositories(both: &[&Configured], present: &Version) -> Vec<RepositoryBlueprint> {
    let mut found: BTreeMap<Repository, Vec<ImageBlueprint>> = BTreeMap::new();
    for configured in both {
        for repository in names(configured) {
            found.entry(repository).or_default();
        }
        for (repository, mut image) in pushed_images(configured, present) {
            image.schema_head = configured
                .simulation
                .schema
                .as_ref()
                .map(|schema| schema.before.clone());
            let images = found.entry(repository).or_default();
            if !images.contains(&image) {
                images.push(image);
            }
        }
    }
    found
        .into_iter()
        .map(|(name, images)| RepositoryBlueprint {
            name: name.to_string(),
            images,
        })
        .collect()
}

fn cluster(configured: &Configured) -> String {
    let clusters = configured
        .app
        .services
        .values()
        .map(|service| service.locator.cluster.clone());
    clusters
        .chain(configured.app.migration.iter().map(|m| m.cluster.clone()))
        .next()
        .unwrap_or_default()
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
    let mut done = BTreeSet::new();
    for configured in both {
        hosts.extend(hosts_of(configured)?);
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
            let group = wanted.path.as_ref().map(|path| {
                (
                    path,
                    balanced(
                        name,
                        service.locator.cluster_name.as_str(),
                        &document,
                        wanted,
                    ),
                )
            });
            if let Some((path, Some((group, _)))) = &group {
                rules.push(RuleBlueprint {
                    path: (*path).clone(),
                    target_group: Some(group.name.clone()),
                    fixed_status: None,
                });
                blueprint.target_groups.push(group.clone());
            }
            let service_group = group
                .and_then(|(_, found)| found)
                .map(|(_, attached)| attached);
            let desired_count = if running.is_some() {
                service.desired_count.unwrap_or(1)
            } else {
                0
            };
            blueprint.services.push(service_blueprint(
                &service.locator.cluster_name,
                document,
                desired_count,
                wanted,
                service_group,
            ));
        }
        rules.extend(
            configured
                .simulation
                .fixed_responses
                .iter()
                .map(|fixed| RuleBlueprint {
                    path: fixed.path.clone(),
                    target_group: None,
                    fixed_status: Some(fixed.status),
                }),
        );
    }
    // The listener asks the most particular rule first.
    rules.sort_by_key(|rule| std::cmp::Reverse(rule.path.len()));
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
    target_group: Option<ServiceTargetGroup>,
) -> ServiceBlueprint {
    ServiceBlueprint {
        name: name.to_owned(),
        task_definition,
        desired_count,
        minimum_healthy_percent: wanted.minimum_healthy_percent,
        maximum_percent: wanted.maximum_percent,
        circuit_breaker: wanted.circuit_breaker,
        circuit_breaker_rollback: wanted.circuit_breaker_rollback,
        health_check_grace_period_seconds: wanted.health_check_grace_period.as_secs(),
        target_group,
        history: ServiceHistory::Steady,
    }
}

/// The target group of a service with a port, and how its tasks are registered there.
fn balanced(
    name: &ServiceName,
    cluster_name: &str,
    document: &Value,
    wanted: &SimulatedService,
) -> Option<(TargetGroupBlueprint, ServiceTargetGroup)> {
    let mut containers = container_documents(document);
    let (container, port) = containers.find_map(|container| {
        let port = container
            .pointer("/portMappings/0/containerPort")?
            .as_u64()?;
        Some((container.get("name")?.as_str()?, u16::try_from(port).ok()?))
    })?;
    let group_name: String = cluster_name
        .chars()
        .rev()
        .take(32)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    let group_name = group_name.trim_start_matches('-').to_owned();
    let group = TargetGroupBlueprint {
        name: group_name.clone(),
        port,
        health_check_path: wanted
            .health_check_path
            .clone()
            .unwrap_or_else(|| format!("/{name}/health")),
        health_check_interval_seconds: wanted.health_check_interval.as_secs(),
        health_check_timeout_seconds: 6,
        healthy_threshold: 5,
        unhealthy_threshold: wanted.unhealthy_threshold,
        deregistration_delay_seconds: wanted.deregistration_delay.as_secs(),
    };
    let attached = ServiceTargetGroup {
        name: group_name,
        container_name: container.to_owned(),
        container_port: port,
    };
    Some((group, attached))
}

/// Host names of the load balancer: those of probes and checks.
fn hosts_of(configured: &Configured) -> Result<BTreeSet<String>, Failure> {
    let app = &configured.app;
    let urls = app
        .services
        .values()
        .filter_map(|s| s.probe.as_ref())
        .chain(&app.checks)
        .map(|check| check.url.as_str());
    let frontend = app
        .frontend
        .as_ref()
        .and_then(|f| f.url.as_deref())
        .map(host)
        .transpose()?;
    let mut hosts = urls.map(host).collect::<Result<BTreeSet<_>, _>>()?;
    hosts.retain(|found| Some(found) != frontend.as_ref());
    Ok(hosts)
}

fn host(url: &str) -> Result<String, Failure> {
    let parsed = Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    parsed.ok_or_else(|| Failure::Simulated(format!("`{url}` has no host")))
}

fn buckets(configured: &Configured, objects: Vec<ObjectBlueprint>) -> Vec<BucketBlueprint> {
    let frontend = configured.app.frontend.iter().map(|f| BucketBlueprint {
        name: f.bucket.clone(),
        objects: objects.clone(),
    });
    let state = match &configured.state {
        StateLocation::Local(_) => None,
        StateLocation::S3 { bucket, .. } => Some(BucketBlueprint {
            name: bucket.clone(),
            objects: Vec::new(),
        }),
    };
    frontend.chain(state).collect()
}

fn distributions(configured: &Configured) -> Result<Vec<DistributionBlueprint>, Failure> {
    let Some(frontend) = &configured.app.frontend else {
        return Ok(Vec::new());
    };
    let (Some(id), Some(url)) = (&frontend.distribution, &frontend.url) else {
        return Ok(Vec::new());
    };
    Ok(vec![DistributionBlueprint {
        id: id.clone(),
        hosts: vec![host(url)?],
        bucket: frontend.bucket.clone(),
        default_root_object: "index.html".to_owned(),
        not_found_page: Some("/index.html".to_owned()),
    }])
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
    }]
}

/// The frontend build with `mark` at the end of its pages: the same assets, other pointers.
fn build_on_disk(
    project: &Project,
    mark: &str,
) -> Result<Option<(Manifest, Vec<ObjectBlueprint>)>, Failure> {
    let (Some(frontend), Some(manifest)) = (&project.configured.app.frontend, project.manifest()?)
    else {
        return Ok(None);
    };
    let directory = project.directory.join(&frontend.directory);
    let mut listed = BTreeMap::new();
    let mut objects = Vec::new();
    for (path, file) in &manifest.files {
        let mut body = files::read(&directory, path, file)?;
        if file.kind == FileKind::Mutable && path.ends_with(".html") {
            body.extend_from_slice(mark.as_bytes());
        }
        let size = body.len() as u64;
        listed.insert(
            path.clone(),
            ManifestFile {
                sha256: sha256_hex(&body),
                size,
                ..file.clone()
            },
        );
        let (key, content_type) = (
            format!("{}{path}", frontend.prefix),
            file.content_type.clone(),
        );
        objects.push(ObjectBlueprint {
            key,
            content_type,
            cache_control: None,
            body,
        });
    }
    Ok(Some((Manifest::new(listed), objects)))
}
