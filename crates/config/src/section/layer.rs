//! One table of several that lie over one another: the file's own, and what an environment has instead.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::child;

/// Whose table it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// It holds everywhere.
    Everywhere,
    /// It holds in one environment, where it has a key.
    Environment,
    /// An environment's own table: whoever reads that knows its keys.
    Elsewhere,
}

/// A table, and where it stands.
pub(super) struct Layer<'d> {
    pub(super) table: &'d DeTable<'d>,
    /// As it is written, for example `services.auth-service`; empty at the top.
    pub(super) path: String,
    pub(super) span: Range<usize>,
    pub(super) of: Of,
}

impl<'d> Layer<'d> {
    /// The file.
    pub(super) fn whole(table: &'d DeTable<'d>) -> Self {
        Self {
            table,
            path: String::new(),
            span: 0..0,
            of: Of::Everywhere,
        }
    }

    /// What an environment of a file has.
    pub(super) fn environment(file: &'d DeTable<'d>, name: &str) -> Option<Self> {
        let environments = file.get("environments")?.get_ref().as_table()?;
        let found = environments.get(name)?;
        Some(Self {
            table: found.get_ref().as_table()?,
            path: format!("environments.{name}"),
            span: found.span(),
            of: Of::Elsewhere,
        })
    }

    /// The table that is called so inside of this one; what is there and no table is the error.
    pub(super) fn below(&self, key: &str) -> Option<Result<Self, &'d Spanned<DeValue<'d>>>> {
        let found = self.table.get(key)?;
        let Some(table) = found.get_ref().as_table() else {
            return Some(Err(found));
        };
        Some(Ok(Self {
            table,
            path: self.path_of(key),
            span: found.span(),
            of: match self.of {
                Of::Everywhere => Of::Everywhere,
                Of::Environment | Of::Elsewhere => Of::Environment,
            },
        }))
    }

    /// The name that it gives itself.
    pub(super) fn called(&self) -> Option<&'d str> {
        self.table.get("name")?.get_ref().as_str()
    }

    /// What a key of it is called from the top.
    pub(super) fn path_of(&self, key: &str) -> String {
        child(&self.path, key)
    }

    /// How messages say where.
    pub(super) fn place(&self) -> String {
        if self.path.is_empty() {
            "at the top of the file".to_owned()
        } else {
            format!("in [{}]", self.path)
        }
    }
}
