//! Cells as versioned JSON documents: `{"format":1,…}`. One that is newer than this program is said to be, not misread.

use backstay_domain::ports::{Effect, FailureKind, PortFailure};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct OnlyFormat {
    format: u32,
}

/// Reads a cell whose format is at most `known`.
pub(super) fn read<T: DeserializeOwned>(
    operation: &str,
    name: &str,
    known: u32,
    bytes: &[u8],
) -> Result<T, PortFailure> {
    let broken = |error: serde_json::Error| refused(operation, format!("{name}: {error}"));
    let OnlyFormat { format } = serde_json::from_slice(bytes).map_err(broken)?;
    if format > known {
        let message = format!(
            "{name} has format {format}; this version of Backstay knows up to {known}: use a newer one"
        );
        return Err(refused(operation, message));
    }
    serde_json::from_slice(bytes).map_err(broken)
}

/// A cell's bytes.
pub(super) fn write<T: Serialize>(operation: &str, document: &T) -> Result<Vec<u8>, PortFailure> {
    let mut bytes = serde_json::to_vec_pretty(document)
        .map_err(|error| refused(operation, error.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// What is wrong and stays wrong.
pub(super) fn refused(operation: &str, message: impl Into<String>) -> PortFailure {
    PortFailure {
        kind: FailureKind::Rejected,
        effect: Effect::None,
        operation: operation.to_owned(),
        message: message.into(),
    }
}
