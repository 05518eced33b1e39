//! Before anything moves: do the listener rules allow a native deployment, and which target group is whose (B8 [DOC])?

use std::sync::Arc;

use super::run::{Route, Run};
use crate::World;
use crate::base::agenda::ServiceKey;
use crate::services::ecs::ServiceLoadBalancer;
use crate::services::elb::{Action, WeightedGroup};

const INVALID: &str = "Service deployment rolled back because of invalid networking configuration";

impl World {
    /// The routes of a deployment, or why it fails. Texts are AWS's own [DOC, OBS] unless marked.
    pub(super) fn routes(&self, key: &ServiceKey) -> Result<Vec<Route>, String> {
        let Some(service) = self.ecs.service(key) else {
            return Ok(Vec::new());
        };
        let Some(run) = service.native() else {
            return Ok(Vec::new());
        };
        let routes = run.balancers.iter().enumerate().map(|(place, balancer)| {
            let blue = self.group_of_source(key, run, place);
            self.route_of(balancer, blue)
        });
        routes.collect()
    }

    /// After an unfinished deployment both groups may have traffic: blue is then the group of the source's own tasks.
    fn group_of_source(&self, key: &ServiceKey, run: &Run, place: usize) -> Option<Arc<str>> {
        let service = self.ecs.service(key)?;
        let source = service.deployment(run.source.as_deref().filter(|_| run.inherits)?)?;
        let own = source.groups.get(place).cloned();
        own.or_else(|| Some(Arc::clone(&run.balancers.get(place)?.group)))
    }

    fn route_of(
        &self,
        balancer: &ServiceLoadBalancer,
        blue: Option<Arc<str>>,
    ) -> Result<Route, String> {
        let Some(advanced) = &balancer.advanced else {
            return Err(format!(
                "{INVALID}. advancedConfiguration is missing for {}",
                balancer.group_arn
            ));
        };
        let pair = [
            (&balancer.group, &balancer.group_arn),
            (&advanced.alternate, &advanced.alternate_arn),
        ];
        let production = self.forwarding(&advanced.production_rule)?;
        let test = match &advanced.test_rule {
            Some(rule) => self.forwarding(rule)?,
            None => &[],
        };
        for (name, arn) in pair {
            if !self.elb.groups.contains_key(name) {
                return Err(format!("{INVALID}. The target group {arn} does not exist."));
            }
            let named = |groups: &[WeightedGroup]| groups.iter().any(|it| it.group == *name);
            if !named(production) && !named(test) {
                return Err(format!(
                    "{INVALID}: Target group {arn} is not associated with either productionListenerRule or testListenerRule."
                ));
            }
        }
        let serving = self.serving(balancer, production)?;
        let blue = match (blue, serving.as_slice()) {
            (Some(blue), _) => blue,
            (None, [one]) => Arc::clone(one),
            (None, several) => {
                return Err(format!(
                    "{INVALID}. productionListenerRule {} should have exactly one target group serving traffic but found {} target \
                     groups which are serving traffic",
                    advanced.production_rule,
                    several.len()
                ));
            }
        };
        let green = if blue == balancer.group {
            &advanced.alternate
        } else {
            &balancer.group
        };
        Ok(Route {
            green: Arc::clone(green),
            blue,
            production_rule: advanced.production_rule.clone(),
            test_rule: advanced.test_rule.clone(),
        })
    }

    /// Where a rule forwards to. One that mixes forward with other actions is not supported (B8 [DOC]; text [INF]).
    fn forwarding(&self, arn: &str) -> Result<&[WeightedGroup], String> {
        let Some(actions) = self.elb.actions(arn) else {
            return Err(format!("{INVALID}. One or more rules not found"));
        };
        let only_forwards = actions
            .iter()
            .all(|action| matches!(action, Action::Forward(_)));
        match self.elb.forward_weights(arn) {
            Some(groups) if only_forwards => Ok(groups),
            Some(_) | None => Err(format!(
                "{INVALID}. Listener rule {arn} should have forward actions only."
            )),
        }
    }

    /// The groups with a weight above 0, all of which must be the service's own.
    fn serving(
        &self,
        balancer: &ServiceLoadBalancer,
        production: &[WeightedGroup],
    ) -> Result<Vec<Arc<str>>, String> {
        let serving = production.iter().filter(|it| it.weight > 0);
        let serving: Vec<Arc<str>> = serving.map(|it| Arc::clone(&it.group)).collect();
        let Some(advanced) = &balancer.advanced else {
            return Ok(serving);
        };
        let foreign = serving
            .iter()
            .find(|name| **name != balancer.group && **name != advanced.alternate);
        match foreign.and_then(|name| self.elb.groups.get(name)) {
            None => Ok(serving),
            Some(group) => Err(format!(
                "{INVALID}. Production listener rule is forwarding traffic to unexpected target group {}. Expected traffic to be \
                 forwarded to either targetGroupArn: {} or alternateTargetGroupArn: {}",
                group.arn, balancer.group_arn, advanced.alternate_arn
            )),
        }
    }
}
