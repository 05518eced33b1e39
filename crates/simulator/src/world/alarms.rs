//! What load balancers do is counted by CloudWatch, and what its alarms say is carried to topics and to the event bus.

use std::time::Duration;

use crate::base::here::here;
use crate::base::visit::Visit;
use crate::services::autoscaling::{self, Triggered};
use crate::services::cloudwatch::{self, Answered, AnsweredBy, Hosts, Said};
use crate::services::elb::{Backend, BalancerKind, TargetGroup, TargetState};
use crate::services::events::Detail;
use crate::{AlarmState, Millis, World};

impl World {
    /// A load balancer has answered a request: by a target, or by itself.
    pub(crate) fn count_request(
        &mut self,
        visit: &Visit,
        backend: Option<&Backend>,
        status: u16,
        took: Option<Duration>,
    ) {
        let mut balancers = self.elb.balancers.iter();
        let Some(balancer) = balancers.find(|it| it.is_reached_by(visit)) else {
            return;
        };
        if balancer.kind == BalancerKind::Network {
            return;
        }
        let has = |group: &&TargetGroup, backend: &Backend| {
            let mut targets = group.targets.iter();
            targets.any(|it| it.ip == backend.ip && it.port == backend.port)
        };
        let group =
            backend.and_then(|backend| self.elb.groups.values().find(|group| has(group, backend)));
        let healthy = group.map_or(0, |group| {
            let targets = group.targets.iter();
            targets
                .filter(|it| it.state == TargetState::Healthy)
                .count()
        });
        let answered = Answered {
            balancer: &balancer.arn,
            group: group.map(|group| group.arn.as_str()),
            by: match backend {
                Some(_) => AnsweredBy::Target,
                None => AnsweredBy::Balancer,
            },
            status,
            healthy,
            took_ms: took.and_then(|took| Millis::try_from(took.as_millis()).ok()),
        };
        cloudwatch::count(&mut here!(self.cloudwatch), answered);
    }

    /// Load balancers tell how healthy their targets are now: before anybody asks CloudWatch for it.
    pub(crate) fn tell_hosts(&mut self) {
        let hosts = self.elb.groups.values().map(|group| {
            let count = |is_such: fn(TargetState) -> bool| {
                let targets = group.targets.iter();
                targets.filter(|target| is_such(target.state)).count()
            };
            let balancers = self.elb.balancers_of(&group.name);
            Hosts {
                group: group.arn.clone(),
                balancers: balancers.map(|it| it.arn.clone()).collect(),
                healthy: count(|state| state == TargetState::Healthy),
                unhealthy: count(TargetState::is_unhealthy),
            }
        });
        self.cloudwatch.hosts = hosts.collect();
    }

    /// An alarm is evaluated.
    pub(crate) fn look_at_alarm(&mut self, name: &str) {
        self.tell_hosts();
        cloudwatch::look(&mut here!(self.cloudwatch), name);
        self.carry_alarms();
    }

    /// A world fault puts an alarm into a state.
    pub(crate) fn set_alarm(&mut self, name: &str, state: AlarmState, reason: &str) {
        here!(self.cloudwatch).set_alarm(name, state, reason);
        self.carry_alarms();
    }

    /// What alarms have said comes to the event bus and to topics, in the order in which they said it.
    pub(crate) fn carry_alarms(&mut self) {
        for said in std::mem::take(&mut self.cloudwatch.outbox) {
            match said {
                Said::Event { resources, detail } => {
                    let detail_type = "CloudWatch Alarm State Change";
                    let detail = Detail::of(&detail);
                    self.tell("aws.cloudwatch", detail_type, resources, detail);
                }
                Said::Scaling {
                    alarm,
                    policy,
                    state,
                    value,
                    threshold,
                } => {
                    let trigger = Triggered {
                        action: policy.clone(),
                        alarm: alarm.clone(),
                        state,
                        value,
                        threshold,
                    };
                    if !self.scale(|here| autoscaling::triggered(here, &trigger)) {
                        cloudwatch::not_sent(&mut self.cloudwatch, &alarm, &policy);
                    }
                }
                Said::Message {
                    alarm,
                    topic,
                    subject,
                    message,
                } => {
                    if !self.publish(&topic, &subject, &message) {
                        cloudwatch::not_sent(&mut self.cloudwatch, &alarm, &topic);
                    }
                }
            }
        }
    }
}
