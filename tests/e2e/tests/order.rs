//! The order that `plan` prints is the order that is played, in every scenario: nothing is done that no printed step names, and
//! nothing before its time.

#![expect(
    clippy::unwrap_used,
    reason = "each test plays in a thread with room, or in a function that several share"
)]

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use backstay_cli::render::json;
use backstay_cli::scenario::{Played, Scenario};
use backstay_domain::journal::{Act, Event, Finding, Job, Record, Side};
use backstay_domain::verdict::Component;
use backstay_e2e::{played, roomy};
use rstest::rstest;
use serde_json::Value;

/// One printed step.
#[derive(Debug)]
struct Printed {
    kind: String,
    taken: bool,
    /// Every word of it, services and components among them.
    names: BTreeSet<String>,
}

/// What was done, in the words of a printed step.
struct Done {
    kinds: &'static [&'static str],
    /// A service or component that the step has to name; empty where there is only one.
    name: String,
    record: u64,
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record {}: {:?} {}", self.record, self.kinds, self.name)
    }
}

#[rstest]
fn printed_is_played(#[files("../scenarios/*.md")] path: PathBuf) {
    roomy(move || over(&path));
}

fn over(path: &Path) {
    let text = std::fs::read_to_string(path).unwrap();
    let scenario =
        Scenario::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut wrong = Vec::new();
    for (name, variant) in scenario.variants() {
        let found = differences(&played(&variant).unwrap());
        let name = name.map_or(String::new(), |name| format!("[{name}] "));
        wrong.extend(found.into_iter().map(|line| format!("{name}{line}")));
    }
    assert!(wrong.is_empty(), "{}\n{}", scenario.title, wrong.join("\n"));
}

fn differences(played: &Played) -> Vec<String> {
    let Some(plan) = &played.plan else {
        return vec![];
    };
    let printed = printed(&json::plan(plan));
    let mut found = Vec::new();
    let mut at = 0;
    let mut back = false;
    for record in &played.records {
        back |= matches!(
            record.event,
            Event::Found {
                finding: Finding::TurnedBack { .. }
            }
        );
        let Some(done) = done(record) else { continue };
        let named = |step: &Printed| {
            let all = done.name.is_empty() || step.kind == "bake";
            done.kinds.contains(&step.kind.as_str()) && (all || step.names.contains(&done.name))
        };
        let places: Vec<usize> = (0..printed.len()).filter(|n| named(&printed[*n])).collect();
        let Some(place) = places.iter().copied().find(|place| *place >= at || back) else {
            found.push(match places.first() {
                None => format!("{done}: no printed step names it"),
                Some(_) => format!("{done}: done after {:?}", printed[at]),
            });
            continue;
        };
        if !printed[place].taken {
            found.push(format!("{done}: its step is printed as not taken"));
        }
        if !back {
            at = place;
        }
    }
    found
}

fn printed(plan: &Value) -> Vec<Printed> {
    let steps = plan["steps"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    assert!(!steps.is_empty(), "the plan prints no steps: {plan}");
    steps
        .iter()
        .map(|step| Printed {
            kind: step["kind"].as_str().unwrap_or_default().to_owned(),
            taken: step["number"].is_u64(),
            names: words(step),
        })
        .collect()
}

fn words(step: &Value) -> BTreeSet<String> {
    let text = step.to_string();
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
    words.map(str::to_owned).collect()
}

/// What a record does that a step has to name. Waiting, and what is found while waiting, belongs to whatever step it is.
fn done(record: &Record) -> Option<Done> {
    let (kinds, name): (&[&str], String) = match &record.event {
        Event::Intended { act } => match act {
            Act::Anchor => (&["anchor"], String::new()),
            Act::ForgetAnchors => (&["forget"], String::new()),
            Act::Register { component } => (&["register"], component.to_string()),
            Act::PublishAssets { .. } => (&["assets"], String::new()),
            Act::StartJob {
                job: Job::RevisionAfter,
            } => (&["migrate", "bake"], String::new()),
            Act::StartJob { .. } | Act::StopJob { .. } => (&["migrate"], String::new()),
            Act::RollOut { service, .. }
            | Act::TurnBack { service }
            | Act::GoOn { service, .. } => (&["services", "retire"], service.to_string()),
            Act::Schedule { job, .. } => (&["schedules"], job.to_string()),
            Act::Point { .. } | Act::Invalidate { .. } => (&["frontend"], String::new()),
            Act::RecordRelease => (&["record"], String::new()),
        },
        Event::Found { finding } => match finding {
            Finding::ChecksPassed => (&["checks"], String::new()),
            Finding::BakeBegan => (&["bake"], String::new()),
            Finding::Serves {
                side: Side::New,
                proof,
            } => (&["services"], proof.component.to_string()),
            Finding::Proven {
                side: Side::New,
                proof,
            } => match &proof.component {
                // Everything is proven once more while it is watched.
                Component::Service(service) => (&["services", "bake"], service.to_string()),
                Component::Job(job) => (&["schedules"], job.to_string()),
                Component::Frontend(_) => (&["frontend"], String::new()),
                Component::Migration => (&["migrate"], String::new()),
            },
            _ => return None,
        },
        _ => return None,
    };
    Some(Done {
        kinds,
        name,
        record: record.sequence,
    })
}
