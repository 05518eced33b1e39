//! Revisions one by one, as their files were judged: whose code runs on the schema after each, and whether several of them may stay.

use serde::{Deserialize, Serialize};

use super::Revision;
use crate::app::{Compatibility, WayDown};

/// One revision that a migration applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Which.
    pub revision: Revision,
    /// What people call it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Whose code runs on the schema after it.
    pub reach: Reach,
    /// Whether it can be undone.
    pub way_down: WayDown,
    /// Because of which line, and who says so.
    pub because: String,
    /// Whether the database is on it once it is applied: what is read before and after tells of no other one.
    #[serde(default, skip_serializing_if = "is_once")]
    pub repeats: Repeats,
}

/// What the files of a version say before its migration runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreseen {
    /// What it applies, in order.
    pub applies: Vec<Applied>,
    /// The revision that the database is on afterwards, where being on it means that nothing is left to do.
    pub head: Option<Revision>,
}

/// Whose code, of those that ran on the schema before a revision, runs on the schema after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// All of it: the revision takes nothing from anybody.
    All,
    /// That of the release just before it, as people declare.
    JustBefore,
    /// None, or nobody knows.
    Nobody,
}

/// Whether a revision is applied once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repeats {
    /// It is.
    #[default]
    Once,
    /// Whenever it changes: the database never is on it.
    WhenChanged,
    /// It is, behind the revision that the database is on already, and stays on.
    Behind,
}

fn is_once(repeats: &Repeats) -> bool {
    *repeats == Repeats::Once
}

impl Reach {
    /// What one word for a whole migration comes to.
    #[must_use]
    pub fn of(declared: Compatibility) -> Self {
        match declared {
            Compatibility::Compatible => Self::JustBefore,
            Compatibility::Breaking => Self::Nobody,
        }
    }
}

/// Whether code that ran on the schema before all of these runs on the one after them. What is declared is said of one revision, for
/// the code just before it, and does not chain: only the first one may say that, and the others take nothing from anybody.
pub fn runs(reaches: impl IntoIterator<Item = Reach>) -> bool {
    reaches
        .into_iter()
        .enumerate()
        .all(|(place, reach)| match reach {
            Reach::All => true,
            Reach::JustBefore => place == 0,
            Reach::Nobody => false,
        })
}

/// The way down of several: as good as the worst of them.
#[must_use]
pub fn way_down(applied: &[Applied]) -> WayDown {
    let worst = |one: WayDown, other: WayDown| match (one, other) {
        (WayDown::Absent, _) | (_, WayDown::Absent) => WayDown::Absent,
        (WayDown::Lossy, _) | (_, WayDown::Lossy) => WayDown::Lossy,
        (WayDown::Lossless, WayDown::Lossless) => WayDown::Lossless,
    };
    let all = applied.iter().map(|one| one.way_down);
    all.fold(WayDown::Lossless, worst)
}

/// Whether the revision that is read tells whether all of these were applied: no one of them leaves it as it was. Nothing is
/// known where nobody read their files: then it is taken at its word.
#[must_use]
pub fn are_told(applied: Option<&[Applied]>) -> bool {
    let mut all = applied.unwrap_or_default().iter();
    all.all(|one| is_once(&one.repeats))
}

/// What a migration applied, by what was read after it: what was planned, where that is where it led; else nobody knows what.
#[must_use]
pub(super) fn seen(
    planned: &[Applied],
    before: Option<&Revision>,
    after: &Revision,
) -> Vec<Applied> {
    let head = planned
        .iter()
        .rev()
        .find(|one| one.repeats == Repeats::Once)
        .map(|one| &one.revision)
        .or(before);
    if head.is_none_or(|head| head.is_same(after)) {
        return planned.to_vec();
    }
    let stranger = Applied {
        revision: after.clone(),
        title: String::new(),
        reach: Reach::Nobody,
        way_down: WayDown::Absent,
        because: "it led elsewhere than its files say".to_owned(),
        repeats: Repeats::Once,
    };
    planned.iter().cloned().chain([stranger]).collect()
}

#[cfg(test)]
mod tests {
    use super::{Applied, Reach, Repeats, seen};
    use crate::app::WayDown;
    use crate::schema::Revision;

    fn applied(name: &str, repeats: Repeats) -> Applied {
        Applied {
            revision: Revision::new(name),
            title: String::new(),
            reach: Reach::All,
            way_down: WayDown::Lossless,
            because: String::new(),
            repeats,
        }
    }

    #[test]
    fn what_led_elsewhere_than_its_files_say_is_for_nobody() {
        let planned = [
            applied("r1", Repeats::Once),
            applied("r2", Repeats::Once),
            applied("views", Repeats::WhenChanged),
        ];
        let on = |name: &str| Revision::new(name);
        // The database never is on what is applied again and again.
        assert_eq!(seen(&planned, None, &on("r2")), planned);
        let elsewhere = seen(&planned, None, &on("r9"));
        assert_eq!(elsewhere.len(), 4);
        assert_eq!(elsewhere[3].reach, Reach::Nobody);
        assert_eq!(elsewhere[3].way_down, WayDown::Absent);
        // Nor on what comes behind the one that it is on.
        let behind = [applied("r1", Repeats::Behind)];
        assert_eq!(seen(&behind, Some(&on("r2")), &on("r2")), behind);
        // Tools print numbers with their zeros or without them.
        let padded = [applied("000012", Repeats::Once)];
        assert_eq!(seen(&padded, None, &on("12")), padded);
        assert_eq!(seen(&padded, None, &on("120")).len(), 2);
        // Nothing was to be applied.
        assert!(seen(&[], Some(&on("r2")), &on("r2")).is_empty());
        assert_eq!(seen(&[], Some(&on("r2")), &on("r3")).len(), 1);
    }
}
