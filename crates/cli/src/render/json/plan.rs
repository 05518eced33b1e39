//! The plan as an object of its own: what is done, how definitions differ, how far it can be taken back.

use backstay_domain::plan::{Change, Plan, WayBack};
use serde_json::{Value, json};

use super::object;
use crate::render::plan::frontend;
use crate::render::plan::steps::{ServiceStep, Step, steps};
use crate::render::plan::{unchanged, way_back_words};

/// A plan.
#[must_use]
pub fn plan(plan: &Plan) -> Value {
    let all = steps(plan);
    let release = &plan.release;
    let (frontend, frontends) = frontend::objects(plan);
    let warnings: Vec<String> = plan.warnings.iter().map(ToString::to_string).collect();
    let way_back = match plan.way_back {
        WayBack::Whole => "whole",
        WayBack::WithSchemaDown => "with-schema-down",
        WayBack::UntilMigration => "until-migration",
        WayBack::UntilServices => "until-services",
    };
    let steps: Vec<Value> = all.iter().map(|step| step_object(plan, step)).collect();
    object(
        "plan",
        json!({
            "app": release.app,
            "environment": release.environment,
            "deployment": plan.deployment,
            "release": release.id,
            "version": release.version,
            "versions": release.versions(),
            "looked_up": release.looked_up,
            "before": plan.before,
            "nothing_to_do": plan.is_empty(),
            "steps": steps,
            "revisions": plan.migrates().and_then(|migration| migration.applies.as_ref()),
            "frontend": frontend,
            "frontends": frontends,
            "jobs": jobs(plan),
            "unchanged": unchanged(plan),
            "way_back": { "kind": way_back, "text": way_back_words(plan, &all) },
            "warnings": warnings,
        }),
    )
}

fn jobs(plan: &Plan) -> Vec<Value> {
    let jobs = plan.jobs.iter().map(|(name, job)| {
        json!({
            "job": name,
            "change": job.change,
            "trigger": job.trigger,
            "before": job.before,
            "image": job.image.digest,
        })
    });
    jobs.collect()
}

fn step_object(plan: &Plan, step: &Step) -> Value {
    let services: Vec<Value> = step
        .services
        .iter()
        .map(|service| service_object(plan, service))
        .collect();
    json!({
        "number": step.number,
        "kind": step.kind,
        "text": step.text,
        "services": services,
    })
}

fn service_object(plan: &Plan, step: &ServiceStep) -> Value {
    let service = plan.services.get(&step.service);
    let change = service.map(|service| match service.change {
        Change::Unchanged => "unchanged",
        Change::Update => "update",
        Change::Start => "start",
        Change::Retire => "retire",
    });
    let image = service.and_then(|service| service.target.as_ref());
    json!({
        "service": step.service,
        "change": change,
        "text": step.text,
        "desired": service.map(|service| service.before.desired),
        "before": service.map(|service| &service.before.definition),
        "image": image.map(|target| &target.image.digest),
        "definition": step.changes,
    })
}
