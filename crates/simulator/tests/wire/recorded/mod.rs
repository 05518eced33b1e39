//! What AWS answered in public (`fixtures/aws`) beside what the simulated cloud answers to the same calls: every member that
//! a real answer had is there, or `lacks` says why not.

#[path = "../../../../../fixtures/aws/recorded.rs"]
mod answers;
mod containers;
mod heard;
mod lacks;
mod members;
mod others;

use std::collections::{BTreeMap, BTreeSet};

use answers::{REFUSALS, Recorded};
use heard::Heard;
use lacks::LACKS;
use members::Members;

/// What the simulated cloud answered to each operation, in every situation that is played.
async fn simulated() -> BTreeMap<String, Members> {
    let heard = Heard::default();
    containers::play(&heard).await;
    others::play(&heard).await;
    heard.members()
}

impl Recorded {
    fn members(&self) -> Members {
        let headers = self.headers.keys().map(String::as_str);
        members::of(&self.body, headers)
    }

    /// Which answer it was, for whoever has to look it up.
    fn said(&self) -> String {
        let Self {
            service,
            name,
            status,
            ..
        } = self;
        format!(
            "{service} {name}, {status}, {} of {}",
            self.source, self.date
        )
    }
}

#[tokio::test(start_paused = true)]
async fn every_member_of_a_real_answer_is_in_the_simulated_one_or_is_known_to_lack() {
    let simulated = simulated().await;
    let mut lacking: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let (mut operations, mut answers, mut members) = (BTreeSet::new(), 0, 0);
    for recorded in answers::all() {
        if recorded.operation == REFUSALS {
            continue;
        }
        let real = recorded.members();
        let ours = simulated.get(&recorded.operation);
        let ours = ours.unwrap_or_else(|| panic!("nobody asks for {}", recorded.operation));
        operations.insert(recorded.operation.clone());
        (answers, members) = (answers + 1, members + real.len());
        for member in real.difference(ours) {
            let at = (recorded.operation.clone(), member.clone());
            lacking.entry(at).or_default().insert(recorded.said());
        }
    }
    let mut used = BTreeSet::new();
    let mut unknown = Vec::new();
    for ((operation, member), names) in &lacking {
        let known = LACKS.iter().position(|lack| lack.covers(operation, member));
        match known {
            Some(row) => drop(used.insert(row)),
            None => unknown.push(format!("{operation}: {member} ({names:?})")),
        }
    }
    println!(
        "fixtures/aws: {} operations, {answers} answers, {members} members; the simulated cloud lacks {}, each with a reason",
        operations.len(),
        lacking.len()
    );
    assert!(
        unknown.is_empty(),
        "the simulated cloud lacks {} members, and nobody says why:\n{}",
        unknown.len(),
        unknown.join("\n")
    );
    let unused: Vec<_> = (0..LACKS.len()).filter(|row| !used.contains(row)).collect();
    let unused: Vec<_> = unused.into_iter().map(|row| LACKS[row].members).collect();
    assert!(unused.is_empty(), "it lacks them no more: {unused:?}");
}
