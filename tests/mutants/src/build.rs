//! One build with all mutants: what does not compile is taken out, in rounds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::mutant::Mutant;
use crate::schema::{Owner, SWITCH, mutated, owner};
use crate::site::{Site, sites};
use crate::tree::write;

/// What came of the rounds.
#[derive(Debug, Default)]
pub(crate) struct Built {
    /// The test binaries.
    pub(crate) binaries: Vec<PathBuf>,
    /// Those that do not compile, and why.
    pub(crate) unviable: BTreeMap<u32, String>,
    /// Those that might compile by themselves, but not behind the switch, and why.
    pub(crate) apart: BTreeMap<u32, String>,
}

/// Where the copy lies, and where it is built. The original is the current directory.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) tree: PathBuf,
    pub(crate) target: PathBuf,
}

/// A complaint of the compiler.
#[derive(Debug)]
struct Complaint {
    file: PathBuf,
    bytes: Range<usize>,
    code: String,
    message: String,
}

/// More rounds than this mean that something else is wrong.
const ROUNDS: usize = 30;

/// Builds the tests of `package` with `mutants` in them. `say` hears of every round.
///
/// # Errors
/// What no mutant is to blame for.
pub(crate) fn build(
    place: &Place,
    package: &str,
    mutants: &[&Mutant],
    say: &dyn Fn(&str),
) -> Result<Built, String> {
    let told = |error: std::io::Error| error.to_string();
    let mut built = Built::default();
    let mut files: BTreeMap<PathBuf, Vec<&Mutant>> = BTreeMap::new();
    for mutant in mutants {
        files
            .entry(place.tree.join(&mutant.file))
            .or_default()
            .push(mutant);
    }
    let mut pieces: BTreeMap<&PathBuf, (String, Vec<Site>)> = BTreeMap::new();
    for (path, mutants) in &files {
        let text = fs::read_to_string(original(place, path)).map_err(told)?;
        let sites =
            sites(&text, mutants).map_err(|error| format!("{}: {error}", path.display()))?;
        let found: BTreeSet<u32> = sites
            .iter()
            .flat_map(|site| site.changes.iter().map(|change| change.number))
            .collect();
        for mutant in mutants
            .iter()
            .filter(|mutant| !found.contains(&mutant.number))
        {
            let why = "`let` in a chain, or a place that is not found";
            built.unviable.insert(mutant.number, why.to_owned());
        }
        pieces.insert(path, (text, sites));
    }
    let library = pieces
        .keys()
        .find_map(|path| library(original(place, path)));
    let library = library.ok_or("no library is mutated")?;
    let root = fs::read_to_string(&library).map_err(told)?;
    let library = place.tree.join(library);
    // What did not compile the last time is not tried again.
    let known = place.tree.with_file_name(format!("{package}.out"));
    for line in fs::read_to_string(&known).unwrap_or_default().lines() {
        let Some((name, why)) = line.split_once('\t') else {
            continue;
        };
        for mutant in mutants.iter().filter(|mutant| mutant.name == name) {
            let (list, why) = match why.strip_prefix("apart: ") {
                Some(why) => (&mut built.apart, why),
                None => (&mut built.unviable, why),
            };
            list.insert(mutant.number, why.to_owned());
        }
    }
    for round in 1..=ROUNDS {
        let out: BTreeSet<u32> = built
            .unviable
            .keys()
            .chain(built.apart.keys())
            .copied()
            .collect();
        let mut texts: BTreeMap<PathBuf, String> = BTreeMap::new();
        for (path, (text, sites)) in &pieces {
            texts.insert((*path).clone(), mutated(text, sites, &out));
        }
        let library = texts.entry(library.clone()).or_insert_with(|| root.clone());
        *library = format!("#![allow(warnings)]\n{library}{SWITCH}");
        for (path, text) in &texts {
            write(path, text.as_bytes()).map_err(told)?;
        }
        let (binaries, complaints) = compile(place, package)?;
        say(&format!(
            "{package}, round {round}: {} complaints",
            complaints.len()
        ));
        if complaints.is_empty() {
            let name = |number: &u32| {
                mutants
                    .iter()
                    .find(|mutant| mutant.number == *number)
                    .map_or("", |mutant| &mutant.name)
            };
            let short = |why: &String| why.lines().next().unwrap_or_default().to_owned();
            let unviable = built
                .unviable
                .iter()
                .map(|(number, why)| format!("{}\t{}\n", name(number), short(why)));
            let apart = built
                .apart
                .iter()
                .map(|(number, why)| format!("{}\tapart: {}\n", name(number), short(why)));
            fs::write(known, unviable.chain(apart).collect::<String>()).map_err(told)?;
            built.binaries = binaries;
            return Ok(built);
        }
        let mut blamed = 0;
        for complaint in &complaints {
            let text = texts.get(&complaint.file);
            let whose = text.and_then(|text| owner(text, &complaint.bytes));
            blamed += usize::from(whose.is_some());
            match whose {
                Some(Owner::Mutant(number)) => {
                    let opaque = mutants.iter().any(|one| {
                        one.number == number
                            && one.genre == "FnValue"
                            && one.returns.contains("impl ")
                    });
                    let list = match opaque || complaint.code == "E0015" {
                        true => &mut built.apart,
                        false => &mut built.unviable,
                    };
                    list.insert(number, complaint.message.clone());
                }
                Some(Owner::Site(number)) => {
                    let all = pieces.values().flat_map(|(_, sites)| sites);
                    let site = all
                        .filter(|site| site.changes.iter().any(|change| change.number == number));
                    for change in site.flat_map(|site| &site.changes) {
                        if !out.contains(&change.number) {
                            built.apart.insert(change.number, complaint.message.clone());
                        }
                    }
                }
                None => {}
            }
        }
        if blamed == 0 {
            let list: Vec<String> = complaints.iter().map(|one| format!("{one:?}")).collect();
            return Err(format!("no mutant is to blame:\n{}", list.join("\n")));
        }
    }
    Err(format!("{package} does not compile after {ROUNDS} rounds"))
}

/// What a file of the copy was made of.
fn original<'p>(place: &Place, path: &'p Path) -> &'p Path {
    path.strip_prefix(&place.tree).unwrap_or(path)
}

/// `lib.rs` of the crate that a file belongs to.
pub(crate) fn library(file: &Path) -> Option<PathBuf> {
    let mut all = file.ancestors().map(|above| above.join("lib.rs"));
    all.find(|path| path.is_file())
}

/// One round of the compiler: the test binaries, or what it complains of.
fn compile(place: &Place, package: &str) -> Result<(Vec<PathBuf>, Vec<Complaint>), String> {
    let optimised = |room: &str| format!("profile.dev.package.{room}.opt-level=1");
    let output = Command::new("cargo")
        .args([
            "test",
            "--tests",
            "--no-run",
            "--message-format=json",
            "--package",
            package,
        ])
        .args(["--config", "profile.dev.debug=0"])
        .args(["--config", &optimised("backstay-domain")])
        .args(["--config", &optimised("backstay-adapters")])
        .current_dir(&place.tree)
        .env("CARGO_TARGET_DIR", &place.target)
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| format!("cargo does not run: {error}"))?;
    let mut binaries = Vec::new();
    let mut complaints = Vec::new();
    let text = String::from_utf8_lossy(&output.stdout);
    for line in text.lines() {
        let Ok(value) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let is_test = value.pointer("/profile/test") == Some(&Value::Bool(true));
        if let Some(path) = value
            .get("executable")
            .and_then(Value::as_str)
            .filter(|_| is_test)
        {
            binaries.push(PathBuf::from(path));
        }
        complaints.extend(complaint(&value, &place.tree));
    }
    if !output.status.success() && complaints.is_empty() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok((binaries, complaints))
}

fn complaint(value: &Value, tree: &Path) -> Option<Complaint> {
    let message = value.get("message")?;
    if message.get("level")?.as_str()? != "error" {
        return None;
    }
    let spans = message.get("spans")?.as_array()?;
    let primary = |span: &&Value| span.get("is_primary") == Some(&Value::Bool(true));
    let mut span = spans.iter().find(primary).or_else(|| spans.first())?;
    // What a macro made of it is complained of where the macro is called.
    while let Some(call) = span.pointer("/expansion/span") {
        span = call;
    }
    let byte = |name: &str| usize::try_from(span.get(name)?.as_u64()?).ok();
    Some(Complaint {
        file: tree.join(span.get("file_name")?.as_str()?),
        bytes: byte("byte_start")?..byte("byte_end")?,
        code: message
            .pointer("/code/code")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        message: message.get("message")?.as_str()?.to_owned(),
    })
}
