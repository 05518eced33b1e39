//! What was sent again before anybody knew what became of it the first time: nothing ends while that may still arrive. After
//! the end it would overwrite what the next deployment does.

use std::time::Duration;

use jiff::Timestamp;

use super::Decision;
use super::look::IN_DOUBT;
use crate::journal::{Act, Side};
use crate::plan::{Change, Plan};
use crate::progress::{Progress, after};
use crate::reason::Reason;

/// Once more after the moment itself.
const POLL: Duration = Duration::from_secs(1);

/// Waits until all of it has arrived, or never will.
pub(super) fn arriving(plan: &Plan, progress: &Progress, now: Timestamp) -> Option<Decision> {
    let pages = plan.frontends.keys().flat_map(|name| {
        [Side::New, Side::Old].map(|side| Act::Point {
            frontend: name.clone(),
            side,
        })
    });
    let services = plan.services.iter().flat_map(|(name, service)| {
        // Forward a rollout is looked for before it is sent again; only scaling to zero is not.
        let forward = (service.change == Change::Retire).then_some(Side::New);
        let sides = forward.into_iter().chain([Side::Old]);
        sides.map(|side| Act::RollOut {
            service: name.clone(),
            side,
        })
    });
    let jobs = plan.jobs.keys().flat_map(|name| {
        [Side::New, Side::Old].map(|side| Act::Schedule {
            job: name.clone(),
            side,
        })
    });
    let open = pages.chain(services).chain(jobs).filter_map(|act| {
        let arrives = after(progress.on_its_way(&act)?, IN_DOUBT);
        (now <= arrives).then_some((arrives, act))
    });
    let (arrives, act) = open.max()?;
    let until = after(now, plan.policy.poll).min(after(arrives, POLL));
    Some(Decision::Wait(until, Reason::Looking { act }))
}
