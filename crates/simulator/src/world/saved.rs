//! A world as JSON, so that a simulated account outlives its process.

mod plausible;

use serde::{Deserialize, Serialize};

use crate::World;
use crate::base::here::here;
use crate::services::events;

/// The format's version; raise it when an older text can no longer be read as it is.
const FORMAT: u32 = 2;

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
        let plausible::Plausible = serde_json::from_str(text)?;
        let Saved { mut world } = serde_json::from_str(text)?;
        events::plan_older(&mut here!(world.events));
        Ok(world)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Weather;

    #[test]
    fn a_world_with_impossible_numbers_is_refused() {
        let text = World::new("123456789012", "sa-east-1", u64::MAX, Weather::Calm, 5)
            .to_json()
            .unwrap();
        assert!(World::from_json(&text).is_ok());
        let spoilt = text.replace("\"now_ms\":5", "\"now_ms\":18446744073709551615");
        assert_ne!(spoilt, text);
        let refused = World::from_json(&spoilt).unwrap_err();
        assert!(matches!(refused, SavedWorldError::Json(_)), "{refused}");
    }
}
