//! Target tracking: the alarms that it makes, and how many are wanted when one of them goes off.

use serde_json::{Value, json};

use super::find::validation;
use super::policy_input::{Predefined, Tracking, label};
use super::state::{AutoScaling, Ordered, Place, Policy, Rule};
use crate::ApiError;
use crate::base::arn::regional_arn;
use crate::base::here::Here;
use crate::wire::input;

/// More is wanted after three minutes above the target, less after fifteen below nine tenths of it [OBS].
const ABOVE: Side = Side {
    name: "AlarmHigh",
    periods: 3,
    comparison: "GreaterThanThreshold",
    share: 1.0,
};
const BELOW: Side = Side {
    name: "AlarmLow",
    periods: 15,
    comparison: "LessThanThreshold",
    share: 0.9,
};

struct Side {
    name: &'static str,
    periods: u32,
    comparison: &'static str,
    /// Of the target value.
    share: f64,
}

/// Makes the alarms of a policy that tracks a target, with new names; answers them as AWS lists them.
pub(super) fn alarms(
    here: &mut Here<'_, AutoScaling>,
    place: &Place,
    policy: &mut Policy,
) -> Result<Vec<Value>, ApiError> {
    let Rule::Tracking(given) = &policy.rule else {
        return Ok(Vec::new());
    };
    if !place.moves() {
        return Ok(Vec::new());
    }
    let tracking: Tracking = input(given)?;
    let watched = watched(place, &tracking)?;
    let action = format!("{}:createdBy/{}", policy.arn, policy.created_by);
    let mut made = Vec::new();
    let sides = match tracking.disable_scale_in {
        // One that must not scale in has nothing to watch below [INF].
        Some(true) => vec![ABOVE],
        Some(false) | None => vec![ABOVE, BELOW],
    };
    for side in sides {
        let name = format!(
            "TargetTracking-{}-{}-{}",
            place.resource,
            side.name,
            here.random.uuid()
        );
        let mut alarm = watched.clone();
        alarm["AlarmName"] = json!(name);
        alarm["AlarmDescription"] = json!(format!(
            "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {action}."
        ));
        alarm["ActionsEnabled"] = json!(true);
        alarm["AlarmActions"] = json!([action]);
        alarm["EvaluationPeriods"] = json!(side.periods);
        alarm["ComparisonOperator"] = json!(side.comparison);
        alarm["Threshold"] = json!(rounded(tracking.target_value * side.share));
        alarm["TreatMissingData"] = json!("missing");
        here.own.outbox.push(Ordered::PutAlarm(alarm));
        let arn = regional_arn(
            "cloudwatch",
            here.region,
            here.account,
            format_args!("alarm:{name}"),
        );
        made.push(json!({ "AlarmName": name, "AlarmARN": arn }));
        match side.name {
            "AlarmHigh" => policy.high = Some(name),
            _ => policy.low = Some(name),
        }
    }
    Ok(made)
}

/// 67.5, not 67.49999.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// The metric, as PutMetricAlarm takes it.
fn watched(place: &Place, tracking: &Tracking) -> Result<Value, ApiError> {
    if let Some(predefined) = &tracking.predefined_metric_specification {
        return Ok(predefined_metric(place, predefined));
    }
    let given = tracking.customized_metric_specification.as_ref();
    let given = given.cloned().unwrap_or_default();
    if let Some(queries) = given.get("Metrics").and_then(Value::as_array) {
        let queries: Vec<Value> = queries.iter().map(query).collect();
        return Ok(json!({ "Metrics": queries }));
    }
    let member = |name: &str| {
        let found = given.get(name).filter(|value| !value.is_null());
        found.cloned().ok_or_else(|| {
            validation(format!(
                "CustomizedMetricSpecification: {name} must be specified"
            ))
        })
    };
    let mut watched = json!({
        "Namespace": member("Namespace")?,
        "MetricName": member("MetricName")?,
        "Statistic": member("Statistic")?,
        "Dimensions": given.get("Dimensions").cloned().unwrap_or_else(|| json!([])),
        "Period": 60,
    });
    if let Some(unit) = given.get("Unit").filter(|unit| !unit.is_null()) {
        watched["Unit"] = unit.clone();
    }
    Ok(watched)
}

/// A metric data query, with the period of a minute that target tracking gives it.
fn query(given: &Value) -> Value {
    let mut query = given.clone();
    if let Some(stat) = query.get_mut("MetricStat").filter(|stat| stat.is_object()) {
        stat["Period"] = json!(60);
    }
    query
}

fn predefined_metric(place: &Place, predefined: &Predefined) -> Value {
    let dimension = |name: &str, value: &str| json!({ "Name": name, "Value": value });
    if let Some((balancer, group)) = label(predefined) {
        return json!({
            "Namespace": "AWS/ApplicationELB",
            "MetricName": "RequestCountPerTarget",
            "Statistic": "Sum",
            "Dimensions": [dimension("LoadBalancer", &balancer), dimension("TargetGroup", &group)],
            "Period": 60,
        });
    }
    let metric = match predefined.predefined_metric_type.as_str() {
        "ECSServiceAverageMemoryUtilization" => "MemoryUtilization",
        _ => "CPUUtilization",
    };
    let mut parts = place.resource.split('/').skip(1);
    let cluster = parts.next().unwrap_or_default();
    let service = parts.next().unwrap_or_default();
    json!({
        "Namespace": "AWS/ECS",
        "MetricName": metric,
        "Statistic": "Average",
        "Dimensions": [dimension("ClusterName", cluster), dimension("ServiceName", service)],
        "Period": 60,
    })
}

/// So many that the metric comes to its target: never less than fits, and at least one more when it is above [DOC: in proportion;
/// the rounding INF].
pub(super) fn wanted(
    from: u32,
    value: Option<f64>,
    target: f64,
    towards: super::scale::Towards,
) -> u32 {
    use super::scale::Towards;
    let by_one = match towards {
        Towards::More => from.saturating_add(1),
        Towards::Fewer => from.saturating_sub(1),
    };
    // "when actual capacity is 0 ... it scales out by the minimum possible amount" [DOC]. SetAlarmState has no value [INF].
    let (Some(value), true) = (value, from > 0 && target > 0.0) else {
        return by_one;
    };
    // A sum of floating numbers may be a hair above a whole one.
    let exact = f64::from(from) * value / target;
    let fits = (exact - 1e-9).ceil().clamp(0.0, f64::from(u32::MAX)) as u32;
    match towards {
        Towards::More => fits.max(by_one),
        Towards::Fewer => fits.min(from),
    }
}
