//! What a deployment intends, does and finds, in order. Progress is a fold over this and nothing else.

mod grounds;
mod left;
mod outcome;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use crate::act::{Act, Gave, Job, Side};
pub use grounds::Grounds;
pub use left::{Left, LeftBehind, Published, Remains, Runs, SchemaLeft};
pub use outcome::{Cause, Obstacle, Outcome, Stuck};

use crate::anchor::Anchored;
use crate::app::OnInterrupt;
use crate::observation::{JobState, Reading};
use crate::operator::{Operator, Why};
use crate::plan::Plan;
use crate::ports::{Caller, PortFailure};
use crate::reason::Reason;
use crate::traffic::Hold;
use crate::verdict::{Component, Proof, Witness};
use crate::{DefinitionRef, DeploymentId, FrontendName, JobName, RolloutHandle, ServiceName};

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Position, from 0, without gaps.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// Which deployment.
    pub deployment: DeploymentId,
    /// What.
    pub event: Event,
}

/// What can happen to a deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// It begins.
    Started {
        /// Its plan.
        plan: Box<Plan>,
        /// Who began it, as the cloud sees it.
        by: Option<Caller>,
        /// Who began it, as people know it.
        #[serde(default)]
        operator: Operator,
        /// Why.
        #[serde(default)]
        why: Why,
    },
    /// An act is about to be done.
    Intended {
        /// The act.
        act: Act,
    },
    /// The act was done.
    Done {
        /// The act.
        act: Act,
        /// What it gave.
        gave: Gave,
    },
    /// The act failed.
    Failed {
        /// The act.
        act: Act,
        /// How.
        failure: PortFailure,
    },
    /// Why the engine waits: recorded when the reason changes.
    Waiting {
        /// The reason.
        reason: Reason,
    },
    /// Something was found out about the world.
    Found {
        /// What.
        finding: Finding,
    },
    /// It ended.
    Finished {
        /// How.
        outcome: Outcome,
    },
    /// Another process goes on with it, or the same one after a human cleared what was in its way.
    Resumed {
        /// Who, as the cloud sees it.
        by: Option<Caller>,
        /// Who, as people know it.
        operator: Operator,
        /// The fence of the lease under which it goes on.
        fence: u64,
    },
    /// A signal asked it to stop.
    Interrupted {
        /// Which, for example `SIGINT`.
        signal: String,
        /// What follows.
        then: OnInterrupt,
    },
    /// Somebody gave the lease of its holder back by hand.
    Unlocked {
        /// Who.
        operator: Operator,
        /// Why.
        reason: Option<String>,
    },
    /// It was never begun, and now cannot be: somebody else has taken its lease.
    Abandoned {
        /// Who.
        operator: Operator,
    },
}

/// What was found out, and is relied upon from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "kebab-case")]
pub enum Finding {
    /// A rollout whose reply was lost is there after all.
    Adopted {
        /// The service.
        service: ServiceName,
        /// To which release.
        side: Side,
        /// The rollout.
        rollout: RolloutHandle,
    },
    /// An act whose reply was lost had no effect.
    NoEffect {
        /// The act.
        act: Act,
    },
    /// The cloud says the rollout has ended well.
    RolloutEnded {
        /// The service.
        service: ServiceName,
        /// Of which release.
        side: Side,
    },
    /// All tasks of a rollout answer, and those that it replaces drain. It is not complete.
    Serves {
        /// Of which release.
        side: Side,
        /// By whom; the rollout's record is not among them.
        proof: Proof,
    },
    /// A rollout waits for somebody.
    Held {
        /// The service.
        service: ServiceName,
        /// At which stage, in the cloud's own word.
        stage: String,
        /// What becomes of it when nobody answers, and when.
        hold: Hold,
    },
    /// A rollout that waited for somebody goes on.
    WentOn {
        /// The service.
        service: ServiceName,
    },
    /// A probe or a smoke check was not answered as expected.
    CheckFailed {
        /// Its name.
        name: String,
        /// What was seen.
        seen: String,
    },
    /// All smoke checks passed.
    ChecksPassed,
    /// The database can be brought back to this.
    Anchored {
        /// What.
        anchor: Anchored,
    },
    /// Earlier anchors could not be removed: in nobody's way.
    AnchorsStay {
        /// Why.
        failure: PortFailure,
    },
    /// A one-off task ended.
    JobEnded {
        /// Which.
        job: Job,
        /// How.
        state: JobState,
        /// Last lines of its log.
        log: Vec<String>,
        /// The revision that it reported, when it was to report one and ended well.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reading: Option<Reading>,
    },
    /// The CDN serves the new files everywhere.
    Invalidated {
        /// Which frontend.
        #[serde(default, skip_serializing_if = "FrontendName::is_usual")]
        frontend: FrontendName,
        /// For which release.
        side: Side,
    },
    /// Every witness of a component confirms.
    Proven {
        /// Of which release.
        side: Side,
        /// By whom.
        proof: Proof,
    },
    /// A service that left has no task any more.
    Retired {
        /// The service.
        service: ServiceName,
    },
    /// The watch over the finished release begins.
    BakeBegan,
    /// The watch is over; every component is proven once more.
    BakeEnded,
    /// The deployment turns back.
    TurnedBack {
        /// Because of this.
        cause: Cause,
    },
    /// A service cannot return to its previous release.
    CannotReturn {
        /// The service.
        service: ServiceName,
        /// Why.
        why: String,
        /// What speaks for it.
        #[serde(default)]
        grounds: Grounds,
    },
    /// A frontend cannot be brought back, or not be seen to be; the rest goes on.
    FrontendStays {
        /// Which frontend.
        #[serde(default, skip_serializing_if = "FrontendName::is_usual")]
        frontend: FrontendName,
        /// Why.
        obstacle: Obstacle,
    },
    /// What starts a job cannot be brought back, or not be seen to be; the rest goes on.
    ScheduleStays {
        /// The job.
        job: JobName,
        /// Why.
        obstacle: Obstacle,
    },
    /// Everything that was touched is put back, as far as that is possible: now it is proven.
    Undone,
    /// A component is back, but was not proven in time.
    Unproven {
        /// What.
        component: Component,
        /// The witness that does not confirm.
        witness: Witness,
    },
    /// A service runs what somebody else deployed; it is left alone.
    LeftAlone {
        /// The service.
        service: ServiceName,
        /// What it runs.
        runs: DefinitionRef,
    },
}
