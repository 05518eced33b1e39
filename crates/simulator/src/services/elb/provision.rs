//! Target groups and load balancers as a blueprint describes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{
    Action, BalancerKind, Condition, FixedResponse, Forward, Listener, LoadBalancer, Protocol,
    Rule, Scheme, TargetGroup, WeightedGroup, attributes,
};
use crate::base::arn::{dns_suffix, regional_arn};
use crate::base::here::Here;
use crate::services::elb::Elb;
use crate::{
    GroupProtocol, LoadBalancerBlueprint, NetworkLoadBalancerBlueprint, ProvisionError,
    RuleBlueprint, TargetGroupBlueprint,
};

/// Of the listener of a blueprint.
const CERTIFICATE: &str = "certificate/5b1a7a11-0000-4000-8000-000000000443";

fn conditions_of(rule: &RuleBlueprint) -> Vec<Condition> {
    let hosts = Some(rule.hosts.clone()).filter(|hosts| !hosts.is_empty());
    let path = Condition::Path(vec![rule.path.clone()]);
    hosts
        .map(Condition::Host)
        .into_iter()
        .chain([path])
        .collect()
}

impl Here<'_, Elb> {
    pub(crate) fn provision_target_group(
        &mut self,
        blueprint: &TargetGroupBlueprint,
    ) -> Result<(), ProvisionError> {
        let name: Arc<str> = blueprint.name.as_str().into();
        if blueprint.health_check_interval_seconds == 0
            || blueprint.unhealthy_threshold == 0
            || blueprint.healthy_threshold == 0
        {
            return Err(ProvisionError::Invalid(format!(
                "target group {name}: intervals and thresholds start at 1"
            )));
        }
        let arn = self.elb_arn(&format!("targetgroup/{name}"));
        let made = TargetGroup::new(arn, Arc::clone(&name), blueprint.port);
        let made = match blueprint.protocol {
            GroupProtocol::Http => made,
            GroupProtocol::Tcp => made.for_connections(),
        };
        let mut group = TargetGroup {
            interval_seconds: blueprint.health_check_interval_seconds,
            timeout_seconds: blueprint.health_check_timeout_seconds,
            healthy_threshold: blueprint.healthy_threshold,
            unhealthy_threshold: blueprint.unhealthy_threshold,
            ..made
        };
        if let Some(path) = &blueprint.health_check_path {
            group.check_protocol = Protocol::Http;
            group.health_check_path.clone_from(path);
        }
        let delay = blueprint.deregistration_delay_seconds.to_string();
        let key = "deregistration_delay.timeout_seconds".to_owned();
        group.attributes.insert(key, delay);
        match self.own.groups.insert(name, group) {
            None => Ok(()),
            Some(_) => Err(ProvisionError::Duplicate(
                "target group",
                blueprint.name.clone(),
            )),
        }
    }

    pub(crate) fn provision_load_balancer(
        &mut self,
        blueprint: &LoadBalancerBlueprint,
    ) -> Result<(), ProvisionError> {
        let arn = self.elb_arn(&format!("loadbalancer/app/{}", blueprint.name));
        let listener_arn = self.elb_child_arn(&arn, ":loadbalancer/", ":listener/");
        let default_rule_arn = self.elb_child_arn(&listener_arn, ":listener/", ":listener-rule/");
        let mut rules = Vec::with_capacity(blueprint.rules.len());
        for (rule, priority) in blueprint.rules.iter().zip(1..) {
            rules.push(Rule {
                arn: self.elb_child_arn(&listener_arn, ":listener/", ":listener-rule/"),
                priority,
                conditions: conditions_of(rule),
                actions: vec![self.action_of(rule)?],
                tags: BTreeMap::new(),
            });
        }
        let protocol = Protocol::Https;
        let listener = Listener {
            arn: listener_arn,
            port: 443,
            protocol,
            ssl_policy: Some(super::DEFAULT_SSL_POLICY.to_owned()),
            certificates: vec![regional_arn("acm", self.region, self.account, CERTIFICATE)],
            alpn_policy: None,
            attributes: attributes::of_listener(protocol),
            tags: BTreeMap::new(),
            default_rule_arn,
            default_actions: vec![Action::Fixed(FixedResponse::bare(404))],
            rules,
        };
        let suffix = dns_suffix(self.region);
        let own_suffix = format!(".elb.{suffix}");
        let own = |host: &&String| host.ends_with(&own_suffix);
        let made_up = || format!("{}-1.{}.elb.{suffix}", blueprint.name, self.region);
        let dns_name = blueprint.hosts.iter().find(own).cloned();
        self.own.balancers.push(LoadBalancer {
            name: blueprint.name.clone(),
            kind: BalancerKind::Application,
            arn,
            dns_name: dns_name.unwrap_or_else(made_up),
            hosts: blueprint.hosts.clone(),
            scheme: Scheme::InternetFacing,
            address_type: "ipv4".to_owned(),
            subnets: vec!["subnet-5b1a7a11".to_owned(), "subnet-5b1a7a12".to_owned()],
            addresses: BTreeMap::new(),
            security_groups: vec!["sg-5b1a7a10".to_owned()],
            private_link_rules: None,
            created_ms: 0,
            active_ms: 0,
            attributes: attributes::of_balancer(BalancerKind::Application),
            tags: BTreeMap::new(),
            listeners: vec![listener],
        });
        Ok(())
    }

    pub(crate) fn provision_network_load_balancer(
        &mut self,
        blueprint: &NetworkLoadBalancerBlueprint,
    ) -> Result<(), ProvisionError> {
        let kind = BalancerKind::Network;
        let arn = self.elb_arn(&format!("loadbalancer/net/{}", blueprint.name));
        let id = arn.rsplit('/').next().unwrap_or_default();
        let suffix = dns_suffix(self.region);
        let dns_name = format!("{}-{id}.elb.{}.{suffix}", blueprint.name, self.region);
        let mut listeners = Vec::with_capacity(blueprint.listeners.len());
        for listener in &blueprint.listeners {
            let group = self.own.groups.get(listener.target_group.as_str());
            if group.is_none_or(|group| group.kind() != kind) {
                let name = listener.target_group.clone();
                return Err(ProvisionError::Unknown(
                    "target group that speaks TCP",
                    name,
                ));
            }
            let taken = |known: &Listener| known.port == listener.port;
            if listeners.iter().any(taken) {
                let port = listener.port.to_string();
                return Err(ProvisionError::Duplicate("listener", port));
            }
            let arn = self.elb_child_arn(&arn, ":loadbalancer/", ":listener/");
            listeners.push(Listener {
                default_rule_arn: self.elb_child_arn(&arn, ":listener/", ":listener-rule/"),
                arn,
                port: listener.port,
                protocol: Protocol::Tcp,
                ssl_policy: None,
                certificates: Vec::new(),
                alpn_policy: None,
                attributes: attributes::of_listener(Protocol::Tcp),
                tags: BTreeMap::new(),
                default_actions: vec![Action::Forward(Forward::to(listener.target_group.as_str()))],
                rules: Vec::new(),
            });
        }
        self.own.balancers.push(LoadBalancer {
            name: blueprint.name.clone(),
            kind,
            arn,
            dns_name,
            hosts: blueprint.hosts.clone(),
            scheme: Scheme::Internal,
            address_type: "ipv4".to_owned(),
            subnets: vec!["subnet-5b1a7a11".to_owned(), "subnet-5b1a7a12".to_owned()],
            addresses: BTreeMap::new(),
            security_groups: vec!["sg-5b1a7a10".to_owned()],
            private_link_rules: Some("on".to_owned()),
            created_ms: 0,
            active_ms: 0,
            attributes: attributes::of_balancer(kind),
            tags: BTreeMap::new(),
            listeners,
        });
        Ok(())
    }

    fn action_of(&self, rule: &RuleBlueprint) -> Result<Action, ProvisionError> {
        match (&rule.target_group, rule.fixed_status) {
            (Some(group), None) => {
                let both = [(Some(group), 1), (rule.alternate.as_ref(), 0)];
                let both = both
                    .into_iter()
                    .filter_map(|(name, weight)| Some((name?, weight)));
                let weighted =
                    both.map(
                        |(name, weight)| match self.own.groups.get_key_value(name.as_str()) {
                            Some((group, _)) => Ok(WeightedGroup {
                                group: group.clone(),
                                weight,
                            }),
                            None => Err(ProvisionError::Unknown("target group", name.clone())),
                        },
                    );
                let weighted = weighted.collect::<Result<Vec<WeightedGroup>, _>>()?;
                Ok(Action::Forward(Forward::new(weighted)))
            }
            (None, Some(status)) => Ok(Action::Fixed(FixedResponse::bare(status))),
            (None, None) | (Some(_), Some(_)) => Err(ProvisionError::Invalid(format!(
                "rule {}: give either target_group or fixed_status",
                rule.path
            ))),
        }
    }

    /// `arn:...:listener/app/NAME/ID/ID` of `arn:...:loadbalancer/app/NAME/ID`, and so on.
    pub(super) fn elb_child_arn(&mut self, parent: &str, kind: &str, child_kind: &str) -> String {
        let id = self.random.next_u64();
        format!("{}/{id:016x}", parent.replacen(kind, child_kind, 1))
    }

    pub(super) fn elb_arn(&mut self, resource: &str) -> String {
        let id = self.random.next_u64();
        let name = format_args!("{resource}/{id:016x}");
        regional_arn("elasticloadbalancing", self.region, self.account, name)
    }
}
