//! Traffic: the weights on the listener rules between blue and green (B8, D).

use std::sync::Arc;

use super::run::{Route, Run};
use super::strategy::Percent;
use crate::World;
use crate::base::agenda::ServiceKey;
use crate::services::elb::WeightedGroup;

/// Weights of whole percents add up to 100, as after a deployment that was captured (green 100, blue 0 [OBS]).
const WHOLE: u32 = 100;
/// A deployment with a step that is no whole percent needs finer weights; 999 is the largest there is (D [MODEL], [INF]).
const FINE: u32 = 999;

impl World {
    /// So much of the production traffic to green, the rest to blue.
    pub(super) fn shift_production(&mut self, key: &ServiceKey, green: Percent) {
        let Some(run) = self.run_mut(key) else { return };
        run.production = green;
        let total = total(run);
        for route in run.routes.clone() {
            self.set_forward_weights(&route.production_rule, weights(&route, green, total));
        }
    }

    /// So much of the test traffic to green, the rest to blue.
    pub(super) fn shift_test(&mut self, key: &ServiceKey, green: Percent) {
        let Some(run) = self.run_mut(key) else { return };
        let tested: Vec<Route> = run
            .routes
            .iter()
            .filter(|route| route.test_rule.is_some())
            .cloned()
            .collect();
        if tested.is_empty() {
            return;
        }
        run.test = green;
        let total = total(run);
        for route in tested {
            if let Some(rule) = &route.test_rule {
                self.set_forward_weights(rule, weights(&route, green, total));
            }
        }
    }
}

fn total(run: &Run) -> u32 {
    let steps = run.steps();
    let whole = steps.iter().all(|step| step.percent.0.is_multiple_of(10));
    if whole { WHOLE } else { FINE }
}

/// Both groups stay in the rule, also with weight 0: their targets are checked, and the next deployment finds them.
fn weights(route: &Route, green: Percent, total: u32) -> Vec<WeightedGroup> {
    let share = (green.0 * total + Percent::ALL.0 / 2) / Percent::ALL.0;
    let weighted = |group: &Arc<str>, weight: u32| WeightedGroup {
        group: Arc::clone(group),
        weight: u16::try_from(weight).unwrap_or(0),
    };
    vec![
        weighted(&route.blue, total.saturating_sub(share)),
        weighted(&route.green, share),
    ]
}

#[cfg(test)]
mod tests {
    use super::{FINE, Percent, Route, WHOLE, weights};

    #[test]
    fn weights_add_up() {
        let route = Route {
            blue: "blue".into(),
            green: "green".into(),
            production_rule: String::new(),
            test_rule: None,
        };
        for (tenths, total, expected) in [
            (0, WHOLE, (100, 0)),
            (100, WHOLE, (90, 10)),
            (1_000, WHOLE, (0, 100)),
            (0, FINE, (999, 0)),
            (1, FINE, (998, 1)),
            (25, FINE, (974, 25)),
            (1_000, FINE, (0, 999)),
        ] {
            let found = weights(&route, Percent(tenths), total);
            assert_eq!((found[0].weight, found[1].weight), expected, "{tenths}");
        }
    }
}
