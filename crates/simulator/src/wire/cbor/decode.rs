//! Reading: any bytes give a tree or a reason. What a length claims is never believed before the bytes are there.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Number, Value};

/// Deeper than any input of an AWS API, and shallow enough for any stack.
const DEEPEST: usize = 64;

/// Why bytes are no CBOR that a request can consist of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DecodeError {
    #[error("the CBOR body ends too early")]
    TooShort,
    #[error("the CBOR body has more than one item")]
    Trailing,
    #[error("the CBOR body is nested too deep")]
    TooDeep,
    #[error("the CBOR body has a reserved length")]
    Reserved,
    #[error("the CBOR body has a break where none can be")]
    Break,
    #[error("the CBOR body has a map whose keys are not texts")]
    Key,
    #[error("the CBOR body has a text that is not UTF-8")]
    Text,
    #[error("the CBOR body has a chunk of another type than its string")]
    Chunk,
    #[error("the CBOR body has the simple value {0}")]
    Simple(u64),
    #[error("the CBOR body has tag {0}")]
    Tag(u64),
}

/// One item that is all there is. Byte strings become base64 and timestamps epoch seconds, as in AWS's JSON; so do the
/// doubles that JSON has no number for become their names.
pub(crate) fn decode(bytes: &[u8]) -> Result<Value, DecodeError> {
    let mut reader = Reader(bytes);
    let head = reader.head()?;
    let value = reader.item(head, DEEPEST)?;
    if reader.0.is_empty() {
        Ok(value)
    } else {
        Err(DecodeError::Trailing)
    }
}

/// What is still to be read.
struct Reader<'a>(&'a [u8]);

/// The first bytes of an item.
#[derive(Clone, Copy)]
struct Head {
    major: u8,
    /// The five low bits: for a float they say how wide it is.
    low: u8,
    /// `None`: as many as come before the break.
    argument: Option<u64>,
}

impl Head {
    const BREAK: u8 = 31;

    fn is_break(self) -> bool {
        self.major == 7 && self.low == Self::BREAK
    }
}

impl Reader<'_> {
    fn take(&mut self, length: usize) -> Result<&[u8], DecodeError> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(DecodeError::TooShort)?;
        self.0 = rest;
        Ok(taken)
    }

    fn head(&mut self) -> Result<Head, DecodeError> {
        let first = self.take(1)?.first().copied().unwrap_or_default();
        let (major, low) = (first >> 5, first & 0x1f);
        let argument = match low {
            0..=23 => Some(u64::from(low)),
            24..=27 => {
                let bytes = self.take(1 << (low - 24))?;
                let number = bytes
                    .iter()
                    .fold(0, |number, byte| (number << 8) | u64::from(*byte));
                Some(number)
            }
            Head::BREAK if matches!(major, 2..=5 | 7) => None,
            _ => return Err(DecodeError::Reserved),
        };
        Ok(Head {
            major,
            low,
            argument,
        })
    }

    fn item(&mut self, head: Head, depth: usize) -> Result<Value, DecodeError> {
        let depth = depth.checked_sub(1).ok_or(DecodeError::TooDeep)?;
        match (head.major, head.argument) {
            (0, Some(number)) => Ok(Value::from(number)),
            (1, Some(number)) => Ok(negative(number)),
            (2, _) => Ok(Value::String(STANDARD.encode(self.string(head)?))),
            (3, _) => self.text(head).map(Value::String),
            (4, length) => self.list(length, depth),
            (5, length) => self.map(length, depth),
            // Seconds since the epoch: the only tag that the protocol has.
            (6, Some(1)) => {
                let head = self.head()?;
                self.item(head, depth)
            }
            (6, Some(tag)) => Err(DecodeError::Tag(tag)),
            (7, Some(bits)) => simple(head.low, bits),
            (_, _) => Err(DecodeError::Break),
        }
    }

    fn list(&mut self, length: Option<u64>, depth: usize) -> Result<Value, DecodeError> {
        let mut items = Vec::new();
        while length.is_none_or(|length| (items.len() as u64) < length) {
            let head = self.head()?;
            if head.is_break() && length.is_none() {
                break;
            }
            items.push(self.item(head, depth)?);
        }
        Ok(Value::Array(items))
    }

    fn map(&mut self, length: Option<u64>, depth: usize) -> Result<Value, DecodeError> {
        let mut members = Map::new();
        let mut read = 0;
        while length.is_none_or(|length| read < length) {
            let head = self.head()?;
            if head.is_break() && length.is_none() {
                break;
            }
            if head.major != 3 {
                return Err(DecodeError::Key);
            }
            let key = self.text(head)?;
            let head = self.head()?;
            let value = self.item(head, depth)?;
            members.insert(key, value);
            read += 1;
        }
        Ok(Value::Object(members))
    }

    fn text(&mut self, head: Head) -> Result<String, DecodeError> {
        String::from_utf8(self.string(head)?).map_err(|_| DecodeError::Text)
    }

    /// A string of bytes or characters, in one piece or in chunks.
    fn string(&mut self, head: Head) -> Result<Vec<u8>, DecodeError> {
        let Some(length) = head.argument else {
            return self.chunks(head.major);
        };
        let length = usize::try_from(length).map_err(|_| DecodeError::TooShort)?;
        Ok(self.take(length)?.to_vec())
    }

    fn chunks(&mut self, major: u8) -> Result<Vec<u8>, DecodeError> {
        let mut whole = Vec::new();
        loop {
            let head = self.head()?;
            if head.is_break() {
                return Ok(whole);
            }
            if head.major != major || head.argument.is_none() {
                return Err(DecodeError::Chunk);
            }
            whole.extend(self.string(head)?);
        }
    }
}

/// `-1 - number`.
fn negative(number: u64) -> Value {
    match i64::try_from(number) {
        Ok(number) => Value::from(-1 - number),
        Err(_) => double(-1.0 - number as f64),
    }
}

fn simple(low: u8, bits: u64) -> Result<Value, DecodeError> {
    match (low, bits) {
        (20, _) => Ok(Value::Bool(false)),
        (21, _) => Ok(Value::Bool(true)),
        (22 | 23, _) => Ok(Value::Null),
        (25, bits) => Ok(double(half(bits))),
        (26, bits) => Ok(double(f64::from(f32::from_bits(bits as u32)))),
        (27, bits) => Ok(double(f64::from_bits(bits))),
        (_, value) => Err(DecodeError::Simple(value)),
    }
}

/// Sixteen bits: one of sign, five of exponent, ten of fraction (RFC 8949, Appendix D).
fn half(bits: u64) -> f64 {
    let fraction = (bits & 0x3ff) as f64;
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    sign * match (bits >> 10) & 0x1f {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (fraction + 1024.0) * 2_f64.powi(exponent as i32 - 25),
    }
}

fn double(number: f64) -> Value {
    match Number::from_f64(number) {
        Some(number) => Value::Number(number),
        None if number.is_nan() => Value::from("NaN"),
        None if number > 0.0 => Value::from("Infinity"),
        None => Value::from("-Infinity"),
    }
}
