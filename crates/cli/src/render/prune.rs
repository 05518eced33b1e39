//! What is kept and what goes, in words: some files are named, the rest is counted.

use backstay_domain::app::Keep;
use backstay_domain::prune::Kept;
use backstay_domain::release::Release;

use super::clean::clean;
use super::time::size;
use super::words::counted;

/// So many files are named.
const NAMED: usize = 10;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// It was only shown.
    Nothing,
    /// It went.
    Gone {
        /// So many objects.
        objects: u32,
        /// So many tags of images.
        tags: u32,
    },
}

/// The answer.
#[must_use]
pub fn prune_text(found: &Kept, keep: Keep, done: Done) -> String {
    let mut lines = vec![format!(
        "Kept: what {} and the last {} need: {}.",
        counted(keep.releases as usize, "release"),
        counted(keep.days as usize, "day"),
        versions(&found.kept)
    )];
    if !found.left.is_empty() {
        lines.push(format!("Not kept: {}.", versions(&found.left)));
    }
    let files = found.files();
    for path in files.iter().take(NAMED) {
        lines.push(format!("  - {path}"));
    }
    if let Some(more) = files.len().checked_sub(NAMED + 1) {
        lines.push(format!("  … and {} more", more + 1));
    }
    let files = counted(files.len(), "file");
    let (bytes, copies) = (size(found.bytes()), found.copies());
    let what = format!(
        "{files} ({bytes}) and {} of pages",
        match copies {
            1 => "1 copy".to_owned(),
            many => format!("{many} copies"),
        }
    );
    lines.push(match (found.is_empty(), done) {
        (true, Done::Nothing | Done::Gone { tags: 0, .. }) => {
            "There is nothing to take away.".to_owned()
        }
        (true, Done::Gone { .. }) => "No file had to go.".to_owned(),
        (false, Done::Nothing) => {
            format!("{what} would go; with `--apply` they do. No rollback goes further back then.")
        }
        (false, Done::Gone { .. }) => format!("{what} are gone."),
    });
    if let Done::Gone { tags, .. } = done
        && tags > 0
    {
        let images = counted(tags as usize, "image");
        lines.push(format!(
            "{images} of theirs may expire from the registry now."
        ));
    }
    let foreign = found.foreign();
    if !foreign.is_empty() {
        lines.push(format!(
            "{} no longer what was published; somebody else wrote them, and they stay.",
            match foreign.len() {
                1 => "1 file is".to_owned(),
                many => format!("{many} files are"),
            }
        ));
    }
    clean(&lines.join("\n"))
}

fn versions(releases: &[Release]) -> String {
    let versions = Kept::versions(releases).into_iter();
    let versions: Vec<String> = versions.map(ToString::to_string).collect();
    match versions.is_empty() {
        true => "none is recorded".to_owned(),
        false => versions.join(", "),
    }
}
