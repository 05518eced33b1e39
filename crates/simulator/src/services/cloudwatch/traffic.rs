//! The metrics of AWS/ApplicationELB and AWS/NetworkELB: what load balancers served, and how healthy their targets are.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::metric::{Dimension, Metric, Numbers, Sample, Series};
use crate::Millis;
use crate::base::here::Here;
use crate::services::cloudwatch::CloudWatch;

const NAMESPACE: &str = "AWS/ApplicationELB";
/// Of network load balancers, which count no requests.
const NETWORK_NAMESPACE: &str = "AWS/NetworkELB";
const NAMESPACES: [&str; 2] = [NAMESPACE, NETWORK_NAMESPACE];
const MINUTE_MS: Millis = 60_000;
/// Minutes of requests that are kept.
const KEPT: usize = 180;

/// Requests by minute, then by load balancer and target group.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Traffic(BTreeMap<Millis, Vec<Served>>);

/// What one load balancer answered for one target group, or by itself, within one minute.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Served {
    balancer: String,
    group: Option<String>,
    /// Requests by the first digit of the target's status.
    target: [u64; 6],
    /// And of the load balancer's own status, where the target did not answer.
    own: [u64; 6],
    /// Targets that were healthy when it answered last.
    #[serde(default)]
    healthy: usize,
    /// Requests by how long the target took, in milliseconds.
    #[serde(default)]
    took: BTreeMap<Millis, u64>,
}

/// Metric names, and which first digits of whose status they count [DOC].
const COUNTS: [(&str, &[usize], &[usize]); 8] = [
    ("RequestCount", &[1, 2, 3, 4, 5], &[1, 2, 3, 4, 5]),
    ("HTTPCode_Target_2XX_Count", &[2], &[]),
    ("HTTPCode_Target_3XX_Count", &[3], &[]),
    ("HTTPCode_Target_4XX_Count", &[4], &[]),
    ("HTTPCode_Target_5XX_Count", &[5], &[]),
    ("HTTPCode_ELB_3XX_Count", &[], &[3]),
    ("HTTPCode_ELB_4XX_Count", &[], &[4]),
    ("HTTPCode_ELB_5XX_Count", &[], &[5]),
];
/// Seconds from when the request left the load balancer until the target began to answer [DOC].
const RESPONSE_TIME: &str = "TargetResponseTime";
/// Requests of a target group, per healthy target [DOC].
const PER_TARGET: &str = "RequestCountPerTarget";
const HOSTS: [&str; 2] = ["HealthyHostCount", "UnHealthyHostCount"];

/// Whether the metric goes on by itself, so that an alarm on it has to be looked at for ever.
pub(super) fn is_continuous(metric: &Metric) -> bool {
    NAMESPACES.contains(&metric.namespace.as_str()) && HOSTS.contains(&metric.metric_name.as_str())
}

/// A request that a load balancer has answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered<'a> {
    /// The load balancer's ARN.
    pub(crate) balancer: &'a str,
    /// The ARN of the group whose target it went to.
    pub(crate) group: Option<&'a str>,
    pub(crate) by: AnsweredBy,
    pub(crate) status: u16,
    /// How many targets of that group are healthy.
    pub(crate) healthy: usize,
    /// How long the target took, where that is known.
    pub(crate) took_ms: Option<Millis>,
}

/// Whose answer it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnsweredBy {
    Target,
    Balancer,
}

/// What a load balancer says of the targets of a group.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    /// The group's ARN.
    pub(crate) group: String,
    /// The ARNs of the load balancers that name it.
    pub(crate) balancers: Vec<String>,
    pub(crate) healthy: usize,
    pub(crate) unhealthy: usize,
}

/// A load balancer has answered a request: by a target, or by itself.
pub(crate) fn count(here: &mut Here<'_, CloudWatch>, answered: Answered<'_>) {
    let balancer = balancer_dimension(answered.balancer).to_owned();
    let group = answered.group.map(|arn| group_dimension(arn).to_owned());
    let minute_ms = here.now_ms - here.now_ms % MINUTE_MS;
    let minutes = &mut here.own.traffic.0;
    let served = minutes.entry(minute_ms).or_default();
    let place = served
        .iter()
        .position(|it| it.balancer == balancer && it.group == group);
    let place = place.unwrap_or_else(|| {
        served.push(Served {
            balancer,
            group,
            target: [0; 6],
            own: [0; 6],
            healthy: 0,
            took: BTreeMap::new(),
        });
        served.len() - 1
    });
    if let Some(served) = served.get_mut(place) {
        let counts = match answered.by {
            AnsweredBy::Target => &mut served.target,
            AnsweredBy::Balancer => &mut served.own,
        };
        if let Some(count) = counts.get_mut(usize::from(answered.status / 100)) {
            *count += 1;
        }
        served.healthy = answered.healthy;
        if let Some(took_ms) = answered.took_ms {
            *served.took.entry(took_ms).or_default() += 1;
        }
    }
    while minutes.len() > KEPT {
        minutes.pop_first();
    }
    super::evaluate::wake_namespace(here, NAMESPACE);
}

impl Here<'_, CloudWatch> {
    /// Samples of a metric from `start_ms` to just before `end_ms`: put by clients, or what AWS itself would have put.
    pub(super) fn samples(
        &self,
        metric: &Metric,
        start_ms: Millis,
        end_ms: Millis,
    ) -> Vec<(Millis, Sample)> {
        if end_ms <= start_ms {
            return Vec::new();
        }
        if let Some((_, target, own)) = COUNTS
            .iter()
            .find(|(name, ..)| metric.namespace == NAMESPACE && *name == metric.metric_name)
        {
            let minutes = self.own.traffic.0.range(start_ms..end_ms);
            let counted = minutes.filter_map(|(at_ms, served)| {
                let served = served.iter().filter(|served| served.is_of(metric));
                let count: u64 = served.map(|served| served.count(target, own)).sum();
                // What did not happen has no datapoint: "reporting criteria: there is a nonzero value" [DOC].
                let numbers = Numbers::Values(vec![(1.0, count as f64)]);
                let unit = Some("Count".to_owned());
                (count > 0).then_some((*at_ms, Sample { unit, numbers }))
            });
            return counted.collect();
        }
        if metric.namespace == NAMESPACE && metric.metric_name == RESPONSE_TIME {
            return self.response_times(metric, start_ms, end_ms);
        }
        if metric.namespace == NAMESPACE && metric.metric_name == PER_TARGET {
            return self.requests_per_target(metric, start_ms, end_ms);
        }
        let mut samples = Vec::new();
        if let Some(series) = self.own.series.get(&metric.key()) {
            for (at_ms, put) in series.samples.range(start_ms..end_ms) {
                samples.extend(put.iter().map(|sample| (*at_ms, sample.clone())));
            }
        }
        let now_ms = self.now_ms;
        if (start_ms..end_ms).contains(&now_ms)
            && let Some(hosts) = self.hosts(metric)
        {
            samples.push((now_ms, Sample::one(hosts)));
        }
        samples
    }

    fn requests_per_target(
        &self,
        metric: &Metric,
        start_ms: Millis,
        end_ms: Millis,
    ) -> Vec<(Millis, Sample)> {
        let minutes = self.own.traffic.0.range(start_ms..end_ms);
        let counted = minutes.filter_map(|(at_ms, served)| {
            let of_group = served
                .iter()
                .filter(|it| it.group.is_some() && it.is_of(metric));
            let each = of_group.map(|it| {
                let requests = it.count(&[1, 2, 3, 4, 5], &[1, 2, 3, 4, 5]);
                requests as f64 / it.healthy.max(1) as f64
            });
            let sum: f64 = each.sum();
            let numbers = Numbers::Values(vec![(sum, 1.0)]);
            let unit = Some("Count".to_owned());
            (sum > 0.0).then_some((*at_ms, Sample { unit, numbers }))
        });
        counted.collect()
    }

    fn response_times(
        &self,
        metric: &Metric,
        start_ms: Millis,
        end_ms: Millis,
    ) -> Vec<(Millis, Sample)> {
        let minutes = self.own.traffic.0.range(start_ms..end_ms);
        let measured = minutes.filter_map(|(at_ms, served)| {
            let served = served.iter().filter(|served| served.is_of(metric));
            let took = served.flat_map(|served| &served.took);
            let values = took.map(|(ms, count)| (*ms as f64 / 1_000.0, *count as f64));
            let values: Vec<(f64, f64)> = values.collect();
            let unit = Some("Seconds".to_owned());
            let numbers = Numbers::Values(values.clone());
            (!values.is_empty()).then_some((*at_ms, Sample { unit, numbers }))
        });
        measured.collect()
    }

    /// Remembers how many hosts are healthy now, for an alarm that is about to be evaluated: as of the minute that ends.
    pub(super) fn measure_hosts(&mut self, metric: &Metric) {
        let at_ms = self.now_ms.saturating_sub(1);
        if let Some(hosts) = self.hosts(metric) {
            let series = self.own.series.entry(metric.key());
            series
                .or_insert_with(|| Series::of(metric.clone()))
                .add(at_ms, Sample::one(hosts));
        }
    }

    fn hosts(&self, metric: &Metric) -> Option<f64> {
        if !is_continuous(metric) {
            return None;
        }
        let wanted = metric.dimension("TargetGroup")?;
        let mut groups = self.own.hosts.iter();
        let group = groups.find(|hosts| group_dimension(&hosts.group) == wanted)?;
        let balancers = group.balancers.iter();
        let mut namespaces = balancers.map(|arn| namespace_of(balancer_dimension(arn)));
        if !namespaces.any(|namespace| namespace == metric.namespace) {
            return None;
        }
        Some(match metric.metric_name.as_str() {
            "HealthyHostCount" => group.healthy as f64,
            _ => group.unhealthy as f64,
        })
    }

    /// The metrics that load balancers have, for ListMetrics.
    pub(super) fn load_balancer_metrics(&self) -> Vec<Metric> {
        let mut metrics = BTreeSet::new();
        for served in self.own.traffic.0.values().flatten() {
            let counted = COUNTS
                .iter()
                .filter(|(_, target, own)| served.count(target, own) > 0);
            let counted = counted.map(|(name, ..)| *name);
            let timed = (!served.took.is_empty()).then_some(RESPONSE_TIME);
            for name in counted.chain(timed) {
                metrics.insert(metric(name, &served.balancer, None));
                if let Some(group) = &served.group {
                    metrics.insert(metric(PER_TARGET, &served.balancer, Some(group)));
                    metrics.insert(metric(name, &served.balancer, Some(group)));
                }
            }
        }
        for group in &self.own.hosts {
            for balancer in &group.balancers {
                let (balancer, group) = (balancer_dimension(balancer), &group.group);
                let named = |name| metric(name, balancer, Some(group_dimension(group)));
                metrics.extend(HOSTS.map(named));
            }
        }
        metrics.into_iter().collect()
    }
}

impl Served {
    fn is_of(&self, metric: &Metric) -> bool {
        let balancer = metric.dimension("LoadBalancer");
        let group = metric.dimension("TargetGroup");
        balancer.is_none_or(|wanted| wanted == self.balancer)
            && (group.is_none() || group == self.group.as_deref())
    }

    fn count(&self, target: &[usize], own: &[usize]) -> u64 {
        let of = |counts: &[u64; 6], digits: &[usize]| -> u64 {
            digits.iter().filter_map(|digit| counts.get(*digit)).sum()
        };
        of(&self.target, target) + of(&self.own, own)
    }
}

fn metric(name: &str, balancer: &str, group: Option<&str>) -> Metric {
    let dimension = |name: &str, value: &str| Dimension {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let mut dimensions = vec![dimension("LoadBalancer", balancer)];
    dimensions.extend(group.map(|group| dimension("TargetGroup", group)));
    Metric {
        namespace: namespace_of(balancer).to_owned(),
        metric_name: name.to_owned(),
        dimensions,
    }
}

/// Of a load balancer's dimension.
fn namespace_of(balancer: &str) -> &'static str {
    match balancer.starts_with("net/") {
        true => NETWORK_NAMESPACE,
        false => NAMESPACE,
    }
}

/// `app/name/id` or `net/name/id`.
fn balancer_dimension(arn: &str) -> &str {
    arn.split_once(":loadbalancer/").map_or(arn, |(_, it)| it)
}

/// `targetgroup/name/id`.
fn group_dimension(arn: &str) -> &str {
    arn.rsplit_once(':').map_or(arn, |(_, it)| it)
}
