//! The order that `depends_on` asks for exists.

use std::collections::BTreeSet;

use super::Notes;
use crate::problem::Problem;
use crate::written::{Document, Service};

/// More services than anyone deploys as one release.
const MOST_SERVICES: usize = 200;

/// Notes every circle of services that depend on each other, once.
pub(super) fn circles(document: &Document, notes: &mut Notes<'_>) {
    if document.services.len() > MOST_SERVICES {
        let message = format!("there are more than {MOST_SERVICES} services");
        return notes.problems.push(Problem::of(notes.source, message));
    }
    let mut finished = BTreeSet::new();
    for service in &document.services {
        follow(document, service, &mut Vec::new(), &mut finished, notes);
    }
}

fn follow<'d>(
    document: &'d Document,
    service: &'d Service,
    path: &mut Vec<&'d str>,
    finished: &mut BTreeSet<&'d str>,
    notes: &mut Notes<'_>,
) {
    if finished.contains(service.name.value.as_str()) {
        return;
    }
    path.push(&service.name.value);
    for dependency in &service.depends_on {
        let name = dependency.service.value.as_str();
        if let Some(start) = path.iter().position(|earlier| *earlier == name) {
            let circle: Vec<&str> = path[start..].iter().copied().chain([name]).collect();
            let message = format!(
                "services depend on each other in a circle: {}",
                circle.join(" → ")
            );
            notes.note(message, &dependency.service.span, "closes the circle", "");
        } else if let Some(next) = document
            .services
            .iter()
            .find(|service| service.name.value == name)
        {
            follow(document, next, path, finished, notes);
        }
    }
    path.pop();
    finished.insert(&service.name.value);
}

/// Notes dependencies that exist, but not in this environment.
pub(super) fn are_here(
    document: &Document,
    service: &Service,
    environment: &str,
    notes: &mut Notes<'_>,
) {
    for dependency in &service.depends_on {
        let found = document
            .services
            .iter()
            .find(|other| other.name.value == dependency.service.value);
        if found.is_some_and(|found| !found.is_in(environment)) {
            let (name, needed) = (&service.name.value, &dependency.service.value);
            let message =
                format!("`{name}` depends on `{needed}`, which is not deployed to `{environment}`");
            notes.note(
                message,
                &dependency.service.span,
                "not in this environment",
                "",
            );
        }
    }
}
