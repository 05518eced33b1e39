//! What CreateSchedule and UpdateSchedule are given, and what of it is refused. The words [INF], but of the expression [MEM].

use serde::Deserialize;
use serde_json::Value;

use super::find::validation;
use super::state::{Afterwards, Enabled};
use crate::ApiError;
use crate::base::schedule::{Expression, Units, Zone};
use crate::wire::Moment;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Given {
    pub(super) name: String,
    pub(super) group_name: Option<String>,
    pub(super) schedule_expression: String,
    pub(super) schedule_expression_timezone: Option<String>,
    pub(super) start_date: Option<Moment>,
    pub(super) end_date: Option<Moment>,
    pub(super) description: Option<String>,
    pub(super) state: Option<Enabled>,
    pub(super) kms_key_arn: Option<String>,
    pub(super) target: Value,
    pub(super) flexible_time_window: Value,
    pub(super) client_token: Option<String>,
    pub(super) action_after_completion: Option<Afterwards>,
}

impl Given {
    pub(super) fn check(&self) -> Result<(), ApiError> {
        let expression = &self.schedule_expression;
        if Expression::parse(expression, Units::Either).is_none() {
            return Err(validation(format!(
                "Invalid Schedule Expression {expression}."
            )));
        }
        let zone = self.schedule_expression_timezone.as_deref();
        if zone.is_some_and(|zone| Zone::named(zone).is_none()) {
            return Err(validation(format!(
                "Invalid ScheduleExpressionTimezone {}.",
                zone.unwrap_or_default()
            )));
        }
        if let (Some(Moment(start_ms)), Some(Moment(end_ms))) = (self.start_date, self.end_date)
            && end_ms <= start_ms
        {
            return Err(validation("EndDate must be after StartDate."));
        }
        self.check_window()?;
        self.check_target()
    }

    /// A window has a length exactly when it is flexible [DOC].
    fn check_window(&self) -> Result<(), ApiError> {
        let window = &self.flexible_time_window;
        let flexible = window["Mode"] == "FLEXIBLE";
        match window
            .get("MaximumWindowInMinutes")
            .filter(|length| !length.is_null())
        {
            None if flexible => Err(validation(
                "MaximumWindowInMinutes is required for a flexible time window of the mode FLEXIBLE.",
            )),
            Some(_) if !flexible => Err(validation(
                "MaximumWindowInMinutes must not be given for a flexible time window of the mode OFF.",
            )),
            _ => Ok(()),
        }
    }

    fn check_target(&self) -> Result<(), ApiError> {
        let arn = self.target["Arn"].as_str().unwrap_or_default();
        if arn.splitn(6, ':').count() < 6 {
            return Err(validation("Provided Arn is not in correct format."));
        }
        if reads_only(arn) {
            return Err(validation(format!(
                "{arn} is not a supported target: read-only operations cannot be invoked."
            )));
        }
        let has = |member: &str| {
            self.target
                .get(member)
                .is_some_and(|given| !given.is_null())
        };
        for (service, kind, member) in [
            ("ecs", ":cluster/", "EcsParameters"),
            ("events", ":event-bus/", "EventBridgeParameters"),
        ] {
            let is_meant =
                backstay_aws_model::regions::is_arn_of(arn, service) && arn.contains(kind);
            if is_meant && !has(member) {
                return Err(validation(format!(
                    "{member} is required for the target {arn}."
                )));
            }
            if !is_meant && has(member) {
                return Err(validation(format!(
                    "{member} must not be given for the target {arn}."
                )));
            }
        }
        Ok(())
    }
}

/// What operations begin with that no schedule calls [DOC]: "read-only API actions, such as common GET operations".
const READS: [&str; 20] = [
    "admin_get",
    "admin_list",
    "batch_describe",
    "batch_get",
    "batch_read",
    "describe",
    "discover",
    "get",
    "list",
    "lookup",
    "poll",
    "query",
    "read",
    "receive",
    "retrieve",
    "scan",
    "search",
    "select",
    "transact_get",
    "validate",
];

/// `arn:aws:scheduler:::aws-sdk:sqs:receiveMessage`: by its whole words, so that `listen` is none.
fn reads_only(arn: &str) -> bool {
    let Some((_, named)) = arn.split_once(":scheduler:::aws-sdk:") else {
        return false;
    };
    let operation = named.rsplit(':').next().unwrap_or_default();
    let mut words = String::new();
    for (place, letter) in operation.chars().enumerate() {
        if letter.is_ascii_uppercase() && place > 0 {
            words.push('_');
        }
        words.push(letter.to_ascii_lowercase());
    }
    READS.iter().any(|verb| {
        let rest = words.strip_prefix(verb);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    })
}
