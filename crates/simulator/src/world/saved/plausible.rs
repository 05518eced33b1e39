//! Numbers of a saved world that no world has: sums of them would overflow. Somebody wrote them by hand.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Times are in milliseconds: this is the end of the year 9999, after which they have no text.
const LARGEST: u64 = 253_402_300_799_999;

/// The state of a world's dice may be any number.
const ANY: [&str; 1] = ["random"];

/// Any JSON whose numbers are plausible.
#[derive(Debug)]
pub(super) struct Plausible;

impl<'de> Deserialize<'de> for Plausible {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Plausible {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a saved world")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self, E> {
        if number <= LARGEST {
            return Ok(self);
        }
        Err(E::custom(format!("{number} is too large for a world")))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E: Error>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        while let Some(name) = members.next_key::<std::borrow::Cow<'_, str>>()? {
            if ANY.contains(&name.as_ref()) {
                let IgnoredAny = members.next_value()?;
            } else {
                let Self = members.next_value()?;
            }
        }
        Ok(self)
    }
}
