//! Every history of a deployment, up to a bound that is named: the real core of the domain decides, an abstract cloud answers.
//! Read in this order.

pub mod app;
pub mod bounds;
pub mod choices;
pub mod cloud;
mod disturb;
pub mod explore;
pub mod key;
pub mod model;
pub mod moves;
pub mod planning;
pub mod ports;
pub mod process;
pub mod properties;
pub mod seeded;
pub mod service;
pub mod store;
pub mod story;
pub mod turn;
pub mod views;
pub mod world;

use jiff::Timestamp;

/// The second in which histories begin.
pub const BEGIN: u32 = 1_700_000_000;

/// A moment, so many seconds after the beginning.
#[must_use]
pub fn moment(seconds: u32) -> Timestamp {
    let at = i64::from(BEGIN) + i64::from(seconds);
    Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Seconds after the beginning.
#[must_use]
pub fn seconds(at: Timestamp) -> u32 {
    let begin = i64::from(BEGIN);
    let part = i64::from(at.subsec_nanosecond() > 0);
    u32::try_from(at.as_second() + part - begin).unwrap_or(0)
}

/// What was written down here is valid.
pub(crate) fn fixed<T, E: std::fmt::Debug>(written: Result<T, E>) -> T {
    match written {
        Ok(valid) => valid,
        Err(invalid) => unreachable!("{invalid:?}"),
    }
}
