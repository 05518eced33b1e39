//! A world as JSON, so that a simulated account outlives its process.

use serde::{Deserialize, Serialize};

use crate::World;

/// The format's version; raise it when an older text can no longer be read as it is.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Saving<'a> {
    format: u32,
    world: &'a World,
}

#[derive(Deserialize)]
struct Saved {
    world: World,
}

#[derive(Deserialize)]
struct Header {
    format: u32,
}

/// Why a saved world cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SavedWorldError {
    /// It was written by another version.
    #[error("saved world has format {found}, expected {FORMAT}")]
    Format {
        /// The version in the text.
        found: u32,
    },
    /// It is not a saved world.
    #[error("saved world is unreadable")]
    Json(#[from] serde_json::Error),
}

impl World {
    /// The whole world as text. Bodies of S3 objects are base64.
    ///
    /// # Errors
    /// When some state has no JSON form, which is a defect of the simulator.
    pub fn to_json(&self) -> Result<String, SavedWorldError> {
        Ok(serde_json::to_string(&Saving {
            format: FORMAT,
            world: self,
        })?)
    }

    /// The world that [`World::to_json`] wrote.
    ///
    /// # Errors
    /// When the text is not a world of this format.
    pub fn from_json(text: &str) -> Result<Self, SavedWorldError> {
        let Header { format } = serde_json::from_str(text)?;
        if format != FORMAT {
            return Err(SavedWorldError::Format { found: format });
        }
        let Saved { world } = serde_json::from_str(text)?;
        Ok(world)
    }
}
