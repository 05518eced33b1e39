//! The events that were put on a bus, and who wants to know.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bus::Bus;
use super::deliver::{Delivery, Sent, Way};
use super::detail::Detail;
use super::envelope::id_of;
use super::rules::Rule;
use crate::base::here::Here;
use crate::wire::Moment;
use crate::{ApiError, Millis};

/// So many of the latest events, and of the latest deliveries, are remembered.
const REMEMBERED: usize = 1_000;

/// The bus that every account has.
pub(super) const DEFAULT: &str = "default";

/// The event buses of an account and Region.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct EventBridge {
    /// On any bus, oldest first.
    pub(crate) told: VecDeque<Told>,
    /// Events so far: the seed of the next one's id.
    #[serde(default)]
    pub(super) numbered: u64,
    /// Besides the default one, by name.
    #[serde(default)]
    pub(super) buses: BTreeMap<String, Bus>,
    /// By bus, then by name.
    #[serde(default)]
    pub(super) rules: BTreeMap<String, BTreeMap<String, Rule>>,
    /// What targets got, oldest first.
    #[serde(default)]
    pub(super) delivered: VecDeque<Delivery>,
    /// On its way to other services: whoever has let an event come in carries it on.
    #[serde(skip)]
    pub(crate) outbox: Vec<Sent>,
    /// By ARN.
    #[serde(default)]
    pub(super) tags: BTreeMap<String, BTreeMap<String, String>>,
}

/// An event on a bus.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) at_ms: Millis,
    pub(crate) source: String,
    pub(crate) detail_type: String,
    pub(crate) resources: Vec<String>,
    pub(crate) detail: Detail,
}

impl EventBridge {
    pub(super) fn remember_delivery(&mut self, delivery: Delivery) {
        self.delivered.push_back(delivery);
        while self.delivered.len() > REMEMBERED {
            self.delivered.pop_front();
        }
    }
}

/// A service tells the default event bus something.
pub(crate) fn tell(here: &mut Here<'_, EventBridge>, told: Told) {
    come(here, DEFAULT, told, Way::Put);
}

/// An event comes to a bus, and from there to the targets of the rules that match. Answers its id.
pub(super) fn put_event(here: &mut Here<'_, EventBridge>, bus: &str, told: Told) -> String {
    let number = come(here, bus, told, Way::Put);
    id_of(here, number)
}

/// A rule of another bus sends an event on, as it is: source, detail-type, time, resources and detail [DOC].
///
/// # Errors
/// When there is no such bus, or it is no event.
pub(crate) fn forward(
    here: &mut Here<'_, EventBridge>,
    bus: &str,
    event: &Value,
) -> Result<(), ApiError> {
    let (_, name) = bus.split_once(":event-bus/").unwrap_or_default();
    // A bus of another account or Region is nobody's here.
    if bus != super::bus::arn(here, name) {
        return Ok(());
    }
    let bus = super::bus::known(here, Some(bus))?;
    let no_event = || ApiError::client("MalformedDetail", "Detail is malformed.");
    let Original {
        source,
        detail_type,
        time,
        resources,
        detail,
    } = Original::deserialize(event).map_err(|_| no_event())?;
    let told = Told {
        at_ms: time.0,
        source,
        detail_type,
        resources,
        detail,
    };
    come(here, &bus, told, Way::SentOn);
    Ok(())
}

/// What of an event's envelope goes on with it.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Original {
    source: String,
    detail_type: String,
    time: Moment,
    resources: Vec<String>,
    detail: Detail,
}

/// Answers which one on the account's buses it is.
fn come(here: &mut Here<'_, EventBridge>, bus: &str, told: Told, way: Way) -> u64 {
    here.own.numbered += 1;
    let number = here.own.numbered;
    super::deliver::deliver(here, bus, number, (&told, way));
    here.own.told.push_back(told);
    while here.own.told.len() > REMEMBERED {
        here.own.told.pop_front();
    }
    number
}
