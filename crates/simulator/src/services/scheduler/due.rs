//! When a schedule is due, and what is called then.

use serde_json::{Value, json};

use super::find::schedule_arn;
use super::state::{Afterwards, Enabled, Invoked, Scheduler};
use crate::base::agenda::Due;
use crate::base::here::Here;
use crate::base::schedule::Units;
use crate::wire::iso8601;

/// The next time goes into the agenda. A disabled schedule has none; one that was due only once, or has ended, may go ([DOC]
/// ActionAfterCompletion).
pub(super) fn plan(here: &mut Here<'_, Scheduler>, group: &str, name: &str) {
    let now_ms = here.now_ms;
    let arn = schedule_arn(here, group, name);
    let schedules = here.own.schedules.get_mut(group);
    let Some(schedule) = schedules.and_then(|all| all.get_mut(name)) else {
        return;
    };
    schedule.course.next_ms = match schedule.enabled {
        Enabled::Enabled => schedule.course.later_than(now_ms, Units::Either),
        Enabled::Disabled => None,
    };
    if let Some(at_ms) = schedule.course.next_ms {
        here.agenda.add(at_ms, Due::Schedule(arn.as_str().into()));
    }
}

/// A new schedule with a rate is due at once: "If you do not provide a StartDate, EventBridge Scheduler starts your schedule
/// immediately" [DOC].
pub(super) fn begin(here: &mut Here<'_, Scheduler>, group: &str, name: &str) {
    let at_ms = here.now_ms + 1;
    let arn = schedule_arn(here, group, name);
    let schedules = here.own.schedules.get_mut(group);
    let Some(schedule) = schedules.and_then(|all| all.get_mut(name)) else {
        return;
    };
    let course = &mut schedule.course;
    let is_rate = course.expression.starts_with("rate(");
    let is_open = course.start_ms.is_none() && course.end_ms.is_none_or(|end_ms| at_ms <= end_ms);
    if is_rate && is_open && schedule.enabled == Enabled::Enabled {
        course.next_ms = Some(at_ms);
        here.agenda.add(at_ms, Due::Schedule(arn.as_str().into()));
    }
}

/// A schedule is due, if it is still the time that was planned. Within a flexible window it is called at the beginning [INF].
pub(crate) fn schedule_is_due(here: &mut Here<'_, Scheduler>, arn: &str) {
    let now_ms = here.now_ms;
    let Some((_, path)) = arn.split_once(":schedule/") else {
        return;
    };
    let Some((group, name)) = path.split_once('/') else {
        return;
    };
    let schedules = here.own.schedules.get(group);
    let Some(schedule) = schedules.and_then(|all| all.get(name)) else {
        return;
    };
    if schedule.course.next_ms != Some(now_ms) {
        return;
    }
    let afterwards = schedule.afterwards;
    let target = schedule.target.clone();
    let input = target.get("Input").and_then(Value::as_str);
    let message = match input {
        Some(input) => filled_in(input, arn, now_ms),
        None => notification(here, arn),
    };
    here.own.outbox.push(Invoked {
        group: group.to_owned(),
        name: name.to_owned(),
        target,
        message,
    });
    plan(here, group, name);
    let schedules = here.own.schedules.get_mut(group);
    let is_over = |schedule: &super::state::Schedule| schedule.course.next_ms.is_none();
    if let Some(schedules) = schedules
        && afterwards == Afterwards::Delete
        && schedules.get(name).is_some_and(is_over)
    {
        schedules.remove(name);
    }
}

/// `<aws.scheduler.schedule-arn>`, `<aws.scheduler.scheduled-time>`, `<aws.scheduler.attempt-number>` in the input [DOC].
fn filled_in(input: &str, arn: &str, now_ms: crate::Millis) -> String {
    input
        .replace("<aws.scheduler.schedule-arn>", arn)
        .replace("<aws.scheduler.scheduled-time>", &iso8601(now_ms))
        .replace("<aws.scheduler.attempt-number>", "1")
}

/// What a target gets that was given no input ([DOC] default notification).
fn notification(here: &mut Here<'_, Scheduler>, arn: &str) -> String {
    let notification = json!({
        "version": "0",
        "id": here.random.uuid(),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": here.account,
        "time": iso8601(here.now_ms),
        "region": here.region,
        "resources": [arn],
        "detail": "{}",
    });
    notification.to_string()
}
