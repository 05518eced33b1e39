//! The engines: port, version and parameter group that an instance has when it is told nothing.

use super::errors::unknown;
use crate::ApiError;

/// An engine of RDS that is not Aurora.
pub(super) struct Engine {
    pub(super) name: &'static str,
    pub(super) port: u16,
    /// What is taken when no version is given [MEM].
    pub(super) version: &'static str,
    pub(super) license: &'static str,
    /// How many parts of the version name the family: `postgres17`, `mysql8.4`.
    family_parts: usize,
}

pub(super) const ENGINES: [Engine; 3] = [
    Engine {
        name: "postgres",
        port: 5432,
        version: "17.6",
        license: "postgresql-license",
        family_parts: 1,
    },
    Engine {
        name: "mysql",
        port: 3306,
        version: "8.4.7",
        license: "general-public-license",
        family_parts: 2,
    },
    Engine {
        name: "mariadb",
        port: 3306,
        version: "11.8.3",
        license: "general-public-license",
        family_parts: 2,
    },
];

impl Engine {
    pub(super) fn named(name: &str) -> Result<&'static Self, ApiError> {
        let found = ENGINES.iter().find(|engine| engine.name == name);
        found.ok_or_else(|| {
            unknown(format!(
                "Invalid DB engine: {name} (the simulator has postgres, mysql and mariadb)"
            ))
        })
    }

    /// For example `postgres17`.
    pub(super) fn family(&self, version: &str) -> String {
        let parts: Vec<&str> = version.split('.').take(self.family_parts).collect();
        format!("{}{}", self.name, parts.join("."))
    }
}
