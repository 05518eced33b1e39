//! One deployment in full: who, what and why, its plan in short, its story, and how it ended by which proof.

use anstyle::Style;
use backstay_domain::journal::{Event, Outcome, Record};
use backstay_domain::plan::Plan;
use backstay_domain::summary::{End, Summary};

use super::clean::clean;
use super::outcome::outcome_text;
use super::plan::outline;
use super::story::story;
use super::summary::{course_words, end_word, who, why_words};
use super::time::{limit, moment};
use super::words::{Kind, cause_words, entry};

/// Everything about one deployment. `of` is the app and the environment. Its colours are for the shell to take out.
#[must_use]
pub fn show_text(of: &str, summary: &Summary, records: &[Record]) -> String {
    let bold = Style::new().bold();
    let mut out = format!("{bold}{} of {of}{bold:#}\n\n", summary.deployment);
    for (name, words) in facts(summary, records) {
        out.push_str(&format!("{name:<12}{words}\n"));
    }
    let plan = plan_of(records);
    if let Some(plan) = plan {
        out.push_str(&format!("\n{bold}Plan{bold:#}\n{}", outline(plan)));
    }
    out.push_str(&format!("\n{bold}Story{bold:#}\n{}", story(records)));
    if let (Some(plan), Some(outcome)) = (plan, outcome_of(records)) {
        let text = ending(plan, outcome);
        out.push_str(&format!("\n{bold}Outcome{bold:#}\n{text}"));
    }
    out
}

/// The plan, where there is one.
#[must_use]
pub fn plan_of(records: &[Record]) -> Option<&Plan> {
    records.iter().find_map(|record| match &record.event {
        Event::Started { plan, .. } => Some(plan.as_ref()),
        _ => None,
    })
}

/// How it ended, unless somebody has gone on with it since.
#[must_use]
pub fn outcome_of(records: &[Record]) -> Option<&Outcome> {
    let mut last = None;
    for record in records {
        match &record.event {
            Event::Finished { outcome } => last = Some(outcome),
            Event::Resumed { .. } => last = None,
            _ => {}
        }
    }
    last
}

fn facts(summary: &Summary, records: &[Record]) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(course) = &summary.course {
        let words = course_words(course);
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        facts.push(("what", format!("{words} ({})", course.release)));
    }
    facts.push(("began", moment(summary.began)));
    let took = summary.took().try_into().map(limit).unwrap_or_default();
    let last = moment(summary.last);
    facts.push(match &summary.end {
        End::Live | End::RolledBack { .. } | End::Stuck { .. } => {
            ("ended", format!("{last}, after {took}"))
        }
        End::Unfinished => ("last record", format!("{last}, after {took}")),
        End::Abandoned => ("ended", last),
    });
    facts.push(("outcome", end_word(&summary.end).to_owned()));
    if let Some(who) = who(&summary.operator, None) {
        facts.push(("by", who));
    }
    if let Some(by) = &summary.by {
        facts.push(("principal", clean(&by.principal)));
    }
    if let Some(url) = summary
        .operator
        .run
        .as_ref()
        .and_then(|run| run.url.as_ref())
    {
        facts.push(("run", clean(url)));
    }
    if let Some(why) = why_words(&summary.why) {
        facts.push(("why", why));
    }
    if let Some(cause) = summary.end.cause() {
        facts.push(("because", cause_words(cause).0));
    }
    for record in records {
        let words = entry(record, None);
        if words.kind == Kind::Note {
            facts.push(("note", format!("{}: {}", moment(record.at), words.text)));
        }
    }
    facts
}

/// What a human needs when it is stuck is said here too: this may be the first thing that is read about it.
fn ending(plan: &Plan, outcome: &Outcome) -> String {
    let text = outcome_text(plan, outcome);
    let Outcome::Stuck { cause, because, .. } = outcome else {
        return text;
    };
    let (head, details) = cause_words(cause);
    let mut out = format!("Turned back: {head}\n");
    for detail in details {
        out.push_str(&format!("  {}\n", clean(&detail)));
    }
    out.push_str(&format!("\n{text}"));
    for choice in because.choices() {
        out.push_str(&format!("  - {choice}\n"));
    }
    out
}
