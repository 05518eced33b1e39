//! How far a deployment can be taken back.

use serde::{Deserialize, Serialize};

/// How far a deployment can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WayBack {
    /// To the end; the schema stays, old code runs on it.
    Whole,
    /// To the end; the schema is migrated down, nothing is lost.
    WithSchemaDown,
    /// Only until the migration has run: then a human decides.
    UntilMigration,
    /// Only until the first service is rolled out: the schema is past what the old code is declared for already.
    UntilServices,
}

impl WayBack {
    /// Whether it can be taken back from every step.
    #[must_use]
    pub fn is_whole(self) -> bool {
        match self {
            Self::Whole | Self::WithSchemaDown => true,
            Self::UntilMigration | Self::UntilServices => false,
        }
    }
}
