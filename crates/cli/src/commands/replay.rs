//! `backstay replay`: a recorded deployment once more through the view that it had, with its pauses. Changes nothing.

use std::path::Path;

use backstay_domain::journal::{Event, Record};

use super::{ended, show_plan};
use crate::args::Speed;
use crate::compose::cloud::{Time, runtime};
use crate::compose::find::{self, Place};
use crate::failure::Failure;
use crate::render::json::JsonLines;
use crate::render::lines::Lines;
use crate::render::live::Live;
use crate::render::replayed::{play, sittings};
use crate::shell::{Output, Shell};

pub(super) fn run(
    shell: &Shell,
    directory: &Path,
    text: &str,
    environment: Option<&str>,
    speed: Speed,
) -> Result<u8, Failure> {
    runtime(Time::Running)?.block_on(async {
        let places = Place::all(directory, environment).await?;
        let (place, deployment) = find::deployment(places, text).await?;
        let records = place.records(&deployment).await?;
        replay(shell, &records, speed).await;
        Ok(0)
    })
}

async fn replay(shell: &Shell, records: &[Record], speed: Speed) {
    let plan = records.iter().find_map(|record| match &record.event {
        Event::Started { plan, .. } => Some(plan),
        _ => None,
    });
    if let Some(plan) = plan {
        show_plan(shell, plan);
    }
    match shell.output() {
        Output::Json => play(shell, &JsonLines::new(shell), records, 0, speed).await,
        Output::Text if shell.is_watched() => {
            // A view that came to its end is cleared: who went on with a stuck deployment saw another one.
            for (from, to) in sittings(records) {
                let live = Live::resumed(shell, &records[..from]);
                play(shell, &live, &records[..to], from, speed).await;
            }
        }
        Output::Text => play(shell, &Lines::new(shell), records, 0, speed).await,
    }
    let end = records.iter().rev().find_map(|record| match &record.event {
        Event::Finished { outcome } => Some((outcome, record.at)),
        _ => None,
    });
    if let (Some(plan), Some((outcome, at)), Some(first)) = (plan, end, records.first()) {
        let took = at.duration_since(first.at);
        // The exit code is the recorded deployment's; this command did what it was asked to.
        ended(shell, plan, outcome, Some(took));
    } else if shell.output() == Output::Text {
        shell.note("Its journal knows no end.");
    }
}
