//! What is known of a database from the revisions before: enough to tell a widening from a rewrite, and what is new from what is
//! in use.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::{Check, Guard, Kinds, Null, Unique, Value, What};
use crate::kind::Kind;

/// What the revisions so far have made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    kinds: BTreeMap<(String, String), Kind>,
    constraints: BTreeMap<(String, String), Kinds>,
    indexes: BTreeMap<String, Unique>,
    computed: BTreeSet<(String, String)>,
    /// Columns of which a check that was validated says that they are never NULL.
    never_null: BTreeSet<(String, String)>,
    /// Of the revision that is being read.
    new: New,
}

/// What the revision that is being read has made itself: nobody uses it yet.
#[derive(Clone, Debug, Default)]
struct New {
    tables: BTreeSet<String>,
    columns: BTreeSet<(String, String)>,
    kinds: BTreeSet<String>,
    objects: BTreeSet<String>,
    /// Columns that have a value where a statement names none.
    filled: BTreeSet<(String, String)>,
    triggers: bool,
}

impl Known {
    /// Another revision begins: what was made before is in use.
    pub(crate) fn begin(&mut self) {
        self.new = New::default();
    }

    pub(crate) fn is_new(&self, table: &str) -> bool {
        self.new.tables.contains(table)
    }

    pub(crate) fn is_new_column(&self, table: &str, column: &str) -> bool {
        self.is_new(table) || self.new.columns.contains(&key(table, column))
    }

    pub(crate) fn is_new_object(&self, name: &str) -> bool {
        self.new.objects.contains(name)
    }

    pub(crate) fn is_new_kind(&self, kind: &str) -> bool {
        self.new.kinds.contains(kind)
    }

    /// Whether a check that was validated says that a column is never NULL.
    pub(crate) fn is_never_null(&self, table: &str, column: &str) -> bool {
        self.never_null.contains(&key(table, column))
    }

    /// Whether this revision makes triggers, which may fill in what a statement leaves out.
    pub(crate) fn makes_triggers(&self) -> bool {
        self.new.triggers
    }

    /// Whether a column that this revision adds has a value where a statement names none.
    pub(crate) fn is_filled(&self, table: &str, column: &str) -> bool {
        self.new.filled.contains(&key(table, column))
    }

    pub(crate) fn kind(&self, table: &str, column: &str) -> Option<&Kind> {
        self.kinds.get(&key(table, column))
    }

    pub(crate) fn constraint(&self, table: &str, name: &str) -> Option<&Kinds> {
        self.constraints.get(&key(table, name))
    }

    pub(crate) fn index(&self, name: &str) -> Option<Unique> {
        self.indexes.get(name).copied()
    }

    pub(crate) fn is_computed(&self, table: &str, column: &str) -> bool {
        self.computed.contains(&key(table, column))
    }

    /// Goes on: this was done.
    pub(crate) fn then(&mut self, what: &What) {
        match what {
            What::CreateTable {
                table,
                guard,
                columns,
                constraints,
                ..
            } => {
                if *guard == Guard::New {
                    self.new.tables.insert(table.clone());
                }
                for column in columns {
                    self.column(table, column);
                }
                for (name, kind) in constraints {
                    self.constraints.insert(key(table, name), kind.clone());
                }
            }
            What::AddColumn { table, column } => {
                self.column(table, column);
                self.new.columns.insert(key(table, &column.name));
                if column.value != Value::None {
                    self.new.filled.insert(key(table, &column.name));
                }
            }
            What::SetDefault { table, column } | What::AddIdentity { table, column } => {
                self.new.filled.insert(key(table, column));
            }
            What::DropDefault { table, column } => {
                self.new.filled.remove(&key(table, column));
            }
            What::SetType {
                table, column, to, ..
            } => {
                self.kinds.insert(key(table, column), to.clone());
            }
            What::RenameColumn { table, column, to } => {
                if let Some(kind) = self.kinds.remove(&key(table, column)) {
                    self.kinds.insert(key(table, to), kind);
                }
            }
            What::RenameTable { table, to } => self.rename_table(table, to),
            What::CreateIndex {
                name: Some(name),
                unique,
                ..
            } => {
                self.indexes.insert(name.clone(), *unique);
            }
            What::AddConstraint {
                table,
                name: Some(name),
                kind,
                check,
            } => {
                self.constraints.insert(key(table, name), kind.clone());
                if let (Kinds::Check(Some(column)), Check::Now | Check::ByIndex) = (kind, check) {
                    self.never_null.insert(key(table, column));
                }
            }
            What::ValidateConstraint { table, name } => {
                let of = self.says_never_null(table, name);
                self.never_null.extend(of);
            }
            What::DropConstraint { table, name, .. } => {
                if let Some(of) = self.says_never_null(table, name) {
                    self.never_null.remove(&of);
                }
                self.constraints.remove(&key(table, name));
            }
            What::CreateView { view, .. } => drop(self.new.objects.insert(view.clone())),
            What::CreateObject {
                kind,
                name,
                guard: Guard::New,
            } => {
                self.new.objects.insert(name.clone());
                if *kind == "type" {
                    self.new.kinds.insert(name.clone());
                }
            }
            What::Interferes {
                kind: "trigger", ..
            } => self.new.triggers = true,
            _ => {}
        }
    }

    /// The column that a check says is never NULL.
    fn says_never_null(&self, table: &str, name: &str) -> Option<(String, String)> {
        match self.constraints.get(&key(table, name)) {
            Some(Kinds::Check(Some(column))) => Some(key(table, column)),
            _ => None,
        }
    }

    fn column(&mut self, table: &str, column: &crate::change::Column) {
        if let Some(kind) = &column.kind {
            self.kinds.insert(key(table, &column.name), kind.clone());
        }
        if let Value::Stored | Value::Virtual = column.value {
            self.computed.insert(key(table, &column.name));
        }
        if column.null == Null::Not && self.is_new(table) {
            self.never_null.insert(key(table, &column.name));
        }
    }

    fn rename_table(&mut self, table: &str, to: &str) {
        let of = |map: &BTreeMap<(String, String), Kind>| -> Vec<(String, Kind)> {
            map.range(key(table, "")..)
                .take_while(|((of, _), _)| of == table)
                .map(|((_, column), kind)| (column.clone(), kind.clone()))
                .collect()
        };
        for (column, kind) in of(&self.kinds) {
            self.kinds.remove(&key(table, &column));
            self.kinds.insert(key(to, &column), kind);
        }
        if self.new.tables.remove(table) {
            self.new.tables.insert(to.to_owned());
        }
    }
}

fn key(table: &str, column: &str) -> (String, String) {
    (table.to_owned(), column.to_owned())
}
