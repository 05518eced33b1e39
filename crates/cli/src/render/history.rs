//! What was deployed to an environment, newest first: who, why, from where to where, how it ended. And what is live now.

use anstyle::{AnsiColor, Style};
use backstay_adapters::state::journal::JournalError;
use backstay_domain::lease::{Found, Manner};
use backstay_domain::ledger::{Entry, standing};
use backstay_domain::operator::Operator;
use backstay_domain::schema::{SchemaEntry, SchemaRecord};
use backstay_domain::summary::{End, Summary};
use backstay_domain::{AppName, DeploymentId, EnvironmentName};

use super::clean::clean;
use super::schema::{migration_words, schema_lines};
use super::summary::{course_words, end_word, who, why_words};
use super::time::{limit, moment};
use super::words::{cause_words, mixed_words};

/// Releases to go back to that are named.
const NAMED: usize = 5;

/// Of a lease that nobody has.
pub(super) const FREE: &str = "free";

/// What is known of an environment's past.
#[derive(Debug)]
pub struct History {
    /// The app.
    pub app: AppName,
    /// The environment.
    pub environment: EnvironmentName,
    /// Its proven releases, oldest first.
    pub entries: Vec<Entry>,
    /// What may have happened to its database's schema.
    pub schema: SchemaRecord,
    /// Its lease.
    pub lease: Option<Found>,
    /// Its deployments, newest first: in a few words, or why their journal cannot be believed.
    pub deployments: Vec<(DeploymentId, Result<Summary, JournalError>)>,
    /// How many older ones there are.
    pub earlier: usize,
}

impl History {
    /// The release that is live.
    #[must_use]
    pub fn live(&self) -> Option<&Entry> {
        self.entries.last()
    }

    /// The releases that a rollback may go to, the one that it goes to by itself first.
    #[must_use]
    pub fn way_back(&self) -> Vec<&Entry> {
        let mut entries = standing(&self.entries);
        entries.reverse();
        let live = self.live().map(|live| &live.release.id);
        let mut seen = Vec::new();
        entries.retain(|entry| {
            let id = &entry.release.id;
            let new = Some(id) != live && !seen.contains(id);
            seen.push(id.clone());
            new
        });
        entries
    }

    /// Whether somebody is working on a deployment just now.
    #[must_use]
    pub fn is_running(&self, summary: &Summary) -> bool {
        let held = self
            .lease
            .as_ref()
            .and_then(|found| Some((found, found.held(Manner::Patient)?)));
        summary.end == End::Unfinished
            && held.is_some_and(|(found, held)| {
                let id = &summary.deployment;
                held.holder.deployment == *id || found.lease.deployment.as_ref() == Some(id)
            })
    }

    /// How a deployment ended, or that it goes on.
    #[must_use]
    pub fn end_word(&self, summary: &Summary) -> &'static str {
        if self.is_running(summary) {
            return "running now";
        }
        end_word(&summary.end)
    }

    /// What a deployment's release is today: `*` live, `<` a rollback may go to it.
    fn mark(&self, id: &DeploymentId) -> char {
        let brought = |entry: &&Entry| entry.deployment.as_ref() == Some(id);
        if self.live().filter(brought).is_some() {
            '*'
        } else if self.way_back().iter().any(brought) {
            '<'
        } else {
            ' '
        }
    }
}

/// Everything. Its colours are for the shell to take out.
#[must_use]
pub fn history_text(history: &History) -> String {
    let bold = Style::new().bold();
    let (app, environment) = (&history.app, &history.environment);
    let mut out = format!("{bold}{app} {environment}{bold:#}\n\n");
    out.push_str(&format!("live      {}\n", live_words(history)));
    out.push_str(&way_back_lines(history));
    for (place, line) in schema_lines(&history.schema).iter().enumerate() {
        let name = if place == 0 { "schema" } else { "" };
        out.push_str(&format!("{name:<10}{line}\n"));
    }
    out.push_str(&format!(
        "lease     {}\n\n",
        lease_words(history.lease.as_ref())
    ));
    if history.deployments.is_empty() {
        out.push_str("Nothing was deployed here by Backstay yet.\n");
        return out;
    }
    let versions: Vec<String> = history.deployments.iter().map(versions).collect();
    let width = |of: &dyn Fn(usize) -> usize| (0..versions.len()).map(of).max().unwrap_or(0);
    let ids = width(&|row| history.deployments[row].0.as_str().len());
    let courses = width(&|row| versions[row].chars().count());
    for ((id, told), course) in history.deployments.iter().zip(&versions) {
        let mark = history.mark(id);
        match told {
            Ok(summary) => {
                out.push_str(&row(history, (mark, ids, courses), summary, course));
            }
            Err(error) => {
                let red = AnsiColor::Red.on_default().bold();
                let error = clean(&error.to_string());
                out.push_str(&format!("{mark} {id:<ids$}  {red}{error}{red:#}\n"));
            }
        }
    }
    out.push_str("\n* is live   < a rollback can go to it\n");
    if history.earlier > 0 {
        out.push_str(&format!(
            "{} earlier: --limit shows more\n",
            history.earlier
        ));
    }
    out
}

/// One deployment: a line that can be compared with its neighbours, and below it who, why and because of what.
fn row(
    history: &History,
    (mark, ids, courses): (char, usize, usize),
    summary: &Summary,
    course: &str,
) -> String {
    let (id, began) = (&summary.deployment, moment(summary.began));
    let word = history.end_word(summary);
    let style = style(history, summary);
    let head = format!("{mark} {id:<ids$}  {began}  {course:<courses$}");
    let mut out = match took_words(summary) {
        took if took.is_empty() => format!("{head}  {style}{word}{style:#}\n"),
        took => format!("{head}  {style}{word:<11}{style:#}  {took}\n"),
    };
    let dim = Style::new().dimmed();
    let mut detail = |name: &str, words: String| {
        let at = ids + 4;
        out.push_str(&format!("{:at$}{dim}{name:<9}{dim:#}{words}\n", ""));
    };
    if let Some(who) = who(&summary.operator, summary.by.as_ref()) {
        detail("by", who);
    }
    if let Some(why) = why_words(&summary.why) {
        detail("why", why);
    }
    for migration in migrations(history, &summary.deployment) {
        detail("schema", migration_words(migration));
    }
    if let Some(cause) = summary.end.cause() {
        detail("because", cause_words(cause).0);
    }
    if let End::Stuck { because, .. } = &summary.end {
        detail("stuck", clean(&because.to_string()));
    }
    out
}

/// The migrations that a deployment may have run.
fn migrations<'h>(
    history: &'h History,
    deployment: &DeploymentId,
) -> impl Iterator<Item = &'h SchemaEntry> {
    let entries = history.schema.entries.iter();
    entries.filter(move |entry| entry.deployment.as_ref() == Some(deployment))
}

fn style(history: &History, summary: &Summary) -> Style {
    match &summary.end {
        End::Live => AnsiColor::Green.on_default(),
        End::RolledBack { .. } => AnsiColor::Yellow.on_default(),
        End::Stuck { .. } => AnsiColor::Red.on_default().bold(),
        End::Unfinished if history.is_running(summary) => AnsiColor::Cyan.on_default(),
        End::Unfinished => AnsiColor::Red.on_default(),
        End::Abandoned => Style::new().dimmed(),
    }
}

/// How long it took, once it has ended.
fn took_words(summary: &Summary) -> String {
    match (&summary.end, summary.took().try_into()) {
        (End::Live | End::RolledBack { .. } | End::Stuck { .. }, Ok(took)) => limit(took),
        (End::Unfinished | End::Abandoned, _) | (_, Err(_)) => String::new(),
    }
}

fn versions((_, told): &(DeploymentId, Result<Summary, JournalError>)) -> String {
    let course = told.as_ref().ok().and_then(|told| told.course.as_ref());
    course.map(course_words).unwrap_or_default()
}

fn live_words(history: &History) -> String {
    history.live().map_or_else(
        || "nothing is recorded".to_owned(),
        |entry| entry_words(entry, 0),
    )
}

fn entry_words(entry: &Entry, width: usize) -> String {
    let release = &entry.release;
    let came = match (&entry.at, &entry.deployment) {
        (Some(at), Some(deployment)) => format!("since {} by {deployment}", moment(*at)),
        (Some(at), None) => format!("since {}", moment(*at)),
        (None, Some(deployment)) => format!("by {deployment}"),
        (None, None) => "from before Backstay".to_owned(),
    };
    let mixed = mixed_words(release).map_or_else(String::new, |mixed| format!("; {mixed}"));
    format!("{:<width$}  {}  {came}{mixed}", release.version, release.id)
}

fn way_back_lines(history: &History) -> String {
    let entries = history.way_back();
    if entries.is_empty() {
        return "way back  none: no earlier release is recorded\n".to_owned();
    }
    let named = || entries.iter().take(NAMED);
    let width = named().map(|entry| entry.release.version.as_str().len());
    let width = width.max().unwrap_or(0);
    let mut out = String::new();
    for (place, entry) in named().enumerate() {
        let name = if place == 0 { "way back" } else { "" };
        out.push_str(&format!("{name:<10}{}\n", entry_words(entry, width)));
    }
    if entries.len() > NAMED {
        out.push_str(&format!("{:10}and {} more\n", "", entries.len() - NAMED));
    }
    out
}

/// Who holds the environment.
#[must_use]
pub fn lease_words(found: Option<&Found>) -> String {
    let Some(found) = found else {
        return FREE.to_owned();
    };
    let holder = found.lease.holder.as_ref();
    let words = match (holder, found.held(Manner::Patient), &found.lease.deployment) {
        (Some(holder), Some(_), _) => format!(
            "{} is {} ({}), since {}",
            holder_words(&holder.operator),
            holder.doing,
            holder.deployment,
            moment(holder.since)
        ),
        (Some(holder), None, _) => format!(
            "expired: {} was {} ({}), and was last heard of {} ago",
            holder_words(&holder.operator),
            holder.doing,
            holder.deployment,
            limit(found.age)
        ),
        (None, _, Some(deployment)) => {
            format!("free; {deployment} is unfinished: `backstay resume` goes on with it")
        }
        (None, _, None) => FREE.to_owned(),
    };
    clean(&words)
}

fn holder_words(operator: &Operator) -> String {
    who(operator, None).unwrap_or_else(|| "somebody".to_owned())
}
