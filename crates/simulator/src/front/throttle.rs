//! What the front door remembers: request numbers, who was turned away, and a token bucket per API category.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::front::{Call, EcsHistory, Service};
use crate::{Millis, Weather};

/// Whether clients are turned away when they call too often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Throttling {
    /// As AWS does (ecs-semantics F2).
    #[default]
    AsAws,
    /// Never by their rate: to measure, and for suites of tests that hurry. A fault may still do it.
    Off,
}

/// The front door's state.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Throttle {
    requests: u64,
    /// Calls refused for their rate, by `service.Operation`.
    pub(crate) throttled: BTreeMap<String, u64>,
    buckets: BTreeMap<String, Bucket>,
    /// Older copies of ECS, for stale reads.
    pub(crate) history: EcsHistory,
    /// A choice of who serves the world, not a part of it.
    #[serde(skip)]
    pub(crate) throttling: Throttling,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Bucket {
    /// Thousandths of a token, so that no fraction is lost.
    millitokens: u64,
    filled_ms: Millis,
}

/// A bucket of ecs-semantics F2 [DOC].
struct Category {
    name: &'static str,
    burst: u64,
    per_second: u64,
}

impl Throttle {
    /// A new request's id, in the shape of a UUID.
    pub(crate) fn next_request_id(&mut self) -> String {
        self.requests += 1;
        format!("5b1a7a11-0000-4000-8000-{:012x}", self.requests)
    }

    pub(crate) fn refused(&mut self, call: &Call) {
        *self.throttled.entry(call.name()).or_default() += 1;
    }

    /// Takes a token of the call's bucket; false when it is empty.
    pub(crate) fn admits(&mut self, call: &Call, now_ms: Millis) -> bool {
        let (Throttling::AsAws, Some(category)) = (self.throttling, category(call)) else {
            return true;
        };
        let full = category.burst * 1000;
        let bucket = self
            .buckets
            .entry(category.name.to_owned())
            .or_insert(Bucket {
                millitokens: full,
                filled_ms: now_ms,
            });
        let gained = now_ms
            .saturating_sub(bucket.filled_ms)
            .saturating_mul(category.per_second);
        bucket.millitokens = bucket.millitokens.saturating_add(gained).min(full);
        bucket.filled_ms = now_ms;
        if bucket.millitokens < 1000 {
            return false;
        }
        bucket.millitokens -= 1000;
        true
    }

    /// How long a call takes when nothing is wrong [INF]; spread over a range by request number, not by the world's dice, so
    /// that asking more often does not change the story.
    pub(crate) fn usual_latency_ms(&self, weather: Weather) -> Millis {
        match weather {
            Weather::Calm => 0,
            Weather::Typical => 20 + self.requests * 37 % 60,
            Weather::Rough => 200 + self.requests * 137 % 800,
        }
    }
}

fn category(call: &Call) -> Option<Category> {
    match call.service {
        Service::Ecs => ecs_category(&call.operation),
        // 25 TPS (ecs-semantics G [MODEL]).
        Service::Logs if call.operation == "DescribeLogStreams" => Some(Category {
            name: "logs stream read",
            burst: 25,
            per_second: 25,
        }),
        _ => None,
    }
}

/// ecs-semantics F2 [DOC]. StopServiceDeployment and ContinueServiceDeployment are not in AWS's table.
fn ecs_category(operation: &str) -> Option<Category> {
    let (name, burst, per_second) = match operation {
        "RegisterTaskDefinition" | "DeregisterTaskDefinition" => ("task definition modify", 20, 1),
        "CreateService" | "UpdateService" | "DeleteService" => ("service modify", 50, 5),
        "DescribeServices" | "ListServices" => ("service read", 100, 20),
        "DescribeServiceDeployments" | "ListServiceDeployments" => ("service deployment", 50, 20),
        "DescribeServiceRevisions" => ("service revision", 50, 20),
        "DescribeTaskDefinition" | "ListTaskDefinitions" | "ListTaskDefinitionFamilies" => {
            ("task definition read", 50, 20)
        }
        // Fargate's own limit, below the category's 100/40.
        "RunTask" => ("fargate run task", 20, 20),
        "StopTask" | "ExecuteCommand" => ("cluster resource modify", 100, 40),
        "DescribeTasks" | "ListTasks" => ("cluster resource read", 100, 20),
        "DescribeClusters" | "ListClusters" => ("cluster read", 50, 20),
        "CreateCluster"
        | "UpdateCluster"
        | "UpdateClusterSettings"
        | "PutClusterCapacityProviders"
        | "DeleteCluster" => ("cluster modify", 20, 1),
        "TagResource" | "UntagResource" => ("tags modify", 20, 10),
        "ListTagsForResource" => ("tags read", 50, 20),
        "GetTaskProtection" | "UpdateTaskProtection" => ("task protection", 200, 80),
        "DeleteTaskDefinitions" => ("delete task definitions", 5, 1),
        "ListServicesByNamespace" => ("list services by namespace", 10, 1),
        _ => return None,
    };
    Some(Category {
        name,
        burst,
        per_second,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::front::Protocol;

    fn admitted(throttle: &mut Throttle, operation: &str, times: usize, now_ms: Millis) -> usize {
        let call = Call {
            service: Service::Ecs,
            protocol: Protocol::Json11,
            operation: operation.to_owned(),
        };
        (0..times)
            .filter(|_| throttle.admits(&call, now_ms))
            .count()
    }

    #[test]
    fn registering_has_a_burst_of_twenty_then_one_a_second() {
        let mut throttle = Throttle::default();
        assert_eq!(admitted(&mut throttle, "RegisterTaskDefinition", 30, 0), 20);
        assert_eq!(
            admitted(&mut throttle, "RegisterTaskDefinition", 30, 999),
            0
        );
        assert_eq!(
            admitted(&mut throttle, "DeregisterTaskDefinition", 30, 3_000),
            3
        );
        assert_eq!(
            admitted(&mut throttle, "RegisterTaskDefinition", 30, 3_600_000),
            20
        );
    }

    #[test]
    fn categories_do_not_share_tokens_but_their_operations_do() {
        let mut throttle = Throttle::default();
        assert_eq!(admitted(&mut throttle, "UpdateService", 40, 0), 40);
        assert_eq!(admitted(&mut throttle, "CreateService", 40, 0), 10);
        assert_eq!(admitted(&mut throttle, "DescribeServices", 120, 0), 100);
        assert_eq!(admitted(&mut throttle, "UpdateService", 40, 1_000), 5);
        assert_eq!(
            admitted(&mut throttle, "StopServiceDeployment", 500, 0),
            500
        );
    }
}
