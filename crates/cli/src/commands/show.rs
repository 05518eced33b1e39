//! `backstay show`: one deployment in full. Changes nothing.

use std::path::Path;

use backstay_domain::summary::Summary;

use crate::compose::cloud::{Time, runtime};
use crate::compose::find::{self, Place};
use crate::failure::Failure;
use crate::render::json;
use crate::render::show::show_text;
use crate::shell::Shell;

pub(super) fn run(
    shell: &Shell,
    directory: &Path,
    text: &str,
    environment: Option<&str>,
) -> Result<u8, Failure> {
    let (place, records) = runtime(Time::Running)?.block_on(async {
        let places = Place::all(directory, environment).await?;
        let (place, deployment) = find::deployment(places, text).await?;
        let records = place.records(&deployment).await?;
        Ok::<_, Failure>((place, records))
    })?;
    let app = &place.project.configured.app;
    let name = format!("{} {}", app.name, app.environment);
    // A journal that was believed begins as one.
    if let Some(summary) = Summary::of_all(&records) {
        shell.give(
            || show_text(&name, &summary, &records),
            || json::shown(app, &summary, &records),
        );
    }
    Ok(0)
}
