//! `backstay migrations`: the app's revisions, each with what it does and what that means. Changes nothing.

use std::path::Path;

use crate::compose::cloud::{Time, runtime};
use crate::compose::find::Place;
use crate::compose::revisions::{Judged, judged};
use crate::failure::Failure;
use crate::render::json;
use crate::render::revisions::revisions_text;
use crate::shell::Shell;

pub(super) fn run(
    shell: &Shell,
    directory: &Path,
    environment: &str,
    version: Option<&str>,
    limit: usize,
) -> Result<u8, Failure> {
    let (place, judged) = runtime(Time::Running)?.block_on(async {
        let place = Place::of(directory, environment).await?;
        let judged = read(&place, version).await?;
        Ok::<_, Failure>((place, judged))
    })?;
    let app = &place.project.configured.app;
    shell.give(
        || revisions_text(app, &judged, limit),
        || json::revisions(app, &judged),
    );
    match judged.problems(directory) {
        Some(problems) => Err(problems.into()),
        None => Ok(0),
    }
}

async fn read(place: &Place, version: Option<&str>) -> Result<Judged, Failure> {
    let project = &place.project;
    // Without a version and without git, what lies here is meant.
    let version = match version {
        Some(_) => Some(project.version(version)?),
        None => project.version(None).ok(),
    };
    // Looking at a directory that is not there would make it.
    let record = match project.may_have_state() {
        true => place.schema().await?,
        false => backstay_domain::schema::SchemaRecord::default(),
    };
    judged(project, version.as_ref(), &record)?.ok_or_else(|| {
        Failure::usage(
            "the configuration does not say where the app's migrations are",
            "write `tool` and `directory` in [migration], for example tool = \"alembic\", directory = \"migration\"",
        )
    })
}
