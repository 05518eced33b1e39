//! What a person can do after a deployment has ended: `rollback` never ends on the release that was newest, and where a human is
//! needed, at least one of the choices that are printed is accepted and works.

use backstay_cli::compose::embedded::push;
use backstay_cli::scenario::{Command, Risk};
use backstay_domain::Version;
use backstay_domain::journal::{Outcome, Stuck};
use backstay_domain::plan::Plan;
use backstay_domain::versions::Versions;
use backstay_simulator::{CallFault, Fault};

use super::cases::Cases;
use super::counter::{at_desk, runs_everywhere};
use super::fork::plan_of;
use super::resume::{Ended, Going, resume};
use super::stage::Stage;

/// A version in which everything is mended.
const MENDED: &str = "f1x3d00";

/// Live, or taken back.
const WORKS: [u8; 2] = [0, 4];

/// Of so many changing calls one is denied for good, so that there are more ways to be stuck.
const DENIED_FOR_GOOD: usize = 3;

pub(super) fn after(stage: &Stage, undisturbed: &Ended, cases: &mut Cases) {
    one(stage, "as it is", undisturbed, cases);
    let changing = undisturbed
        .seen
        .struck
        .iter()
        .filter(|struck| struck.changes);
    for (number, struck) in changing.enumerate() {
        if !number.is_multiple_of(DENIED_FOR_GOOD) {
            continue;
        }
        let place = format!("{} denied for good after {}", struck.operation, struck.skip);
        let fault = Fault::Call {
            operation: struck.operation.clone(),
            containing: None,
            skip: struck.skip,
            count: u32::MAX,
            fault: CallFault::Deny,
        };
        let going = Going {
            faults: &[fault],
            ..Going::default()
        };
        match resume(stage, &struck.before, &going) {
            Ok(ended) => one(stage, &place, &ended, cases),
            Err(why) => cases.breaks("rollback afterwards", &place, vec![why]),
        }
    }
}

fn one(stage: &Stage, place: &str, ended: &Ended, cases: &mut Cases) {
    cases.count("rollback afterwards", 1);
    let found = rolled_back_from_newest(stage, ended).unwrap_or_else(|why| vec![why]);
    if !found.is_empty() {
        cases.breaks("rollback afterwards", place, found);
    }
    let (Ok(Some(Outcome::Stuck { because, .. })), Some(plan)) =
        (&ended.outcome, plan_of(&ended.seen.records))
    else {
        return;
    };
    cases.count("choices when stuck", 1);
    let found = no_way_out(stage, ended, because, plan).unwrap_or_else(|why| vec![why]);
    if !found.is_empty() {
        cases.breaks("choices when stuck", place, found);
    }
}

fn rolled_back_from_newest(stage: &Stage, ended: &Ended) -> Result<Vec<String>, String> {
    let setup = &stage.setup;
    let Some(newest) = ended.end.ledger.last() else {
        return Ok(vec![]);
    };
    let left = newest.release.id.clone();
    let newest = newest.release.version.to_string();
    // What is stuck was never proven: there the newest proven release is where a rollback goes.
    let stuck = matches!(ended.outcome, Ok(Some(Outcome::Stuck { .. })));
    let was_live = !stuck && runs_everywhere(setup, &ended.surfaces.picture, &newest);
    let (said, picture) = at_desk(setup, &ended.end, async |desk, cloud| {
        cloud.with_world(backstay_simulator::World::clear_faults);
        let command = Command::Rollback {
            to: None,
            risk: Risk::Refused,
        };
        let said = desk.run(&setup.project, &command).await;
        let said = said.map_err(|failure| failure.to_string())?;
        Ok((said, cloud.with_world(|world| world.picture())))
    })?;
    let is_live = runs_everywhere(setup, &picture, &newest);
    let mut found = Vec::new();
    // Two releases of one version run the same images: only what is recorded tells them apart.
    let goes_to = said.journals.last().and_then(|written| written.plan());
    let goes_to = goes_to.map(|plan| (plan.release.version.to_string(), plan.release.id.clone()));
    let same_version = goes_to.is_some_and(|(version, id)| version == newest && id != left);
    if said.code == 0 && was_live && is_live && !same_version {
        found.push(format!(
            "`rollback` ends with 0 on {newest}, which was to be left: {}",
            said.text
        ));
    }
    if let (0, Some(Outcome::Live { .. }), Some(written)) =
        (said.code, said.outcome(), said.journals.last())
        && let Some(plan) = written.plan()
        && !runs_everywhere(setup, &picture, plan.release.version.as_str())
        && plan.services.len() == setup.project.configured.app.services.len()
    {
        found.push(format!("`rollback` says what is not so: {}", said.text));
    }
    Ok(found)
}

/// Every choice is tried on its own; something is said when none of them works.
fn no_way_out(
    stage: &Stage,
    ended: &Ended,
    because: &Stuck,
    plan: &Plan,
) -> Result<Vec<String>, String> {
    let mut tried = vec![format!("no choice works after: {because}")];
    for choice in because.choices() {
        let Some(command) = command_of(choice, plan) else {
            tried.push(format!("not for a machine: {choice}"));
            continue;
        };
        let said = at_desk(&stage.setup, &ended.end, async |desk, cloud| {
            cloud.with_world(|world| {
                world.clear_faults();
                if let Command::Deploy(version) = &command {
                    let versions = Versions::same(version.clone());
                    push(world, &stage.setup.project, &versions);
                }
            });
            let said = desk.run(&stage.setup.project, &command).await;
            said.map_err(|failure| failure.to_string())
        })?;
        let works = match &command {
            Command::Resume(_) => WORKS.contains(&said.code),
            Command::Deploy(_) | Command::DeployMixed(_) | Command::Rollback { .. } => {
                said.code == 0
            }
        };
        if works {
            return Ok(vec![]);
        }
        tried.push(format!("{choice}: {} {}", said.code, said.text));
    }
    Ok(tried)
}

/// What a person types who follows a choice. Nothing where it takes hands.
fn command_of(choice: &str, plan: &Plan) -> Option<Command> {
    let deploy = |version: &str| Version::parse(version).ok().map(Command::Deploy);
    if choice.contains("repair the schema by hand") || choice.contains("restore the database") {
        return None;
    }
    if choice.contains("backstay resume") {
        return Some(Command::Resume(None));
    }
    if choice.contains("backstay rollback") {
        return Some(Command::Rollback {
            to: None,
            risk: Risk::Refused,
        });
    }
    if choice.contains("the release that was live before") {
        return deploy(plan.before.as_ref()?.version.as_str());
    }
    deploy(MENDED)
}
