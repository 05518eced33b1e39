//! What a stuck deployment leaves behind, a sentence for each fact.

use backstay_domain::journal::{Left, LeftBehind, Published, Remains, Runs, SchemaLeft};
use backstay_domain::observation::PrimaryState;
use backstay_domain::verdict::Component;

use super::clean::clean;
use super::time::moment;

/// A line for each.
#[must_use]
pub fn left_lines(left: &[Left]) -> Vec<String> {
    left.iter().flat_map(lines_of).collect()
}

fn lines_of(left: &Left) -> Vec<String> {
    let Left::Fact(LeftBehind {
        remains: Remains::Anchor(anchor),
        ..
    }) = left
    else {
        return vec![left_line(left)];
    };
    let mut lines = vec![clean(&format!(
        "anchor: {} {}; to restore it loses every write to that database since {}, by whichever release:",
        anchor.what,
        anchor.name,
        moment(anchor.holds)
    ))];
    match anchor.restore.as_slice() {
        [] => lines.push("  (no command is known: ask whoever made it)".to_owned()),
        commands => lines.extend(commands.iter().map(|one| format!("  {}", clean(one)))),
    }
    lines
}

fn left_line(left: &Left) -> String {
    match left {
        Left::Words(words) => clean(words),
        Left::Fact(fact) => clean(&fact_words(fact)),
    }
}

fn fact_words(fact: &LeftBehind) -> String {
    let name = match &fact.component {
        Component::Service(name) => name.to_string(),
        Component::Job(name) => name.to_string(),
        Component::Frontend(name) => name.to_string(),
        Component::Migration => "schema".to_owned(),
    };
    let words = match &fact.remains {
        Remains::Service {
            runs,
            rollout,
            running,
            desired,
        } => format!(
            "{}{} ({running}/{desired} tasks)",
            runs_words(runs),
            match rollout {
                PrimaryState::Completed => "",
                PrimaryState::InProgress => ", its rollout goes on",
                PrimaryState::Failed => ", its rollout failed",
            }
        ),
        Remains::Frontend { published, but } => {
            let but = but.as_ref().map(|obstacle| format!("; but {obstacle}"));
            format!("{}{}", published_words(published), but.unwrap_or_default())
        }
        Remains::Schedule { starts, but } => {
            let but = but.as_ref().map(|obstacle| format!("; but {obstacle}"));
            let starts = match starts {
                Runs::Old(Some(version)) | Runs::New(version) => format!("starts {version}"),
                Runs::Old(None) => "starts what it started before".to_owned(),
                Runs::Other(definition) => format!("starts {}", definition.short()),
            };
            format!("{starts}{}", but.unwrap_or_default())
        }
        Remains::Schema(schema) => schema_words(*schema).to_owned(),
        Remains::Anchor(anchor) => anchor.name.clone(),
        Remains::NotSeen { why } => format!("not seen: {why}"),
    };
    format!("{name}: {words}")
}

fn runs_words(runs: &Runs) -> String {
    match runs {
        Runs::Old(Some(version)) | Runs::New(version) => format!("runs {version}"),
        Runs::Old(None) => "runs what it ran before".to_owned(),
        Runs::Other(definition) => format!("runs somebody else's {}", definition.short()),
    }
}

fn published_words(published: &Published) -> String {
    match published {
        Published::Old(Some(version)) | Published::New(version) => {
            format!("the files of {version} are published")
        }
        Published::Old(None) => "the files from before are published".to_owned(),
        Published::Mixed => "files of more than one release are published".to_owned(),
    }
}

/// What the ends of its migrations tell: nobody asked the database.
fn schema_words(schema: SchemaLeft) -> &'static str {
    match schema {
        SchemaLeft::AsItWas => "as it was, no migration ran",
        SchemaLeft::New => "migrated, the migration ended with exit code 0",
        SchemaLeft::Previous => "migrated down again, with exit code 0",
        SchemaLeft::Unknown => {
            "its migration did not end well: only the database's revision can tell"
        }
        SchemaLeft::Running => "its migration's end was not seen: it may be running still",
    }
}
