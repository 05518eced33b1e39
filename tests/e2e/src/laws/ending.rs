//! What ends well means: exactly the new release, exactly the old one, or stuck with everything named that it left.

use backstay_cli::failure::Failure;
use backstay_cli::render::left::left_lines;
use backstay_domain::Version;
use backstay_domain::app::Compatibility;
use backstay_domain::journal::{Event, Outcome};
use backstay_simulator::ServicePicture;

use super::fork::{folded, plan_of};
use super::resume::Ended;
use super::stage::Stage;

/// Everything that did not end well.
pub(super) fn ends_well(stage: &Stage, ended: &Ended) -> Vec<String> {
    let mut found = journal(ended);
    found.extend(match &ended.outcome {
        Ok(Some(Outcome::Live { .. })) => live(stage, ended),
        Ok(Some(Outcome::RolledBack { .. })) => rolled_back(stage, ended),
        Ok(Some(Outcome::Stuck { because, left, .. })) => {
            let left = &left_lines(left);
            let mut found = stuck(stage, ended, left);
            if !found.is_empty() {
                found.push(format!("it is stuck because {because}; left: {left:?}"));
            }
            found
        }
        Ok(None) | Err(Failure::Refused(_) | Failure::Port { .. }) => untouched(stage, ended),
        Err(failure) => vec![format!("{failure}: {failure:?}")],
    });
    found
}

/// It folds, and it ends as the deployment says it ended.
fn journal(ended: &Ended) -> Vec<String> {
    let records = &ended.seen.records;
    let progress = match folded(records) {
        Ok(progress) => progress,
        Err(illegal) => return vec![illegal],
    };
    let last = records.last().map(|record| &record.event);
    match (&ended.outcome, last) {
        (Ok(Some(outcome)), Some(Event::Finished { outcome: written }))
            if outcome == written && progress.outcome() == Some(outcome) =>
        {
            vec![]
        }
        (Ok(None) | Err(_), None) => vec![],
        (Err(failure), Some(_)) => vec![format!("a journal without an end: {failure}")],
        (Ok(outcome), last) => vec![format!("ended as {outcome:?}, the journal with {last:?}")],
    }
}

fn live(stage: &Stage, ended: &Ended) -> Vec<String> {
    let Some(new) = &stage.new else {
        return vec!["live, though the release cannot go live undisturbed".to_owned()];
    };
    let mut found = ended.surfaces.differences(new, &stage.resized);
    found.extend(ended.surfaces.other_schemas(new));
    prefixed("live", found)
}

/// A schema on which the old code runs stays.
fn rolled_back(stage: &Stage, ended: &Ended) -> Vec<String> {
    let mut found = ended.surfaces.differences(&stage.old, &stage.resized);
    let migration = plan_of(&ended.seen.records).and_then(|plan| plan.migration.as_ref());
    let may_stay = migration.is_some_and(|m| m.compatibility == Compatibility::Compatible);
    let schemas = ended.surfaces.other_schemas(&stage.old);
    let schema = stage.setup.project.configured.simulation.schema.as_ref();
    let is_new = |revision: &String| schema.is_some_and(|schema| schema.after == *revision);
    let stayed = may_stay && ended.surfaces.picture.databases.values().all(is_new);
    if !stayed {
        found.extend(schemas);
    }
    prefixed("rolled back", found)
}

fn untouched(stage: &Stage, ended: &Ended) -> Vec<String> {
    let mut found = ended.surfaces.differences(&stage.old, &stage.resized);
    found.extend(ended.surfaces.other_schemas(&stage.old));
    if ended.started != stage.started {
        found.push("something was started".to_owned());
    }
    prefixed("nothing was done", found)
}

/// Whatever is not as it was has a line that says so, and no line says more than is true.
fn stuck(stage: &Stage, ended: &Ended, left: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, cluster_name) in &stage.names {
        let Some(line) = left
            .iter()
            .find(|line| line.starts_with(&format!("{name}: ")))
        else {
            found.push(format!("{name} is not named"));
            continue;
        };
        let services = |surfaces: &super::surfaces::Surfaces| {
            surfaces.picture.services.get(cluster_name).cloned()
        };
        let now = services(&ended.surfaces);
        let is = |other: Option<ServicePicture>| match (&now, &other) {
            (Some(now), Some(other)) => {
                now.running_task_definitions == other.running_task_definitions
            }
            (now, other) => now.is_none() && other.is_none(),
        };
        let old = is(services(&stage.old));
        let new = stage.new.as_ref().is_some_and(|new| is(services(new)));
        let claims_old = claims(line, stage.old.proven.as_ref());
        if claims_old && !old || claims_new(stage, line) && !new {
            found.push(format!("`{line}` is not true: {now:?}"));
        }
    }
    found.extend(schema_words(stage, ended, left));
    found.extend(frontend_words(stage, ended, left));
    prefixed("stuck", found)
}

fn claims_new(stage: &Stage, line: &str) -> bool {
    claims(line, Some(&stage.setup.version))
}

/// At rest on that version, and nothing else.
fn claims(line: &str, version: Option<&Version>) -> bool {
    version.is_some_and(|version| line.contains(&format!(": runs {version} (")))
}

fn schema_words(stage: &Stage, ended: &Ended, left: &[String]) -> Vec<String> {
    let moved = !ended.surfaces.other_schemas(&stage.old).is_empty();
    let says = |words: &str| left.iter().any(|line| line.contains(words));
    let says_old = says("schema: as it was") || says("schema: migrated down again");
    let says_new = says("schema: migrated, ");
    let open = says("only the database's revision can tell") || says("may be running still");
    match moved {
        true if says_old || !(says_new || open) => vec!["the new schema is not named".to_owned()],
        false if says_new => vec!["a new schema is named that is not there".to_owned()],
        true | false => vec![],
    }
}

fn frontend_words(stage: &Stage, ended: &Ended, left: &[String]) -> Vec<String> {
    let Some(line) = left.iter().find(|line| line.starts_with("frontend: ")) else {
        let moved = ended.surfaces.entry_page != stage.old.entry_page;
        return if moved {
            vec!["the new entry page is not named".to_owned()]
        } else {
            vec![]
        };
    };
    let says = |version: &Version| line.contains(&format!("the files of {version} are published"));
    let says_new = says(&stage.setup.version);
    let says_old = stage.old.proven.as_ref().is_some_and(says);
    let is_old = ended.surfaces.entry_page == stage.old.entry_page;
    if says_new != is_old || says_old == is_old {
        vec![]
    } else {
        vec![format!("`{line}` is not true")]
    }
}

fn prefixed(what: &str, found: Vec<String>) -> Vec<String> {
    found
        .into_iter()
        .map(|line| format!("{what}, but {line}"))
        .collect()
}
