//! Numbers, flags and times of an input that may come as JSON, as CBOR, or as the texts of a form.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::Millis;

/// A whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Whole(pub(crate) i64);

/// A number with a fraction; never one that is no number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Real(pub(crate) f64);

/// True or false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flag(pub(crate) bool);

/// A timestamp: epoch seconds, or ISO 8601.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) Millis);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let whole = match Value::deserialize(deserializer)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        whole
            .map(Self)
            .ok_or_else(|| D::Error::custom("expected an integer"))
    }
}

impl<'de> Deserialize<'de> for Real {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let real = match Value::deserialize(deserializer)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        real.filter(|real: &f64| real.is_finite())
            .map(Self)
            .ok_or_else(|| D::Error::custom("expected a finite number"))
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Bool(flag) => Ok(Self(flag)),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Self(true)),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Self(false)),
            _ => Err(D::Error::custom("expected true or false")),
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let at_ms = match Value::deserialize(deserializer)? {
            Value::Number(number) => number.as_f64().map(|seconds| seconds * 1000.0),
            Value::String(text) => DateTime::from_str(&text, Format::DateTimeWithOffset)
                .ok()
                .and_then(|at| at.to_millis().ok())
                .map(|at_ms| at_ms as f64),
            _ => None,
        };
        at_ms
            .filter(|at_ms| *at_ms >= 0.0 && *at_ms < 253_402_300_800_000.0)
            .map(|at_ms| Self(at_ms.round() as Millis))
            .ok_or_else(|| D::Error::custom("expected a timestamp"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_and_values_are_read_alike() {
        let whole = |value| serde_json::from_value::<Whole>(value).ok();
        assert_eq!(whole(json!("60")), Some(Whole(60)));
        assert_eq!(whole(json!(60)), Some(Whole(60)));
        assert_eq!(whole(json!("6.5")), None);
        let real = |value| serde_json::from_value::<Real>(value).ok();
        assert_eq!(real(json!("0.5")), Some(Real(0.5)));
        assert_eq!(real(json!(3)), Some(Real(3.0)));
        assert_eq!(real(json!("NaN")), None);
        let flag = |value| serde_json::from_value::<Flag>(value).ok();
        assert_eq!(flag(json!("true")), Some(Flag(true)));
        assert_eq!(flag(json!(false)), Some(Flag(false)));
        let moment = |value| serde_json::from_value::<Moment>(value).ok();
        let expected = Some(Moment(1_363_896_240_500));
        assert_eq!(moment(json!(1_363_896_240.5)), expected);
        assert_eq!(moment(json!("2013-03-21T20:04:00.500Z")), expected);
        assert_eq!(moment(json!("2013-03-21T21:04:00.5+01:00")), expected);
        assert_eq!(moment(json!("yesterday")), None);
        assert_eq!(moment(json!(1e30)), None);
    }
}
