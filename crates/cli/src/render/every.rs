//! The table of `rehearse --all`: every fault, how it ended, how long that took, and what is to be said about it.

use std::time::Duration;

use super::clean::clean;
use super::time::limit;
use crate::scenario::{Cell, End};

/// A row per fault under the name of its part, and the count of each end as the last line.
#[must_use]
pub fn every_text(cells: &[Cell]) -> String {
    let width = |of: fn(&Cell) -> &str| cells.iter().map(|cell| of(cell).chars().count()).max();
    let part_width = width(|cell| &cell.part).unwrap_or(0);
    let fault_width = width(|cell| &cell.fault).unwrap_or(0);
    let mut out = String::new();
    let mut last = "";
    for cell in cells {
        let part = if cell.part == last { "" } else { &cell.part };
        last = &cell.part;
        let took = limit(Duration::from_secs(cell.took_s));
        let row = format!(
            "{part:<part_width$}  {:<fault_width$}  {:<8}{took:>8}  {}",
            cell.fault,
            end_word(cell.end),
            remark(cell)
        );
        out.push_str(row.trim_end());
        out.push('\n');
    }
    format!("{out}\n{}\n", summary(cells))
}

/// `164 faults: 70 live all the same, 80 back, 9 refused before anything changed, 5 stuck; 4 never struck`.
#[must_use]
pub fn summary(cells: &[Cell]) -> String {
    let count = |end: End| cells.iter().filter(|cell| cell.end == end).count();
    let mut text = format!(
        "{} faults: {} live all the same, {} back as it was, {} refused before anything changed, {} stuck",
        cells.len(),
        count(End::Live),
        count(End::Back),
        count(End::Refused),
        count(End::Stuck),
    );
    let stopped = count(End::Stopped);
    if stopped > 0 {
        text.push_str(&format!("; {stopped} stopped half-way and were resumed"));
    }
    let idle = cells.iter().filter(|cell| !cell.struck).count();
    if idle > 0 {
        text.push_str(&format!("; {idle} never struck"));
    }
    let low = cells
        .iter()
        .filter(|cell| !cell.violations.is_empty())
        .count();
    if low > 0 {
        text.push_str(&format!(
            "; {low} with fewer healthy tasks than the minimum"
        ));
    }
    text
}

/// As people read it.
#[must_use]
pub fn end_word(end: End) -> &'static str {
    match end {
        End::Live => "live",
        End::Back => "back",
        End::Refused => "refused",
        End::Stopped => "stopped",
        End::Stuck => "stuck",
    }
}

fn remark(cell: &Cell) -> String {
    let because = clean(&cell.because);
    let mut words = vec![shortened(because.lines().next().unwrap_or_default())];
    if let Some(end) = cell.resumed {
        words.push(format!("resumed: {}", end_word(end)));
    }
    if !cell.struck {
        words.push("never struck".to_owned());
    }
    if let Some(violation) = cell.violations.first() {
        words.push(format!("fewer healthy tasks than the minimum: {violation}"));
    }
    words.retain(|word| !word.is_empty());
    words.join("; ")
}

/// As much as fits beside a row; JSON has all of it.
fn shortened(text: &str) -> String {
    const MOST: usize = 100;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(MOST - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::{every_text, summary};
    use crate::scenario::{Cell, End};

    fn cell(part: &str, fault: &str, end: End, because: &str) -> Cell {
        Cell {
            part: part.to_owned(),
            fault: fault.to_owned(),
            end,
            code: 0,
            took_s: 95,
            struck: fault != "alarm",
            because: because.to_owned(),
            resumed: None,
            violations: Vec::new(),
        }
    }

    #[test]
    fn a_row_for_each_and_a_count() {
        let cells = [
            cell("web", "crash", End::Back, "web failed"),
            cell("web", "alarm", End::Live, ""),
            cell("migration", "exit:1", End::Stuck, "nobody can tell"),
        ];
        let text = every_text(&cells);
        let rows: Vec<&str> = text.lines().collect();
        assert_eq!(rows[0], "web        crash   back       1m35s  web failed");
        assert_eq!(rows[1], "           alarm   live       1m35s  never struck");
        assert_eq!(
            rows[2],
            "migration  exit:1  stuck      1m35s  nobody can tell"
        );
        assert_eq!(rows.last().copied(), Some(summary(&cells).as_str()));
        assert_eq!(
            summary(&cells),
            "3 faults: 1 live all the same, 1 back as it was, 0 refused before anything changed, 1 stuck; 1 never struck"
        );
    }
}
