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
    /// Whether names without a schema are in another one, for the rest of the revision.
    elsewhere: bool,
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
    /// Columns that take no NULL.
    required: BTreeSet<(String, String)>,
    /// Tables on which triggers are made.
    triggers: BTreeSet<String>,
}

impl Known {
    /// Another revision begins: what was made before is in use.
    pub(crate) fn begin(&mut self) {
        if self.elsewhere {
            *self = Self::default();
        }
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

    /// Whether this revision makes triggers on a table, which may fill in what a statement leaves out.
    pub(crate) fn makes_triggers(&self, table: &str) -> bool {
        self.new.triggers.contains(table)
    }

    /// Whether a column that this revision adds has a value where a statement names none.
    pub(crate) fn is_filled(&self, table: &str, column: &str) -> bool {
        self.new.filled.contains(&key(table, column))
    }

    /// Whether a column that this revision adds takes no NULL.
    pub(crate) fn is_required(&self, table: &str, column: &str) -> bool {
        self.new.required.contains(&key(table, column))
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
            What::DropTable { table } => self.forget(table),
            What::DropColumn { table, column } => {
                let key = key(table, column);
                self.kinds.remove(&key);
                self.computed.remove(&key);
                self.never_null.remove(&key);
                self.new.columns.remove(&key);
                self.new.filled.remove(&key);
                self.new.required.remove(&key);
            }
            What::SetNotNull { table, column } if self.is_new_column(table, column) => {
                self.new.required.insert(key(table, column));
            }
            What::DropNotNull { table, column } => {
                self.never_null.remove(&key(table, column));
                self.new.required.remove(&key(table, column));
            }
            What::AddColumn { table, column } => {
                self.column(table, column);
                let key = key(table, &column.name);
                if column.guard == Guard::MayBeThere {
                    // Nobody knows which one it is.
                    self.kinds.remove(&key);
                    self.computed.remove(&key);
                    self.never_null.remove(&key);
                    return;
                }
                self.new.columns.insert(key.clone());
                if column.null == Null::Not {
                    self.new.required.insert(key.clone());
                }
                if column.value != Value::None {
                    self.new.filled.insert(key);
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
                let (old, new) = (key(table, column), key(table, to));
                if let Some(kind) = self.kinds.remove(&old) {
                    self.kinds.insert(new.clone(), kind);
                }
                let marks = [
                    &mut self.computed,
                    &mut self.never_null,
                    &mut self.new.columns,
                    &mut self.new.filled,
                    &mut self.new.required,
                ];
                for marked in marks {
                    if marked.remove(&old) {
                        marked.insert(new.clone());
                    }
                }
                for (of, kind) in &mut self.constraints {
                    match kind {
                        Kinds::Check(Some(says)) if of.0 == *table && says == column => {
                            says.clone_from(to);
                        }
                        _ => {}
                    }
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
            What::RenameConstraint { table, name, to } => {
                if let Some(kind) = self.constraints.remove(&key(table, name)) {
                    self.constraints.insert(key(table, to), kind);
                }
            }
            What::DropIndex { name, .. } => drop(self.indexes.remove(name)),
            What::RenameIndex { name, to } => {
                if let Some(unique) = self.indexes.remove(name) {
                    self.indexes.insert(to.clone(), unique);
                }
            }
            // The same name is another table from here on.
            What::Nothing { what } if what.starts_with("set ") && what.ends_with("search_path") => {
                let new = std::mem::take(&mut self.new);
                *self = Self {
                    new,
                    elsewhere: true,
                    ..Self::default()
                };
            }
            // It may have changed everything that is known of it.
            What::Unknown { table, .. } => match table {
                Some(table) => {
                    let new = self.is_new(table);
                    self.forget(table);
                    self.indexes.clear();
                    if new {
                        self.new.tables.insert(table.clone());
                    }
                }
                None => {
                    let new = std::mem::take(&mut self.new);
                    *self = Self {
                        new: New {
                            filled: BTreeSet::new(),
                            ..new
                        },
                        elsewhere: self.elsewhere,
                        ..Self::default()
                    };
                }
            },
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
                kind: "trigger" | "replaced trigger",
                name,
            } => {
                let table = name.rsplit_once(" of ").map(|(_, table)| table.to_owned());
                self.new.triggers.extend(table);
            }
            What::DropObject {
                kind: "trigger",
                name,
                ..
            } => {
                if let Some((_, table)) = name.rsplit_once(" of ") {
                    self.new.triggers.remove(table);
                }
            }
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
        let key = key(table, &column.name);
        // One of the same name may have been there.
        self.kinds.remove(&key);
        self.computed.remove(&key);
        self.never_null.remove(&key);
        if let Some(kind) = &column.kind {
            self.kinds.insert(key.clone(), kind.clone());
        }
        if let Value::Stored | Value::Virtual = column.value {
            self.computed.insert(key.clone());
        }
        if column.null == Null::Not && self.is_new(table) {
            self.never_null.insert(key);
        }
    }

    /// Nothing is known of a table any more.
    fn forget(&mut self, table: &str) {
        self.kinds.retain(|(of, _), _| of != table);
        self.constraints.retain(|(of, _), _| of != table);
        let marks = [
            &mut self.computed,
            &mut self.never_null,
            &mut self.new.columns,
            &mut self.new.filled,
            &mut self.new.required,
        ];
        for marked in marks {
            marked.retain(|(of, _)| of != table);
        }
        self.new.tables.remove(table);
    }

    fn rename_table(&mut self, table: &str, to: &str) {
        let moved = |of: &(String, String)| match of.0 == table {
            true => key(to, &of.1),
            false => of.clone(),
        };
        let kinds = std::mem::take(&mut self.kinds).into_iter();
        self.kinds = kinds.map(|(of, kind)| (moved(&of), kind)).collect();
        let constraints = std::mem::take(&mut self.constraints).into_iter();
        self.constraints = constraints.map(|(of, kind)| (moved(&of), kind)).collect();
        let marks = [
            &mut self.computed,
            &mut self.never_null,
            &mut self.new.columns,
            &mut self.new.filled,
            &mut self.new.required,
        ];
        for marked in marks {
            *marked = marked.iter().map(moved).collect();
        }
        if self.new.tables.remove(table) {
            self.new.tables.insert(to.to_owned());
        }
    }
}

fn key(table: &str, column: &str) -> (String, String) {
    (table.to_owned(), column.to_owned())
}
