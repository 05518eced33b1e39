//! `just mutants`: all mutants of `cargo mutants --list` in one build, each behind a switch, and played one after the other.

mod build;
mod mutant;
mod play;
mod report;
mod schema;
mod site;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::build::{Place, build, library};
use crate::mutant::Mutant;
use crate::play::{End, Pace, now, play, tests};
use crate::report::{Fate, report};

/// `backstay-mutants SCRATCH [FILTER] [slow]`, from the workspace's root. Only mutants whose name has FILTER in it are played;
/// slow tests are only played with `slow`, by those that all others let live.
fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let Some(scratch) = words.next().map(PathBuf::from) else {
        say("say where there is room: backstay-mutants SCRATCH [FILTER] [slow]");
        return ExitCode::FAILURE;
    };
    let filter = words.next().unwrap_or_default();
    let paces: &[Pace] = match words.next().as_deref() {
        Some("slow") => &[Pace::Quick, Pace::Slow],
        _ => &[Pace::Quick],
    };
    match all(&scratch, &filter, paces) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Plays all that `filter` is in the name of; gives the number of survivors.
fn all(scratch: &Path, filter: &str, paces: &[Pace]) -> Result<usize, String> {
    let told = |error: std::io::Error| error.to_string();
    let began = now();
    let list = Command::new("cargo")
        .args(["mutants", "--list", "--json"])
        .output()
        .map_err(told)?;
    let mutants = mutant::parse(&list.stdout)?;
    fs::create_dir_all(scratch).map_err(told)?;
    let scratch = &scratch.canonicalize().map_err(told)?;
    let place = Place {
        tree: scratch.join("tree"),
        target: scratch.join("target"),
    };
    let mut packages: BTreeMap<&str, Vec<&Mutant>> = BTreeMap::new();
    for mutant in &mutants {
        packages.entry(&mutant.package).or_default().push(mutant);
    }
    let mut changed: BTreeSet<PathBuf> = mutants
        .iter()
        .map(|mutant| place.tree.join(&mutant.file))
        .collect();
    let libraries = mutants
        .iter()
        .filter_map(|mutant| library(Path::new(&mutant.file)));
    changed.extend(libraries.map(|library| place.tree.join(library)));
    tree::mirror(Path::new("."), &place.tree, &changed).map_err(told)?;
    let mut fates = Vec::new();
    for (package, mutants) in packages.iter().rev() {
        if mutants.iter().any(|mutant| mutant.name.contains(filter)) {
            fates.extend(room(&place, package, mutants, filter, paces)?);
        }
    }
    fates.sort_by_key(|(mutant, _)| mutant.number);
    let text = report(&fates);
    fs::write(scratch.join("report.md"), &text).map_err(told)?;
    say(&text);
    say(&format!("{} s", began.elapsed().as_secs()));
    let survived = |(_, fate): &&(Mutant, Fate)| matches!(fate, Fate::Played(End::Survived(_)));
    Ok(fates.iter().filter(survived).count())
}

/// Plays the mutants of one crate against its own tests.
fn room(
    place: &Place,
    package: &str,
    mutants: &[&Mutant],
    filter: &str,
    paces: &[Pace],
) -> Result<Vec<(Mutant, Fate)>, String> {
    let built = build(place, package, mutants, &say)?;
    let file = mutants.first().map_or("", |mutant| &mutant.file);
    let directory = file.split("/src/").next().unwrap_or_default();
    let directory = place.tree.join(directory);
    let notes = place.tree.with_file_name("reached");
    let began = now();
    let mut tests = tests(&built.binaries, &directory, &notes)?;
    say(&format!(
        "{package}: {} tests, {} s one by one",
        tests.len(),
        began.elapsed().as_secs()
    ));
    let played = mutants.iter().filter(|mutant| mutant.name.contains(filter));
    let mut fates: Vec<(Mutant, Fate)> = played
        .map(|mutant| {
            let fate = match built.apart.get(&mutant.number) {
                Some(why) => Fate::Apart(why.clone()),
                None if built.unviable.contains_key(&mutant.number) => Fate::Unviable,
                None => Fate::Played(End::Survived(0)),
            };
            ((*mutant).clone(), fate)
        })
        .collect();
    let known = place.tree.with_file_name(format!("{package}.caught"));
    let caught = fs::read_to_string(&known).unwrap_or_default();
    let caught: BTreeMap<&str, &str> = caught
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .collect();
    let keys: Vec<String> = fates.iter().map(|(mutant, _)| key(mutant)).collect();
    let of = fates.len();
    for pace in paces {
        for (count, ((mutant, fate), key)) in fates.iter_mut().zip(&keys).enumerate() {
            let Fate::Played(End::Survived(before)) = fate else {
                continue;
            };
            let by = caught.get(key.as_str()).copied().unwrap_or_default();
            let began = now();
            let mut end = play(mutant.number, &mut tests, &directory, (*pace, by))?;
            match &mut end {
                End::Survived(tests) => *tests += *before,
                End::ByTime => {}
                End::Caught(test) if test == by => {}
                End::Caught(test) => remember(&known, key, test)?,
            }
            let seconds = began.elapsed().as_secs_f32();
            let name = &mutant.name;
            say(&format!("{count}/{of} {name} {end:?} {seconds:.1} s"));
            *fate = Fate::Played(end);
        }
    }
    Ok(fates)
}

/// A mutant of a file as it is now: the test that caught it the last time is played first.
fn key(mutant: &Mutant) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in fs::read(&mutant.file).unwrap_or_default() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x} {}", mutant.name)
}

fn remember(known: &Path, key: &str, by: &str) -> Result<(), String> {
    let file = fs::OpenOptions::new().create(true).append(true).open(known);
    let written = file.and_then(|mut file| writeln!(file, "{key}\t{by}"));
    written.map_err(|error| format!("{}: {error}", known.display()))
}

/// Nobody minds who does not read it.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
