//! Whether journals are as they were written: a line for each, and below it everything that is wrong.

use anstyle::AnsiColor;
use backstay_adapters::state::journal::Audit;
use backstay_domain::{AppName, EnvironmentName};

use super::clean::clean;
use super::people::PeopleError;
use super::words::counted;

/// What an audit of an environment found.
#[derive(Debug)]
pub struct Verified {
    /// The app.
    pub app: AppName,
    /// The environment.
    pub environment: EnvironmentName,
    /// Its journals, oldest first.
    pub audits: Vec<Audit>,
}

/// Whether its end was noted: then nobody can cut it without being noticed.
#[must_use]
pub fn seal_word(audit: &Audit) -> &'static str {
    match audit.ended_with {
        Some(_) => "sealed",
        None => "not sealed",
    }
}

/// The state of one journal in a word.
#[must_use]
pub fn sound_word(audit: &Audit) -> &'static str {
    if audit.is_sound() {
        "intact"
    } else {
        "NOT INTACT"
    }
}

/// A line per journal. Its colours are for the shell to take out.
#[must_use]
pub fn audit_text(verified: &Verified) -> String {
    let (app, environment) = (&verified.app, &verified.environment);
    if verified.audits.is_empty() {
        return format!("{app} {environment}: there is no journal yet\n");
    }
    let records = |audit: &Audit| counted(audit.records.len(), "record");
    let width = |of: &dyn Fn(&Audit) -> usize| verified.audits.iter().map(of).max().unwrap_or(0);
    let ids = width(&|audit| audit.deployment.as_str().len());
    let counts = width(&|audit| records(audit).len());
    let mut out = String::new();
    for audit in &verified.audits {
        let style = match audit.is_sound() {
            true => AnsiColor::Green.on_default(),
            false => AnsiColor::Red.on_default().bold(),
        };
        let (records, seal) = (records(audit), seal_word(audit));
        let word = sound_word(audit);
        out.push_str(&format!(
            "{:<ids$}  {records:>counts$}  {seal:<10}  {style}{word}{style:#}\n",
            audit.deployment
        ));
        for problem in &audit.problems {
            let problem = clean(&problem.to_string());
            out.push_str(&format!("{:ids$}  {problem}\n", ""));
        }
    }
    let sound = verified.audits.iter().filter(|audit| audit.is_sound());
    out.push_str(&format!(
        "\n{app} {environment}: {} of {} intact\n",
        sound.count(),
        counted(verified.audits.len(), "journal")
    ));
    out
}

/// What is to be done about journals that are not intact; nothing when all are.
#[must_use]
pub fn audit_error(verified: &Verified) -> Option<PeopleError> {
    let wrong = verified.audits.iter().filter(|audit| !audit.is_sound());
    let wrong: Vec<&str> = wrong.map(|audit| audit.deployment.as_str()).collect();
    if wrong.is_empty() {
        return None;
    }
    let message = format!(
        "{} of {} {} cannot be believed: {}",
        counted(wrong.len(), "journal"),
        verified.app,
        verified.environment,
        wrong.join(", ")
    );
    Some(PeopleError::new(message).hint(
        "somebody or something changed the state outside of Backstay: find out who, and put the files back from a backup \
         or the bucket's earlier versions",
    ))
}
