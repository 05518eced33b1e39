//! Service deployments, the authoritative records of B6, and service revisions.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::alarms::AlarmWatch;
use super::api::Settings;
use super::cluster::StrategyItem;
use super::early::Counts;
use super::native::Run;
use super::{Cause, ServiceLoadBalancer, TaskDefinition, begin_rollback};
use crate::base::agenda::{Due, ServiceKey};
use crate::base::timings::{RECORD_STOP, STOP_REQUEST};
use crate::{Millis, World};

/// A service revision: what a deployment deploys.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Revision {
    pub(crate) definition: Arc<TaskDefinition>,
    /// Members of the service that a change of deploys.
    #[serde(default)]
    pub(crate) settings: Settings,
    #[serde(default)]
    pub(crate) load_balancers: Vec<ServiceLoadBalancer>,
    #[serde(default)]
    pub(crate) strategy: Vec<StrategyItem>,
    pub(crate) created_ms: Millis,
    /// As of its deployment.
    #[serde(default)]
    pub(crate) groups: Vec<Arc<str>>,
}

/// One service deployment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    /// 21 URL-safe characters.
    pub(crate) id: String,
    pub(crate) status: RecordStatus,
    /// Every status it has left, in order: what tests compare with B6.
    #[serde(default)]
    pub(crate) left: Vec<RecordStatus>,
    pub(crate) reason: Option<String>,
    pub(crate) created_ms: Millis,
    pub(crate) updated_ms: Millis,
    pub(crate) started_ms: Option<Millis>,
    pub(crate) finished_ms: Option<Millis>,
    pub(crate) stopped_ms: Option<Millis>,
    /// Digits of the target service revision.
    pub(crate) target: String,
    /// Digits of the service revisions it replaces.
    pub(crate) sources: Vec<String>,
    pub(crate) rollback: Option<Rollback>,
    /// The breaker's failure count when the deployment ended.
    pub(crate) failures: u32,
    pub(crate) breaker_tripped: bool,
    #[serde(default)]
    pub(crate) alarms: AlarmWatch,
    /// How far a deployment with a strategy other than ROLLING is.
    #[serde(default)]
    pub(crate) native: Option<Box<Run>>,
    /// Task counts by revision, once it succeeded early (A6 [DOC]).
    #[serde(default)]
    pub(crate) frozen: BTreeMap<String, Counts>,
    /// The next step that only time takes.
    pub(crate) next_ms: Option<Millis>,
}

/// The rollback inside a service deployment; no new one appears (B6 [DOC]).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Rollback {
    pub(crate) reason: String,
    pub(crate) started_ms: Millis,
    pub(crate) target: String,
}

impl Record {
    pub(crate) fn new(id: String, target: String, sources: Vec<String>, now_ms: Millis) -> Self {
        Self {
            id,
            status: RecordStatus::Pending,
            left: Vec::new(),
            reason: None,
            created_ms: now_ms,
            updated_ms: now_ms,
            started_ms: None,
            finished_ms: None,
            stopped_ms: None,
            target,
            sources,
            rollback: None,
            failures: 0,
            breaker_tripped: false,
            alarms: AlarmWatch::default(),
            native: None,
            frozen: BTreeMap::new(),
            next_ms: None,
        }
    }

    /// Takes an edge of B6. `false`: there is no such edge, and nothing changed.
    pub(crate) fn turn(&mut self, to: RecordStatus, now_ms: Millis) -> bool {
        if !self.status.may_become(to) {
            return false;
        }
        self.left.push(std::mem::replace(&mut self.status, to));
        self.updated_ms = now_ms;
        match to {
            RecordStatus::Pending
            | RecordStatus::StopRequested
            | RecordStatus::RollbackRequested => {}
            RecordStatus::InProgress | RecordStatus::RollbackInProgress => {
                self.started_ms.get_or_insert(now_ms);
            }
            RecordStatus::Stopped => {
                self.stopped_ms = Some(now_ms);
                self.finished_ms = Some(now_ms);
            }
            RecordStatus::Successful
            | RecordStatus::RollbackSuccessful
            | RecordStatus::RollbackFailed => {
                self.finished_ms = Some(now_ms);
            }
        }
        true
    }
}

/// `status` of a service deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RecordStatus {
    Pending,
    InProgress,
    StopRequested,
    Stopped,
    RollbackRequested,
    RollbackInProgress,
    RollbackSuccessful,
    RollbackFailed,
    Successful,
}

impl RecordStatus {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "IN_PROGRESS",
            Self::StopRequested => "STOP_REQUESTED",
            Self::Stopped => "STOPPED",
            Self::RollbackRequested => "ROLLBACK_REQUESTED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::RollbackSuccessful => "ROLLBACK_SUCCESSFUL",
            Self::RollbackFailed => "ROLLBACK_FAILED",
            Self::Successful => "SUCCESSFUL",
        }
    }

    /// The edges of B6 [MODEL], and no others.
    pub(crate) fn may_become(self, to: Self) -> bool {
        use RecordStatus as S;
        let edges: &[S] = match self {
            S::Pending => &[
                S::InProgress,
                S::RollbackRequested,
                S::StopRequested,
                S::Stopped,
            ],
            S::InProgress => &[
                S::Successful,
                S::StopRequested,
                S::RollbackRequested,
                S::RollbackInProgress,
                S::Stopped,
            ],
            S::StopRequested => &[S::Stopped],
            S::RollbackRequested => &[S::Successful, S::RollbackInProgress, S::Stopped],
            S::RollbackInProgress => &[S::RollbackSuccessful, S::RollbackFailed],
            S::Stopped | S::RollbackSuccessful | S::RollbackFailed | S::Successful => &[],
        };
        edges.contains(&to)
    }

    pub(crate) fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::Stopped | Self::RollbackSuccessful | Self::RollbackFailed | Self::Successful
        )
    }
}

/// STOP_REQUESTED becomes STOPPED, ROLLBACK_REQUESTED begins the rollback.
pub(crate) fn record_step(world: &mut World, key: &ServiceKey) {
    let now_ms = world.now_ms;
    let Some(service) = world.ecs.service_mut(key) else {
        return;
    };
    let primary_record = service.primary().map(|primary| primary.record.clone());
    let mut rollback = false;
    for record in service
        .records
        .iter_mut()
        .filter(|record| record.next_ms == Some(now_ms))
    {
        record.next_ms = None;
        match record.status {
            RecordStatus::StopRequested => {
                record.turn(RecordStatus::Stopped, now_ms);
            }
            RecordStatus::RollbackRequested => {
                rollback |= Some(&record.id) == primary_record.as_ref()
            }
            RecordStatus::Pending
            | RecordStatus::InProgress
            | RecordStatus::Stopped
            | RecordStatus::RollbackInProgress
            | RecordStatus::RollbackSuccessful
            | RecordStatus::RollbackFailed
            | RecordStatus::Successful => {}
        }
    }
    if rollback {
        begin_rollback(world, key, Cause::Requested);
    }
}

impl World {
    /// A record that is being superseded, or whose deployment failed without rollback, stops (A1, B4 [DOC]).
    pub(crate) fn stop_record(&mut self, key: &ServiceKey, id: &str) {
        let now_ms = self.now_ms;
        let lag_ms = RECORD_STOP.draw(self.weather, &mut self.random);
        let Some(record) = self.record_mut(key, id) else {
            return;
        };
        if record.turn(RecordStatus::StopRequested, now_ms) {
            record.next_ms = Some(now_ms + lag_ms);
            self.agenda.add(now_ms + lag_ms, Due::Record(key.clone()));
        } else if !record.turn(RecordStatus::RollbackFailed, now_ms) {
            // ROLLBACK_REQUESTED has no edge to STOP_REQUESTED; a terminal record has none at all.
            record.turn(RecordStatus::Stopped, now_ms);
        }
    }

    /// The service is deleted: what runs stops with it, without a request of its own [INF].
    pub(crate) fn abandon_record(&mut self, key: &ServiceKey) {
        let now_ms = self.now_ms;
        if let Some(record) = self
            .ecs
            .service_mut(key)
            .and_then(|service| service.current_record_mut())
            && !record.turn(RecordStatus::Stopped, now_ms)
        {
            record.turn(RecordStatus::RollbackFailed, now_ms);
        }
    }

    /// StopServiceDeployment(ROLLBACK) was accepted.
    pub(crate) fn request_rollback(&mut self, key: &ServiceKey, id: &str) {
        let now_ms = self.now_ms;
        let lag_ms = STOP_REQUEST.draw(self.weather, &mut self.random);
        let Some(record) = self.record_mut(key, id) else {
            return;
        };
        if record.turn(RecordStatus::RollbackRequested, now_ms) {
            record.next_ms = Some(now_ms + lag_ms);
            self.agenda.add(now_ms + lag_ms, Due::Record(key.clone()));
        }
    }

    fn record_mut(&mut self, key: &ServiceKey, id: &str) -> Option<&mut Record> {
        self.ecs
            .service_mut(key)?
            .records
            .iter_mut()
            .find(|record| record.id == id)
    }
}
