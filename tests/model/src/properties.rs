//! What must hold, whoever fails whenever: judged by the abstract cloud itself, never by what the engine says of it.

use backstay_domain::journal::{
    Left, LeftBehind, Outcome, Published, Remains, Runs, SchemaLeft, Stuck,
};
use backstay_domain::observation::PrimaryState;
use backstay_domain::plan::{Direction, MigrationChange, Plan};
use backstay_domain::verdict::Component;

use crate::app::{Code, index, number, revision, version};
use crate::cloud::{Call, Cloud, RolloutState};
use crate::model::{Action, State};
use crate::process::{Context, End, Stage};
use crate::store::Planned;
use crate::world::Sight;

/// A property that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub property: &'static str,
    /// How that shows.
    pub how: String,
}

impl Broken {
    /// A property that does not hold.
    #[must_use]
    pub fn new(property: &'static str, how: impl Into<String>) -> Self {
        Self {
            property,
            how: how.into(),
        }
    }
}

const MIXTURE: &str = "no silent mixture";
const SCHEMA: &str = "no code on a schema that it is not declared for";
const ALONE: &str = "at most one migration at a time";
const TRUE: &str = "every sentence is true";

/// The first property that does not hold after something happened.
#[must_use]
pub fn broken(
    cx: Context<'_>,
    (before, after): (&State, &State),
    action: Action,
) -> Option<Broken> {
    let cloud = &after.world.cloud;
    if cloud.migrating().count() > 1 {
        return Some(Broken::new(ALONE, "two migrations run at once"));
    }
    if let Code::Release(release) = cloud.site.bucket
        && !cloud.site.files.contains(&release)
    {
        return Some(Broken::new(
            MIXTURE,
            format!("the page of v{release} is live without its files"),
        ));
    }
    let raving = |end: &Stage| matches!(end, Stage::Over(End::Raving));
    if after.processes.iter().any(|process| raving(&process.stage)) {
        return Some(Broken::new(
            "every run ends",
            "it decides for ever on one look",
        ));
    }
    for call in after
        .world
        .arrived
        .iter()
        .filter(|_| is_decided_now(after, action))
    {
        let wrong = rolled_out(cx, before, after, call);
        if wrong.is_some() {
            return wrong;
        }
    }
    let journals = after.world.store.journals.iter().enumerate();
    for (at, journal) in journals {
        let ended = |state: &State| {
            let journal = state.world.store.journals.get(at)?;
            journal.progress.outcome().cloned()
        };
        // A stuck one that was taken up again has none.
        if let (Some(planned), None, Some(outcome)) =
            (&journal.planned, ended(before), ended(after))
        {
            let wrong = outcome_is_wrong(cx, after, planned, &outcome, action);
            if wrong.is_some() {
                return wrong;
            }
        }
    }
    None
}

/// Whether a call was made by who has the right to. One that was on its way, or in the hand of a process that lost its lease,
/// was decided before: what comes of it is judged at the end.
fn is_decided_now(after: &State, action: Action) -> bool {
    let by = match action {
        Action::Step(at) | Action::Call(at, _) | Action::CrashSent(at, _) => &after.processes[at],
        _ => return false,
    };
    let lease = after.world.store.lease.as_ref();
    lease.is_some_and(|lease| lease.fence == by.fence)
}

/// Code is started only on a schema that it was declared for, and never while that may change.
fn rolled_out(cx: Context<'_>, before: &State, after: &State, call: &Call) -> Option<Broken> {
    let Call::UpdateService {
        service, revision, ..
    } = call
    else {
        return None;
    };
    let (was, is) = (&before.world.cloud, &after.world.cloud);
    if was.services[*service].deployments.len() == is.services[*service].deployments.len() {
        return None;
    }
    let code = is.code(*service, *revision);
    if after.vouched {
        return None;
    }
    if is.migrating().count() > 0 {
        return Some(Broken::new(
            SCHEMA,
            format!("{} is rolled out while a migration runs", named(code)),
        ));
    }
    (!cx.setup.declared(code, is.schema)).then(|| {
        Broken::new(
            SCHEMA,
            format!("{} is rolled out on the schema r{}", named(code), is.schema),
        )
    })
}

fn named(code: Code) -> String {
    match code {
        Code::Release(number) => format!("v{number}"),
        Code::Foreign => "somebody else's code".to_owned(),
    }
}

fn outcome_is_wrong(
    cx: Context<'_>,
    state: &State,
    planned: &Planned,
    outcome: &Outcome,
    action: Action,
) -> Option<Broken> {
    let plan = &planned.plan;
    match outcome {
        Outcome::Live { .. } => {
            let code = Code::Release(number(&plan.release.version));
            ends_on(cx, state, ([code; 2], code), action)
        }
        Outcome::RolledBack { schema, .. } => {
            ends_on(cx, state, (planned.services, planned.page), action)
                .or_else(|| schema.and_then(|left| schema_is_wrong(cx, state, planned, left)))
        }
        Outcome::Stuck { left, because, .. } => {
            if matches!(action, Action::Look(_, Sight::Stale)) {
                return None;
            }
            let facts = left.iter().filter_map(|left| match left {
                Left::Fact(fact) => Some(fact),
                Left::Words(_) => None,
            });
            let mut wrong = facts.filter_map(|fact| fact_is_wrong(cx, state, planned, fact));
            wrong
                .next()
                .or_else(|| stuck_is_wrong(&state.world.cloud, plan, because))
        }
    }
}

/// All surfaces are on one side, now and when every call has arrived; what somebody else changed since the last look excepted.
fn ends_on(
    cx: Context<'_>,
    state: &State,
    (services, page): ([Code; 2], Code),
    action: Action,
) -> Option<Broken> {
    let changed = match action {
        Action::Step(at) | Action::Look(at, _) => state.processes[at].changed,
        _ => [false; 3],
    };
    let mut later = state.world.cloud.clone();
    for late in &state.world.late {
        later.call(&late.call);
    }
    for cloud in [&state.world.cloud, &later] {
        for (at, wanted) in services
            .into_iter()
            .enumerate()
            .filter(|(at, _)| !changed[*at])
        {
            let wrong = service_is_wrong(cloud, at, wanted);
            if let Some(how) = wrong {
                return Some(Broken::new(MIXTURE, how));
            }
            if !cx.setup.declared(wanted, cloud.schema) && !state.vouched {
                let how = format!("{} ends on the schema r{}", named(wanted), cloud.schema);
                return Some(Broken::new(SCHEMA, how));
            }
        }
        if !changed[2] && (cloud.site.bucket, cloud.site.edge) != (page, page) {
            let how = format!(
                "visitors get {}, not {}",
                named(cloud.site.edge),
                named(page)
            );
            return Some(Broken::new(MIXTURE, how));
        }
        if cloud.migrating().next().is_some() {
            return Some(Broken::new(ALONE, "it has ended, and a migration runs"));
        }
    }
    None
}

fn service_is_wrong(cloud: &Cloud, at: usize, wanted: Code) -> Option<String> {
    let service = &cloud.services[at];
    let name = crate::app::SERVICES[at];
    let others = service
        .deployments
        .iter()
        .filter(|one| one.up && cloud.code(at, one.revision) != wanted);
    if cloud.runs(at) != wanted {
        return Some(format!(
            "{name} runs {}, not {}",
            named(cloud.runs(at)),
            named(wanted)
        ));
    }
    // Somebody may force a rollout of the same code at any time: it is the same code.
    let whole = |one: &&crate::cloud::Deployment| one.up && one.state == RolloutState::Completed;
    if !service.deployments.iter().any(|one| whole(&one)) {
        return Some(format!("the rollout of {name} is not complete"));
    }
    (others.count() > 0).then(|| format!("{name} still has other tasks"))
}

fn fact_is_wrong(
    cx: Context<'_>,
    state: &State,
    planned: &Planned,
    fact: &LeftBehind,
) -> Option<Broken> {
    let cloud = &state.world.cloud;
    let said = |how: String| Some(Broken::new(TRUE, format!("{}: {how}", fact.component)));
    match (&fact.remains, &fact.component) {
        (
            Remains::Service {
                runs,
                rollout,
                running,
                ..
            },
            Component::Service(name),
        ) => {
            let at = index(name);
            let service = &cloud.services[at];
            let is = match service.now().state {
                RolloutState::InProgress => PrimaryState::InProgress,
                RolloutState::Completed => PrimaryState::Completed,
                RolloutState::Failed => PrimaryState::Failed,
            };
            let code = cloud.runs(at);
            let truly = match runs {
                Runs::Old(Some(old)) => code == Code::Release(number(old)),
                Runs::Old(None) => code == planned.services[at],
                Runs::New(new) => code == Code::Release(number(new)),
                Runs::Other(other) => *other == revision(at, service.now().revision),
            };
            match (truly, *rollout == is, *running == service.running()) {
                (true, true, true) => None,
                _ => said(format!(
                    "it is said to run {runs:?} ({rollout:?}), and runs {} ({is:?})",
                    named(code)
                )),
            }
        }
        (Remains::Anchor(_), _) => said("an anchor is offered, and none was made".to_owned()),
        (Remains::Frontend { published, .. }, _) => {
            let page = cloud.site.bucket;
            let truly = match published {
                Published::Old(Some(old)) => page == Code::Release(number(old)),
                Published::Old(None) => page == planned.page,
                Published::New(new) => page == Code::Release(number(new)),
                Published::Mixed => page == Code::Foreign,
            };
            match truly {
                true => None,
                false => said(format!(
                    "it is said to be {published:?}, and is {}",
                    named(page)
                )),
            }
        }
        (Remains::Schema(left), _) => schema_is_wrong(cx, state, planned, *left),
        (Remains::Service { .. } | Remains::Schedule { .. } | Remains::NotSeen { .. }, _) => None,
    }
}

fn schema_is_wrong(
    cx: Context<'_>,
    state: &State,
    planned: &Planned,
    left: SchemaLeft,
) -> Option<Broken> {
    let (is, was) = (state.world.cloud.schema, planned.schema);
    let plan = &planned.plan;
    let back = plan
        .migration
        .as_ref()
        .and_then(|migration| match &migration.change {
            MigrationChange::Down(to) => to.name()?.trim_start_matches('r').parse::<u8>().ok(),
            MigrationChange::Run | MigrationChange::Unchanged => None,
        });
    let wanted = match (left, plan.direction) {
        (SchemaLeft::AsItWas, _) => was,
        (SchemaLeft::New, Direction::Forward) => cx.setup.head(number(&plan.release.version)),
        (SchemaLeft::Previous, Direction::Forward) => was,
        (SchemaLeft::Previous | SchemaLeft::New, Direction::Backward) => back.unwrap_or(was),
        (SchemaLeft::Unknown | SchemaLeft::Running, _) => return None,
    };
    let how = || format!("the schema is said to be {left:?}, so r{wanted}, and is r{is}");
    (is != wanted && !state.vouched).then(|| Broken::new(TRUE, how()))
}

fn stuck_is_wrong(cloud: &Cloud, plan: &Plan, because: &Stuck) -> Option<Broken> {
    let Stuck::Superseded { services } = because else {
        return None;
    };
    let ours = |name: &&backstay_domain::ServiceName| {
        let code = cloud.runs(index(name));
        code == Code::Release(number(&plan.release.version))
    };
    let wrong = services.iter().find(ours)?;
    let release = version(number(&plan.release.version));
    Some(Broken::new(
        TRUE,
        format!("{wrong} is said to run somebody else's, and runs {release}"),
    ))
}
