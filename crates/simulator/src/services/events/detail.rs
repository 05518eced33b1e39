//! An event's detail as text: services tell the bus all the time, and most events nobody takes.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// What a service says of an event, in JSON.
#[derive(Clone, Debug)]
pub(crate) struct Detail(Box<str>);

impl Detail {
    pub(crate) fn of(detail: &impl Serialize) -> Self {
        // It cannot fail: the keys are strings.
        Self(serde_json::to_string(detail).unwrap_or_default().into())
    }

    /// For whoever takes the event.
    pub(crate) fn tree(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

impl Serialize for Detail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.tree().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Detail {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|detail| Self::of(&detail))
    }
}
