//! One thing that a revision does to a database, whichever tool says so and however it is spelled.

mod words;

use std::fmt;

use crate::kind::Kind;

/// One thing that is done to a database.
#[derive(Clone, Debug, PartialEq)]
pub struct Change(pub(crate) What);

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What is done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    CreateTable {
        table: String,
        guard: Guard,
        columns: Vec<Column>,
        /// Tables that it refers to.
        refers: Vec<String>,
        /// Constraints by their names.
        constraints: Vec<(String, Kinds)>,
    },
    DropTable {
        table: String,
    },
    RenameTable {
        table: String,
        to: String,
    },
    AddColumn {
        table: String,
        column: Column,
    },
    DropColumn {
        table: String,
        column: String,
    },
    RenameColumn {
        table: String,
        column: String,
        to: String,
    },
    SetNotNull {
        table: String,
        column: String,
    },
    DropNotNull {
        table: String,
        column: String,
    },
    SetDefault {
        table: String,
        column: String,
    },
    DropDefault {
        table: String,
        column: String,
    },
    SetType {
        table: String,
        column: String,
        from: Option<Kind>,
        to: Kind,
        using: Option<String>,
    },
    AddIdentity {
        table: String,
        column: String,
    },
    AddConstraint {
        table: String,
        name: Option<String>,
        kind: Kinds,
        check: Check,
    },
    ValidateConstraint {
        table: String,
        name: String,
    },
    DropConstraint {
        table: String,
        name: String,
        kind: Option<Kinds>,
    },
    RenameConstraint {
        table: String,
        name: String,
        to: String,
    },
    CreateIndex {
        name: Option<String>,
        table: String,
        unique: Unique,
        way: Beside,
    },
    DropIndex {
        name: String,
        way: Beside,
    },
    RenameIndex {
        name: String,
        to: String,
    },
    Reindex {
        what: String,
        way: Beside,
    },
    AddEnumValue {
        kind: String,
        value: String,
    },
    RenameEnumValue {
        kind: String,
        value: String,
    },
    CreateView {
        view: String,
        replaces: Guard,
    },
    Refresh {
        view: String,
        way: Beside,
    },
    AttachPartition {
        table: String,
        partition: String,
    },
    DetachPartition {
        table: String,
        partition: String,
        way: Beside,
    },
    /// The whole table is written again where it lies.
    RewriteTable {
        table: String,
        how: &'static str,
    },
    /// Settings of a table that change the catalog alone.
    TableSetting {
        table: String,
        how: String,
    },
    LockTable {
        table: String,
    },
    Insert {
        table: String,
    },
    Update {
        table: String,
        columns: Vec<String>,
    },
    Delete {
        table: String,
    },
    Truncate {
        table: String,
    },
    /// Something that nobody has used yet: a type, a sequence, a function, a schema, an extension, a right.
    CreateObject {
        kind: &'static str,
        name: String,
        guard: Guard,
    },
    DropObject {
        kind: &'static str,
        name: String,
        takes: Takes,
    },
    RenameObject {
        kind: &'static str,
        name: String,
        to: String,
    },
    /// What may change how the code's own statements end: triggers, policies, rules.
    Interferes {
        kind: &'static str,
        name: String,
    },
    /// Comments, settings of the session, transactions: nothing that lasts.
    Nothing {
        what: String,
    },
    /// Nobody can tell.
    Unknown {
        what: String,
        /// The only table that it can change, where that is known.
        table: Option<String>,
    },
}

/// Whether what is there already may be in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// It is new.
    New,
    /// It may be there already, and is left or replaced.
    MayBeThere,
}

/// What goes with something that is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// Nothing: what depends on it is in the way.
    Itself,
    /// `CASCADE`.
    Dependents,
}

/// Whether work goes on beside those who read and write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beside {
    /// `CONCURRENTLY`.
    Concurrently,
    /// Under the usual lock.
    Locking,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unique {
    Yes,
    No,
}

/// Kinds of constraints.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kinds {
    /// With the column that it says is never NULL, where that is all it says.
    Check(Option<String>),
    ForeignKey,
    Unique,
    Primary,
    Exclude,
}

/// How a constraint is put on rows that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// All of them are looked at.
    Now,
    /// `NOT VALID`.
    NotYet,
    /// An index that is there already says so.
    ByIndex,
}

/// A column as it is added.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Option<Kind>,
    pub(crate) null: Null,
    pub(crate) value: Value,
    pub(crate) unique: Option<Kinds>,
    pub(crate) refers: Option<String>,
    pub(crate) checked: Option<Kinds>,
    /// `IF NOT EXISTS`: another one may be there.
    pub(crate) guard: Guard,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Null {
    Allowed,
    Not,
}

/// Where the values of an added column come from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// There is none: NULL.
    None,
    /// The same one for every row: it lies in the catalog.
    Constant,
    /// Another one for every row.
    Volatile,
    /// Computed of the row, and stored.
    Stored,
    /// Computed of the row whenever it is read.
    Virtual,
    /// From a sequence of its own.
    Identity,
    /// Nobody can tell.
    Unknown(String),
}

impl What {
    /// What nobody can tell, and what it may change neither.
    pub(crate) fn unknown(what: impl Into<String>) -> Self {
        let (what, table) = (what.into(), None);
        Self::Unknown { what, table }
    }
}

impl Column {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: None,
            null: Null::Allowed,
            value: Value::None,
            unique: None,
            refers: None,
            checked: None,
            guard: Guard::New,
        }
    }
}

impl Kinds {
    pub(crate) fn words(&self) -> &'static str {
        match self {
            Self::Check(_) => "check constraint",
            Self::ForeignKey => "foreign key",
            Self::Unique => "unique constraint",
            Self::Primary => "primary key",
            Self::Exclude => "exclusion constraint",
        }
    }
}
