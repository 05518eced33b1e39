//! Carrying a plan out in one's turn, and saying how it ended: the same for whoever deploys, resumes or rolls back.

use backstay_adapters::turn::{Further, Resumed};
use backstay_domain::DeploymentId;
use backstay_domain::engine::{Begun, Prepared};
use backstay_domain::journal::Outcome;
use backstay_domain::operator::Why;
use backstay_domain::plan::Plan;
use backstay_domain::ports::{Clock, Cloud, Report};
use jiff::SignedDuration;

use crate::compose::operator::{operator, why};
use crate::compose::project::Project;
use crate::compose::turn::OurTurn;
use crate::failure::Failure;
use crate::render::any::AnyReport;
use crate::render::json;
use crate::render::outcome::{exit_code, outcome_text, stuck_error};
use crate::render::plan::plan_text;
use crate::shell::{Output, Shell};

/// Shows a plan before it is carried out.
pub(super) fn show_plan(shell: &Shell, plan: &Plan) {
    match shell.output() {
        Output::Json => shell.object(&json::plan(plan)),
        Output::Text => shell.note(&plan_text(plan)),
    }
}

/// Carries a plan out in one's turn: shows it, does it, says how it ended.
pub(super) async fn carried_out<C: Cloud, K: Clock>(
    shell: &Shell,
    project: &Project,
    turn: &OurTurn<'_, C, K>,
    prepared: Prepared,
    reason: Option<&str>,
) -> Result<u8, Failure> {
    let Prepared { plan, caller } = prepared;
    show_plan(shell, &plan);
    let why = why(&project.directory, &plan.release.version, reason);
    let begun = Begun {
        by: Some(caller),
        operator: operator(),
        why: Why {
            accepted: plan.accepted(),
            commit: plan.release.commit.clone().or(why.commit),
            ..why
        },
    };
    let clock = turn.opened().clock;
    let began = clock.now();
    let report = AnyReport::of(shell, &plan);
    let outcome = turn.deploy(&plan, begun, &report).await?;
    let took = clock.now().duration_since(began);
    Ok(ended(shell, &plan, &outcome, Some(took)))
}

/// Brings a deployment to its end in one's turn: how that was, and how long it took. Nothing when it has ended already.
pub(super) async fn gone_on<C: Cloud, K: Clock, R: Report>(
    turn: &OurTurn<'_, C, K>,
    deployment: &DeploymentId,
    further: Further,
    report: impl FnOnce(&Plan) -> R,
) -> Result<Option<(Resumed, SignedDuration)>, Failure> {
    let opened = turn.opened();
    let began = opened.clock.now();
    let further = Further {
        by: opened.cloud.caller().await.ok(),
        ..further
    };
    let resumed = turn.resume(deployment, further, report).await?;
    let took = opened.clock.now().duration_since(began);
    Ok(resumed.map(|resumed| (resumed, took)))
}

/// Says how a deployment ended, and gives the exit code.
pub(super) fn ended(
    shell: &Shell,
    plan: &Plan,
    outcome: &Outcome,
    took: Option<SignedDuration>,
) -> u8 {
    let took = took.unwrap_or_default();
    finished(
        shell,
        plan,
        outcome,
        &json::End {
            took,
            rehearsed: None,
        },
    )
}

pub(super) fn finished(shell: &Shell, plan: &Plan, outcome: &Outcome, end: &json::End) -> u8 {
    told(shell, plan, outcome, (end, exit_code(outcome)))
}

/// Says how a deployment ended to whom that is worth this exit code.
pub(super) fn told(
    shell: &Shell,
    plan: &Plan,
    outcome: &Outcome,
    (end, code): (&json::End, u8),
) -> u8 {
    match (shell.output(), stuck_error(plan, outcome)) {
        (Output::Json, _) => shell.object(&json::end(outcome, code, end)),
        (Output::Text, Some(error)) => shell.error(&error),
        (Output::Text, None) => shell.answer(&outcome_text(plan, outcome)),
    }
    code
}
