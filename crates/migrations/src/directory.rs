//! A directory of migrations, read and judged.

use std::collections::BTreeMap;

use crate::WayDown;
use crate::change::{Beside, What};
use crate::declaration::declared;
use crate::down;
use crate::known::Known;
use crate::layout::{self, Tool};
use crate::order::{Ordered, ordered};
use crate::problem::{Place, Problem};
use crate::rules::{Finding, finding};
use crate::verdict::{self, Compatibility, Judged, Locking, Weighed};
use crate::written::{Operation, Repeats, Within, Written};

/// The files of a directory: paths with `/` between their parts, and bytes.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A directory of migrations.
#[derive(Clone, Debug, PartialEq)]
pub struct Directory {
    /// Its revisions, parents first.
    pub revisions: Vec<Revision>,
    /// Those that no other one follows.
    pub heads: Vec<String>,
    /// What is wrong, by place.
    pub problems: Vec<Problem>,
    tool: Tool,
}

/// One revision, judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// What its tool calls it.
    pub id: String,
    /// Where it is declared.
    pub place: Place,
    /// What people call it.
    pub title: String,
    /// Those that it follows.
    pub parents: Vec<String>,
    /// Those that have to be there before it.
    pub needs: Vec<String>,
    /// Its branch labels.
    pub labels: Vec<String>,
    /// Whether it is applied again whenever it changes.
    pub repeats: bool,
    /// What it does, in order.
    pub steps: Vec<Step>,
    /// Whether the code just before runs on the schema after it.
    pub compatibility: Judged<Compatibility>,
    /// Whether others wait while it is applied.
    pub locking: Judged<Locking>,
    /// Whether it can be undone.
    pub way_down: Judged<WayDown>,
}

/// One thing that a revision does.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Where.
    pub place: Place,
    /// What, in a few words.
    pub what: String,
    /// What it means.
    pub finding: Finding,
}

impl Directory {
    /// What is applied between two revisions of a linear or branched history: the ancestors of `to`, itself included, without
    /// those of `from`. Nothing for `from` is the empty database. In order.
    #[must_use]
    pub fn between(&self, from: Option<&str>, to: &str) -> Vec<&Revision> {
        let reached = from.map(|from| self.ancestors(from)).unwrap_or_default();
        let wanted = self.ancestors(to);
        self.revisions
            .iter()
            .filter(|one| wanted.contains(one.id.as_str()) && !reached.contains(one.id.as_str()))
            .collect()
    }

    /// The revision of a name. Where names are numbers, zeros before them say nothing: golang-migrate prints 1 for `000001`.
    #[must_use]
    pub fn revision(&self, id: &str) -> Option<&Revision> {
        let mut all = self.revisions.iter();
        let exact = all.clone().find(|one| one.id == id);
        let wanted = match self.tool {
            Tool::Alembic | Tool::Prisma => None,
            Tool::Flyway | Tool::Sql => layout::version(id),
        };
        exact.or_else(|| {
            let wanted = wanted?;
            all.find(|one| layout::version(&one.id).as_ref() == Some(&wanted))
        })
    }

    /// A revision and everything before it.
    #[must_use]
    pub fn ancestors(&self, id: &str) -> std::collections::BTreeSet<&str> {
        let known: BTreeMap<&str, &Revision> = self
            .revisions
            .iter()
            .map(|one| (one.id.as_str(), one))
            .collect();
        let mut found = std::collections::BTreeSet::new();
        let mut next = vec![self.revision(id).map_or(id, |one| one.id.as_str())];
        while let Some(id) = next.pop() {
            if let Some(revision) = known.get(id)
                && found.insert(revision.id.as_str())
            {
                next.extend(revision.parents.iter().map(String::as_str));
                next.extend(revision.needs.iter().map(String::as_str));
            }
        }
        found
    }
}

/// Reads and judges a directory as a tool lays it out.
#[must_use]
pub fn read(tool: Tool, files: &Files) -> Directory {
    let Ordered {
        revisions,
        heads,
        mut problems,
    } = ordered(layout::find(tool, files));
    let mut known = Known::default();
    let revisions = revisions
        .into_iter()
        .map(|written| judged(written, &mut known, &mut problems))
        .collect();
    problems.sort_by(|one, other| one.place.cmp(&other.place));
    Directory {
        revisions,
        heads,
        problems,
        tool,
    }
}

fn judged(written: Written, known: &mut Known, problems: &mut Vec<Problem>) -> Revision {
    known.begin();
    let down = down::way_down(&written, known);
    let file = &written.up.file;
    let up = Place::new(file, written.up.line);
    let mut steps = Vec::with_capacity(written.up.operations.len());
    for operation in &written.up.operations {
        steps.push(Weighed {
            operation,
            finding: finding(&operation.change, known),
        });
        known.then(&operation.change.0);
        problems.extend(in_a_transaction(file, operation));
    }
    let (said, wrong) = declared(&written.comments);
    problems.extend(wrong);
    let said = said.as_ref();
    let compatibility = verdict::compatibility(&steps, &up, said, problems);
    let locking = verdict::locking(&steps, &up, said, problems);
    let way_down = verdict::way_down(down, said, problems);
    let steps = steps
        .into_iter()
        .map(|step| Step {
            place: Place::new(file, step.operation.line),
            what: step.operation.change.to_string(),
            finding: step.finding,
        })
        .collect();
    Revision {
        place: Place::new(file, written.line),
        id: written.id,
        title: written.title,
        parents: written.parents.into_iter().map(|one| one.id).collect(),
        needs: written.needs.into_iter().map(|one| one.id).collect(),
        labels: written.labels,
        repeats: written.repeats == Repeats::WhenChanged,
        steps,
        compatibility,
        locking,
        way_down,
    }
}

/// What works beside others cannot work inside a transaction: "CREATE INDEX CONCURRENTLY cannot" [DOC].
fn in_a_transaction(file: &str, operation: &Operation) -> Option<Problem> {
    let way = match &operation.change.0 {
        What::CreateIndex { way, .. }
        | What::DropIndex { way, .. }
        | What::Reindex { way, .. }
        | What::DetachPartition { way, .. } => *way,
        What::RewriteTable {
            how: "vacuum full", ..
        } => Beside::Concurrently,
        _ => return None,
    };
    (way == Beside::Concurrently && operation.within == Within::Transaction).then(|| {
        Problem::warning(
            Place::new(file, operation.line),
            format!("\"{}\" cannot run inside a transaction, and this revision is one", operation.change),
            "Alembic: `with op.get_context().autocommit_block():`; goose: `-- +goose NO TRANSACTION`; dbmate: `transaction:false`",
        )
    })
}
