//! `backstay diff`: what differs between two releases. Changes nothing.

use std::path::Path;

use backstay_domain::release::Release;

use crate::compose::cloud::{Time, runtime};
use crate::compose::find::Place;
use crate::failure::Failure;
use crate::render::json;
use crate::render::release_diff::{ReleaseDiff, diff_text};
use crate::shell::Shell;

/// What may be written for a release.
const NAMES: &str = "name a release (`r-…`), a deployment (`d-…`), a version, or `live`; `backstay history` lists them";

pub(super) fn run(
    shell: &Shell,
    directory: &Path,
    (from, to): (&str, &str),
    environment: Option<&str>,
) -> Result<u8, Failure> {
    let (from, to) = runtime(Time::Running)?.block_on(async {
        let places = Place::all(directory, environment).await?;
        both(&places, from, to).await
    })?;
    let diff = ReleaseDiff::between(&from, &to);
    shell.give(|| diff_text(&diff), || json::release_diff(&diff));
    Ok(0)
}

/// The one environment that knows both.
async fn both(places: &[Place], from: &str, to: &str) -> Result<(Release, Release), Failure> {
    let mut found = Vec::new();
    let mut known = [false; 2];
    for place in places {
        let releases = (place.release(from).await?, place.release(to).await?);
        known[0] |= releases.0.is_some();
        known[1] |= releases.1.is_some();
        if let (Some(from), Some(to)) = releases {
            found.push((place.environment(), from, to));
        }
    }
    if found.len() > 1 {
        let names: Vec<&str> = found.iter().map(|(name, ..)| *name).collect();
        return Err(Failure::usage(
            format!("{} know both `{from}` and `{to}`", names.join(" and ")),
            "name one of them with --environment",
        ));
    }
    if let Some((_, from, to)) = found.pop() {
        return Ok((from, to));
    }
    let names: Vec<&str> = places.iter().map(Place::environment).collect();
    let missing = match known {
        [false, _] => format!("`{from}` is no release of {}", names.join(" or ")),
        [true, false] => format!("`{to}` is no release of {}", names.join(" or ")),
        [true, true] => format!("no environment knows both `{from}` and `{to}`"),
    };
    Err(Failure::usage(missing, NAMES))
}
