//! Where the requests of a service go: CodeDeploy rewrites every rule of the production listener that forwards to the pair.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::Service;
use backstay_domain::ports::PortFailure;
use backstay_domain::traffic::Route;
use futures_util::future::try_join_all;

use super::group::{Group, Pair};
use super::sets;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure};
use crate::aws::services::traffic::{Weights, short, weights_of};

impl<T> AwsCloud<T> {
    /// The target groups that get its requests, by ARN, and the port of its tasks there.
    pub(in crate::aws::services) async fn requested(
        &self,
        service: &Service,
    ) -> Result<Vec<(String, Option<i32>)>, PortFailure> {
        let group = self.group_of(service).await?;
        let Some(pair) = &group.pair else {
            return Ok(Vec::new());
        };
        let balancer = sets::primary(service).and_then(|set| set.load_balancers().first());
        let port = balancer.and_then(|balancer| balancer.container_port());
        let rules = self.rules_of(pair).await?;
        let arns: BTreeSet<String> = rules
            .into_iter()
            .flat_map(|(_, weights)| weights)
            .map(|(arn, _)| arn)
            .filter(|arn| is_of(pair, arn))
            .collect();
        Ok(arns.into_iter().map(|arn| (arn, port)).collect())
    }

    /// Every rule that sends requests to the pair, and where it sends them.
    pub(super) async fn routes_of(&self, group: &Group) -> Result<Vec<Route>, PortFailure> {
        let Some(pair) = &group.pair else {
            return Ok(Vec::new());
        };
        let route = |rule: String, weights: Weights| Route {
            rule,
            groups: pair.groups.clone(),
            weights: Some(
                weights
                    .into_iter()
                    .map(|(arn, weight)| (short(&arn), weight))
                    .collect(),
            ),
        };
        let rules = self.rules_of(pair).await?;
        let mut routes: Vec<Route> = rules
            .into_iter()
            .map(|(rule, weights)| route(short(&rule), weights))
            .collect();
        if routes.is_empty() {
            let listeners: Vec<String> = pair.listeners.iter().map(|arn| short(arn)).collect();
            routes.push(route(listeners.join(", "), Weights::new()));
        }
        Ok(routes)
    }

    async fn rules_of(&self, pair: &Pair) -> Result<Vec<(String, Weights)>, PortFailure> {
        let found = try_join_all(pair.listeners.iter().map(|arn| self.rules_at(arn))).await?;
        let ours = found.into_iter().flatten();
        Ok(ours
            .filter(|(_, weights)| weights.keys().any(|arn| is_of(pair, arn)))
            .collect())
    }

    /// All rules of a listener, the default one too. A network load balancer's listener has only that.
    async fn rules_at(&self, listener: &str) -> Result<Vec<(String, Weights)>, PortFailure> {
        if !listener.contains(":listener/app/") {
            let weights = self.weights(listener).await?;
            return Ok(weights
                .map(|it| (listener.to_owned(), it))
                .into_iter()
                .collect());
        }
        let mut rules = Vec::new();
        let mut page = None;
        loop {
            let asked = self.balancers.describe_rules().listener_arn(listener);
            let reply = asked.set_marker(page).send().await;
            let reply =
                reply.map_err(|error| failure("elbv2.DescribeRules", Call::Read, &error))?;
            rules.extend(reply.rules.unwrap_or_default());
            page = reply.next_marker.filter(|marker| !marker.is_empty());
            if page.is_none() {
                break;
            }
        }
        let rules = rules.into_iter();
        Ok(rules
            .filter_map(|rule| Some((rule.rule_arn?, weights_of(&rule.actions?)?)))
            .collect())
    }
}

fn is_of(pair: &Pair, arn: &str) -> bool {
    pair.groups.contains(&short(arn))
}
