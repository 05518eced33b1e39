//! What a task on the database prints while it runs: each line once, as it comes.

use anstyle::Style;
use backstay_domain::observation::{Observation, Seen};

use super::clean::clean;

/// What was shown of it.
#[derive(Debug, Default)]
pub(crate) struct Log {
    shown: Vec<String>,
}

impl Log {
    /// The lines that are new, painted.
    pub(super) fn fresh(&mut self, observation: &Observation) -> Vec<String> {
        let now = match &observation.job {
            Some(Seen::Known(job)) => Some(&*job.log),
            // It is no other log because nobody sees it now.
            Some(Seen::Unseen(_)) => return Vec::new(),
            None => None,
        };
        let dim = Style::new().dimmed();
        let paint = |line: &String| format!("{:<8} {dim}│ {}{dim:#}", "", clean(line));
        self.new_of(now).iter().map(paint).collect()
    }

    /// Whether lines may have come and gone since the last look: none of those that were seen is among the last ones now.
    pub(crate) fn skips(&self, now: &[String]) -> bool {
        !self.shown.is_empty() && now.len() >= self.shown.len() && overlap(&self.shown, now) == 0
    }

    /// The lines of a log that are new.
    pub(crate) fn lines<'l>(&mut self, now: &'l [String]) -> impl Iterator<Item = &'l str> {
        let fresh = self.new_of(Some(now)).iter();
        fresh.map(String::as_str)
    }

    /// Of a log only the last lines are seen: those of the last look are found again among them. Without a job they are forgotten; a log
    /// without any may be one that could not be read.
    fn new_of<'l>(&mut self, now: Option<&'l [String]>) -> &'l [String] {
        let now = match now {
            Some([]) => return &[],
            Some(now) => now,
            None => &[],
        };
        let known = overlap(&self.shown, now);
        self.shown = now.to_vec();
        now.get(known..).unwrap_or_default()
    }
}

/// How many of the first lines of `now` are the last ones of `before`.
fn overlap(before: &[String], now: &[String]) -> usize {
    let most = before.len().min(now.len());
    let is_known = |count: &usize| before.ends_with(now.get(..*count).unwrap_or_default());
    (0..=most).rev().find(is_known).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Log;

    #[test]
    fn each_line_is_shown_once() {
        let mut log = Log::default();
        for (seen, expected) in [
            ("", ""),
            ("a b", "a b"),
            ("a b", ""),
            ("a b b", "b"),
            ("b b c d", "c d"),
            ("e f", "e f"),
            // It could not be read.
            ("", ""),
            ("e f g", "g"),
            // Another task begins anew.
            ("no job", ""),
            ("g", "g"),
        ] {
            let now: Vec<String> = seen.split_whitespace().map(str::to_owned).collect();
            let now = (seen != "no job").then_some(&*now);
            assert_eq!(log.new_of(now).join(" "), expected, "{seen}");
        }
    }
}
