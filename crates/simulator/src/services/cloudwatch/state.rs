//! What the account has of it.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::dashboards::Dashboard;
use super::history::HistoryItem;
use super::metric::Series;
use super::put_alarm::MetricRule;
use super::traffic::{Hosts, Traffic};
use crate::Millis;

/// Alarms, dashboards and metrics of an account and Region.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct CloudWatch {
    /// By AlarmName.
    pub(crate) alarms: BTreeMap<String, Alarm>,
    /// By namespace, name and dimensions.
    #[serde(default)]
    pub(super) series: BTreeMap<String, Series>,
    /// What load balancers served, from which their metrics come.
    #[serde(default)]
    pub(super) traffic: Traffic,
    /// Oldest first.
    #[serde(default)]
    pub(super) history: VecDeque<HistoryItem>,
    #[serde(default)]
    pub(super) dashboards: BTreeMap<String, Dashboard>,
    /// Of alarms and dashboards, by ARN.
    #[serde(default)]
    pub(super) tags: BTreeMap<String, BTreeMap<String, String>>,
    /// Composite alarms that are being evaluated because of one another.
    #[serde(skip)]
    pub(super) depth: u8,
    /// What load balancers say of their targets now: whoever asks has told it before.
    #[serde(skip)]
    pub(crate) hosts: Vec<Hosts>,
    /// What alarms have said: whoever has let them change carries it on.
    #[serde(skip)]
    pub(crate) outbox: Vec<Said>,
}

/// What an alarm says when it comes into a state.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    /// "CloudWatch Alarm State Change", to the event bus.
    Event {
        resources: Vec<String>,
        detail: Value,
    },
    /// A scaling policy is its action.
    Scaling {
        alarm: String,
        policy: String,
        state: &'static str,
        value: Option<f64>,
        threshold: Option<f64>,
    },
    /// Its message, to a topic.
    Message {
        alarm: String,
        topic: String,
        subject: String,
        message: String,
    },
}

/// A metric or composite alarm.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Alarm {
    pub(crate) state: AlarmState,
    /// When it came into this state.
    pub(crate) since_ms: Millis,
    /// When its state, or only the reason for it, was written last.
    pub(super) updated_ms: Millis,
    pub(super) configured_ms: Millis,
    pub(super) reason: String,
    pub(super) reason_data: Option<String>,
    /// A world fault put it into its state: no evaluation takes it out again.
    pub(super) held: bool,
    pub(super) description: Option<String>,
    pub(super) actions: Actions,
    pub(super) rule: AlarmRule,
}

/// What an alarm does when it changes its state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Actions {
    pub(super) enabled: bool,
    pub(super) ok: Vec<String>,
    pub(super) alarm: Vec<String>,
    pub(super) insufficient_data: Vec<String>,
}

/// What decides an alarm's state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum AlarmRule {
    Metric(Box<MetricRule>),
    /// AlarmRule, as it was given.
    Composite(String),
}

/// StateValue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlarmState {
    /// OK.
    Ok,
    /// ALARM.
    Alarm,
    /// INSUFFICIENT_DATA.
    InsufficientData,
}

impl AlarmState {
    /// By its name in the API.
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Ok, Self::Alarm, Self::InsufficientData]
            .into_iter()
            .find(|state| state.as_str() == name)
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

impl Alarm {
    /// AlarmType.
    pub(super) fn kind(&self) -> &'static str {
        match self.rule {
            AlarmRule::Metric(_) => "MetricAlarm",
            AlarmRule::Composite(_) => "CompositeAlarm",
        }
    }

    /// The actions of the state it is in.
    pub(super) fn actions_now(&self) -> &[String] {
        match self.state {
            AlarmState::Ok => &self.actions.ok,
            AlarmState::Alarm => &self.actions.alarm,
            AlarmState::InsufficientData => &self.actions.insufficient_data,
        }
    }
}

/// Composite alarms above composite alarms; more is a cycle.
const DEEPEST: u8 = 16;

impl CloudWatch {
    /// One composite alarm further up; `None` where a cycle has to end.
    pub(super) fn deeper(&self) -> Option<u8> {
        (self.depth < DEEPEST).then_some(self.depth + 1)
    }

    /// The state of an alarm; `None` for an unknown one.
    pub(crate) fn alarm_state(&self, name: &str) -> Option<AlarmState> {
        self.alarms.get(name).map(|alarm| alarm.state)
    }
}
