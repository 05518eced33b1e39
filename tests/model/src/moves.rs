//! What happens in the abstract cloud by itself.

/// What happens by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// A task of the primary deployment is healthy.
    Starts(usize),
    /// A task of the primary deployment fails.
    Fails(usize),
    /// The tasks of other deployments are out of service: they drain and stop.
    Drains(usize),
    /// The primary deployment is complete: only its tasks run.
    Completes(usize),
    /// A deployment that was asked to roll back does.
    TurnsBack(usize),
    /// A one-off task goes one step on.
    Task(usize),
    /// A one-off task that was asked to stop does.
    Stops(usize),
    /// An invalidation is completed.
    Forgets(usize),
}

/// Something that takes as long as it likes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slow {
    /// The rollouts of a service.
    Service(usize),
    /// One-off tasks.
    Tasks,
    /// The CDN.
    Edge,
}

impl Move {
    /// To what it happens.
    #[must_use]
    pub fn of(self) -> (u8, usize) {
        match self {
            Self::Starts(at)
            | Self::Fails(at)
            | Self::Drains(at)
            | Self::Completes(at)
            | Self::TurnsBack(at) => (0, at),
            Self::Task(at) | Self::Stops(at) => (1, at),
            Self::Forgets(at) => (2, at),
        }
    }

    /// What would have to be slow for it to take its time.
    #[must_use]
    pub fn slow(self) -> Slow {
        match self {
            Self::Starts(at)
            | Self::Fails(at)
            | Self::Drains(at)
            | Self::Completes(at)
            | Self::TurnsBack(at) => Slow::Service(at),
            Self::Task(_) | Self::Stops(_) => Slow::Tasks,
            Self::Forgets(_) => Slow::Edge,
        }
    }
}
