//! One service.

use std::collections::BTreeMap;
use std::time::Duration;

use backstay_domain::app::{Awaited, Service, ServiceLocator};
use backstay_domain::{Repository, ServiceName};

use super::{Notes, check, definition, environment, registry, service_name};
use crate::files::Files;
use crate::section::At;
use crate::suggest;
use crate::template::Scope;
use crate::written::{self, Dependency, Document};

const DEFAULT_NAME: &str = "{{ app }}-{{ environment }}-{{ service }}";
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// The names that a service's strings may use. Its cluster is the environment's unless it has its own.
pub(super) fn scope(written: &written::Service, scope: &Scope) -> Scope {
    let scope = with_name(written, scope);
    match &written.cluster {
        Some(own) => {
            let cluster = scope.fill(&own.value);
            scope.with("cluster", Some(cluster))
        }
        None => scope,
    }
}

fn with_name(written: &written::Service, scope: &Scope) -> Scope {
    let name = ServiceName::parse(written.name.value.clone()).ok();
    scope.clone().with("service", name.map(String::from))
}

pub(super) fn service(
    written: &written::Service,
    environment: &Scope,
    files: &dyn Files,
    notes: &mut Notes<'_>,
) -> Option<(ServiceName, Service)> {
    let outer = with_name(written, environment);
    let scope = scope(written, environment);
    let name = service_name(&written.name, notes);
    let own_cluster = written
        .cluster
        .as_ref()
        .map(|own| environment::cluster_name(own, "cluster", &outer, notes));
    let default = At {
        value: DEFAULT_NAME.to_owned(),
        span: written.name.span.clone(),
    };
    let cluster_name = environment::cluster_name(
        written.service.as_ref().unwrap_or(&default),
        "service",
        &scope,
        notes,
    );
    let image = written
        .image
        .as_ref()
        .and_then(|image| repository(image, &scope, notes));
    let definition = written.task_definition.as_ref();
    let definition = definition.and_then(|path| {
        definition::definition((path, &written.size), image.as_ref(), &scope, files, notes)
    });
    let probe_name = format!("{} probe", written.name.value);
    let probe = written
        .probe
        .as_ref()
        .map(|probe| check::check(probe, probe_name, &scope, notes));
    let named = |one: &Dependency| ServiceName::parse(one.service.value.clone()).ok();
    let depends_on = written.depends_on.iter().filter_map(named).collect();
    let drained = written.depends_on.iter();
    let drained = drained.filter(|one| one.until == Awaited::Drained);
    let drained = drained.filter_map(named).collect();
    let name = name?;
    let cluster = super::complete(own_cluster)?.unwrap_or_else(|| scope.fill("{{ cluster }}"));
    let locator = ServiceLocator {
        name: name.clone(),
        cluster,
        cluster_name: cluster_name?,
    };
    let service = Service {
        locator,
        definition: definition?.template,
        image: image?,
        depends_on,
        drained,
        desired_count: written.desired_count.as_ref().map(|count| count.value),
        timeout: written
            .timeout
            .as_ref()
            .map_or(DEFAULT_TIMEOUT, |timeout| timeout.value),
        probe: super::complete(probe)?,
    };
    Some((name, service))
}

/// An image's repository. Its tag is the release's version, so it has none here.
pub(super) fn repository(
    image: &At<String>,
    scope: &Scope,
    notes: &mut Notes<'_>,
) -> Option<Repository> {
    let filled = notes.fill(image, scope)?;
    if let Some((message, help)) = registry::trouble(&filled) {
        notes.note(message, &image.span, "cannot be found", &help);
        return None;
    }
    let last = filled.rsplit('/').next().unwrap_or_default();
    if last.contains([':', '@']) {
        let message = format!("`{filled}` names an image, not its repository");
        notes.note(
            message,
            &image.span,
            "has a tag or digest",
            "leave it out: the tag is the release's version",
        );
        return None;
    }
    notes.name(image, scope, Repository::parse)
}

/// Two services that the cluster calls the same would undo each other.
pub(super) fn are_distinct(
    document: &Document,
    services: &BTreeMap<ServiceName, Service>,
    notes: &mut Notes<'_>,
) {
    let mut seen: BTreeMap<(&str, &str), &ServiceName> = BTreeMap::new();
    for (name, service) in services {
        let locator = (
            service.locator.cluster.as_str(),
            service.locator.cluster_name.as_str(),
        );
        let Some(other) = seen.insert(locator, name) else {
            continue;
        };
        let written = document
            .services
            .iter()
            .find(|written| written.name.value == name.as_str());
        let Some(written) = written else { continue };
        let span = written
            .service
            .as_ref()
            .map_or(&written.name.span, |service| &service.span);
        let both = suggest::list(&[other.as_str(), name.as_str()]).replace(", ", " and ");
        notes.note(
            format!("{both} are the same service `{}` on the cluster", locator.1),
            span,
            "the same service",
            "",
        );
    }
}
