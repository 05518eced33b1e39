//! What services use of their processors and memory: nobody runs their containers, so somebody says it; CloudWatch gets it as ECS's
//! own metrics, once a minute ([DOC] Amazon ECS CloudWatch metrics). Of a service of which nobody has said anything there are none.

use serde::{Deserialize, Serialize};

use crate::base::agenda::{Due, ServiceKey};
use crate::base::here::here;
use crate::services::cloudwatch::{self, Told};
use crate::{Millis, World};

const MINUTE_MS: Millis = 60_000;

/// How much of what they have the tasks of a service use, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Load {
    /// Each of them, however many there are.
    Each(f64),
    /// All of them together, so that each has less the more there are: 300 is 100 for each of three.
    Together(f64),
}

/// CPUUtilization and MemoryUtilization of a service; what is not said is not measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Utilization {
    /// Of its processors.
    pub cpu: Option<Load>,
    /// Of its memory.
    pub memory: Option<Load>,
}

impl Load {
    /// The average of so many tasks.
    fn of_each(self, running: usize) -> f64 {
        match self {
            Self::Each(percent) => percent,
            Self::Together(percent) => percent / running.max(1) as f64,
        }
    }
}

impl World {
    /// From now on a service uses so much. `false` when there is no such service.
    pub fn set_utilization(
        &mut self,
        cluster: &str,
        service: &str,
        utilization: Utilization,
    ) -> bool {
        let key = ServiceKey::new(cluster, service);
        if self.ecs.service(&key).is_none() {
            return false;
        }
        if self.utilization.is_empty() {
            self.plan_measuring();
        }
        self.utilization.insert(key, utilization);
        true
    }

    /// Just before a minute ends, so that alarms that are evaluated at its end know it.
    fn plan_measuring(&mut self) {
        let end_ms = (self.now_ms / MINUTE_MS + 1) * MINUTE_MS - 1;
        let at_ms = if end_ms > self.now_ms {
            end_ms
        } else {
            end_ms + MINUTE_MS
        };
        self.agenda.add(at_ms, Due::Utilization);
    }

    /// A minute is over: what services have used within it. A service without running tasks uses nothing, and tells nothing.
    pub(crate) fn measure_utilization(&mut self) {
        let at_ms = self.now_ms - self.now_ms % MINUTE_MS;
        let mut measured = Vec::new();
        for (key, utilization) in &self.utilization {
            let Some(service) = self.ecs.service(key) else {
                continue;
            };
            let (running, _) = self.ecs.counts(service, None);
            if running == 0 {
                continue;
            }
            for (name, load) in [
                ("CPUUtilization", utilization.cpu),
                ("MemoryUtilization", utilization.memory),
            ] {
                if let Some(load) = load {
                    let value = load.of_each(running);
                    measured.push((service.cluster.clone(), service.name.clone(), name, value));
                }
            }
        }
        for (cluster, service, name, value) in measured {
            let told = Told {
                namespace: "AWS/ECS",
                name,
                dimensions: &[("ClusterName", &cluster), ("ServiceName", &service)],
                unit: "Percent",
                value,
            };
            cloudwatch::record(&mut here!(self.cloudwatch), at_ms, told);
        }
        self.plan_measuring();
    }
}
