//! How a file begins, ends and is named, and what none of them holds.

use std::path::{Path, PathBuf};

use crate::source::code;
use crate::tree::{at, our_files, read, short, verdict};

/// A file that has grown beyond this has two subjects.
const MOST_LINES: usize = 420;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 6] = ["utils", "util", "common", "helpers", "misc", "manager"];

#[test]
fn every_file_says_what_it_is_for() {
    let wrong: Vec<String> = our_files()
        .iter()
        .filter(|file| !read(file).starts_with("//! "))
        .map(|file| {
            at(
                file,
                0,
                "does not begin with `//! `: say in one line what this file is for",
            )
        })
        .collect();
    verdict(&wrong);
}

#[test]
fn no_file_has_two_subjects() {
    let mut lengths: Vec<(usize, PathBuf)> = our_files()
        .into_iter()
        .map(|file| (read(&file).lines().count(), file))
        .collect();
    lengths.sort();
    let median = lengths
        .get(lengths.len() / 2)
        .map_or(0, |(lines, _)| *lines);
    println!(
        "{} files, median {median} lines; the longest:",
        lengths.len()
    );
    for (lines, file) in lengths.iter().rev().take(5) {
        println!("{lines:5} {}", short(file));
    }
    let wrong: Vec<String> = lengths
        .iter()
        .filter(|(lines, _)| *lines > MOST_LINES)
        .map(|(lines, file)| {
            format!(
                "{}: {lines} lines, at most {MOST_LINES}: split it by subject",
                short(file)
            )
        })
        .collect();
    verdict(&wrong);
}

#[test]
fn no_file_has_an_empty_name() {
    let empty = |file: &&PathBuf| {
        Path::new(&short(file))
            .iter()
            .filter_map(|part| Path::new(part).file_stem()?.to_str())
            .any(|part| EMPTY_NAMES.contains(&part))
    };
    let wrong: Vec<String> = our_files()
        .iter()
        .filter(empty)
        .map(|file| {
            at(
                file,
                0,
                "has a name that says nothing: name it after what is inside",
            )
        })
        .collect();
    verdict(&wrong);
}

#[test]
fn nothing_is_unsafe_and_no_lint_is_silenced() {
    let mut wrong = Vec::new();
    for file in our_files() {
        for (number, line) in code(&read(&file)).lines().enumerate() {
            if line
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .any(|word| word == "unsafe")
            {
                wrong.push(at(
                    &file,
                    number,
                    "is unsafe: there is a safe way, if a slower one",
                ));
            }
            let dense: String = line.split_whitespace().collect();
            if dense.contains("[allow(") || dense.contains(",allow(") {
                wrong.push(at(
                    &file,
                    number,
                    "silences a lint: fix it, or `#[expect(…, reason = \"…\")]`",
                ));
            }
        }
    }
    verdict(&wrong);
}
