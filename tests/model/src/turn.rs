//! Taking a turn at the environment, step by step, as `adapters/turn` does: the lease, what is found unfinished, what is taken
//! over. The rules of the lease and of the journal are the domain's own; the order of these steps is written again here.

use std::rc::Rc;

use backstay_domain::journal::{Act, Cause, Event, Finding, Outcome};
use backstay_domain::lease::{Holder, Lease, Left, Manner};
use backstay_domain::operator::{Operator, Why};
use backstay_domain::progress::Progress;

use crate::moment;
use crate::planning::{self, Planning};
use crate::process::{Aim, Command, Context, Credentials, End, Process, Running, Stage, Whose};
use crate::world::World;

impl Process {
    /// Its next step before it carries anything out.
    pub(crate) fn turn(&mut self, cx: Context<'_>, world: &mut World, now: u32, living: &[bool]) {
        match self.stage.clone() {
            Stage::Claim => self.claim(world, now, living),
            Stage::Settle => self.settle(world, now),
            Stage::Open(journal, aim) => self.open(world, now, journal, aim),
            Stage::TakeOver(journal, aim, known) => {
                self.take_over(world, now, (journal, aim), &known)
            }
            Stage::Plan => match planning::plan(self, cx, world, now) {
                Planning::Made(planned) => self.stage = Stage::Begin(planned),
                Planning::Empty => self.leave(world, now, End::Nothing),
                Planning::Refused(refused) => {
                    self.leave(world, now, End::Refused(Rc::new(refused)))
                }
            },
            Stage::Begin(planned) => {
                let name = self.name.clone();
                if self.works_on(world, &name) {
                    self.left = Left::Unfinished;
                    self.stage = Stage::Start(planned);
                } else {
                    self.leave(world, now, End::Lost);
                }
            }
            Stage::Start(planned) => {
                let event = Event::Started {
                    plan: Box::new(planned.plan.clone()),
                    by: None,
                    operator: Operator::default(),
                    why: Why::default(),
                };
                match world.store.create(&self.name, Some(planned), event, now) {
                    Ok(journal) => self.run(world, journal, Whose::Own),
                    Err(_) => self.leave(world, now, End::Lost),
                }
            }
            Stage::Run(_) | Stage::Over(_) => {}
        }
    }

    fn claim(&mut self, world: &mut World, now: u32, living: &[bool]) {
        let lives = |holder: &Holder| {
            let number = holder
                .deployment
                .as_str()
                .trim_start_matches("d-")
                .parse::<usize>();
            number.is_ok_and(|number| living.get(number - 1) == Some(&true))
        };
        let found = world.store.found(now, lives);
        let held = found.as_ref().and_then(|found| found.held(Manner::Patient));
        let manner = match (self.command, held) {
            (Command::Rollback(..), Some(_)) => Manner::Forced {
                from: found.as_ref().map_or(0, |found| found.lease.fence),
            },
            (_, _) => Manner::Patient,
        };
        let holder = Holder {
            operator: Operator::default(),
            since: moment(now),
            deployment: self.name.clone(),
            doing: String::new(),
        };
        match Lease::claim(found.as_ref(), holder, manner) {
            Ok(lease) => {
                self.fence = lease.fence;
                self.found = lease.deployment.clone();
                self.left = match self.found {
                    Some(_) => Left::Unfinished,
                    None => Left::Nothing,
                };
                (world.store.lease, world.store.renewed) = (Some(lease), now);
                self.stage = Stage::Settle;
            }
            Err(_) => self.stage = Stage::Over(End::Held),
        }
    }

    fn settle(&mut self, world: &mut World, now: u32) {
        let unfinished = self.unfinished(world, now);
        self.stage = match (self.command, unfinished) {
            (Command::Deploy(..), Some(journal)) => Stage::Open(journal, Aim::On),
            (Command::Rollback(..), Some(journal)) => Stage::Open(journal, Aim::Back),
            (Command::Deploy(..) | Command::Rollback(..), None) => Stage::Plan,
            (Command::Resume, Some(journal)) => Stage::Open(journal, Aim::Again),
            (Command::Resume, None) => match world.store.last_stuck() {
                Some(journal) => Stage::Open(journal, Aim::Again),
                None => return self.leave(world, now, End::Nothing),
            },
        };
    }

    fn unfinished(&mut self, world: &mut World, now: u32) -> Option<usize> {
        let found = self.found.clone()?;
        let over = match world.store.journal(&found) {
            None => {
                // Its holder never wrote to it: its place is taken.
                let operator = Operator::default();
                let _ = world
                    .store
                    .create(&found, None, Event::Abandoned { operator }, now);
                None
            }
            Some(journal) => {
                Some(journal).filter(|at| !world.store.journals[*at].progress.is_over())
            }
        };
        if over.is_none() {
            self.left = Left::Nothing;
        }
        over
    }

    fn open(&mut self, world: &mut World, now: u32, journal: usize, aim: Aim) {
        if self.credentials == Credentials::Expired {
            return self.leave(world, now, End::Away);
        }
        let progress = Rc::clone(&world.store.journals[journal].progress);
        let stuck = matches!(progress.outcome(), Some(Outcome::Stuck { .. }));
        if progress.is_over() && !(stuck && aim == Aim::Again) {
            self.left = Left::Nothing;
            match self.command {
                Command::Deploy(..) | Command::Rollback(..) => self.stage = Stage::Plan,
                Command::Resume => self.leave(world, now, End::Nothing),
            }
            return;
        }
        let deployment = world.store.journals[journal].deployment.clone();
        if !self.works_on(world, &deployment) {
            return self.leave(world, now, End::Lost);
        }
        self.left = Left::Unfinished;
        self.stage = Stage::TakeOver(journal, aim, progress);
    }

    fn take_over(
        &mut self,
        world: &mut World,
        now: u32,
        (journal, aim): (usize, Aim),
        known: &Progress,
    ) {
        let resumed = Event::Resumed {
            by: None,
            operator: Operator::default(),
            fence: self.fence,
        };
        let Ok(progress) = world.store.append(journal, known, resumed, now) else {
            // Its former holder wrote once more.
            self.stage = Stage::Open(journal, aim);
            return;
        };
        let stays = progress.turned_back().is_some() || progress.may_have_done(&Act::RecordRelease);
        if aim == Aim::Back && !stays {
            let cause = Cause::Asked {
                by: Operator::default(),
                reason: None,
            };
            let event = Event::Found {
                finding: Finding::TurnedBack { cause },
            };
            if world.store.append(journal, &progress, event, now).is_err() {
                return self.leave(world, now, End::Lost);
            }
        }
        self.run(world, journal, Whose::Left);
    }

    fn run(&mut self, world: &World, journal: usize, whose: Whose) {
        self.changed = [false; 3];
        self.stage = Stage::Run(Running {
            journal,
            progress: Rc::clone(&world.store.journals[journal].progress),
            acts: [].into(),
            immediate: 0,
            whose,
        });
    }

    /// Notes in the lease what it works on, if it still has it.
    fn works_on(&self, world: &mut World, deployment: &backstay_domain::DeploymentId) -> bool {
        let ours = |lease: &mut Lease| lease.fence == self.fence;
        match world.store.lease.take_if(ours) {
            Some(lease) => {
                world.store.lease = Some(lease.working_on(deployment.clone()));
                true
            }
            None => false,
        }
    }

    /// A deployment has come to its end: that is all, or its own follows.
    pub(crate) fn ended(&mut self, world: &mut World, now: u32, running: &Running) {
        self.left = Left::Nothing;
        let follows = match (self.command, running.whose, running.progress.outcome()) {
            (_, Whose::Own, _) | (Command::Resume, _, _) => false,
            (_, Whose::Left, Some(Outcome::Stuck { .. }) | None) => false,
            (Command::Deploy(..), Whose::Left, Some(_)) => true,
            (Command::Rollback(to, _), Whose::Left, Some(outcome)) => {
                to.is_some() || matches!(outcome, Outcome::Live { .. })
            }
        };
        if follows {
            self.stage = Stage::Plan;
        } else {
            self.leave(world, now, End::Outcome(running.journal));
        }
    }
}
