//! What the file means in one environment: templates filled in, files read, names parsed, domain types made.

mod anchor;
mod build;
mod check;
mod definition;
mod dependencies;
mod environment;
mod frontend;
mod job;
mod migration;
mod placement;
mod refused;
mod region;
mod registry;
mod service;
mod simulation;
mod variables;

use std::collections::BTreeMap;

use backstay_domain::app::App;
use backstay_domain::build::Builds;
use backstay_domain::definition::sha256_hex;
use backstay_domain::lookup::Place;
use backstay_domain::{InvalidName, ServiceName};
use serde_json::Value;

use crate::configured::{CloudKind, Configured};
use crate::files::{Files, Sources};
use crate::load::Wanted;
use crate::problem::{Problem, Source};
use crate::section::At;
use crate::template::{Scope, fill};
use crate::written;

use build::Builder;

/// Where problems of the configuration are noted.
struct Notes<'a> {
    source: &'a Source,
    problems: &'a mut Vec<Problem>,
    /// Where it is deployed to.
    cloud: Option<CloudKind>,
    /// What AWS would refuse and a rehearsal does not.
    doubts: Vec<Problem>,
    /// What a rehearsal cannot answer.
    remarks: Vec<String>,
    /// Where nobody has looked yet, and where that is written.
    wanted: Vec<(Place, std::ops::Range<usize>)>,
    /// Task definitions by their family, and the file that each is in.
    definition_files: BTreeMap<String, String>,
}

impl<'a> Notes<'a> {
    fn of(
        source: &'a Source,
        chosen: &written::Environment,
        problems: &'a mut Vec<Problem>,
    ) -> Self {
        Self {
            source,
            problems,
            cloud: chosen.cloud,
            doubts: Vec::new(),
            remarks: Vec::new(),
            wanted: Vec::new(),
            definition_files: BTreeMap::new(),
        }
    }
}

impl Notes<'_> {
    fn note(
        &mut self,
        message: impl Into<String>,
        span: &std::ops::Range<usize>,
        label: &str,
        help: &str,
    ) {
        let problem = Problem::of(self.source, message).at(span.clone(), label);
        self.problems.push(if help.is_empty() {
            problem
        } else {
            problem.help(help)
        });
    }

    fn fill(&mut self, text: &At<String>, scope: &Scope) -> Option<String> {
        fill(text, scope, self.source, self.problems)
    }

    /// Fills in every string of a list, in which a name may stand for several; nothing when there is a problem in any.
    fn fill_all(&mut self, texts: &[At<String>], scope: &Scope) -> Option<Vec<String>> {
        let mut all = Vec::with_capacity(texts.len());
        let mut right = true;
        for text in texts {
            if let Some(several) = scope.several(&text.value) {
                all.extend_from_slice(several);
                continue;
            }
            match self.fill(text, scope) {
                Some(filled) => all.push(filled),
                None => right = false,
            }
        }
        right.then_some(all)
    }

    fn name<T>(
        &mut self,
        text: &At<String>,
        scope: &Scope,
        parse: impl Fn(String) -> Result<T, InvalidName>,
    ) -> Option<T> {
        let filled = self.fill(text, scope)?;
        match parse(filled) {
            Ok(name) => Some(name),
            Err(invalid) => {
                let message = format!("`{}` is not a valid {}", invalid.found, invalid.what);
                self.note(
                    message,
                    &text.span,
                    &format!("not a valid {}", invalid.what),
                    invalid.rule,
                );
                None
            }
        }
    }
}

/// Where nobody has looked yet of what the environment's variables need, and the environment's place as far as it is known. Nobody is
/// asked where something is wrong already; what only waits for an answer is no problem.
pub(crate) fn wanted(
    source: &Source,
    document: &written::Document,
    chosen: &written::Environment,
    files: &dyn Files,
) -> Wanted {
    let mut problems = Vec::new();
    let mut notes = Notes::of(source, chosen, &mut problems);
    dependencies::circles(document, &mut notes);
    let place = environment::place(document, chosen, files, &mut notes);
    let places = match notes.problems.is_empty() {
        true => notes.wanted,
        false => Vec::new(),
    };
    Wanted {
        places: places.into_iter().map(|(place, _)| place).collect(),
        cloud: chosen.cloud,
        region: place.region,
        account: place.account,
        simulator: place.simulator,
    }
}

/// Everything the document says about one environment; nothing when there is a problem.
pub(crate) fn environment(
    source: &Source,
    document: &written::Document,
    chosen: &written::Environment,
    (files, sources): (&dyn Files, Sources),
    problems: &mut Vec<Problem>,
) -> Option<Configured> {
    let mut notes = Notes::of(source, chosen, problems);
    dependencies::circles(document, &mut notes);
    let place = environment::place(document, chosen, files, &mut notes);
    let scope = &place.scope;
    let mut services = BTreeMap::new();
    let mut simulated = BTreeMap::new();
    let mut builders = Vec::new();
    for service in document
        .services
        .iter()
        .filter(|service| service.is_in(&chosen.name.value))
    {
        dependencies::are_here(document, service, &chosen.name.value, &mut notes);
        let made = service::service(service, scope, files, &mut notes);
        let service_scope = service::scope(service, scope);
        builders.extend(service.build.as_ref().map(|build| Builder {
            user: service.name.value.clone(),
            image: service.image.as_ref(),
            build,
            scope: service_scope.clone(),
        }));
        let world = simulation::service(
            &document.simulation,
            &service.name,
            &service_scope,
            &mut notes,
        );
        if let (Some((name, made)), Some(world)) = (made, world) {
            let definition = &made.definition.0;
            let wanted = (&name, world.container.as_deref());
            simulation::container_is_there(&document.simulation, wanted, definition, &mut notes);
            let wanted = (&name, &world);
            simulation::ports_are_there(&document.simulation, wanted, definition, &mut notes);
            simulated.insert(name.clone(), world);
            services.insert(name, made);
        }
    }
    let here = &chosen.name.value;
    let written = document.migration.as_ref();
    let written = written.filter(|written| written.presence.is_in(here));
    let migration =
        written.map(|written| migration::migration(written, (scope, here), files, &mut notes));
    builders.extend(written.and_then(|written| Builder::of_migration(written, scope)));
    let revisions = written.and_then(|written| migration::revisions(written, scope, &mut notes));
    let mut jobs = BTreeMap::new();
    for written in &document.jobs {
        if written.presence.is_in(here) {
            jobs.extend(job::job(written, scope, files, &mut notes));
            builders.extend(written.build.as_ref().map(|build| Builder {
                user: written.name.value.clone(),
                image: written.image.as_ref(),
                build,
                scope: job::scope(written, scope),
            }));
        }
    }
    job::are_distinct(document, &jobs, &mut notes);
    let users = build::users(
        &services,
        migration.as_ref().and_then(Option::as_ref),
        &jobs,
    );
    let tags = build::tags(&document.images, scope, &mut notes);
    let images = build::images(&builders, &users, (files, sources), &mut notes);
    let frontends = frontend::frontends(document, (scope, here), &mut notes);
    let has_frontend = frontends.as_ref().is_none_or(|some| !some.is_empty());
    let checks = check::checks(&document.checks, (scope, here), &mut notes);
    let simulation = simulation::simulation(&document.simulation, simulated, scope, &mut notes);
    service::are_distinct(document, &services, &mut notes);
    let is_empty = services.is_empty() && jobs.is_empty();
    if is_empty && migration.is_none() && !has_frontend && notes.problems.is_empty() {
        let message = format!("there is nothing to deploy to `{}`", chosen.name.value);
        notes
            .problems
            .push(Problem::of(source, message).help("add [services.…] or [frontend]"));
    }
    if notes.problems.is_empty() {
        for (place, span) in std::mem::take(&mut notes.wanted) {
            notes.note(
                format!("nobody has looked up {place}"),
                &span,
                "unknown",
                "",
            );
        }
    }
    if !notes.problems.is_empty() {
        // All at once: also what could be rehearsed.
        let doubts = std::mem::take(&mut notes.doubts);
        notes.problems.extend(doubts);
    }
    let app = App {
        name: place.app?,
        environment: place.environment?,
        services,
        migration: complete(migration)?,
        frontends: frontends?,
        jobs,
        checks: checks?,
        policy: place.policy,
        config_fingerprint: String::new(),
        looked_up: place.looked_up,
    };
    let app = App {
        config_fingerprint: fingerprint(&app),
        ..app
    };
    let (cloud, region, account, state) =
        (chosen.cloud?, place.region?, place.account, place.state?);
    let simulator = place.simulator;
    Some(Configured {
        app,
        cloud,
        region,
        account,
        state,
        simulator,
        simulation: simulation?,
        missing: document.images.missing.unwrap_or_default(),
        builds: Builds {
            tags: tags?,
            images: images?,
        },
        revisions,
        definition_files: notes.definition_files,
        doubts: notes.doubts,
        notes: notes.remarks,
    })
}

/// `None` when it was written but has a problem; `Some(None)` when it was not written.
fn complete<T>(made: Option<Option<T>>) -> Option<Option<T>> {
    match made {
        Some(None) => None,
        Some(Some(value)) => Some(Some(value)),
        None => Some(None),
    }
}

fn fingerprint(app: &App) -> String {
    let value = serde_json::to_value(app).unwrap_or_default();
    sha256_hex(in_name_order(value).to_string().as_bytes())
}

/// Members in the order of their names, whichever order the JSON library keeps.
fn in_name_order(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let sorted: BTreeMap<String, Value> = members
                .into_iter()
                .map(|(name, member)| (name, in_name_order(member)))
                .collect();
            Value::Object(sorted.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(in_name_order).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

fn service_name(name: &At<String>, notes: &mut Notes<'_>) -> Option<ServiceName> {
    notes.name(name, &Scope::default(), ServiceName::parse)
}
