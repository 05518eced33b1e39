//! What `given` changes about an app and about what Terraform made for it.

use backstay_domain::anchor::{Anchor, AnchorOf, Database};
use backstay_domain::app::{DataCheck, Migration};
use backstay_simulator::Blueprint;

use super::{Given, Setup};
use crate::compose::project::Project;
use crate::failure::Failure;

/// The project as a scenario has it.
///
/// # Errors
/// When a duration of it is none.
pub(super) fn adjusted(mut project: Project, given: &Given) -> Result<Project, Failure> {
    let app = &mut project.configured.app;
    if let Some(migration) = &mut app.migration {
        migration.compatibility = given.compatibility.unwrap_or(migration.compatibility);
        migration.way_down = given.way_down.unwrap_or(migration.way_down);
        adjust_anchor(migration, given)?;
    }
    app.policy.irreversible = given.irreversible.unwrap_or(app.policy.irreversible);
    app.policy.on_interrupt = given.on_interrupt.unwrap_or(app.policy.on_interrupt);
    app.policy.schema_down = given.schema_down.unwrap_or(app.policy.schema_down);
    if let Some(poll) = &given.poll {
        let parsed = poll.parse::<jiff::SignedDuration>();
        let parsed = parsed.map_err(|error| {
            Failure::usage(format!("poll = {poll:?}: {error}"), "for example \"10s\"")
        })?;
        app.policy.poll = parsed.unsigned_abs();
    }
    if let Some(copies) = given.copies {
        multiply(&mut project, copies);
    }
    Ok(project)
}

/// What is made before a migration, and what the data is asked after it.
fn adjust_anchor(migration: &mut Migration, given: &Given) -> Result<(), Failure> {
    let instance = || Database::Instance("shop".to_owned());
    let of = match given.anchor.as_deref() {
        None => None,
        Some("snapshot") => Some(AnchorOf::Snapshot {
            database: instance(),
        }),
        Some("point in time") => Some(AnchorOf::PointInTime {
            database: instance(),
        }),
        Some("branch") => Some(AnchorOf::Branch {
            project: "quiet-sun-1".to_owned(),
            branch: "main".to_owned(),
            key: "NEON_API_KEY".to_owned(),
        }),
        Some(other) => {
            let hint = "there are: snapshot, point in time, branch";
            return Err(Failure::usage(format!("unknown anchor `{other}`"), hint));
        }
    };
    if let Some(of) = of {
        let within = given.anchor_within.as_deref().unwrap_or("1h");
        let within = within.parse::<jiff::SignedDuration>();
        let within = within.map_err(|error| {
            Failure::usage(format!("anchor_within: {error}"), "for example \"10m\"")
        })?;
        migration.anchor = Some(Anchor {
            of,
            timeout: within.unsigned_abs(),
            keep: Some(std::time::Duration::from_secs(24 * 3600)),
        });
    }
    for name in &given.data_checks {
        let command = ["python", "-m", "checks", name.as_str()];
        migration.checks.push(DataCheck {
            name: name.clone(),
            command: command.map(str::to_owned).to_vec(),
            timeout: std::time::Duration::from_secs(300),
        });
    }
    Ok(())
}

/// Many services like the first one, all in one wave.
fn multiply(project: &mut Project, copies: u32) {
    let configured = &mut project.configured;
    let Some((name, service)) = configured
        .app
        .services
        .first_key_value()
        .map(|(n, s)| (n.clone(), s.clone()))
    else {
        return;
    };
    let simulated = configured
        .simulation
        .services
        .get(&name)
        .cloned()
        .unwrap_or_default();
    configured.app.services.clear();
    configured.app.checks.clear();
    configured.simulation.services.clear();
    for number in 0..copies {
        let Ok(copy_name) = backstay_domain::ServiceName::parse(format!("copy-{number}")) else {
            continue;
        };
        let mut copy = service.clone();
        copy.locator.name = copy_name.clone();
        copy.locator.cluster_name = format!("{}-{number}", service.locator.cluster_name);
        if let Some(family) = copy.definition.0.get_mut("family") {
            *family = serde_json::Value::String(copy.locator.cluster_name.clone());
        }
        configured.app.services.insert(copy_name.clone(), copy);
        configured
            .simulation
            .services
            .insert(copy_name, simulated.clone());
    }
}

/// Services that Terraform made otherwise.
pub(super) fn adjust(blueprint: &mut Blueprint, setup: &Setup) {
    for (name, given) in &setup.services {
        let configured = setup
            .project
            .configured
            .app
            .services
            .iter()
            .find(|(known, _)| known.as_str() == name);
        let Some((_, service)) = configured else {
            continue;
        };
        let found = blueprint
            .services
            .iter_mut()
            .find(|one| one.name == service.locator.cluster_name);
        let Some(found) = found else { continue };
        found.app.pause = given.pause.or(found.app.pause);
        found.history = given.history.unwrap_or(found.history);
        found.desired_count = given.desired_count.unwrap_or(found.desired_count);
        found.minimum_healthy_percent = given
            .minimum_healthy_percent
            .unwrap_or(found.minimum_healthy_percent);
        found.maximum_percent = given.maximum_percent.unwrap_or(found.maximum_percent);
        found.circuit_breaker = given.circuit_breaker.unwrap_or(found.circuit_breaker);
        found.circuit_breaker_rollback = given
            .circuit_breaker_rollback
            .unwrap_or(found.circuit_breaker_rollback);
    }
}
