//! Laws over every scenario: a crash after any event, a reply lost or a refusal at any call, and a crash on the way on from
//! there. However it goes, it ends exactly in the new or exactly in the old release, or says what it left.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "each test plays in a thread with room, or in a function that several share"
)]

use std::path::{Path, PathBuf};

use backstay_cli::scenario::Scenario;
use backstay_e2e::laws::{Cases, DECLARED, Law, RED, obey, sequences, unknown};
use backstay_e2e::roomy;
use rstest::rstest;

/// Where `just test` finds the numbers of cases.
const COUNTS: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/laws");

#[rstest]
fn holds(
    #[files("../scenarios/*.md")] path: PathBuf,
    #[values(Law::Crash, Law::Call, Law::Late, Law::Denied, Law::After)] law: Law,
) {
    roomy(move || over(&path, law));
}

fn over(path: &Path, law: Law) {
    let text = std::fs::read_to_string(path).unwrap();
    let scenario =
        Scenario::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut cases = Cases::default();
    // Variants are the same story with another service: together they play every moment once.
    let variants = scenario.variants();
    let parts = variants.len();
    for (part, (name, variant)) in variants.into_iter().enumerate() {
        let mut played = obey(&variant, law, (part, parts)).unwrap();
        for broken in &mut played.broken {
            if let Some(name) = &name {
                broken.place = format!("[{name}] {}", broken.place);
            }
        }
        cases.extend(played);
    }
    let stem = path.file_stem().unwrap().to_string_lossy();
    let name = format!("{stem} {law:?}").to_lowercase();
    cases.write(Path::new(COUNTS), &name).unwrap();
    println!("{name}: {cases}; {} known to be red", cases.broken.len());
    let unknown = unknown(law, &stem, &cases.broken);
    assert!(
        unknown.is_empty(),
        "{} of {} cases break the law:\n{}",
        cases.broken.len(),
        cases.total(),
        unknown.join("\n")
    );
}

/// Two deployments with a migration each, and whatever people do about them: the first one's declaration is the case.
#[rstest]
fn code_runs_only_on_schemas_that_it_was_declared_for(#[values(0, 1, 2, 3)] first: usize) {
    roomy(move || played_in_sequence(first));
}

fn played_in_sequence(first: usize) {
    let text = std::fs::read_to_string(Path::new("../scenarios").join(SEQUENCES)).unwrap();
    let scenario = Scenario::parse(&text).unwrap();
    let cases = sequences(&scenario, DECLARED[first]).unwrap();
    let name = format!("schemas {first}");
    cases.write(Path::new(COUNTS), &name).unwrap();
    println!("{name}: {cases}; {} known to be red", cases.broken.len());
    let unknown = unknown(Law::Schemas, &name, &cases.broken);
    assert!(
        unknown.is_empty(),
        "{} of {} sequences break the law:\n{}",
        cases.broken.len(),
        cases.total(),
        unknown.join("\n")
    );
}

/// What is live when sequences begin, and what they are played with.
const SEQUENCES: &str = "everything-is-good.md";

/// An entry of the list that names no scenario would never be asked for.
#[test]
fn what_is_known_to_be_red_names_a_scenario() {
    for red in RED.iter().filter(|red| red.law != Law::Schemas) {
        for scenario in red.seen_in {
            let path = Path::new("../scenarios").join(scenario);
            assert!(path.with_extension("md").exists(), "{red:?}");
        }
    }
}
