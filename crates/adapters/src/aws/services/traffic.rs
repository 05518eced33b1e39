//! Services with two target groups that change places: what is configured, where requests go, and where a deployment stands.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_ecs::types::{
    AdvancedConfiguration, DeploymentConfiguration, DeploymentLifecycleHookAction,
    DeploymentLifecycleHookDetail, DeploymentLifecycleHookStatus,
    DeploymentLifecycleHookTargetType, DeploymentStrategy, Service, ServiceDeployment,
};
use aws_sdk_elasticloadbalancingv2::types::Action;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::traffic::{Answer, Hold, Moves, Route, Shift, Shifting, Strategy};
use futures_util::future::try_join_all;

use super::describe::moment;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure};

/// What ECS takes where a canary says nothing: 5 %, 10 minutes [MODEL].
const CANARY_MINUTES: i32 = 10;
/// And where linear steps say nothing: 10 %, 6 minutes [MODEL].
const LINEAR: (f64, i32) = (10.0, 6);

/// Where the requests of a rule or a listener go: weights by target group ARN.
pub(super) type Weights = BTreeMap<String, u32>;

impl<T> AwsCloud<T> {
    /// The strategy of a service, with where its requests go if it shifts them.
    pub(super) async fn strategy(&self, service: &Service) -> Result<Strategy, PortFailure> {
        let configuration = service.deployment_configuration();
        let shifts = configuration.filter(|configuration| {
            let kind = configuration.strategy();
            kind.is_some_and(|kind| *kind != DeploymentStrategy::Rolling)
        });
        let Some(configuration) = shifts else {
            return Ok(Strategy::Rolling);
        };
        let routes = try_join_all(advanced(service).map(|one| self.route(one))).await?;
        Ok(Strategy::Shifting(Shifting {
            routes,
            ..configured(configuration)
        }))
    }

    async fn route(
        &self,
        (group, advanced): (&str, &AdvancedConfiguration),
    ) -> Result<Route, PortFailure> {
        let alternate = advanced.alternate_target_group_arn().unwrap_or_default();
        let groups = [short(group), short(alternate)];
        let Some(rule) = advanced.production_listener_rule() else {
            return Ok(Route {
                rule: "its production listener rule (there is none)".to_owned(),
                groups,
                weights: None,
            });
        };
        let weights = self.weights(rule).await?;
        let weights = weights.map(|weights| {
            let named = weights
                .into_iter()
                .map(|(arn, weight)| (short(&arn), weight));
            named.collect()
        });
        Ok(Route {
            rule: short(rule),
            groups,
            weights,
        })
    }

    /// Where the requests of a rule go, or of a network load balancer's listener; nothing where it does not forward, or is not
    /// there.
    pub(super) async fn weights(&self, arn: &str) -> Result<Option<Weights>, PortFailure> {
        let asked = match arn.contains(":listener-rule/") {
            true => self.rule_actions(arn).await,
            false => self.listener_actions(arn).await,
        };
        match asked {
            Ok(actions) => Ok(weights_of(&actions)),
            Err(failure) if failure.kind == FailureKind::NotFound => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    async fn rule_actions(&self, arn: &str) -> Result<Vec<Action>, PortFailure> {
        let asked = self.balancers.describe_rules().rule_arns(arn);
        let reply = asked.send().await;
        let reply = reply.map_err(|error| failure("elbv2.DescribeRules", Call::Read, &error))?;
        let mut rules = reply.rules.unwrap_or_default().into_iter();
        Ok(rules
            .next()
            .and_then(|rule| rule.actions)
            .unwrap_or_default())
    }

    async fn listener_actions(&self, arn: &str) -> Result<Vec<Action>, PortFailure> {
        let asked = self.balancers.describe_listeners().listener_arns(arn);
        let reply = asked.send().await;
        let reply =
            reply.map_err(|error| failure("elbv2.DescribeListeners", Call::Read, &error))?;
        let mut listeners = reply.listeners.unwrap_or_default().into_iter();
        let first = listeners.next();
        Ok(first
            .and_then(|one| one.default_actions)
            .unwrap_or_default())
    }
}

/// The target groups that change places with another one.
fn advanced(service: &Service) -> impl Iterator<Item = (&str, &AdvancedConfiguration)> {
    let balancers = service.load_balancers().iter();
    balancers.filter_map(|one| Some((one.target_group_arn()?, one.advanced_configuration()?)))
}

/// Weights above zero. A forward action to one group only may name it without a weight.
pub(super) fn weights_of(actions: &[Action]) -> Option<Weights> {
    let forward = actions
        .iter()
        .find(|action| action.forward_config().is_some() || action.target_group_arn().is_some())?;
    let groups = forward
        .forward_config()
        .map(|config| config.target_groups())
        .unwrap_or_default();
    let weighted = groups.iter().filter_map(|group| {
        let weight = u32::try_from(group.weight().unwrap_or(1)).ok()?;
        Some((group.target_group_arn()?.to_owned(), weight))
    });
    let mut weights: Weights = weighted.filter(|(_, weight)| *weight > 0).collect();
    if groups.is_empty() {
        weights.extend(forward.target_group_arn().map(|arn| (arn.to_owned(), 1)));
    }
    Some(weights)
}

/// `targetgroup/NAME/ID` and `listener-rule/app/NAME/…` as people know them.
pub(super) fn short(arn: &str) -> String {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    match resource.strip_prefix("targetgroup/") {
        Some(named) => named.split('/').next().unwrap_or(named).to_owned(),
        None => resource.to_owned(),
    }
}

fn configured(configuration: &DeploymentConfiguration) -> Shifting {
    let kind = configuration.strategy();
    let pauses = configuration
        .lifecycle_hooks()
        .iter()
        .filter(|hook| hook.target_type() == Some(&DeploymentLifecycleHookTargetType::Pause))
        .flat_map(|hook| hook.lifecycle_stages())
        .map(|stage| stage.as_str().to_owned());
    let steps = match kind {
        Some(DeploymentStrategy::Canary) => configuration
            .canary_configuration()
            .and_then(|canary| canary.canary_bake_time_in_minutes())
            .unwrap_or(CANARY_MINUTES),
        Some(DeploymentStrategy::Linear) => {
            let linear = configuration.linear_configuration();
            let percent = linear.and_then(|linear| linear.step_percent());
            let minutes = linear.and_then(|linear| linear.step_bake_time_in_minutes());
            baking_steps(percent.unwrap_or(LINEAR.0)) * minutes.unwrap_or(LINEAR.1)
        }
        _ => 0,
    };
    let minutes = configuration.bake_time_in_minutes().unwrap_or(0) + steps;
    Shifting {
        kind: kind.map_or_else(String::new, |kind| kind.as_str().to_owned()),
        bakes: Duration::from_secs(u64::try_from(minutes).unwrap_or(0) * 60),
        pauses: pauses.collect(),
        routes: Vec::new(),
    }
}

/// How many steps there are before the last one, which has no bake of its own [MODEL].
pub(super) fn baking_steps(percent: f64) -> i32 {
    let mut steps = 0;
    let mut shifted = percent;
    while percent > 0.0 && shifted < 100.0 {
        steps += 1;
        shifted += percent;
    }
    steps
}

/// Where a deployment stands that shifts traffic. `lifecycleStage` is empty for rolling ones, whose hooks may pause all the same.
pub(super) fn shift(record: &ServiceDeployment) -> Option<Shift> {
    let hold = record.lifecycle_hook_details().iter().find_map(hold);
    let stage = record
        .lifecycle_stage()
        .map(|stage| stage.as_str().to_owned());
    let stage = stage.or_else(|| hold.is_some().then(|| "a PAUSE hook".to_owned()))?;
    let target = record.target_service_revision();
    let weight = target.and_then(|target| target.requested_production_traffic_weight());
    Some(Shift {
        percent: percent(weight.unwrap_or(0.0)),
        moves: moves(&stage),
        stage,
        hold,
    })
}

/// At which stages requests do not move any more. Whatever this version does not know may move them.
fn moves(stage: &str) -> Moves {
    match stage {
        "POST_PRODUCTION_TRAFFIC_SHIFT" | "BAKE_TIME" | "CLEAN_UP" => Moves::NoMore,
        _ => Moves::Maybe,
    }
}

/// Rounded down: 99.9 is not all of it.
pub(super) fn percent(weight: f64) -> u32 {
    let whole = (0..=100_u32)
        .rev()
        .find(|whole| f64::from(*whole) <= weight);
    whole.unwrap_or(0)
}

fn hold(detail: &DeploymentLifecycleHookDetail) -> Option<Hold> {
    let waits = detail.status() == Some(&DeploymentLifecycleHookStatus::AwaitingAction);
    let goes_on = detail.timeout_action() == Some(&DeploymentLifecycleHookAction::Continue);
    waits.then_some(())?;
    Some(Hold {
        id: detail.hook_id()?.to_owned(),
        until: detail.expires_at().and_then(moment),
        then: if goes_on {
            Answer::GoOn
        } else {
            Answer::TurnBack
        },
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types::{
        ActionTypeEnum, ForwardActionConfig, TargetGroupTuple,
    };
    use rstest::rstest;

    use super::*;

    fn forward(groups: &[(&str, Option<i32>)]) -> Action {
        let tuples = groups.iter().map(|(arn, weight)| {
            TargetGroupTuple::builder()
                .target_group_arn(*arn)
                .set_weight(*weight)
                .build()
        });
        let config = ForwardActionConfig::builder().set_target_groups(Some(tuples.collect()));
        Action::builder()
            .r#type(ActionTypeEnum::Forward)
            .forward_config(config.build())
            .build()
    }

    #[rstest]
    #[case::both(forward(&[("a", Some(90)), ("b", Some(10))]), &[("a", 90), ("b", 10)])]
    #[case::zero_is_nothing(forward(&[("a", Some(1)), ("b", Some(0))]), &[("a", 1)])]
    #[case::one_needs_no_weight(forward(&[("a", None)]), &[("a", 1)])]
    #[case::the_old_form(
        Action::builder().r#type(ActionTypeEnum::Forward).target_group_arn("a").build(),
        &[("a", 1)]
    )]
    fn weights_are_read(#[case] action: Action, #[case] expected: &[(&str, u32)]) {
        let found = weights_of(&[action]).unwrap_or_default();
        let found: Vec<(&str, u32)> = found
            .iter()
            .map(|(arn, weight)| (arn.as_str(), *weight))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_does_not_forward_has_no_weights() {
        let fixed = Action::builder()
            .r#type(ActionTypeEnum::FixedResponse)
            .build();
        assert_eq!(weights_of(&[fixed]), None);
        assert_eq!(weights_of(&[]), None);
    }

    #[rstest]
    #[case(100.0, 100)]
    #[case(99.9, 99)]
    #[case(0.1, 0)]
    #[case(5.0, 5)]
    fn percents_are_rounded_down(#[case] weight: f64, #[case] expected: u32) {
        assert_eq!(percent(weight), expected);
    }

    #[rstest]
    #[case::by_tens(10.0, 9)]
    #[case::in_thirds(33.3, 3)]
    #[case::at_once(100.0, 0)]
    fn the_last_step_bakes_nothing(#[case] percent: f64, #[case] expected: i32) {
        assert_eq!(baking_steps(percent), expected);
    }

    #[test]
    fn names_are_those_that_people_know() {
        let group = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web-blue/6d0e";
        assert_eq!(short(group), "web-blue");
        let rule =
            "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/main/1/2/3";
        assert_eq!(short(rule), "listener-rule/app/main/1/2/3");
    }
}
