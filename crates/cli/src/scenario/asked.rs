//! Faults as they are typed on the command line: `catalog-service=crash@30s`, `migration=exit:1`, `ecs.UpdateService=throttle*3`.

use backstay_config::Configured;
use backstay_simulator::Fault;
use jiff::SignedDuration;

use super::FaultSpec;
use super::catalogue::{self, OfService};
use super::fault::{FaultError, unknown};

/// When somebody meddles with a service unless it is said otherwise: the rollout is under way.
const MEANWHILE: &str = "10s";

/// What a typed fault comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum AskedFault {
    /// Something goes wrong on the simulated cloud.
    World(Fault),
    /// The version was not pushed to this repository.
    NotPushed(String),
    /// SIGTERM, so long after the start.
    Interrupted(SignedDuration),
}

/// What a typed fault comes to.
///
/// # Errors
/// When a name is unknown, with what was probably meant.
pub fn asked_fault(text: &str, configured: &Configured) -> Result<AskedFault, FaultError> {
    let Some((what, kind)) = text.split_once('=') else {
        return Err(FaultError {
            message: format!("`{text}` is not SERVICE=KIND[@AFTER]"),
            hint: "for example --fault catalog-service=unhealthy@30s, --fault migration=exit:1; `backstay rehearse --help` lists all"
                .to_owned(),
        });
    };
    let spec = match what {
        "migration" => FaultSpec {
            migration: Some(kind.to_owned()),
            ..FaultSpec::default()
        },
        "anchor" => FaultSpec {
            anchor: Some(kind.to_owned()),
            ..FaultSpec::default()
        },
        frontend if is_a_frontend(frontend, configured) => FaultSpec {
            frontend: Some(kind.to_owned()),
            of: Some(frontend.to_owned()),
            ..FaultSpec::default()
        },
        "caller" => return of_the_caller(kind, configured),
        call if call.contains(['.', '*']) => of_a_call(call, kind)?,
        service => return of_a_service(service, kind, configured),
    };
    spec.fault(configured).map(AskedFault::World)
}

/// Where there is none, `frontend` is no service either.
fn is_a_frontend(name: &str, configured: &Configured) -> bool {
    let mut frontends = configured.app.frontends.keys();
    name == "frontend" || frontends.any(|known| known.as_str() == name)
}

fn of_a_service(
    service: &str,
    kind: &str,
    configured: &Configured,
) -> Result<AskedFault, FaultError> {
    let (kind, after) = match kind.split_once('@') {
        Some((kind, after)) => (kind, Some(after.to_owned())),
        None => (kind, None),
    };
    let (name, value) = kind.split_once(':').unwrap_or((kind, ""));
    let mut spec = FaultSpec {
        service: Some(service.to_owned()),
        ..FaultSpec::default()
    };
    // An unknown service is told first.
    spec.cluster_name(configured)?;
    if name == catalogue::NOT_PUSHED.0 {
        let mut services = configured.app.services.iter();
        let found = services.find(|(known, _)| known.as_str() == service);
        let image = found.map(|(_, service)| service.image.to_string());
        return Ok(AskedFault::NotPushed(image.unwrap_or_default()));
    }
    match catalogue::of_a_service(name) {
        Some(OfService::Event(event)) => {
            spec.after = Some(after.unwrap_or_else(|| MEANWHILE.to_owned()));
            spec.after_deployment = true;
            spec.event = Some(event.to_owned());
            if event == "set-desired-count" {
                let count = value.parse();
                let count = count.map_err(|_| unknown("desired count", value, ["scaled:4"]))?;
                spec.desired = Some(count);
            }
        }
        Some(OfService::Tasks(_)) | None => {
            spec.kind = Some(kind.to_owned());
            spec.after = after;
        }
    }
    spec.fault(configured).map(AskedFault::World)
}

/// `KIND[:VALUE][*TIMES]`: once, unless it is said how often; what is denied stays denied.
fn of_a_call(call: &str, kind: &str) -> Result<FaultSpec, FaultError> {
    let (fault, times) = match kind.rsplit_once('*') {
        Some((fault, times)) => {
            let times = times.parse();
            (
                fault,
                Some(times.map_err(|_| unknown("number", kind, ["throttle*3"]))?),
            )
        }
        None if kind == "deny" => (kind, Some(u32::MAX)),
        None => (kind, None),
    };
    Ok(FaultSpec {
        call: Some(call.to_owned()),
        fault: Some(fault.to_owned()),
        count: times,
        ..FaultSpec::default()
    })
}

/// `cut-off[:LASTING][@CALL]`, `expired[@CALL]`, `interrupted:AFTER`.
fn of_the_caller(kind: &str, configured: &Configured) -> Result<AskedFault, FaultError> {
    let (kind, from) = match kind.split_once('@') {
        Some((kind, from)) => (kind, Some(from.to_owned())),
        None => (kind, None),
    };
    let (name, value) = kind.split_once(':').unwrap_or((kind, ""));
    if name == "interrupted" {
        let after = value.parse::<SignedDuration>();
        let after = after.map_err(|_| unknown("duration", value, ["60s", "2m"]))?;
        return Ok(AskedFault::Interrupted(after));
    }
    let spec = FaultSpec {
        caller: Some(name.to_owned()),
        from,
        lasting: Some(value.to_owned()).filter(|value| !value.is_empty()),
        ..FaultSpec::default()
    };
    spec.fault(configured).map(AskedFault::World)
}
