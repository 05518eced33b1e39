//! The faults in force and what they still have to do.

mod by_others;
mod struck;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub use struck::FaultId;

use serde::{Deserialize, Serialize};

use crate::base::agenda::{Due, ServiceKey};
use crate::front::{ActiveCallFault, ActiveCallerFault, OnTheWay};
use crate::services::ecs::{ServiceStatus, TaskDefinition};
use crate::{
    Fault, FunctionAnswer, HookAnswer, LifecycleStage, Millis, ServiceFault, TaskFault, Trigger,
    World, WorldEvent,
};

/// The front door (`front/call_fate.rs`) takes from `calls`; everything else here is the world's.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Faults {
    /// Call faults in force, in the order they were added.
    pub(crate) calls: Vec<ActiveCallFault>,
    /// What is wrong with whoever calls.
    #[serde(default)]
    pub(crate) callers: Vec<ActiveCallerFault>,
    /// Requests that call faults hold on their way.
    #[serde(default)]
    pub(crate) on_the_way: OnTheWay,
    services: Vec<SpoiledService>,
    tasks: Vec<(String, TaskFault)>,
    /// The numbers of `tasks`, in their order.
    #[serde(default)]
    task_numbers: Vec<u64>,
    /// Numbers of faults that have made a difference.
    #[serde(default)]
    pub(crate) struck: BTreeSet<u64>,
    #[serde(default)]
    hooks: Vec<ScriptedHook>,
    /// By Lambda function; the last one counts.
    #[serde(default)]
    functions: Vec<(String, FunctionAnswer)>,
    /// World events that have a time, by number.
    coming: BTreeMap<u64, WorldEvent>,
    /// World events that wait for a deployment.
    waiting: Vec<(String, Millis, WorldEvent)>,
    /// The numbers of `waiting`, in their order.
    #[serde(default)]
    waiting_numbers: Vec<u64>,
    numbered: u64,
}

/// A service whose next release misbehaves.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SpoiledService {
    service: String,
    fault: ServiceFault,
    after_ms: Option<Millis>,
    /// ARNs of the task definitions it used when the fault was added.
    spared: Vec<String>,
    #[serde(default)]
    number: u64,
}

/// What the hooks of a service still have to answer at a stage.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct ScriptedHook {
    service: String,
    stage: LifecycleStage,
    answers: VecDeque<HookAnswer>,
    #[serde(default)]
    number: u64,
}

impl Faults {
    fn next_number(&mut self) -> u64 {
        self.numbered += 1;
        self.numbered
    }

    /// What a lifecycle hook answers to this call. The script that was added last counts.
    pub(crate) fn hook_answer(&mut self, service: &str, stage: LifecycleStage) -> HookAnswer {
        let mut scripts = self.hooks.iter_mut().rev();
        let script = scripts.find(|script| script.service == service && script.stage == stage);
        self.struck
            .extend(script.as_ref().map(|script| script.number));
        let next = script.and_then(|script| match script.answers.len() {
            0 | 1 => script.answers.front().copied(),
            _ => script.answers.pop_front(),
        });
        next.unwrap_or(HookAnswer::Succeeded)
    }

    /// What goes wrong with tasks of this service and task definition.
    pub(crate) fn on_service(
        &self,
        service: &str,
        definition: &TaskDefinition,
    ) -> impl Iterator<Item = (ServiceFault, Option<Millis>)> {
        self.services
            .iter()
            .filter(move |spoiled| {
                spoiled.service == service && !spoiled.spared.contains(&definition.arn)
            })
            .map(|spoiled| (spoiled.fault, spoiled.after_ms))
    }

    /// What a function says as a lifecycle event hook; a fault may name it by the last part of its ARN.
    pub(crate) fn on_hook(&self, function: &str) -> FunctionAnswer {
        let name = function.rsplit(':').next().unwrap_or(function);
        let scripted = self.functions.iter().rev();
        let mut scripted = scripted.filter(|(known, _)| known == function || known == name);
        scripted
            .next()
            .map_or(FunctionAnswer::Succeeded, |(_, answer)| *answer)
    }

    /// What goes wrong with RunTask tasks of this family.
    pub(crate) fn on_family(&self, family: &str) -> impl Iterator<Item = TaskFault> {
        self.tasks
            .iter()
            .filter(move |(spoiled, _)| spoiled == family)
            .map(|(_, fault)| *fault)
    }
}

impl World {
    /// Puts a fault in force from now on.
    pub fn add_fault(&mut self, fault: Fault) -> FaultId {
        let number = self.faults.next_number();
        match fault {
            Fault::Service {
                service,
                fault,
                after_ms,
            } => {
                let spared = self.definitions_in_use(&service);
                self.faults.services.push(SpoiledService {
                    service,
                    fault,
                    after_ms,
                    spared,
                    number,
                });
            }
            Fault::Task { family, fault } => {
                self.faults.tasks.push((family, fault));
                self.faults.task_numbers.push(number);
            }
            Fault::Hook {
                service,
                stage,
                answers,
            } => self.faults.hooks.push(ScriptedHook {
                service,
                stage,
                answers: answers.into(),
                number,
            }),
            Fault::Function { function, answer } => {
                self.faults.functions.push((function, answer));
                // It is asked for without a mark; it counts from here on.
                self.faults.struck.insert(number);
            }
            Fault::ImageExpired { repository, tag } => {
                if self.ecr.expire(&repository, &tag) {
                    self.faults.struck.insert(number);
                }
            }
            Fault::World {
                when: Trigger::AfterMs(after_ms),
                event,
            } => self.expect(number, after_ms, event),
            Fault::World {
                when: Trigger::AfterDeploymentOf { service, ms },
                event,
            } => {
                self.faults.waiting.push((service, ms, event));
                self.faults.waiting_numbers.push(number);
            }
            Fault::Caller {
                fault,
                from,
                lasting_ms,
            } => self.faults.callers.push(ActiveCallerFault {
                fault,
                from,
                lasting_ms,
                began_ms: None,
                number,
            }),
            Fault::Call {
                operation,
                containing,
                skip,
                count,
                fault,
            } => {
                self.faults.calls.push(ActiveCallFault {
                    operation,
                    containing,
                    skip,
                    count,
                    fault,
                    number,
                });
            }
        }
        FaultId(number)
    }

    /// The faults in force, with what is left of them: calls still to be spoiled, milliseconds still to wait.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let calls = self.faults.calls.iter().map(|active| Fault::Call {
            operation: active.operation.clone(),
            containing: active.containing.clone(),
            skip: active.skip,
            count: active.count,
            fault: active.fault,
        });
        let callers = self.faults.callers.iter().map(|active| Fault::Caller {
            fault: active.fault,
            from: active.from.clone().filter(|_| active.began_ms.is_none()),
            lasting_ms: active.lasting_ms.map(|ms| match active.began_ms {
                Some(began_ms) => began_ms.saturating_add(ms).saturating_sub(self.now_ms),
                None => ms,
            }),
        });
        let services = self.faults.services.iter().map(|spoiled| Fault::Service {
            service: spoiled.service.clone(),
            fault: spoiled.fault,
            after_ms: spoiled.after_ms,
        });
        let tasks = self.faults.tasks.iter().map(|(family, fault)| Fault::Task {
            family: family.clone(),
            fault: *fault,
        });
        let hooks = self.faults.hooks.iter().map(|script| Fault::Hook {
            service: script.service.clone(),
            stage: script.stage,
            answers: script.answers.iter().copied().collect(),
        });
        let functions = self
            .faults
            .functions
            .iter()
            .map(|(function, answer)| Fault::Function {
                function: function.clone(),
                answer: *answer,
            });
        let coming = self.faults.coming.iter().map(|(number, event)| {
            let at_ms = self.agenda.when(&Due::Strike(*number));
            let left_ms = at_ms.unwrap_or(self.now_ms).saturating_sub(self.now_ms);
            Fault::World {
                when: Trigger::AfterMs(left_ms),
                event: event.clone(),
            }
        });
        let waiting = self.faults.waiting.iter().map(|waiting| {
            let (service, ms, event) = waiting.clone();
            Fault::World {
                when: Trigger::AfterDeploymentOf { service, ms },
                event,
            }
        });
        let in_the_world = services
            .chain(tasks)
            .chain(hooks)
            .chain(functions)
            .chain(coming)
            .chain(waiting);
        calls.chain(callers).chain(in_the_world).collect()
    }

    /// Ends all faults that have not struck yet. Tasks that run keep the behaviour they started with.
    pub fn clear_faults(&mut self) {
        self.faults = Faults {
            numbered: self.faults.numbered,
            struck: std::mem::take(&mut self.faults.struck),
            // What was sent arrives.
            on_the_way: std::mem::take(&mut self.faults.on_the_way),
            ..Faults::default()
        };
    }

    /// A service deployment was created: world events that wait for it get their time.
    pub(crate) fn deployment_created(&mut self, service: &str) {
        let waiting = std::mem::take(&mut self.faults.waiting);
        let mut numbers = std::mem::take(&mut self.faults.waiting_numbers).into_iter();
        for (awaited, after_ms, event) in waiting {
            // Worlds that were saved before faults were numbered have none.
            let number = numbers.next().unwrap_or_else(|| self.faults.next_number());
            if awaited == service {
                self.expect(number, after_ms, event);
            } else {
                self.faults.waiting.push((awaited, after_ms, event));
                self.faults.waiting_numbers.push(number);
            }
        }
    }

    /// A world event happens.
    pub(crate) fn strike(&mut self, number: u64) {
        let Some(event) = self.faults.coming.remove(&number) else {
            return;
        };
        if self.happens(event) {
            self.faults.struck.insert(number);
        }
    }

    /// False if there was nothing that it could make.
    fn happens(&mut self, event: WorldEvent) -> bool {
        match event {
            WorldEvent::ForeignDeployment { service } => self.deploy_foreign(&service),
            WorldEvent::ForcedRedeployment { service } => self.deploy_once_more(&service),
            WorldEvent::SetDesiredCount { service, count } => {
                let mut services = self.active(&service);
                let is_other = |key: &ServiceKey| {
                    let known = self.ecs.service(key);
                    known.is_some_and(|known| known.desired != count)
                };
                services.retain(is_other);
                for key in &services {
                    self.set_desired(key, count);
                }
                !services.is_empty()
            }
            WorldEvent::SetAlarm { name, state } => {
                self.set_alarm(&name, state, "Set by a fault of the simulator");
                true
            }
            WorldEvent::ForeignInvalidation {
                distribution,
                paths,
                lasting_ms,
            } => {
                let now_ms = self.now_ms;
                self.cloudfront
                    .invalidate(&distribution, paths, (now_ms, lasting_ms))
            }
            WorldEvent::ForeignSnapshots => self.rds.fill_with_snapshots(self.now_ms),
            WorldEvent::SlowSnapshots { ms } => {
                self.rds.slow_snapshots(ms);
                true
            }
            WorldEvent::RollBackByAlarm { service } => self.roll_back_by_alarm(&service),
            WorldEvent::StoppedByHand { service } => self.stop_by_hand(&service),
        }
    }

    fn expect(&mut self, number: u64, after_ms: Millis, event: WorldEvent) {
        self.faults.coming.insert(number, event);
        let at_ms = self.now_ms.saturating_add(after_ms);
        self.agenda.add(at_ms, Due::Strike(number));
    }

    pub(super) fn active(&self, service: &str) -> Vec<ServiceKey> {
        let named = self
            .ecs
            .services
            .iter()
            .filter(|(_, known)| known.name == service);
        named
            .filter(|(_, known)| known.status == ServiceStatus::Active)
            .map(|(key, _)| key.clone())
            .collect()
    }

    fn definitions_in_use(&self, service: &str) -> Vec<String> {
        let named = self
            .ecs
            .services
            .values()
            .filter(|known| known.name == service);
        let arns = named.flat_map(|known| {
            let deployed = known
                .deployments
                .iter()
                .map(|deployment| deployment.definition.arn.clone());
            deployed.chain([known.definition.arn.clone()])
        });
        arns.collect()
    }
}
