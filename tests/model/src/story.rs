//! A history told as a scenario tells it: one sentence for each step.

use backstay_domain::journal::{Event, Finding, Outcome};
use backstay_domain::observation::JobState;

use crate::app::{FAMILIES, SERVICES};
use crate::bounds::Bound;
use crate::cloud::{Call, Run, TaskState};
use crate::model::{Action, State};
use crate::moves::Move;
use crate::process::{Command, Context, End, Stage};
use crate::world::{Fate, Sight};

/// Tells a history.
#[must_use]
pub fn tell(cx: Context<'_>, bound: &Bound, actions: &[Action]) -> Vec<String> {
    let mut state = State::first(cx, bound);
    let mut lines = vec![format!("0:00  somebody gives `{}`", command(bound.first))];
    for action in actions {
        let Some(next) = state.after(cx, *action) else {
            continue;
        };
        let when = format!("{}:{:02}", next.now / 60, next.now % 60);
        let mut said = happening(&state, *action).into_iter().collect::<Vec<_>>();
        said.extend(written(&state, &next));
        said.extend(ended(&state, &next));
        if matches!(action, Action::Time) {
            said.clear();
        }
        lines.extend(said.into_iter().map(|said| format!("{when:<5} {said}")));
        state = next;
    }
    lines
}

fn command(command: Command) -> String {
    match command {
        Command::Deploy(release, _) => format!("backstay deploy --version v{release}"),
        Command::Rollback(None, _) => "backstay rollback".to_owned(),
        Command::Rollback(Some(to), _) => format!("backstay rollback --to v{to}"),
        Command::Resume => "backstay resume".to_owned(),
    }
}

fn happening(state: &State, action: Action) -> Option<String> {
    let service = |at: usize| SERVICES[at];
    Some(match action {
        Action::Step(_) | Action::Time => return None,
        Action::Call(_, fate) => match fate {
            Fate::Done => return None,
            Fate::Refused(kind) => format!("(the next call is {kind})"),
            Fate::Lost => "(the next call takes effect, its answer is lost)".to_owned(),
            Fate::Late => "(the next call's answer is lost; it arrives later)".to_owned(),
            Fate::Never => "(the next call's answer is lost; it never arrives)".to_owned(),
        },
        Action::Look(_, sight) => match sight {
            Sight::Clear => return None,
            Sight::Stale => {
                "(the look shows the services as they were before the last change)".to_owned()
            }
            Sight::None(kind) => format!("(the look is {kind})"),
        },
        Action::Crash(at) | Action::CrashAfter(at, _) => format!("process {} crashes", at + 1),
        Action::CrashSent(at, Fate::Late) => {
            format!("process {} crashes with its next call on its way", at + 1)
        }
        Action::CrashSent(at, _) => format!(
            "process {} crashes just after its next call took effect",
            at + 1
        ),
        Action::Expires(at) => format!("the credentials of process {} expire", at + 1),
        Action::Happens(what) => happens(state, what),
        Action::Arrives(at) => format!("late: {}", called(&state.world.late[at].call)),
        Action::Foreign(at) => format!("somebody else rolls {} out", service(at)),
        Action::Forced(at) => format!("somebody forces a rollout of {}", service(at)),
        Action::Spoils(at, revision) => {
            format!(
                "from now on no task of {}:{revision} can be started",
                service(at)
            )
        }
        Action::Falls(at) => format!("the task of {} falls, and none can be started", service(at)),
        Action::Ends(at, how) => format!("{}: {}", task(state, at), ended_how(how)),
        Action::Slows(what) => format!("from now on it takes its time: {what:?}"),
        Action::Gives(given) => format!("somebody gives `{}`", command(given)),
    })
}

fn happens(state: &State, what: Move) -> String {
    let runs = |at: usize| {
        let service = &state.world.cloud.services[at];
        format!(
            "{}-{} ({}:{})",
            SERVICES[at],
            service.primary + 1,
            SERVICES[at],
            service.now().revision
        )
    };
    match what {
        Move::Starts(at) => format!("a task of {} is healthy", runs(at)),
        Move::Fails(at) => format!("a task of {} fails", runs(at)),
        Move::Drains(at) => format!("what {} replaces drains", runs(at)),
        Move::Completes(at) => format!("{} is complete", runs(at)),
        Move::TurnsBack(at) => format!("ECS turns {} back", runs(at)),
        Move::Task(at) => format!(
            "{} goes one step on (the schema is r{})",
            task(state, at),
            state.world.cloud.schema
        ),
        Move::Stops(at) => format!("{} is stopped", task(state, at)),
        Move::Forgets(_) => "the CDN has forgotten the old files".to_owned(),
    }
}

fn task(state: &State, at: usize) -> String {
    let task = &state.world.cloud.tasks[at];
    let does = match task.run {
        Run::Current => "reads the revision".to_owned(),
        Run::Up => "migrates up".to_owned(),
        Run::Down(to) => format!("migrates down to r{to}"),
    };
    format!("the task of {} that {does}", task.started_by)
}

fn ended_how(state: TaskState) -> String {
    match state {
        TaskState::Exited(code, _) => format!("it exits with {code}"),
        TaskState::Killed => "it is killed".to_owned(),
        TaskState::NeverStarted => "it never starts".to_owned(),
        TaskState::Pending | TaskState::Running => "it runs".to_owned(),
    }
}

fn called(call: &Call) -> String {
    match call {
        Call::Register { family, .. } => format!("{} gets a revision", FAMILIES[*family]),
        Call::UpdateService {
            service, revision, ..
        } => {
            format!(
                "{} is told to run {}:{revision}",
                SERVICES[*service], SERVICES[*service]
            )
        }
        Call::StopServiceDeployment { service, .. } => {
            format!("the rollout of {} is to turn back", SERVICES[*service])
        }
        Call::RunTask { started_by, .. } => format!("a task of {started_by} is started"),
        Call::StopTask { .. } => "a task is asked to stop".to_owned(),
        Call::PutFiles { release } => format!("the files of v{release} are uploaded"),
        Call::PutPage { page } => format!("the page is {page:?}"),
        Call::CreateInvalidation { .. } => "the CDN is asked to forget".to_owned(),
    }
}

/// What processes wrote.
fn written(before: &State, after: &State) -> Vec<String> {
    let mut lines = Vec::new();
    for (at, journal) in after.world.store.journals.iter().enumerate() {
        let known = before
            .world
            .store
            .journals
            .get(at)
            .map_or(0, |one| one.progress.next_sequence());
        let known = usize::try_from(known).unwrap_or(usize::MAX);
        let new = journal.records().into_iter().skip(known);
        lines.extend(new.map(|record| format!("{}: {}", journal.deployment, event(&record.event))));
    }
    lines
}

fn event(event: &Event) -> String {
    match event {
        Event::Started { plan, .. } => format!("it begins, to {}", plan.release.version),
        Event::Intended { act } => format!("{act} (intended)"),
        Event::Done { act, .. } => format!("{act}: done"),
        Event::Failed { act, failure } => format!("{act}: {failure} (effect {:?})", failure.effect),
        Event::Waiting { reason } => format!("waits: {reason}"),
        Event::Found { finding } => found(finding),
        Event::Finished { outcome } => match outcome {
            Outcome::Live { .. } => "it is LIVE".to_owned(),
            Outcome::RolledBack { cause, schema, .. } => {
                format!("it is ROLLED BACK ({cause}; schema {schema:?})")
            }
            Outcome::Stuck { because, cause, .. } => format!("it is STUCK: {because} ({cause})"),
        },
        Event::Resumed { .. } => "another process goes on".to_owned(),
        Event::Interrupted { .. } => "it is interrupted".to_owned(),
        Event::Unlocked { .. } => "it is unlocked".to_owned(),
        Event::Abandoned { .. } => "it is abandoned".to_owned(),
    }
}

fn found(finding: &Finding) -> String {
    match finding {
        Finding::TurnedBack { cause } => format!("it turns back: {cause}"),
        Finding::Proven { side, proof } => format!("{} is proven ({side:?})", proof.component),
        Finding::JobEnded {
            job,
            state,
            reading,
            ..
        } => match state {
            JobState::Exited(0) => format!("{job}: done ({reading:?})"),
            state => format!("{job}: {state:?}"),
        },
        other => format!("{other:?}"),
    }
}

/// Processes that came to their end.
fn ended(before: &State, after: &State) -> Vec<String> {
    let mut lines = Vec::new();
    for (at, process) in after.processes.iter().enumerate() {
        let lived = before
            .processes
            .get(at)
            .is_none_or(crate::process::Process::lives);
        let Stage::Over(end) = &process.stage else {
            continue;
        };
        if !lived {
            continue;
        }
        match end {
            End::Outcome(_) | End::Crashed => {}
            End::Refused(refused) => lines.push(format!(
                "process {} is refused: {}",
                at + 1,
                refused.reasons.join(", ")
            )),
            End::Nothing => lines.push(format!("process {} has nothing to do", at + 1)),
            End::Held => lines.push(format!("process {} finds the lease held", at + 1)),
            End::Lost => lines.push(format!(
                "process {} notices that its lease was taken",
                at + 1
            )),
            End::Away => lines.push(format!("process {} leaves the rest to `resume`", at + 1)),
            End::Raving => lines.push(format!("process {} decides for ever", at + 1)),
        }
    }
    lines
}
