//! No dead ends: what people are told to do is tried, in a cloud in which nothing more goes wrong.

use backstay_domain::journal::Outcome;

use crate::app::{RELEASES, number};
use crate::bounds::Bound;
use crate::model::{Action, State};
use crate::process::{Accepted, Command, Context, End, Stage};

/// Steps within which a command that leads on has come to its end.
const STEPS: usize = 600;

/// Whether a choice that was printed leads on.
///
/// # Errors
/// What became of each.
pub fn leads_on(cx: Context<'_>, bound: &Bound, state: &State) -> Result<(), String> {
    leads_on_in(cx, bound, state, ONE_AFTER_THE_OTHER)
}

/// Choices that are followed one after the other: what is still in the way after one has choices of its own.
const ONE_AFTER_THE_OTHER: u8 = 3;

fn leads_on_in(cx: Context<'_>, bound: &Bound, state: &State, most: u8) -> Result<(), String> {
    let Some(last) = state.processes.last() else {
        return Ok(());
    };
    let choices = match &last.stage {
        Stage::Over(End::Outcome(journal)) => of_outcome(state, *journal),
        Stage::Over(End::Refused(refused)) => of_hints(last.command, &refused.hints),
        Stage::Over(End::Crashed | End::Away) => vec![Choice::plain(Command::Resume)],
        Stage::Over(End::Nothing | End::Held | End::Lost | End::Raving) => return Ok(()),
        _ => return Ok(()),
    };
    if choices.is_empty() {
        return match &last.stage {
            Stage::Over(End::Outcome(_)) => Ok(()),
            _ => Err("nothing was printed that could be tried".to_owned()),
        };
    }
    let mut tried = Vec::new();
    for choice in choices {
        match try_one(cx, bound, state, choice, most) {
            Ok(()) => return Ok(()),
            Err(why) => tried.push(format!("{:?}: {why}", choice.command)),
        }
    }
    Err(tried.join("; "))
}

/// Something that people were told to do.
#[derive(Clone, Copy, Debug)]
struct Choice {
    command: Command,
    /// The database is restored to the moment before this journal's deployment.
    restored: Option<usize>,
}

impl Choice {
    fn plain(command: Command) -> Self {
        Self {
            command,
            restored: None,
        }
    }
}

fn of_outcome(state: &State, journal: usize) -> Vec<Choice> {
    let entry = &state.world.store.journals[journal];
    let (Some(Outcome::Stuck { because, .. }), Some(planned)) =
        (entry.progress.outcome(), &entry.planned)
    else {
        return Vec::new();
    };
    let plan = &planned.plan;
    let release = number(&plan.release.version);
    let vouched = Accepted {
        schema: true,
        ..Accepted::default()
    };
    let cure = |release| {
        Command::Deploy(
            release,
            Accepted {
                schema: false,
                unproven: true,
            },
        )
    };
    let mut choices = Vec::new();
    for text in because.choices() {
        if text.contains("`backstay resume`") {
            choices.push(Choice::plain(Command::Resume));
        }
        if text.contains("--accept-schema-risk") {
            choices.push(Choice {
                command: Command::Rollback(None, vouched),
                restored: Some(journal),
            });
        } else if text.contains("rollback --to` the same release") {
            choices.push(Choice::plain(Command::Rollback(
                Some(release),
                Accepted::default(),
            )));
        }
        if text.contains("roll forward") || text.contains("deploy the version that should be live")
        {
            let next = (release + 1).min(RELEASES);
            choices.push(Choice::plain(Command::Deploy(next, Accepted::default())));
            choices.push(Choice::plain(cure(next)));
        }
        if text.contains("deploy the release that was live before")
            && let Some(before) = &plan.before
        {
            choices.push(Choice::plain(Command::Deploy(
                number(&before.version),
                Accepted::default(),
            )));
            choices.push(Choice::plain(cure(number(&before.version))));
        }
    }
    choices
}

/// What hints say. A hint that asks for patience or a repair means the same command again.
fn of_hints(command: Command, hints: &[String]) -> Vec<Choice> {
    let again = |accepted: Accepted| match command {
        Command::Deploy(release, _) => Command::Deploy(release, accepted),
        Command::Rollback(to, _) => Command::Rollback(to, accepted),
        Command::Resume => Command::Resume,
    };
    let mut choices = Vec::new();
    if hints.is_empty() {
        // Nobody answered: the same command, once somebody does.
        choices.push(Choice::plain(again(Accepted::default())));
    }
    let accepted = Accepted {
        schema: hints
            .iter()
            .any(|hint| hint.contains("--accept-schema-risk")),
        unproven: hints.iter().any(|hint| hint.contains("--accept-unproven")),
    };
    for hint in hints {
        if hint.contains("deploys any version") {
            choices.extend(
                (2..=RELEASES).map(|any| Choice::plain(Command::Deploy(any, Accepted::default()))),
            );
        }
        if hint.contains("run the command again") || hint.contains("repair it first") {
            choices.push(Choice::plain(again(Accepted::default())));
        }
        if hint.contains("`backstay resume") {
            choices.push(Choice::plain(Command::Resume));
        }
        if let Some(to) = named_after(hint, "--to ") {
            choices.push(Choice::plain(Command::Rollback(
                Some(to),
                Accepted::default(),
            )));
        }
        if let Some(release) = named_after(hint, "--version ") {
            choices.push(Choice::plain(Command::Deploy(release, Accepted::default())));
        }
    }
    if accepted != Accepted::default() {
        choices.push(Choice::plain(again(accepted)));
    }
    choices
}

fn named_after(hint: &str, word: &str) -> Option<u8> {
    let rest = hint.split(word).nth(1)?.strip_prefix('v')?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// What is in the way is removed, everything in the cloud comes to rest, and the command is given.
fn try_one(
    cx: Context<'_>,
    bound: &Bound,
    state: &State,
    choice: Choice,
    most: u8,
) -> Result<(), String> {
    let mut state = state.clone();
    state.faults = 0;
    state.further = 1;
    for service in &mut state.world.cloud.services {
        service.spoiled.clear();
    }
    state.world.cloud.slow.clear();
    settle(cx, &mut state);
    if let Some(planned) = choice
        .restored
        .and_then(|at| state.world.store.journals[at].planned.clone())
    {
        state.world.cloud.schema = planned.schema;
    }
    // Whoever comes has given whatever was left the time it needs.
    state.now += 120;
    let bound = Bound {
        commands: &[],
        ..*bound
    };
    state = state
        .after(cx, Action::Gives(choice.command))
        .ok_or("it cannot be given")?;
    for _ in 0..STEPS {
        if state.is_quiet() {
            let judged = judged(&state);
            return match (judged, most) {
                (Ok(()), _) => Ok(()),
                (Err(why), 0 | 1) => Err(why),
                (Err(why), most) => leads_on_in(cx, &bound, &state, most - 1)
                    .map_err(|then| format!("{why}, then {then}")),
            };
        }
        settle(cx, &mut state);
        let next = state
            .actions(&bound)
            .into_iter()
            .find_map(|action| match action {
                Action::Step(_) | Action::Time => state.after(cx, action),
                _ => None,
            });
        state = next.ok_or("nothing happens any more")?;
    }
    Err("it does not end".to_owned())
}

/// Everything in the cloud comes to rest.
fn settle(cx: Context<'_>, state: &mut State) {
    while let Some(next) = (!state.world.late.is_empty())
        .then(|| state.after(cx, Action::Arrives(0)))
        .flatten()
    {
        *state = next;
    }
    for _ in 0..STEPS {
        let Some(what) = state.world.cloud.moves().pop() else {
            return;
        };
        state.world.cloud.happens(what);
    }
}

fn judged(state: &State) -> Result<(), String> {
    let Some(last) = state.processes.last() else {
        return Ok(());
    };
    match &last.stage {
        Stage::Over(End::Nothing) => Ok(()),
        Stage::Over(End::Outcome(journal)) => {
            match state.world.store.journals[*journal].progress.outcome() {
                Some(Outcome::Stuck { because, .. }) => Err(because.to_string()),
                Some(Outcome::Live { .. } | Outcome::RolledBack { .. }) => Ok(()),
                None => Err("it has no outcome".to_owned()),
            }
        }
        Stage::Over(End::Refused(refused)) => Err(refused.reasons.join(", ")),
        Stage::Over(end) => Err(format!("{end:?}")),
        _ => Err("it is still at work".to_owned()),
    }
}
