//! A moment of a play, copied: everything that outlives a crash, and nothing else.

use std::sync::Arc;

use backstay_domain::journal::{Event, Record};
use backstay_domain::ledger::Entry;
use backstay_domain::plan::Plan;
use backstay_domain::progress::Progress;
use backstay_simulator::World;

/// What a crash leaves: the cloud, the journal, the ledger.
#[derive(Clone)]
pub(super) struct Fork {
    /// The cloud.
    pub(super) world: World,
    /// The journal.
    pub(super) records: Vec<Arc<Record>>,
    /// Releases that were proven.
    pub(super) ledger: Arc<Vec<Entry>>,
    /// Where the play stood, for people.
    pub(super) place: String,
}

impl Fork {
    /// The plan that the journal begins with; none before that.
    pub(super) fn plan(&self) -> Option<&Plan> {
        plan_of(&self.records)
    }
}

/// The plan that a journal begins with.
pub(super) fn plan_of(records: &[Arc<Record>]) -> Option<&Plan> {
    match records.first().map(|record| &record.event) {
        Some(Event::Started { plan, .. }) => Some(plan),
        _ => None,
    }
}

/// How far the journal has come.
pub(super) fn folded(records: &[Arc<Record>]) -> Result<Progress, String> {
    let mut progress = Progress::default();
    for record in records {
        progress = progress.apply(record).map_err(|illegal| {
            format!(
                "record {} contradicts the journal: {illegal}",
                record.sequence
            )
        })?;
    }
    Ok(progress)
}

/// What a record says, in a few words.
pub(super) fn words(record: &Record) -> String {
    match &record.event {
        Event::Started { .. } => "started".to_owned(),
        Event::Intended { act } => format!("intended: {act}"),
        Event::Done { act, .. } => format!("done: {act}"),
        Event::Failed { act, .. } => format!("failed: {act}"),
        Event::Waiting { reason } => format!("waiting: {reason}"),
        Event::Found { finding } => {
            let mut words = format!("{finding:?}");
            words.truncate(words.floor_char_boundary(90));
            format!("found: {words}")
        }
        Event::Finished { .. } => "finished".to_owned(),
        Event::Resumed { .. } => "resumed".to_owned(),
        Event::Interrupted { .. } => "interrupted".to_owned(),
        Event::Unlocked { .. } => "unlocked".to_owned(),
        Event::Abandoned { .. } => "abandoned".to_owned(),
    }
}
