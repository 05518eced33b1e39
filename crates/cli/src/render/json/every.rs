//! `rehearse --all`: a fault and what came of it, and the count of all.

use serde_json::{Value, json};

use super::{object, value};
use crate::render::every::{end_word, summary};
use crate::scenario::{Cell, End};

/// One fault and what came of it.
#[must_use]
pub fn fault_played(cell: &Cell) -> Value {
    object("fault_played", value(cell))
}

/// How many ended how.
#[must_use]
pub fn all_played(cells: &[Cell]) -> Value {
    let ends = [End::Live, End::Back, End::Refused, End::Stopped, End::Stuck];
    let mut counts = json!({ "played": cells.len(), "words": summary(cells) });
    for end in ends {
        let count = cells.iter().filter(|cell| cell.end == end).count();
        counts[end_word(end)] = json!(count);
    }
    let idle = cells.iter().filter(|cell| !cell.struck).count();
    counts["never_struck"] = json!(idle);
    object("all_played", counts)
}
