//! Faults by their names, as people write them in scenarios and on the command line.

use std::time::Duration;

use backstay_config::Configured;
use backstay_domain::anchor::{AnchorOf, Database};
use backstay_domain::app::Frontend;
use backstay_simulator::{
    CallFault, CallerFault, Fault, TaskFault, Trigger, WorldEvent, is_served,
};

use super::FaultSpec;
use super::catalogue::{NOT_PUSHED, OF_A_SERVICE, OfService, of_a_service};

/// As many files and folders as a CDN forgets at a time.
const MOST_IN_PROGRESS: [(u32, &str); 2] = [(3_000, ""), (15, "/*")];
/// How long somebody else keeps it busy.
const BUSY_MS: u64 = 10 * 60 * 1000;

/// A fault that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FaultError {
    /// What is wrong.
    pub message: String,
    /// What was meant, or what there is.
    pub hint: String,
}

impl FaultSpec {
    /// The simulator's fault.
    ///
    /// # Errors
    /// When a name is unknown, with what was probably meant.
    pub fn fault(&self, configured: &Configured) -> Result<Fault, FaultError> {
        if let Some(kind) = &self.migration {
            return migration(kind, configured);
        }
        if let Some(kind) = &self.anchor {
            return anchor(kind, configured);
        }
        if let Some(kind) = &self.frontend {
            return self.frontend(kind, configured);
        }
        if let Some(image) = &self.image_expired {
            let (repository, tag) = image
                .rsplit_once(':')
                .ok_or_else(|| unknown("image", image, ["REPOSITORY:TAG"]))?;
            return Ok(Fault::ImageExpired {
                repository: repository.to_owned(),
                tag: tag.to_owned(),
            });
        }
        if let Some(kind) = &self.caller {
            return Ok(Fault::Caller {
                fault: caller(kind)?,
                from: self.from.clone(),
                lasting_ms: self.lasting.as_deref().map(milliseconds).transpose()?,
            });
        }
        if let Some(operation) = &self.call {
            if !is_served(operation) {
                return Err(FaultError {
                    message: format!("the simulated cloud serves no call `{operation}`"),
                    hint: "for example `ecs.UpdateService`, `s3.PutObject`, `ecs.*`".to_owned(),
                });
            }
            let fault = call_fault(self.fault.as_deref().unwrap_or("throttle"))?;
            let (containing, skip, count) =
                (self.containing.clone(), self.skip, self.count.unwrap_or(1));
            return Ok(Fault::Call {
                operation: operation.clone(),
                containing,
                skip,
                count,
                fault,
            });
        }
        let service = self.cluster_name(configured)?;
        let after = self.after.as_deref().map(milliseconds).transpose()?;
        if let Some(event) = &self.event {
            let event = world_event(event, service.clone(), self.desired)?;
            let ms = after.unwrap_or(0);
            let when = if self.after_deployment {
                Trigger::AfterDeploymentOf { service, ms }
            } else {
                Trigger::AfterMs(ms)
            };
            return Ok(Fault::World { when, event });
        }
        let kind = self.kind.as_deref().unwrap_or_default();
        let Some(OfService::Tasks(fault)) = of_a_service(kind) else {
            let names = OF_A_SERVICE.iter().map(|(name, ..)| *name);
            return Err(unknown("fault", kind, names.chain([NOT_PUSHED.0])));
        };
        Ok(Fault::Service {
            service,
            fault,
            after_ms: after,
        })
    }

    fn frontend(&self, kind: &str, configured: &Configured) -> Result<Fault, FaultError> {
        let frontends = &configured.app.frontends;
        if frontends.is_empty() {
            return Err(FaultError {
                message: "the app has no frontend".to_owned(),
                hint: "leave this fault out".to_owned(),
            });
        }
        let wanted = self.of.as_deref().unwrap_or("frontend");
        let found = frontends.iter().find(|(name, _)| name.as_str() == wanted);
        let names = frontends.keys().map(|name| name.as_str());
        let (_, frontend) = found.ok_or_else(|| unknown("frontend", wanted, names))?;
        let ms = |text: &Option<String>| text.as_deref().map(milliseconds).transpose();
        match kind {
            // Assets are uploaded first; the pointer is what cannot be written any more.
            "put-denied" => Ok(Fault::Call {
                operation: "s3.PutObject".to_owned(),
                containing: Some(entry_page(frontend, configured)),
                skip: self.skip,
                count: self.count.unwrap_or(u32::MAX),
                fault: CallFault::Deny,
            }),
            "cdn-busy" => Ok(Fault::World {
                when: Trigger::AfterMs(ms(&self.after)?.unwrap_or(0)),
                event: WorldEvent::ForeignInvalidation {
                    distribution: frontend.distribution.clone().unwrap_or_default(),
                    paths: busy(),
                    lasting_ms: ms(&self.lasting)?.unwrap_or(BUSY_MS),
                },
            }),
            other => Err(unknown("frontend fault", other, ["put-denied", "cdn-busy"])),
        }
    }

    pub(super) fn cluster_name(&self, configured: &Configured) -> Result<String, FaultError> {
        let wanted = self.service.as_deref().unwrap_or_default();
        let services = &configured.app.services;
        let found = services.iter().find(|(name, _)| name.as_str() == wanted);
        let frontends = configured.app.frontends.keys().map(|name| name.as_str());
        let names = services.keys().map(|name| name.as_str());
        let names = names.chain(["migration", "anchor"]);
        let names = names.chain(frontends).chain(["caller"]);
        let (_, service) = found.ok_or_else(|| unknown("service", wanted, names))?;
        Ok(service.locator.cluster_name.clone())
    }
}

/// What only requests for a frontend's entry page have in them: where there are several, the bucket's address as well.
fn entry_page(frontend: &Frontend, configured: &Configured) -> String {
    let page = format!("/{}index.html", frontend.prefix);
    if configured.app.frontends.len() < 2 {
        return page;
    }
    let bucket = &frontend.bucket;
    let region = frontend.region.as_ref().unwrap_or(&configured.region);
    match bucket.contains('.') {
        // No certificate is for it: it stands in the path.
        true => format!("/{bucket}{page}"),
        false => format!("{bucket}.s3.{region}.amazonaws.com{page}"),
    }
}

fn migration(kind: &str, configured: &Configured) -> Result<Fault, FaultError> {
    let Some(migration) = &configured.app.migration else {
        return Err(FaultError {
            message: "the app has no migration".to_owned(),
            hint: "leave this fault out".to_owned(),
        });
    };
    let family = migration
        .definition
        .0
        .get("family")
        .and_then(|f| f.as_str())
        .unwrap_or_default()
        .to_owned();
    let (name, value) = kind.split_once(':').unwrap_or((kind, ""));
    let code = || {
        value
            .parse()
            .map_err(|_| unknown("exit code", value, ["exit:1"]))
    };
    let fault = match name {
        "exit" => TaskFault::Exit(code()?),
        "exit-after-effect" => TaskFault::ExitAfterEffect(code()?),
        "never-starts" => TaskFault::NeverStarts,
        "refused" => TaskFault::Refused,
        "out-of-memory" => TaskFault::OutOfMemory,
        "slow" => TaskFault::Slow(milliseconds(value)?),
        "answers" => TaskFault::Answers(code()?),
        other => {
            let known = [
                "answers:N",
                "exit:N",
                "exit-after-effect:N",
                "never-starts",
                "refused",
                "out-of-memory",
                "slow:DURATION",
            ];
            return Err(unknown("migration fault", other, known));
        }
    };
    Ok(Fault::Task { family, fault })
}

/// Whether the simulated cloud makes such an anchor, or only believes in it.
#[must_use]
pub fn is_simulated(of: &AnchorOf) -> bool {
    match of {
        AnchorOf::Snapshot { database } | AnchorOf::PointInTime { database } => match database {
            Database::Instance(_) => true,
            Database::Cluster(_) => false,
        },
        AnchorOf::Branch { .. } | AnchorOf::Command { .. } => false,
    }
}

/// Of an anchor that the simulated cloud makes: on RDS, of an instance.
fn anchor(kind: &str, configured: &Configured) -> Result<Fault, FaultError> {
    let migration = configured.app.migration.as_ref();
    let of = migration.and_then(|migration| Some(&migration.anchor.as_ref()?.of));
    let Some(AnchorOf::Snapshot {
        database: Database::Instance(_),
    }) = of
    else {
        return Err(FaultError {
            message: "the app has no anchor that the simulated cloud makes".to_owned(),
            hint: "leave this fault out: it makes snapshots of DB instances".to_owned(),
        });
    };
    let world = |event| Fault::World {
        when: Trigger::AfterMs(0),
        event,
    };
    let (name, value) = kind.split_once(':').unwrap_or((kind, ""));
    Ok(match name {
        "denied" => Fault::Call {
            operation: "rds.CreateDBSnapshot".to_owned(),
            containing: None,
            skip: 0,
            count: u32::MAX,
            fault: CallFault::Deny,
        },
        "quota" => world(WorldEvent::ForeignSnapshots),
        "slow" => world(WorldEvent::SlowSnapshots {
            ms: milliseconds(value)?,
        }),
        other => {
            let known = ["denied", "quota", "slow:DURATION"];
            return Err(unknown("anchor fault", other, known));
        }
    })
}

fn busy() -> Vec<String> {
    let of = |(most, end): &(u32, &str)| {
        let paths = (0..*most).map(|n| format!("/elsewhere/{n}{end}"));
        paths.collect::<Vec<_>>()
    };
    MOST_IN_PROGRESS.iter().flat_map(of).collect()
}

fn world_event(
    name: &str,
    service: String,
    desired: Option<u32>,
) -> Result<WorldEvent, FaultError> {
    Ok(match name {
        "foreign-deployment" => WorldEvent::ForeignDeployment { service },
        "forced-redeployment" => WorldEvent::ForcedRedeployment { service },
        "set-desired-count" => WorldEvent::SetDesiredCount {
            service,
            count: desired.unwrap_or(0),
        },
        "roll-back-by-alarm" => WorldEvent::RollBackByAlarm { service },
        "stopped-by-hand" => WorldEvent::StoppedByHand { service },
        other => {
            return Err(unknown(
                "event",
                other,
                [
                    "foreign-deployment",
                    "forced-redeployment",
                    "set-desired-count",
                    "roll-back-by-alarm",
                    "stopped-by-hand",
                ],
            ));
        }
    })
}

fn caller(text: &str) -> Result<CallerFault, FaultError> {
    match text {
        "expired" => Ok(CallerFault::Expired),
        "cut-off" => Ok(CallerFault::CutOff),
        other => Err(unknown("caller fault", other, ["expired", "cut-off"])),
    }
}

fn call_fault(text: &str) -> Result<CallFault, FaultError> {
    let (name, value) = text.split_once(':').unwrap_or((text, ""));
    Ok(match name {
        "throttle" => CallFault::Throttle,
        "deny" => CallFault::Deny,
        "expired" => CallFault::Expired,
        "server-error" => CallFault::ServerError,
        "latency" => CallFault::Latency(milliseconds(value)?),
        "connection-reset" => CallFault::ConnectionReset,
        "reply-lost" => CallFault::ReplyLost,
        "stale-read" => CallFault::StaleRead(milliseconds(value)?),
        "late" => CallFault::Late(milliseconds(value)?),
        "held" => CallFault::Held(milliseconds(value)?),
        other => {
            let known = [
                "throttle",
                "deny",
                "expired",
                "server-error",
                "latency:DURATION",
                "connection-reset",
                "reply-lost",
                "stale-read:DURATION",
                "late:DURATION",
                "held:DURATION",
            ];
            return Err(unknown("call fault", other, known));
        }
    })
}

fn milliseconds(text: &str) -> Result<u64, FaultError> {
    let parsed: Option<Duration> = text
        .parse::<jiff::SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok());
    let duration = parsed.ok_or_else(|| unknown("duration", text, ["30s", "2m", "1h30m"]))?;
    Ok(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

pub(super) fn unknown<'a>(
    what: &str,
    found: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> FaultError {
    let known: Vec<&str> = known.into_iter().collect();
    let near = known
        .iter()
        .map(|name| (strsim::jaro_winkler(found, name), *name))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let hint = match near {
        Some((score, name)) if score > 0.8 => format!("did you mean `{name}`?"),
        Some(_) | None => format!("there are: {}", known.join(", ")),
    };
    FaultError {
        message: format!("unknown {what} `{found}`"),
        hint,
    }
}
