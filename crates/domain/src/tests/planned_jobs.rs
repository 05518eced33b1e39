//! What a plan says of scheduled jobs: whether anything is to do, and what people should know.

use super::jobs::shop;
use super::world::{definition_ref, job, job_name, release, starts, survey, try_plan};
use crate::JobName;
use crate::TaskId;
use crate::app::App;
use crate::ledger::Entry;
use crate::observation::RunningJob;
use crate::plan::{Plan, Refusal, Warning};
use crate::registered::Registered;
use crate::scheduled::JobChange;
use crate::survey::Survey;

pub(super) fn planned(edit: impl Fn(&mut Survey)) -> Result<Plan, Vec<Refusal>> {
    let mut survey = survey(&shop());
    edit(&mut survey);
    try_plan(&shop(), &survey).map_err(|refusals| refusals.0)
}

/// The recorded release's jobs, as a ledger knows them.
fn entry(revision: u32) -> Entry {
    let release = release(&shop(), "new");
    let starts = |name: &JobName| (name.clone(), definition_ref(&format!("{name}:{revision}")));
    Entry {
        jobs: release.jobs.keys().map(starts).collect(),
        ..Entry::bare(release)
    }
}

#[test]
fn nothing_to_do_for_a_job_that_is_there() {
    let change = |plan: &Plan, name: &str| plan.jobs[&job_name(name)].change;
    let fresh = planned(|_| ()).unwrap();
    assert_eq!(change(&fresh, "nightly"), JobChange::Update);
    assert_eq!(change(&fresh, "by-hand"), JobChange::Register);
    let there = planned(|survey| {
        survey.registered = Registered::of([&entry(1)]);
        survey.startable = ["nightly:1", "by-hand:1"].map(definition_ref).into();
        let live = survey.jobs.get_mut(&job_name("nightly")).unwrap();
        live.document = Some(
            release(&shop(), "new").jobs[&job_name("nightly")]
                .definition
                .clone(),
        );
    });
    let there = there.unwrap();
    assert_eq!(change(&there, "nightly"), JobChange::Unchanged);
    assert_eq!(change(&there, "by-hand"), JobChange::Unchanged);
}

#[test]
fn what_is_said_of_jobs() {
    let none = planned(|survey| survey.jobs.clear()).unwrap_err();
    assert_eq!(none[0].to_string(), "nightly: there is no rule nightly");
    let of = |edit: fn(&mut crate::scheduled::LiveJob)| {
        let plan = planned(|survey| {
            edit(survey.jobs.get_mut(&job_name("nightly")).unwrap());
        });
        let warnings = plan.unwrap().warnings.into_iter();
        let about = |warning: &Warning| warning.to_string().contains("nightly");
        warnings
            .filter(about)
            .map(|it| it.to_string())
            .collect::<Vec<_>>()
    };
    let task = |live: &mut crate::scheduled::LiveJob| {
        live.running = vec![RunningJob {
            task: TaskId::parse("task/0123456789").unwrap(),
            started_by: Some("events-rule/nightly".to_owned()),
        }];
    };
    assert_eq!(
        of(task),
        [
            "nightly runs right now: task 01234567 (started by events-rule/nightly); it goes on as what it is"
        ]
    );
    assert_eq!(
        of(|live| live.starts = starts("nightly")),
        [
            "nightly: its schedule names no revision (nightly), so that it starts the new one as soon as that is registered; from then on it names one"
        ]
    );
    let mut without = shop();
    without.jobs.remove(&job_name("nightly"));
    let plan = try_plan(&without, &survey(&shop())).unwrap();
    assert!(plan.warnings.contains(&Warning::ScheduleLeft(
        job_name("nightly"),
        job("nightly").trigger.unwrap(),
    )));
    assert!(!plan.jobs.contains_key(&job_name("nightly")));
}

#[test]
fn triggers_that_nobody_has_any_more() {
    let old = survey(&shop());
    let left = |app: &App| {
        let plan = try_plan(app, &old).unwrap();
        let left = plan.warnings.into_iter();
        let left = left.filter_map(|warning| match warning {
            Warning::ScheduleLeft(name, trigger) => Some(format!("{name}: {trigger}")),
            _ => None,
        });
        left.collect::<Vec<_>>()
    };
    let mut by_hand = shop();
    by_hand.jobs.get_mut(&job_name("nightly")).unwrap().trigger = None;
    assert_eq!(left(&by_hand), ["nightly: rule nightly"]);
    let plan = try_plan(&by_hand, &old).unwrap();
    assert_eq!(plan.jobs[&job_name("nightly")].change, JobChange::Register);
    assert_eq!(left(&shop()), Vec::<String>::new());
}
