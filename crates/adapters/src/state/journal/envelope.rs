//! A line of a journal: the record, and what proves that it is the one that was written here.
//!
//! Format 2 is `{"format":2,"fence":7,"after":"…","record":{…},"hash":"…"}`: `after` is the SHA-256 of the whole line
//! before it (empty for the first), `hash` that of everything before `,"hash"`. Format 1 had neither fence nor hash.

use backstay_domain::definition::sha256_hex;
use backstay_domain::journal::Record;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The format that is written, and the newest that is read.
pub(super) const FORMAT: u32 = 2;

const HASH_LENGTH: usize = 64;

/// A line that was read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) fence: u64,
    pub(super) after: String,
    pub(super) record: Record,
}

/// A line that cannot be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unsound {
    Unreadable(String),
    Changed,
    TooNew(String),
}

#[derive(Serialize)]
struct Out<'r> {
    format: u32,
    fence: u64,
    after: &'r str,
    record: &'r Record,
}

#[derive(Deserialize)]
struct OnlyFormat {
    format: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct First {
    #[serde(rename = "format")]
    _format: u32,
    after: String,
    record: Record,
}

#[derive(Deserialize)]
struct Second {
    fence: u64,
    after: String,
    record: Record,
}

/// A line, without its end.
pub(super) fn line(fence: u64, after: &str, record: &Record) -> Result<Vec<u8>, serde_json::Error> {
    let out = Out {
        format: FORMAT,
        fence,
        after,
        record,
    };
    let mut line = serde_json::to_vec(&out)?;
    line.pop();
    let hash = sha256_hex(&line);
    line.extend_from_slice(format!(r#","hash":"{hash}"}}"#).as_bytes());
    Ok(line)
}

/// What the next line names as the one before it.
pub(super) fn hash(line: &[u8]) -> String {
    sha256_hex(line)
}

/// Reads a line.
pub(super) fn parse(line: &[u8]) -> Result<Line, Unsound> {
    let unreadable = |error: serde_json::Error| Unsound::Unreadable(error.to_string());
    let OnlyFormat { format } = serde_json::from_slice(line).map_err(unreadable)?;
    match format {
        0 => Err(Unsound::Unreadable("there is no format 0".to_owned())),
        1 => {
            let First { after, record, .. } = serde_json::from_slice(line).map_err(unreadable)?;
            Ok(Line {
                fence: 0,
                after,
                record,
            })
        }
        FORMAT => second(line),
        newer => Err(Unsound::TooNew(format!("it has format {newer}"))),
    }
}

/// What its own hash vouches for was written like this: if it cannot be read, then by a newer version.
fn second(line: &[u8]) -> Result<Line, Unsound> {
    if !is_itself(line) {
        return Err(Unsound::Changed);
    }
    match serde_json::from_slice(line) {
        Ok(Second {
            fence,
            after,
            record,
        }) => Ok(Line {
            fence,
            after,
            record,
        }),
        Err(error) => Err(Unsound::TooNew(error.to_string())),
    }
}

fn is_itself(line: &[u8]) -> bool {
    let named = line
        .strip_suffix(b"\"}")
        .and_then(|line| line.split_last_chunk::<HASH_LENGTH>());
    named.is_some_and(|(rest, hash)| {
        rest.strip_suffix(br#","hash":""#)
            .is_some_and(|body| sha256_hex(body).as_bytes() == hash)
    })
}

/// The fence a line was written under, whatever else is in it.
pub(super) fn fence(line: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Fenced {
        fence: u64,
    }
    let Fenced { fence } = serde_json::from_slice(line).ok()?;
    Some(fence)
}

/// When a line was written, whatever else is in it.
pub(super) fn moment(line: &[u8]) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Stamped {
        record: Stamp,
    }
    #[derive(Deserialize)]
    struct Stamp {
        at: Timestamp,
    }
    let Stamped { record } = serde_json::from_slice(line).ok()?;
    Some(record.at)
}
