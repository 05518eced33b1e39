//! A command's turn at an environment: who takes it, which signals end it, and what its failures are called here.

use backstay_adapters::state::lease::{LeaseError, LeaseKeeper};
use backstay_adapters::turn::{Aim, Opened, Patience, Turn, TurnError, Waits, standing, take};
use backstay_domain::DeploymentId;
use backstay_domain::engine::{Ours, Then};
use backstay_domain::lease::{Held, Manner};
use backstay_domain::ports::{Clock, Cloud};
use backstay_domain::turn::{Claim, Errand};

use super::operator::operator;
use super::signals::Signals;
use crate::failure::Failure;

/// A turn that a process may be asked to end by signals.
pub type OurTurn<'t, C, K> = Turn<'t, C, K, Signals>;

/// What a command takes a turn for.
pub struct For<'a> {
    /// The deployment it is about.
    pub deployment: DeploymentId,
    /// In a few words.
    pub doing: String,
    /// What for: that says what is done about a holder.
    pub errand: Errand<'a>,
    /// Is told of a holder that is waited for.
    pub waits: &'a dyn Fn(&Held),
}

/// Takes a turn, does `work` in it, and gives it back whatever comes of that.
///
/// # Errors
/// When somebody else has the lease, the store refuses, or what `work` fails with.
pub async fn turn<C: Cloud, K: Clock, T>(
    opened: Opened<'_, C, K>,
    what: For<'_>,
    work: impl AsyncFnOnce(&OurTurn<'_, C, K>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let found = LeaseKeeper::new(opened.store.clone()).look().await;
    let found = found.map_err(LeaseError::Port)?;
    let (manner, patience) = match what.errand.claim(found.as_ref()) {
        Claim::Respect => (Manner::Patient, Patience::None),
        Claim::Outwait => (Manner::Patient, Patience::UntilExpired(what.waits)),
        Claim::Force(from) => (Manner::Forced { from }, Patience::None),
    };
    let aim = Aim {
        deployment: what.deployment,
        doing: what.doing,
        manner,
        patience,
        operator: operator(),
    };
    take(opened, &Signals::default(), aim, work).await
}

/// A deployment of ours that is not at its end: its rollouts are nobody else's, and what it left ill is known.
///
/// # Errors
/// When the store does not answer, or a journal cannot be believed.
pub async fn ours<C, K>(opened: Opened<'_, C, K>) -> Result<Option<Ours>, Failure> {
    let open = standing(opened.store).await?.open;
    Ok(open.and_then(|open| {
        let plan = open.plan.as_ref()?;
        Some(Ours {
            version: plan.release.version.clone(),
            rollouts: open.rollouts(),
            parts: plan.parts(),
            then: match open.waits {
                Waits::Running | Waits::Unfinished => Then::EndsFirst,
                Waits::Stuck(_) => Then::Stays,
            },
            deployment: open.deployment,
        })
    }))
}

impl From<TurnError> for Failure {
    fn from(error: TurnError) -> Self {
        match error {
            TurnError::Lease(error) => Self::Lease(error),
            TurnError::Journal(error) => Self::Journal(error),
            TurnError::Halted(halted) => Self::Halted(halted),
            TurnError::Unfinished(deployment) => Self::Unfinished(deployment),
            TurnError::Left(signal) => Self::Left(signal),
            TurnError::Signals(source) => Self::File {
                path: "the signals".into(),
                source,
            },
        }
    }
}
