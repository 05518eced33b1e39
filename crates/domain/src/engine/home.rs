//! Where a rollback without a name goes, once what runs was looked at.

use super::prepare::{Unprepared, not_seen};
use super::survey::survey;
use crate::app::App;
use crate::ledger::Entry;
use crate::plan::{Refusal, Refusals, drifted};
use crate::ports::{Clock, Cloud, Ledger};
use crate::release::Release;
use crate::retreat::{Retreat, Unrecorded, retreat};

/// The release that a rollback without a name goes to; none where no earlier one was proven. Never the one that was newest:
/// where somebody else changed what runs, nobody can tell what is to be left, and it is refused.
///
/// # Errors
/// When something else runs than the newest release, or nobody answers.
pub async fn goes_back_to<'e, C: Cloud, L: Ledger, K: Clock>(
    (cloud, ledger, clock): (&C, &L, &K),
    app: &App,
    entries: &'e [Entry],
    unrecorded: Option<&Unrecorded>,
) -> Result<Option<&'e Release>, Unprepared> {
    let (newest, before) = match retreat(entries, unrecorded) {
        None => return Ok(None),
        Some(Retreat::To(entry)) => return Ok(Some(&entry.release)),
        Some(Retreat::Past { newest, before }) => (&newest.release, before),
    };
    let survey = survey(cloud, ledger, clock, app, newest)
        .await
        .map_err(not_seen)?;
    let what = drifted(newest, &survey);
    if !what.is_empty() {
        let refusal = Refusal::Drifted {
            what,
            recorded: newest.version.clone(),
            before: before.map(|entry| entry.release.version.clone()),
        };
        return Err(Refusals(vec![refusal]).into());
    }
    Ok(before.map(|entry| &entry.release))
}
