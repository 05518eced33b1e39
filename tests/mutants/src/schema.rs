//! A file with all its mutants in it, each behind its switch, and marks in comments that tell the compiler's complaints apart.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::site::{Change, Shape, Site};

/// The marks: what follows belongs to this mutant, or to all that stand here.
const MUTANT: &str = "/*mutant:";
const SITE: &str = "/*site:";
const END: &str = "/*end*/";

/// What every mutated crate gets: the switch. With `BACKSTAY_REACHED` it notes which switches are passed, each once.
pub(crate) const SWITCH: &str = r#"
#[expect(clippy::all, missing_docs)]
pub(crate) fn mutant(number: u32) -> bool {
    use std::io::Write as _;
    use std::sync::{Mutex, OnceLock};
    static ON: OnceLock<u32> = OnceLock::new();
    static REACHED: OnceLock<Option<Mutex<(std::fs::File, std::collections::BTreeSet<u32>)>>> = OnceLock::new();
    let on = *ON.get_or_init(|| std::env::var("BACKSTAY_MUTANT").map_or(0, |on| on.parse().unwrap()));
    if on != 0 {
        return on == number;
    }
    let reached = REACHED.get_or_init(|| {
        let path = std::env::var("BACKSTAY_REACHED").ok()?;
        let file = std::fs::OpenOptions::new().append(true).create(true).open(path).unwrap();
        Some(Mutex::new((file, std::collections::BTreeSet::new())))
    });
    if let Some(reached) = reached {
        let mut reached = reached.lock().unwrap();
        if reached.1.insert(number) {
            writeln!(reached.0, "{number}").unwrap();
        }
    }
    false
}
"#;

/// `text` with the mutants of `sites`, but for those that are `out`.
pub(crate) fn mutated(text: &str, sites: &[Site], out: &BTreeSet<u32>) -> String {
    let writer = Writer { text, sites, out };
    writer.code(0..text.len(), 0..sites.len(), None)
}

struct Writer<'a> {
    text: &'a str,
    sites: &'a [Site],
    out: &'a BTreeSet<u32>,
}

impl Writer<'_> {
    /// The code of `range`; the sites in it are among `inside`. One of its pieces may be replaced.
    fn code(&self, range: Range<usize>, inside: Range<usize>, change: Option<&Change>) -> String {
        let mut pieces: Vec<(Range<usize>, String)> = Vec::new();
        if let Some(change) = change {
            pieces.push((change.range.clone(), change.replacement.clone()));
        }
        let mut next = inside.start;
        while let Some(site) = self.sites.get(next).filter(|_| next < inside.end) {
            let after = self.after(next, inside.end);
            let here = &site.range;
            let is_in = range.start <= here.start && here.end <= range.end;
            let is_replaced = change.is_some_and(|change| {
                change.range.start <= here.start && here.end <= change.range.end
            });
            if is_in && !is_replaced {
                pieces.push((here.clone(), self.site(next, after)));
            }
            next = if is_in || is_replaced {
                after
            } else {
                next + 1
            };
        }
        pieces.sort_by_key(|(at, _)| at.start);
        let plain = |from: usize, to: usize| self.text.get(from..to).unwrap_or_default();
        let mut code = String::new();
        let mut at = range.start;
        for (here, piece) in pieces {
            code.push_str(plain(at, here.start));
            code.push_str(&piece);
            at = here.end;
        }
        code.push_str(plain(at, range.end));
        code
    }

    /// The first site that is not inside this one.
    fn after(&self, site: usize, end: usize) -> usize {
        let around = self.sites.get(site).map_or(0..0, |site| site.range.clone());
        let is_out = |next: &usize| {
            self.sites
                .get(*next)
                .is_some_and(|inner| inner.range.start >= around.end && inner.range != around)
        };
        (site + 1..end).find(is_out).unwrap_or(end)
    }

    fn site(&self, index: usize, after: usize) -> String {
        let Some(site) = self.sites.get(index) else {
            return String::new();
        };
        let inside = index + 1..after;
        let is_in = |change: &&Change| !self.out.contains(&change.number);
        let changes: Vec<&Change> = site.changes.iter().filter(is_in).collect();
        let range = site.range.clone();
        let code = self.code(range.clone(), inside.clone(), None);
        let Some(first) = changes.first() else {
            return code;
        };
        let inner = match &site.shape {
            Shape::Body => {
                let returns: String = changes
                    .iter()
                    .map(|change| {
                        marked(
                            change,
                            &format!("if {} {{ return {}; }}", switch(change), change.replacement),
                        )
                    })
                    .collect();
                let body = code.strip_prefix('{').unwrap_or(&code);
                format!("{{ {returns} {body}")
            }
            Shape::Guard if range.is_empty() => format!(" if !{} ", switch(first)),
            Shape::Guard => changes.iter().fold(format!("({code})"), |code, change| {
                let (switch, replacement) = (switch(change), &change.replacement);
                format!("(if {switch} {{ {replacement} }} else {{ {code} }})")
            }),
            Shape::Logic(left, right) => {
                let left = self.code(left.clone(), inside.clone(), None);
                let right = self.code(right.clone(), inside, None);
                let operator = self.text.get(first.range.clone()).unwrap_or_default();
                let decides = if operator == "||" { "!=" } else { "==" };
                let switch = switch(first);
                format!(
                    "({{ let first_: bool = {left}; if first_ {decides} {switch} {{ first_ }} else {{ {right} }} }})"
                )
            }
            Shape::Expression => {
                let others: String = changes
                    .iter()
                    .map(|change| {
                        let other = self.code(range.clone(), inside.clone(), Some(change));
                        format!(
                            "if {} {} else ",
                            switch(change),
                            marked(change, &format!("{{ {other} }}"))
                        )
                    })
                    .collect();
                format!("({others}{{ {code} }})")
            }
        };
        format!("{SITE}{}*/{inner}{END}", first.number)
    }
}

fn switch(change: &Change) -> String {
    format!("crate::mutant({})", change.number)
}

fn marked(change: &Change, code: &str) -> String {
    format!("{MUTANT}{}*/{code}{END}", change.number)
}

/// Whose code it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// This mutant's.
    Mutant(u32),
    /// That of all mutants of the site that begins with this one.
    Site(u32),
}

/// Whose code the compiler complains of: the innermost piece around these bytes.
pub(crate) fn owner(mutated: &str, bytes: &Range<usize>) -> Option<Owner> {
    let mut open: Vec<(usize, Owner)> = Vec::new();
    let mut best: Option<(usize, Owner)> = None;
    for (at, _) in mutated.match_indices("/*") {
        let mark = mutated.get(at..).unwrap_or_default();
        let number = |start: &str| mark.strip_prefix(start)?.split("*/").next()?.parse().ok();
        if mark.starts_with(END) {
            if let Some((start, owner)) = open.pop()
                && start <= bytes.start
                && bytes.end <= at
                && best.is_none_or(|(from, _)| from < start)
            {
                best = Some((start, owner));
            }
        } else if let Some(mutant) = number(MUTANT) {
            open.push((at, Owner::Mutant(mutant)));
        } else if let Some(site) = number(SITE) {
            open.push((at, Owner::Site(site)));
        }
    }
    best.map(|(_, owner)| owner)
}
