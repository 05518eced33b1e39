//! Step scaling: which step an alarm's value is in, and how many are wanted then [DOC].

use super::policy_input::{Step, StepScaling};

/// How many are wanted from so many; `None` where no step is for it.
pub(super) fn wanted(policy: &StepScaling, from: u32, beyond: f64) -> Option<u32> {
    let step = policy
        .step_adjustments
        .iter()
        .find(|step| step.has(beyond))?;
    let by = step.scaling_adjustment;
    let from = i64::from(from);
    let wanted = match policy.adjustment_type.as_deref() {
        Some("ExactCapacity") => by,
        Some("PercentChangeInCapacity") => {
            let least = policy
                .min_adjustment_magnitude
                .unwrap_or(0)
                .saturating_abs();
            from.saturating_add(percent(from, by, least))
        }
        _ => from.saturating_add(by),
    };
    Some(u32::try_from(wanted.max(0)).unwrap_or(u32::MAX))
}

impl Step {
    /// Above the threshold a step has its lower bound and not its upper one; below it, the other way round [DOC].
    fn has(&self, beyond: f64) -> bool {
        let lower = self
            .metric_interval_lower_bound
            .unwrap_or(f64::NEG_INFINITY);
        let upper = self.metric_interval_upper_bound.unwrap_or(f64::INFINITY);
        if beyond >= 0.0 && upper > 0.0 {
            (lower..upper).contains(&beyond)
        } else {
            lower < beyond && beyond <= upper
        }
    }
}

/// "Values greater than 1 are rounded down. Values between 0 and 1 are rounded to 1. Values between 0 and -1 are rounded to -1. Values
/// less than -1 are rounded up." [DOC] And never less than MinAdjustmentMagnitude.
fn percent(from: i64, by: i64, least: i64) -> i64 {
    let product = from.saturating_mul(by);
    let whole = match product / 100 {
        0 => product.signum(),
        whole => whole,
    };
    match by.signum() {
        0 => 0,
        sign => whole.saturating_abs().max(least).saturating_mul(sign),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::wanted;
    use crate::wire::input;

    fn wanted_by(policy: &Value, from: u32, beyond: f64) -> Option<u32> {
        wanted(&input(policy).unwrap(), from, beyond)
    }

    #[test]
    fn steps_of_the_documentation() {
        let step = |lower: Option<f64>, upper: Option<f64>, by: i64| {
            let mut step = json!({ "ScalingAdjustment": by });
            if let Some(lower) = lower {
                step["MetricIntervalLowerBound"] = json!(lower);
            }
            if let Some(upper) = upper {
                step["MetricIntervalUpperBound"] = json!(upper);
            }
            step
        };
        // The worked example of "Step scaling policies": out at 50 %, in at 50 %.
        let out = json!({ "AdjustmentType": "PercentChangeInCapacity", "StepAdjustments": [
            step(Some(0.0), Some(10.0), 0), step(Some(10.0), Some(20.0), 10), step(Some(20.0), None, 30) ] });
        let down = json!({ "AdjustmentType": "PercentChangeInCapacity", "StepAdjustments": [
            step(Some(-10.0), Some(0.0), 0), step(Some(-20.0), Some(-10.0), -10), step(None, Some(-20.0), -30) ] });
        let count = json!({ "AdjustmentType": "ChangeInCapacity", "StepAdjustments": [step(Some(0.0), None, 3)] });
        let exact = json!({ "AdjustmentType": "ExactCapacity", "StepAdjustments": [step(Some(0.0), None, 7)] });
        let least = json!({ "AdjustmentType": "PercentChangeInCapacity", "MinAdjustmentMagnitude": 2,
            "StepAdjustments": [step(Some(0.0), None, 25)] });
        for (policy, from, beyond, expected) in [
            (&out, 10, 5.0, Some(10)),
            (&out, 10, 10.0, Some(11)),
            (&out, 11, 20.0, Some(14)),
            (&out, 10, -1.0, None),
            (&down, 14, -19.9, Some(13)),
            (&down, 14, -20.0, Some(10)),
            (&down, 14, -20.1, Some(10)),
            (&down, 1, -11.0, Some(0)),
            (&down, 10, 0.0, Some(10)),
            (&count, 2, 0.0, Some(5)),
            (&exact, 2, 9.0, Some(7)),
            (&least, 4, 1.0, Some(6)),
        ] {
            assert_eq!(
                wanted_by(policy, from, beyond),
                expected,
                "{policy} from {from} at {beyond}"
            );
        }
    }
}
