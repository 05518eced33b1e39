//! What whoever comes to an environment does about what lies there: its lease, the deployment that the lease names, one that is
//! stuck. Pure: who takes turns reads them, and does what is said here.

use crate::DeploymentId;
use crate::app::{Resume, Takeover};
use crate::journal::Outcome;
use crate::lease::{Found, Holder, Manner};
use crate::progress::Progress;

/// What somebody comes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand<'e> {
    /// Another release.
    Deploy,
    /// An earlier release.
    RollBack,
    /// Going on with a deployment: this one, where it is named.
    Resume(Option<&'e DeploymentId>),
    /// Taking the lease away from a holder that is gone, and that has it for this deployment.
    Unlock(&'e DeploymentId),
    /// Taking away what of earlier releases is not kept.
    Prune,
}

/// How the lease is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A holder keeps everybody away.
    Respect,
    /// A holder is waited for once, until its lease has expired: it may be gone.
    Outwait,
    /// The holder of the lease with this fence loses it.
    Force(u64),
}

/// Whose lease is to be taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlocks<'f> {
    /// Nobody has it.
    Nobodys,
    /// It is held for another deployment: nobody takes it away by a slip of the finger.
    Anothers(&'f Holder),
    /// It is held for the one that was named.
    Theirs(&'f Holder),
}

/// A deployment that the lease names, and that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Which.
    pub deployment: DeploymentId,
    /// What its policy says to whoever comes with a deployment of his own.
    pub takeover: Takeover,
}

/// What is done first, in one's turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum First {
    /// Nothing lies in the way.
    Nothing,
    /// A deployment is brought to its end.
    GoOn {
        /// Which.
        deployment: DeploymentId,
        /// Where to; where nobody says it, its policy does.
        direction: Option<Resume>,
        /// Also when it is stuck.
        stuck: Stuck,
    },
    /// The newest deployment is taken up again, if it is stuck.
    GoOnWithStuck,
    /// That its lease was taken away is noted in its journal: its former holder cannot write to it any more.
    Note(DeploymentId),
    /// Nothing: this one has to be brought to its end, and not by this errand.
    Refuse(DeploymentId),
}

/// Whether a deployment that is stuck is taken up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stuck {
    /// It stays as it is.
    Stays,
    /// It is: a human says that nothing is in its way any more.
    Again,
}

impl Errand<'_> {
    /// How the lease is asked for, by how it was found.
    #[must_use]
    pub fn claim(&self, found: Option<&Found>) -> Claim {
        let is_held = |found: &&Found| found.held(Manner::Patient).is_some();
        let from = match self {
            Self::Deploy | Self::Prune => None,
            Self::Resume(_) => return Claim::Outwait,
            // What a holder does is what is to be stopped.
            Self::RollBack => found.filter(is_held),
            Self::Unlock(named) => found.filter(|found| found.is_for(named)),
        };
        from.map_or(Claim::Respect, |found| Claim::Force(found.lease.fence))
    }

    /// What is done first, with the lease in hand.
    #[must_use]
    pub fn first(&self, unfinished: Option<Unfinished>) -> First {
        let go_on = |deployment, direction, stuck| First::GoOn {
            deployment,
            direction,
            stuck,
        };
        match (self, unfinished) {
            (Self::Deploy | Self::RollBack | Self::Unlock(_) | Self::Prune, None) => First::Nothing,
            // What it may need on either way stays where it is.
            (Self::Prune, Some(left)) => First::Refuse(left.deployment),
            (Self::Deploy, Some(left)) => match left.takeover {
                Takeover::Resume => go_on(left.deployment, None, Stuck::Stays),
                Takeover::Refuse => First::Refuse(left.deployment),
            },
            (Self::RollBack, Some(left)) => {
                go_on(left.deployment, Some(Resume::Back), Stuck::Stays)
            }
            (Self::Unlock(_), Some(left)) => First::Note(left.deployment),
            // One environment has one unfinished deployment: another one is not gone on with beside it.
            (Self::Resume(Some(named)), Some(left)) if **named != left.deployment => {
                First::Refuse(left.deployment)
            }
            (Self::Resume(_), Some(left)) => go_on(left.deployment, None, Stuck::Again),
            (Self::Resume(Some(named)), None) => go_on((*named).clone(), None, Stuck::Again),
            (Self::Resume(None), None) => First::GoOnWithStuck,
        }
    }
}

impl<'f> Unlocks<'f> {
    /// Whose lease it is, for somebody who names a deployment in full.
    #[must_use]
    pub fn of(found: Option<&'f Found>, named: &str) -> Self {
        match found.and_then(|found| found.lease.holder.as_ref()) {
            None => Self::Nobodys,
            Some(holder) if holder.deployment.as_str() == named => Self::Theirs(holder),
            Some(holder) => Self::Anothers(holder),
        }
    }
}

impl Stuck {
    /// Whether nothing is to be done about a deployment any more.
    #[must_use]
    pub fn settled(self, progress: &Progress) -> bool {
        let is_stuck = matches!(progress.outcome(), Some(Outcome::Stuck { .. }));
        match self {
            Self::Stays => progress.is_over(),
            Self::Again => progress.is_over() && !is_stuck,
        }
    }
}
