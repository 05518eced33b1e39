//! A deployment as a story: one line per event, the same for the same events. Scenarios compare it word by word.

use backstay_domain::journal::{Event, Record};
use backstay_domain::plan::Plan;
use jiff::Timestamp;

use super::fold::{folded, groups};
use super::time::since;
use super::words::{Entry, entry};

/// Where the sentences begin: after the time and the kind.
const TEXT_AT: usize = 17;

/// The whole story.
#[must_use]
pub fn story(records: &[Record]) -> String {
    let mut narrator = Narrator::default();
    let mut out = String::new();
    for group in groups(records) {
        let tellings: Vec<Telling> = group.iter().map(|record| narrator.tell(record)).collect();
        let told = match (folded(group, narrator.plan()), tellings.into_iter().next()) {
            (Some(entry), Some(first)) => Telling { entry, ..first },
            (None, Some(first)) => first,
            (_, None) => continue,
        };
        out.push_str(&told.text());
        out.push('\n');
    }
    out
}

/// One record's lines, without the colours. `start` is the moment the deployment began.
#[must_use]
pub fn line(start: Timestamp, record: &Record) -> String {
    Telling {
        time: since(start, record.at),
        entry: entry(record, None),
    }
    .text()
}

/// Tells records one after the other; remembers what a story needs from its beginning.
#[derive(Clone, Debug, Default)]
pub struct Narrator {
    start: Option<Timestamp>,
    plan: Option<Box<Plan>>,
}

impl Narrator {
    /// A narrator who has heard these records already, for a deployment that is resumed.
    #[must_use]
    pub fn after(records: &[Record]) -> Self {
        let mut narrator = Self::default();
        records.iter().for_each(|record| narrator.hear(record));
        narrator
    }

    /// The next record in words.
    #[must_use]
    pub fn tell(&mut self, record: &Record) -> Telling {
        self.hear(record);
        Telling {
            time: self.time(record.at),
            entry: entry(record, self.plan.as_deref()),
        }
    }

    /// A moment as time since the start.
    #[must_use]
    pub fn time(&self, at: Timestamp) -> String {
        since(self.start.unwrap_or(at), at)
    }

    /// The plan, once it was heard.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_deref()
    }

    fn hear(&mut self, record: &Record) {
        self.start.get_or_insert(record.at);
        if let Event::Started { plan, .. } = &record.event {
            self.plan = Some(plan.clone());
        }
    }
}

/// A record in words, at its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// Time since the start.
    pub time: String,
    /// The words.
    pub entry: Entry,
}

impl Telling {
    /// As plain text, without a final newline.
    #[must_use]
    pub fn text(&self) -> String {
        let kind = format!("{:<8}", self.entry.kind.word());
        self.lines(&kind)
    }

    /// With the kind in its colour.
    #[must_use]
    pub fn painted(&self) -> String {
        let style = self.entry.kind.style();
        let kind = format!("{style}{:<8}{style:#}", self.entry.kind.word());
        self.lines(&kind)
    }

    fn lines(&self, kind: &str) -> String {
        let Entry { text, details, .. } = &self.entry;
        let mut out = format!("{:<8} {kind}{text}", self.time);
        for detail in details {
            out.push_str(&format!("\n{:TEXT_AT$}{detail}", ""));
        }
        out
    }
}
