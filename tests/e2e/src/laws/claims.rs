//! What the sentences of an outcome claim about the world. The only place that knows how they are worded.

use backstay_domain::plan::Plan;

/// One claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// The whole app is on this version; none is the one before, whatever it is called.
    All(Option<String>),
    /// Every witness of a component confirms.
    Proven(String),
    /// A service without tasks.
    NothingToProve(String),
    /// A service that left.
    Retired(String),
    /// The newest rollout of a service runs this, with so many tasks.
    Runs {
        service: String,
        what: What,
        rollout: Rollout,
        /// Running and desired.
        tasks: (usize, u32),
    },
    /// This frontend's files in the bucket are this version's; none is the one before.
    Frontend(String, Option<String>),
    /// This frontend's files are of more than one release.
    Mixed(String),
    /// What starts a job starts this.
    Starts(String, What),
    /// The database.
    Schema(Schema),
    /// A snapshot can be restored.
    Anchor(String),
}

/// What a service runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// This version.
    Version(String),
    /// What it ran before.
    Before,
    /// This task definition.
    Definition(String),
}

/// Where its newest rollout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rollout {
    /// It is over.
    Completed,
    /// It goes on, or it has failed.
    Open,
}

/// Where a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Schema {
    /// Where it was.
    Before,
    /// At the new revision.
    New,
    /// Nobody says.
    Open,
}

/// What a version is called that nobody recorded.
const UNNAMED: &str = "the previous release";

/// What a line claims; nothing when it claims nothing about the world.
///
/// # Errors
/// When nobody knows how to judge it.
pub(super) fn claim(line: &str, plan: &Plan) -> Result<Option<Claim>, String> {
    let line = line.trim_end();
    if let Some(schema) = schema(line) {
        return Ok(Some(Claim::Schema(schema)));
    }
    let head = format!(
        "{} {} is live on ",
        plan.release.app, plan.release.environment
    );
    if let Some(rest) = line.strip_prefix(&head) {
        let version = rest.split_whitespace().next().unwrap_or_default();
        return Ok(Some(Claim::All(Some(version.to_owned()))));
    }
    if let Some(rest) = line.strip_prefix("rolled back to ") {
        let to = rest.split(": ").next().unwrap_or_default();
        return Ok(Some(Claim::All(named(to))));
    }
    // Commands that a human is offered.
    if line.starts_with("  aws rds ") || line.starts_with("  curl ") {
        return Ok(None);
    }
    if let Some((component, words)) = line.split_once(": ")
        && !component.contains(' ')
    {
        return left(component, words).ok_or_else(|| format!("nobody knows how to judge `{line}`"));
    }
    let (component, words) = line.split_once(' ').unwrap_or((line, ""));
    row(component, words.trim_start()).ok_or_else(|| format!("nobody knows how to judge `{line}`"))
}

/// A row of the table of a deployment that has come to its end; nothing for one that is not known.
fn row(component: &str, words: &str) -> Option<Option<Claim>> {
    let service = component.to_owned();
    Some(Some(match words {
        _ if words.starts_with("proven ") => Claim::Proven(service),
        "as it was" => Claim::Starts(service, What::Before),
        "no proof" | "never was live" => return Some(None),
        "unchanged" => Claim::Schema(Schema::Before),
        "nothing to prove: 0 tasks" => Claim::NothingToProve(service),
        "retired: scaled to 0 tasks" => Claim::Retired(service),
        _ => return None,
    }))
}

/// What is left behind; nothing for a sentence that is not known.
fn left(component: &str, words: &str) -> Option<Option<Claim>> {
    if words.starts_with("not seen: ") {
        return Some(None);
    }
    if component == "schema" {
        let known = [
            ("as it was, no migration ran", Schema::Before),
            ("migrated down again", Schema::Before),
            ("migrated, ", Schema::New),
            ("its migration did not end well", Schema::Open),
            ("its migration's end was not seen", Schema::Open),
        ];
        let schema = known
            .iter()
            .find(|(begins, _)| words.starts_with(begins))?
            .1;
        return Some(Some(Claim::Schema(schema)));
    }
    if component == "anchor" {
        // `RDS snapshot of shop backstay-d-1; to restore it loses …`: a moment and a branch are not the world's.
        let named = words.split("; ").next()?;
        let name = named.strip_prefix("RDS snapshot of ")?.rsplit(' ').next()?;
        return Some(Some(Claim::Anchor(name.to_owned())));
    }
    let published = words.split("; but ").next().unwrap_or_default();
    if let Some(rest) = published.strip_suffix(" are published") {
        let frontend = component.to_owned();
        return Some(Some(match rest {
            "files of more than one release" => Claim::Mixed(frontend),
            "the files from before" => Claim::Frontend(frontend, None),
            _ => Claim::Frontend(frontend, named(rest.strip_prefix("the files of ")?)),
        }));
    }
    if let Some(starts) = published.strip_prefix("starts ") {
        let what = match starts {
            "what it started before" => What::Before,
            revision if revision.contains(':') => What::Definition(revision.to_owned()),
            version => What::Version(version.to_owned()),
        };
        return Some(Some(Claim::Starts(component.to_owned(), what)));
    }
    let (runs, tasks) = words.strip_prefix("runs ")?.rsplit_once(" (")?;
    let (running, desired) = tasks.strip_suffix(" tasks)")?.split_once('/')?;
    let (runs, rollout) = match runs.split_once(", its rollout ") {
        Some((runs, "goes on" | "failed")) => (runs, Rollout::Open),
        Some(_) => return None,
        None => (runs, Rollout::Completed),
    };
    let what = match runs.strip_prefix("somebody else's ") {
        Some(definition) => What::Definition(definition.to_owned()),
        None if runs == "what it ran before" => What::Before,
        None => What::Version(runs.to_owned()),
    };
    Some(Some(Claim::Runs {
        service: component.to_owned(),
        what,
        rollout,
        tasks: (running.parse().ok()?, desired.parse().ok()?),
    }))
}

fn named(version: &str) -> Option<String> {
    (version != UNNAMED).then(|| version.to_owned())
}

/// The row of the schema.
fn schema(line: &str) -> Option<Schema> {
    let words = line.strip_prefix("migration ")?.trim_start();
    if words == "the schema is as it was" || words == "the schema is on its previous revision" {
        return Some(Schema::Before);
    }
    if words.starts_with("not taken back, however far it got: ") {
        return Some(Schema::Open);
    }
    words
        .ends_with(" runs on the schema as it is")
        .then_some(Schema::New)
}
