//! One process: a command that somebody gave. Each step is one look with what is decided on it, or one call. This is the
//! engine's loop taken apart, so that anything may happen between two steps.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use backstay_domain::DeploymentId;
use backstay_domain::decide::Decision;
use backstay_domain::engine::{self, Ports};
use backstay_domain::journal::{Act, Event};
use backstay_domain::lease::Left;
use backstay_domain::observation::Observation;
use backstay_domain::observe::observe;
use backstay_domain::ports::FailureKind;
use backstay_domain::progress::{Progress, after};
use backstay_domain::schema::noted;
use futures_util::FutureExt as _;

use crate::app::{Setup, index};
use crate::planning::Refused;
use crate::ports::Hand;
use crate::seeded::Seed;
use crate::store::{Conflict, Planned};
use crate::world::{Fate, Sight, World};
use crate::{moment, seconds};

/// What somebody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// `backstay deploy`.
    Deploy(u8, Accepted),
    /// `backstay rollback`, to this release where it is named.
    Rollback(Option<u8>, Accepted),
    /// `backstay resume`.
    Resume,
}

/// What somebody answers for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Accepted {
    /// `--accept-schema-risk`.
    pub schema: bool,
    /// `--accept-unproven` of every component.
    pub unproven: bool,
}

/// A command that is carried out.
#[derive(Clone, Debug)]
pub struct Process {
    /// What somebody asked for.
    pub command: Command,
    /// The deployment that it would be.
    pub name: DeploymentId,
    /// How far it is.
    pub stage: Stage,
    /// The fence of its lease.
    pub fence: u64,
    /// The deployment that its lease named when it was taken.
    pub found: Option<DeploymentId>,
    /// What it leaves behind.
    pub left: Left,
    /// Whether the cloud knows its credentials.
    pub credentials: Credentials,
    /// When it goes on.
    pub wake: u32,
    /// Whether somebody else changed `api`, `web` or the site since it looked at that last.
    pub changed: [bool; 3],
}

/// Whether the cloud knows who is asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Credentials {
    /// It does.
    Known,
    /// They have expired.
    Expired,
}

/// How far a process is.
#[derive(Clone, Debug)]
pub enum Stage {
    /// It takes the lease.
    Claim,
    /// It looks what was left unfinished.
    Settle,
    /// It opens the journal of a deployment that is not its own.
    Open(usize, Aim),
    /// It notes that it goes on with that, as far as it has read the journal.
    TakeOver(usize, Aim, Rc<Progress>),
    /// It plans.
    Plan,
    /// It notes in the lease what it works on.
    Begin(Rc<Planned>),
    /// It begins its journal.
    Start(Rc<Planned>),
    /// It carries a deployment out.
    Run(Running),
    /// It is no more.
    Over(End),
}

/// Where a deployment that is taken over goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Aim {
    /// On.
    On,
    /// On, also when it is stuck.
    Again,
    /// Back.
    Back,
}

/// A deployment that is carried out.
#[derive(Clone, Debug)]
pub struct Running {
    /// Its journal.
    pub journal: usize,
    /// What that says, as far as this process knows.
    pub progress: Rc<Progress>,
    /// What is still to be called of what was decided.
    pub acts: VecDeque<Act>,
    /// Looks at once, one after the other.
    pub immediate: u32,
    /// Whether another process began it.
    pub whose: Whose,
}

/// Whose deployment it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whose {
    /// This process began it.
    Own,
    /// Another one did.
    Left,
}

/// How a process ended.
#[derive(Clone, Debug)]
pub enum End {
    /// With the outcome of this journal.
    Outcome(usize),
    /// Nothing was to be done.
    Nothing,
    /// It was refused.
    Refused(Rc<Refused>),
    /// Somebody else has the lease.
    Held,
    /// Somebody else took the lease away.
    Lost,
    /// It had trouble of its own.
    Away,
    /// It crashed.
    Crashed,
    /// It decides for ever.
    Raving,
}

/// What is the same in a whole exploration.
#[derive(Clone, Copy, Debug)]
pub struct Context<'c> {
    /// The application.
    pub setup: &'c Setup,
    /// The fault in the core, if there is one.
    pub seed: Seed,
}

/// Decisions on one look before something is wrong.
const RAVING: u32 = 64;

impl Process {
    /// A command that was just given.
    #[must_use]
    pub fn new(command: Command, name: DeploymentId, now: u32) -> Self {
        Self {
            command,
            name,
            stage: Stage::Claim,
            fence: 0,
            found: None,
            left: Left::Nothing,
            credentials: Credentials::Known,
            wake: now,
            changed: [false; 3],
        }
    }

    /// Whether it lives.
    #[must_use]
    pub fn lives(&self) -> bool {
        !matches!(self.stage, Stage::Over(_))
    }

    pub(crate) fn hand<'w>(
        &self,
        (cx, world): (Context<'w>, &'w mut World),
        (fate, sight): (Fate, Sight),
        now: u32,
    ) -> Hand<'w> {
        let expired = FailureKind::Unauthenticated;
        let (fate, sight) = match self.credentials {
            Credentials::Known => (fate, sight),
            Credentials::Expired => (Fate::Refused(expired), Sight::None(expired)),
        };
        Hand {
            cx,
            world: RefCell::new(world),
            fate,
            sight,
            now: Cell::new(now),
        }
    }

    /// It looks and decides. `lines`: it crashes when it has written so many.
    pub(crate) fn look(
        &mut self,
        cx: Context<'_>,
        world: &mut World,
        now: u32,
        sight: Sight,
        lines: Option<u32>,
    ) {
        let Stage::Run(mut running) = self.stage.clone() else {
            return;
        };
        let Some(planned) = world.store.journals[running.journal].planned.clone() else {
            return;
        };
        let plan = &planned.plan;
        let seen = self.see(cx, world, (plan, &running.progress), now, sight);
        let mut left = lines;
        for _ in 0..RAVING {
            note(cx, world, plan, &running.progress);
            let at = moment(now);
            let events = match cx.seed.decide(plan, &running.progress, &seen, at) {
                Decision::Find(findings) => {
                    running.immediate = 0;
                    let found = |finding| Event::Found { finding };
                    findings.into_iter().map(found).collect()
                }
                Decision::Act(acts) => {
                    running.immediate = 0;
                    running.acts = acts.iter().cloned().collect();
                    acts.into_iter()
                        .map(|act| Event::Intended { act })
                        .collect()
                }
                Decision::Wait(until, reason) => {
                    let told = running.progress.waiting() == Some(&reason) || until <= at;
                    self.wake = running.at_least(seconds(until), now, plan.policy.poll);
                    match told {
                        true => Vec::new(),
                        false => vec![Event::Waiting { reason }],
                    }
                }
                Decision::Finish(outcome) => vec![Event::Finished { outcome: *outcome }],
                Decision::Leave(_) => return self.leave(world, now, End::Away),
            };
            let goes_on = matches!(events.first(), Some(Event::Found { .. }));
            for event in events {
                if left == Some(0) {
                    return self.crash(world, now);
                }
                left = left.map(|left| left - 1);
                if running.write(world, event, now).is_err() {
                    return self.leave(world, now, End::Lost);
                }
            }
            if running.progress.outcome().is_some() {
                return self.ended(world, now, &running);
            }
            if !goes_on {
                note(cx, world, plan, &running.progress);
                self.stage = Stage::Run(running);
                return;
            }
        }
        self.leave(world, now, End::Raving);
    }

    fn see(
        &mut self,
        cx: Context<'_>,
        world: &mut World,
        (plan, progress): (&backstay_domain::plan::Plan, &Progress),
        now: u32,
        sight: Sight,
    ) -> Observation {
        let watch = cx.seed.watch(plan, progress, moment(now));
        let hand = self.hand((cx, world), (Fate::Done, sight), now);
        let seen = observe(&hand, &hand, &watch).now_or_never();
        for follow in &watch.follow {
            self.changed[index(&follow.locator.name)] = false;
        }
        if !watch.frontends.is_empty() || !watch.pointers.is_empty() {
            self.changed[2] = false;
        }
        match seen {
            Some(seen) => cx.seed.seen(seen),
            None => unreachable!("every answer is ready"),
        }
    }

    /// It makes the next call of those that were decided.
    pub(crate) fn call(&mut self, cx: Context<'_>, world: &mut World, now: u32, fate: Fate) {
        let Stage::Run(mut running) = self.stage.clone() else {
            return;
        };
        let planned = world.store.journals[running.journal].planned.clone();
        let (Some(planned), Some(act)) = (planned, running.acts.pop_front()) else {
            return;
        };
        let hand = self.hand((cx, world), (fate, Sight::Clear), now);
        let ports = Ports {
            cloud: &hand,
            journal: &hand,
            ledger: &hand,
            clock: &hand,
            report: &hand,
            interrupts: &hand,
        };
        let plan = cx.seed.performs(&planned.plan, &running.progress, &act);
        let result = engine::perform(&ports, &plan, &running.progress, &act).now_or_never();
        let event = match result {
            Some(Ok(gave)) => Event::Done { act, gave },
            Some(Err(failure)) => Event::Failed { act, failure },
            None => unreachable!("every answer is ready"),
        };
        match running.write(world, event, now) {
            Ok(()) => self.stage = Stage::Run(running),
            Err(Conflict) => self.leave(world, now, End::Lost),
        }
        self.wake = now;
    }

    /// It gives its lease back, if it still has one.
    pub(crate) fn leave(&mut self, world: &mut World, now: u32, end: End) {
        let ours = |lease: &mut backstay_domain::lease::Lease| lease.fence == self.fence;
        if let Some(lease) = world.store.lease.take_if(ours) {
            world.store.lease = Some(lease.given_back(self.left));
            world.store.renewed = now;
        }
        self.stage = Stage::Over(end);
    }

    /// It is gone without a word.
    pub(crate) fn crash(&mut self, world: &mut World, now: u32) {
        if world
            .store
            .lease
            .as_ref()
            .is_some_and(|lease| lease.fence == self.fence)
        {
            world.store.renewed = now;
        }
        self.stage = Stage::Over(End::Crashed);
    }
}

impl Running {
    fn write(&mut self, world: &mut World, event: Event, now: u32) -> Result<(), Conflict> {
        self.progress = world
            .store
            .append(self.journal, &self.progress, event, now)?;
        Ok(())
    }

    /// A second look at once, but never a third.
    fn at_least(&mut self, until: u32, now: u32, poll: std::time::Duration) -> u32 {
        if until > now {
            self.immediate = 0;
            return until;
        }
        self.immediate += 1;
        match self.immediate > 2 {
            true => seconds(after(moment(now), poll)),
            false => now,
        }
    }
}

fn note(
    cx: Context<'_>,
    world: &mut World,
    plan: &backstay_domain::plan::Plan,
    progress: &Progress,
) {
    if !cx.seed.keeps_the_record() {
        return;
    }
    for entry in noted(plan, progress) {
        world.note(&entry);
    }
}
