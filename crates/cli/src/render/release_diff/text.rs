//! The differences as people read them: what concerns the whole release, then part by part.

use super::{Fact, FileCounts, Pair, Part, ReleaseDiff};
use crate::render::clean::clean;
use crate::render::plan::change_line;
use crate::render::plan::diff::How;
use crate::render::words::counted;

/// The differences, part by part.
#[must_use]
pub fn diff_text(diff: &ReleaseDiff) -> String {
    let (from, to) = (&diff.from, &diff.to);
    let place = format!("{} {}", diff.app, diff.environment);
    if diff.equal {
        return format!(
            "{place}: {} ({}) and {} ({}) are the same\n",
            from.version, from.release, to.version, to.release
        );
    }
    let mut out = format!(
        "{place}: {} ({}) → {} ({})\n",
        from.version, from.release, to.version, to.release
    );
    let mut whole = String::new();
    let mut line = |name: &str, words: String| whole.push_str(&format!("{name:<15}{words}\n"));
    if let Some(commit) = &diff.commit {
        line("commit", pair_words(commit));
    }
    if let Some(configuration) = &diff.configuration {
        line("configuration", pair_words(configuration));
    }
    if let Some(files) = &diff.frontend {
        line("frontend", file_words(files));
    }
    for (name, files) in &diff.frontends {
        line(name.as_str(), file_words(files));
    }
    for check in &diff.checks {
        line("check", format!("{} {}", check.name, check.change.word()));
    }
    if !whole.is_empty() {
        out.push_str(&format!("\n{whole}"));
    }
    if let Some(migration) = &diff.migration {
        out.push_str(&part_text("", migration));
    }
    for service in &diff.services {
        out.push_str(&part_text("service ", service));
    }
    for job in &diff.jobs {
        out.push_str(&part_text("job ", job));
    }
    out
}

/// Its facts, then its task definition. That another image is another image is said once.
fn part_text(kind: &str, part: &Part) -> String {
    let mut out = format!("\n{kind}{} {}\n", part.name, part.change.word());
    for Fact { name, from, to } in part.facts.iter().filter(|fact| is_told(part, fact)) {
        let words = from_to(from.as_deref(), to.as_deref());
        out.push_str(&format!("  {name:<13}{words}\n"));
    }
    let said = part.facts.iter().any(|fact| fact.name == "image");
    let shown = || {
        let changes = part.definition.iter();
        changes.filter(|change| !(said && change.path.ends_with(".image")))
    };
    let width = shown().map(|change| change.path.chars().count()).max();
    for change in shown() {
        out.push_str(&format!("  {}\n", change_line(change, width.unwrap_or(0))));
    }
    out
}

/// Of what is new or gone, where it runs says nothing more than its name.
fn is_told(part: &Part, fact: &Fact) -> bool {
    match part.change {
        How::Changed => true,
        How::Added | How::Removed => !matches!(fact.name, "cluster" | "service"),
    }
}

fn pair_words(pair: &Pair) -> String {
    from_to(pair.from.as_deref(), pair.to.as_deref())
}

fn from_to(from: Option<&str>, to: Option<&str>) -> String {
    match (from, to) {
        (Some(from), Some(to)) => format!("{from} → {to}"),
        (Some(from), None) => format!("was {from}"),
        (None, Some(to)) => to.to_owned(),
        (None, None) => String::new(),
    }
}

fn file_words(files: &FileCounts) -> String {
    let words = format!(
        "{} added, {} removed, {} changed",
        counted(files.added, "file"),
        files.removed,
        files.changed
    );
    match files.mutable.as_slice() {
        [] => format!("{words}; visitors notice nothing"),
        mutable => format!("{words}; visitors notice {}", clean(&mutable.join(", "))),
    }
}
