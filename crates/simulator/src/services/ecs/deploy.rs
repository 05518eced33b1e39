//! A new deployment of a service begins, and what that does to the one that was running (A1, A7, B6).

use std::sync::Arc;

use super::record::{Record, RecordStatus, Revision};
use super::{Deployment, TaskDefinition, native};
use crate::World;
use crate::base::agenda::ServiceKey;
use crate::base::timings::FIRST_PASS;

/// Service deployments are kept for 90 days (B6 [DOC]); here, so many per service.
const RECORDS_KEPT: usize = 200;

impl World {
    /// Makes a new PRIMARY deployment. A running service deployment is superseded: STOP_REQUESTED, then STOPPED (A1 [DOC]).
    pub(crate) fn deploy(&mut self, key: &ServiceKey, definition: Arc<TaskDefinition>) {
        let now_ms = self.now_ms;
        let digits = self.draw_digits();
        let digits_told = digits.clone();
        let record_id = self.draw_record_id();
        let first_pass_ms = now_ms + FIRST_PASS.draw(self.weather, &mut self.random);
        native::supersede(self, key);
        let Some(service) = self.ecs.service_mut(key) else {
            return;
        };
        let superseded = service
            .current_record_mut()
            .filter(|record| !record.status.is_terminal());
        if let Some(id) = superseded.map(|record| record.id.clone()) {
            self.stop_record(key, &id);
        }
        let sources = self.sources(key);
        let Some(service) = self.ecs.service_mut(key) else {
            return;
        };
        for older in &mut service.deployments {
            older.rolling_back = false;
            older.trip_ms = None;
            older.finish_ms = None;
        }
        let mut deployment = Deployment::new(
            digits.clone(),
            Arc::clone(&definition),
            record_id.clone(),
            now_ms,
        );
        deployment.strategy.clone_from(&service.strategy);
        service.deployments.insert(0, deployment);
        service
            .records
            .push(Record::new(record_id, digits.clone(), sources, now_ms));
        let surplus = service.records.len().saturating_sub(RECORDS_KEPT);
        service.records.drain(..surplus);
        service.revisions.insert(
            digits,
            Revision {
                definition: Arc::clone(&definition),
                settings: super::api::of_revision(&service.settings),
                load_balancers: service.load_balancers.clone(),
                strategy: service.strategy.clone(),
                created_ms: now_ms,
                groups: Vec::new(),
            },
        );
        service.definition = definition;
        service.unsteady = true;
        service.events.resolve();
        let name = service.name.clone();
        native::begin(self, key);
        self.watch_alarms(key);
        self.tell_deployment_begun(key, &digits_told);
        self.request_pass(key, first_pass_ms);
        self.deployment_created(&name);
    }

    /// `desiredCount` changes: the running deployment's target and the breaker's threshold change with it (A1 [DOC]).
    pub(crate) fn set_desired(&mut self, key: &ServiceKey, count: u32) {
        let Some(service) = self.ecs.service_mut(key) else {
            return;
        };
        if service.desired == count {
            return;
        }
        service.desired = count;
        service.unsteady = true;
        self.move_floor(key);
        self.request_next_pass(key);
    }

    /// Service revisions that have tasks now.
    fn sources(&self, key: &ServiceKey) -> Vec<String> {
        let Some(service) = self.ecs.service(key) else {
            return Vec::new();
        };
        let deployed = service
            .deployments
            .iter()
            .map(|deployment| deployment.digits.clone());
        deployed
            .filter(|digits| self.ecs.counts(service, Some(digits)) != (0, 0))
            .collect()
    }

    /// The record of a steady service that was there before the play.
    pub(crate) fn close_first_record(&mut self, key: &ServiceKey, finished_ms: crate::Millis) {
        let Some(record) = self
            .ecs
            .service_mut(key)
            .and_then(|service| service.records.first_mut())
        else {
            return;
        };
        let created_ms = record.created_ms;
        record.turn(RecordStatus::InProgress, created_ms);
        record.turn(RecordStatus::Successful, finished_ms);
    }
}
