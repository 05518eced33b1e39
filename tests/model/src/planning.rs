//! Planning as commands plan: the domain's own `prepare`, and where a rollback goes.

use std::collections::BTreeSet;
use std::hash::{Hash as _, Hasher as _};
use std::rc::Rc;

use backstay_domain::engine::{self, Asked, Facts, Goal, Ours, Prepared, Then, Unprepared};
use backstay_domain::journal::Side;
use backstay_domain::ledger::Entry;
use backstay_domain::plan::{Refusal, Refusals, SchemaRisk};
use backstay_domain::ports::{Effect, FailureKind, PortFailure};
use backstay_domain::release::Release;
use backstay_domain::survey::Ancestry;
use backstay_domain::verdict::Component;
use backstay_domain::versions::Versions;
use backstay_domain::{FrontendName, RolloutHandle, Version};
use futures_util::FutureExt as _;

use crate::app::{RELEASES, number, service, version};
use crate::key::Mixed;
use crate::ports::Hand;
use crate::process::{Accepted, Command, Context, Process};
use crate::store::{Planned, Store};
use crate::world::{Fate, Sight, World};

/// What planning comes to.
#[derive(Debug)]
pub enum Planning {
    /// A plan.
    Made(Rc<Planned>),
    /// Nothing is to be done.
    Empty,
    /// It is refused.
    Refused(Refused),
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The reasons.
    pub reasons: Vec<String>,
    /// What a person can do about each.
    pub hints: Vec<String>,
}

/// Plans what a process is to do.
#[must_use]
pub fn plan(process: &Process, cx: Context<'_>, world: &mut World, now: u32) -> Planning {
    let entries = world.store.ledger.to_vec();
    let ours = ours(&world.store);
    let (cloud, asked) = (world.cloud.clone(), process.name.clone());
    let hand = process.hand((cx, world), (Fate::Done, Sight::Clear), now);
    let prepared = match process.command {
        Command::Deploy(release, accepted) => {
            let wanted = Versions::same(version(release));
            let older = |_: &Version, live: &Version| match number(live) > release {
                true => Ancestry::Older,
                false => Ancestry::Newer,
            };
            let facts = Facts {
                ancestry: &|_| Ancestry::Newer,
                schema_ancestry: &older,
                accepted: components(accepted),
                ours,
                ..Facts::default()
            };
            let goal = Goal::Version {
                versions: &wanted,
                frontends: backstay_domain::frontends::alone(cx.setup.manifest(release).clone()),
                schema_risk: risk(accepted),
            };
            prepare(&hand, cx.setup.app(release), asked, goal, facts)
        }
        Command::Rollback(to, accepted) => {
            let newest = entries
                .iter()
                .map(|entry| number(&entry.release.version))
                .max();
            let app = cx.setup.app(newest.unwrap_or(1).min(RELEASES));
            target(&hand, app, &entries, to).and_then(|release| {
                let goal = Goal::Recorded {
                    release: &release,
                    entries: &entries,
                    schema_risk: risk(accepted),
                };
                prepare(&hand, app, asked, goal, Facts::default())
            })
        }
        Command::Resume => return Planning::Empty,
    };
    match prepared {
        Ok(prepared) if prepared.plan.is_empty() => Planning::Empty,
        Ok(Prepared { plan, .. }) => {
            let mut digest = Mixed::default();
            format!("{plan:?}").hash(&mut digest);
            let completed = [0, 1].map(|at| {
                let service = &cloud.services[at];
                let now = service.now().state == crate::cloud::RolloutState::Completed;
                let number = match now {
                    true => Some(service.primary),
                    false => service.completed(),
                };
                let of = number.map_or(1, |number| {
                    service.deployments[usize::from(number)].revision
                });
                cloud.code(at, of)
            });
            Planning::Made(Rc::new(Planned {
                digest: digest.finish(),
                services: completed,
                page: cloud.site.bucket,
                schema: cloud.schema,
                plan,
            }))
        }
        Err(unprepared) => Planning::Refused(refused(unprepared)),
    }
}

fn prepare(
    hand: &Hand<'_>,
    app: &backstay_domain::app::App,
    deployment: backstay_domain::DeploymentId,
    goal: Goal<'_>,
    facts: Facts<'_>,
) -> Result<Prepared, Unprepared> {
    let asked = Asked {
        deployment,
        app,
        account: None,
        goal,
        facts,
    };
    match engine::prepare((hand, hand, hand), asked).now_or_never() {
        Some(prepared) => prepared,
        None => unreachable!("every answer is ready"),
    }
}

/// What the command says where there is nowhere to go back to.
const NOTHING_PROVEN: &str = "`backstay deploy --version` deploys any version";

/// Where a rollback goes, as the command finds it out.
fn target(
    hand: &Hand<'_>,
    app: &backstay_domain::app::App,
    entries: &[Entry],
    to: Option<u8>,
) -> Result<Release, Unprepared> {
    let nothing = || Unprepared::Port {
        what: NOTHING_PROVEN,
        source: PortFailure {
            kind: FailureKind::NotFound,
            effect: Effect::None,
            operation: "ledger.read".to_owned(),
            message: "no earlier release was proven here".to_owned(),
        },
    };
    if let Some(to) = to {
        let named = |entry: &&Entry| entry.release.version == version(to);
        return entries
            .iter()
            .rfind(named)
            .map(|entry| entry.release.clone())
            .ok_or_else(nothing);
    }
    let unrecorded = hand.world.borrow().store.unrecorded();
    let ports = (hand, hand, hand);
    match engine::goes_back_to(ports, app, entries, unrecorded.as_ref()).now_or_never() {
        Some(found) => found?.cloned().ok_or_else(nothing),
        None => unreachable!("every answer is ready"),
    }
}

/// A stuck deployment's rollouts are nobody else's.
fn ours(store: &Store) -> Option<Ours> {
    let journal = &store.journals[store.last_stuck()?];
    let plan = &journal.planned.as_ref()?.plan;
    let rollouts: BTreeSet<RolloutHandle> = plan
        .services
        .keys()
        .flat_map(|name| [Side::New, Side::Old].map(|side| journal.progress.rollout(name, side)))
        .flatten()
        .map(|(rollout, _)| rollout.clone())
        .collect();
    Some(Ours {
        deployment: journal.deployment.clone(),
        version: plan.release.version.clone(),
        rollouts,
        parts: plan.parts(),
        then: Then::Stays,
    })
}

fn risk(accepted: Accepted) -> SchemaRisk {
    match accepted.schema {
        true => SchemaRisk::Accepted,
        false => SchemaRisk::Refused,
    }
}

fn components(accepted: Accepted) -> BTreeSet<Component> {
    let all = [
        Component::Service(service(0)),
        Component::Service(service(1)),
        Component::Frontend(FrontendName::default()),
    ];
    all.into_iter().filter(|_| accepted.unproven).collect()
}

fn refused(unprepared: Unprepared) -> Refused {
    match unprepared {
        Unprepared::Refused(Refusals(all)) => Refused {
            reasons: all.iter().map(ToString::to_string).collect(),
            hints: all.iter().map(Refusal::hint).collect(),
        },
        Unprepared::Port { what, source } if what == NOTHING_PROVEN => Refused {
            reasons: vec![source.message],
            hints: vec![what.to_owned()],
        },
        other => Refused {
            reasons: vec![other.to_string()],
            hints: Vec::new(),
        },
    }
}
