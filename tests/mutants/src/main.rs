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
use crate::play::{End, now, play, tests};
use crate::report::{Fate, report};

/// `backstay-mutants SCRATCH [FILTER]`, from the workspace's root. Only mutants whose name has FILTER in it are played.
fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let Some(scratch) = words.next().map(PathBuf::from) else {
        say("say where there is room: backstay-mutants SCRATCH [FILTER]");
        return ExitCode::FAILURE;
    };
    match all(&scratch, &words.next().unwrap_or_default()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Plays all that `filter` is in the name of; gives the number of survivors.
fn all(scratch: &Path, filter: &str) -> Result<usize, String> {
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
            fates.extend(room(&place, package, mutants, filter)?);
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
    let mut fates = Vec::new();
    let played: Vec<&&Mutant> = mutants
        .iter()
        .filter(|mutant| mutant.name.contains(filter))
        .collect();
    for (count, mutant) in played.iter().enumerate() {
        let number = mutant.number;
        let fate = if built.unviable.contains_key(&number) {
            Fate::Unviable
        } else if let Some(why) = built.apart.get(&number) {
            Fate::Apart(why.clone())
        } else {
            let began = now();
            let end = play(number, &mut tests, &directory)?;
            let seconds = began.elapsed().as_secs_f32();
            let of = played.len();
            say(&format!(
                "{count}/{of} {} {end:?} {seconds:.1} s",
                mutant.name
            ));
            Fate::Played(end)
        };
        fates.push(((**mutant).clone(), fate));
    }
    Ok(fates)
}

/// Nobody minds who does not read it.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
