//! What a policy's configuration says, and what of it is refused.

use serde::Deserialize;
use serde_json::Value;

use super::find::validation;
use crate::ApiError;

/// StepScalingPolicyConfiguration.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct StepScaling {
    pub(super) adjustment_type: Option<String>,
    #[serde(default)]
    pub(super) step_adjustments: Vec<Step>,
    pub(super) min_adjustment_magnitude: Option<i64>,
    pub(super) cooldown: Option<i64>,
    #[serde(rename = "MetricAggregationType")]
    _metric_aggregation_type: Option<String>,
}

/// One step: how far beyond the threshold, and what is to be done there.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Step {
    pub(super) metric_interval_lower_bound: Option<f64>,
    pub(super) metric_interval_upper_bound: Option<f64>,
    pub(super) scaling_adjustment: i64,
}

/// TargetTrackingScalingPolicyConfiguration.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Tracking {
    pub(super) target_value: f64,
    pub(super) predefined_metric_specification: Option<Predefined>,
    pub(super) customized_metric_specification: Option<Value>,
    pub(super) scale_out_cooldown: Option<i64>,
    pub(super) scale_in_cooldown: Option<i64>,
    pub(super) disable_scale_in: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Predefined {
    pub(super) predefined_metric_type: String,
    pub(super) resource_label: Option<String>,
}

/// The predefined metrics of ECS services [DOC].
pub(super) const OF_ECS: [&str; 3] = [
    "ECSServiceAverageCPUUtilization",
    "ECSServiceAverageMemoryUtilization",
    "ALBRequestCountPerTarget",
];

/// Steps must not overlap, nor leave gaps; at most one has no lower bound, and at most one no upper one [MODEL]. The words [INF].
pub(super) fn check_steps(given: &StepScaling) -> Result<(), ApiError> {
    if given.adjustment_type.is_none() {
        return Err(validation(
            "AdjustmentType is required for a policy of the type StepScaling",
        ));
    }
    if given.step_adjustments.is_empty() {
        return Err(validation("At least one StepAdjustment is required"));
    }
    let mut spans = Vec::new();
    for step in &given.step_adjustments {
        let (lower, upper) = (
            step.metric_interval_lower_bound,
            step.metric_interval_upper_bound,
        );
        if lower.is_none() && upper.is_none() {
            return Err(validation(
                "A step adjustment must have a lower or an upper bound",
            ));
        }
        let span = (
            lower.unwrap_or(f64::NEG_INFINITY),
            upper.unwrap_or(f64::INFINITY),
        );
        if span.0 >= span.1 {
            return Err(validation(
                "The upper bound of a step adjustment must be greater than its lower bound",
            ));
        }
        spans.push(span);
    }
    spans.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut pairs = spans.windows(2);
    if pairs.any(|pair| matches!(pair, [one, other] if one.1 > other.0)) {
        return Err(validation("Step adjustment intervals can't overlap"));
    }
    let mut pairs = spans.windows(2);
    if pairs.any(|pair| matches!(pair, [one, other] if one.1 < other.0)) {
        return Err(validation(
            "Step adjustment intervals can't have a gap between them",
        ));
    }
    Ok(())
}

/// Exactly one metric, which the namespace has. The words [INF].
pub(super) fn check_tracking(given: &Tracking, namespace: &str) -> Result<(), ApiError> {
    match (
        &given.predefined_metric_specification,
        &given.customized_metric_specification,
    ) {
        (Some(_), Some(_)) | (None, None) => Err(validation(
            "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified",
        )),
        (None, Some(_)) => Ok(()),
        (Some(predefined), None) => {
            let kind = predefined.predefined_metric_type.as_str();
            if namespace == "ecs" && !OF_ECS.contains(&kind) {
                return Err(validation(format!(
                    "PredefinedMetricType {kind} is not supported for the service namespace {namespace}"
                )));
            }
            if kind == "ALBRequestCountPerTarget" && label(predefined).is_none() {
                return Err(validation(
                    "PredefinedMetricSpecification: ResourceLabel must be app/<load-balancer-name>/<load-balancer-id>/targetgroup/\
                     <target-group-name>/<target-group-id>",
                ));
            }
            Ok(())
        }
    }
}

/// The load balancer and the target group that a resource label names, as CloudWatch's dimensions have them.
pub(super) fn label(predefined: &Predefined) -> Option<(String, String)> {
    let parts: Vec<&str> = predefined.resource_label.as_deref()?.split('/').collect();
    match parts.as_slice() {
        [
            app @ "app",
            name,
            id,
            group @ "targetgroup",
            group_name,
            group_id,
        ] => Some((
            format!("{app}/{name}/{id}"),
            format!("{group}/{group_name}/{group_id}"),
        )),
        _ => None,
    }
}
