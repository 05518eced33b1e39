//! The revisions that a deployment applies, one by one, where their files were read and the database's revision is known.

use backstay_domain::app::WayDown;
use backstay_domain::plan::Plan;
use backstay_domain::schema::{Applied, Reach};

use crate::render::clean::clean;

/// A line for each revision, and because of which line of its file it is judged so.
pub(super) fn revisions_text(plan: &Plan) -> String {
    let Some(migration) = plan.migrates() else {
        return String::new();
    };
    let Some(applies) = &migration.applies else {
        return String::new();
    };
    if applies.is_empty() {
        return "Revisions: none, the database is on the last one\n".to_owned();
    }
    let width = applies
        .iter()
        .map(|one| one.revision.to_string().chars().count())
        .max()
        .unwrap_or_default();
    let lines = applies.iter().map(|one| {
        let revision = one.revision.to_string();
        let line = format!("  {revision:<width$}  {}: {}", words(one), one.because);
        format!("{}\n", clean(&line))
    });
    format!("Revisions:\n{}", lines.collect::<String>())
}

fn words(one: &Applied) -> String {
    let code = match one.reach {
        Reach::All => "compatible with earlier code",
        Reach::JustBefore => "compatible with the code just before it",
        Reach::Nobody => "breaking for earlier code",
    };
    let down = match one.way_down {
        WayDown::Lossless => "lossless way down",
        WayDown::Lossy => "lossy way down",
        WayDown::Absent => "no way down",
    };
    format!("{code}, {down}")
}
