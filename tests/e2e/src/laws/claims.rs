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
    /// A service runs this version; none is the one before.
    Runs {
        service: String,
        version: Option<String>,
    },
    /// A service is as it was.
    AsBefore(String),
    /// A service is not as it was.
    NotAsBefore(String),
    /// A service runs somebody else's task definition.
    Foreign { service: String, runs: String },
    /// The frontend is on this version; none is the one before.
    Frontend(Option<String>),
    /// The database.
    Schema(Schema),
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
    if let Some(version) = line.strip_prefix("frontend is on ") {
        return Ok(Some(Claim::Frontend(named(version))));
    }
    let (component, words) = line.split_once(' ').unwrap_or((line, ""));
    of(component, words.trim_start(), plan)
        .ok_or_else(|| format!("nobody knows how to judge `{line}`"))
}

/// Nothing for a sentence that is not known.
fn of(component: &str, words: &str, plan: &Plan) -> Option<Option<Claim>> {
    let service = component.to_owned();
    let known = plan.services.keys().any(|name| name.as_str() == component);
    let row = match words {
        _ if words.starts_with("proven ") => Some(Claim::Proven(service.clone())),
        "no proof" | "never was live" => return Some(None),
        "unchanged" => Some(Claim::Schema(Schema::Before)),
        "nothing to prove: 0 tasks" => Some(Claim::NothingToProve(service.clone())),
        "retired: scaled to 0 tasks" => Some(Claim::Retired(service.clone())),
        _ => None,
    };
    if row.is_some() {
        return Some(row);
    }
    if !known {
        return None;
    }
    let claim = match words {
        "was not changed" => Claim::AsBefore(service),
        "runs no task any more" => Claim::Retired(service),
        _ => {
            if words.starts_with("was not touched and runs ") {
                Claim::AsBefore(service)
            } else if words.starts_with("could not return to ") {
                Claim::NotAsBefore(service)
            } else if let Some(runs) = words.strip_prefix("runs somebody else's ") {
                Claim::Foreign {
                    service,
                    runs: runs.to_owned(),
                }
            } else if let Some(rest) = words.strip_prefix("runs ") {
                let version = rest.split(", ").next().unwrap_or_default();
                Claim::Runs {
                    service,
                    version: named(version),
                }
            } else if words.starts_with("was on its way to ") {
                return Some(None);
            } else {
                return None;
            }
        }
    };
    Some(Some(claim))
}

fn named(version: &str) -> Option<String> {
    (version != UNNAMED).then(|| version.to_owned())
}

fn schema(line: &str) -> Option<Schema> {
    let says = |words: &str| line.contains(words);
    if says("the schema is as it was") || says("the schema is back on its previous revision") {
        return Some(Schema::Before);
    }
    if says("the schema is on its previous revision") {
        return Some(Schema::Before);
    }
    if says("the schema is on its new revision") || says("runs on the schema as it is") {
        return Some(Schema::New);
    }
    says("the database's revision decides").then_some(Schema::Open)
}
