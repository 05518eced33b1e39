//! What came of all mutants, as a table and a list.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::mutant::Mutant;
use crate::play::End;

/// What is known of one mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It does not compile.
    Unviable,
    /// It may compile by itself, but not behind the switch: `cargo mutants` can play it.
    Apart(String),
    /// It was played.
    Played(End),
}

/// The table of the files, then every mutant that needs somebody.
pub(crate) fn report(fates: &[(Mutant, Fate)]) -> String {
    let mut rows: BTreeMap<&str, [usize; 6]> = BTreeMap::new();
    let mut sum = [0; 6];
    let mut lists = ["".to_owned(), "".to_owned(), "".to_owned()];
    for (mutant, fate) in fates {
        let (column, list) = match fate {
            Fate::Unviable => (1, None),
            Fate::Played(End::Caught(_)) => (2, None),
            Fate::Played(End::ByTime) => (3, Some((0, String::new()))),
            Fate::Played(End::Survived(tests)) => (4, Some((1, format!(" ({tests} tests)")))),
            Fate::Apart(why) => (5, Some((2, format!(" ({why})")))),
        };
        for row in [rows.entry(&mutant.file).or_default(), &mut sum] {
            for (at, count) in row.iter_mut().enumerate() {
                *count += usize::from(at == 0 || at == column);
            }
        }
        if let Some((at, more)) = list
            && let Some(text) = lists.get_mut(at)
        {
            let _ = writeln!(text, "{}{more}", mutant.name);
        }
    }
    let mut text = String::from(
        "| file | mutants | viable | caught | by time | survived | not expressible |\n",
    );
    text.push_str("| --- | --- | --- | --- | --- | --- | --- |\n");
    for (file, [all, unviable, caught, by_time, survived, apart]) in
        rows.into_iter().chain([("all", sum)])
    {
        let viable = all - unviable;
        let _ = writeln!(
            text,
            "| `{file}` | {all} | {viable} | {caught} | {by_time} | {survived} | {apart} |"
        );
    }
    let titles = [
        "By time",
        "Survived",
        "Not expressible: play these with cargo mutants",
    ];
    for (title, list) in titles
        .iter()
        .zip(&lists)
        .filter(|(_, list)| !list.is_empty())
    {
        let _ = write!(text, "\n{title}:\n{list}");
    }
    text
}
