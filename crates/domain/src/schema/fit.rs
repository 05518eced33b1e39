//! Whether a release's code may run on the schema as the record says it is, and what would have to be undone first.

use jiff::Timestamp;

use super::{Reach, Revision, SchemaEntry, SchemaRecord, Undone, Way, are_told, runs, same};
use crate::Version;
use crate::app::SchemaDown;
use crate::observation::JobState;
use crate::release::{MigrationRelease, Release};

/// How a release stands to the schema.
#[derive(Clone, Debug, PartialEq)]
pub enum Fit<'r> {
    /// The schema is the one its own migration made; nothing came after it.
    Made,
    /// Its code runs on the schema as it is, as what came after its own migration was declared and judged.
    Runs {
        /// The release of the last migration after its own.
        since: &'r Version,
        /// Whose code runs on the schema after each revision since its own.
        reaches: Vec<Reach>,
    },
    /// Its migration has to run: it never did, did not end well, or was taken back.
    Behind,
    /// Its code is not declared to run on the schema.
    Ahead {
        /// What came after it and may have changed the schema, oldest first.
        steps: Vec<Step<'r>>,
        /// Whether the schema may have been lowered since, nobody knows how far.
        lowered: Option<&'r SchemaEntry>,
    },
}

/// What environment and configuration allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Whether a rollback may migrate down.
    pub schema_down: SchemaDown,
    /// Whether there is a command for it.
    pub down_command: Configured,
}

/// Whether something is configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Configured {
    /// It is.
    Yes,
    /// It is not.
    No,
}

/// A migration up that stands: it was not undone, and it may have changed the schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Step<'r> {
    /// What is recorded of it.
    pub entry: &'r SchemaEntry,
    /// The revision before it, as read then or after what came before it.
    pub before: Option<Revision>,
    /// Migrations of releases that never stood, which ran with it.
    pub brings: Vec<&'r SchemaEntry>,
}

/// What the record comes to.
#[derive(Clone, Debug, Default)]
struct Standing<'r> {
    items: Vec<Item<'r>>,
    /// Migrations up that were tried and do not stand: the next one that reaches its head brings them along.
    fallen: Vec<&'r SchemaEntry>,
    lowered: Option<&'r SchemaEntry>,
    /// The revision that the database was on when it was last known.
    revision: Option<Revision>,
}

#[derive(Clone, Debug)]
struct Item<'r> {
    entry: &'r SchemaEntry,
    before: Option<Revision>,
    brings: Vec<&'r SchemaEntry>,
    effect: Effect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// It changed the schema, or may have.
    Possible,
    /// The revision was the same before and after, and tells.
    None,
    /// A human vouched for the schema.
    Word,
}

impl SchemaRecord {
    /// How a release stands to the schema. `proven` is when it was last proven, where it has no migration to be found by.
    #[must_use]
    pub fn fit(&self, release: &Release, proven: Option<Timestamp>) -> Fit<'_> {
        let standing = self.standing();
        let Some(after) = standing.place(release, proven) else {
            return match release.migration {
                Some(_) => Fit::Behind,
                None => Fit::Made,
            };
        };
        let later = &standing.items[after..];
        let steps: Vec<Step<'_>> = later
            .iter()
            .filter(|item| item.effect == Effect::Possible)
            .map(|item| Step {
                entry: item.entry,
                before: item.before.clone(),
                brings: item.brings.clone(),
            })
            .collect();
        let vouched = later.iter().any(|item| item.effect == Effect::Word);
        match (steps.as_slice(), standing.lowered) {
            // Only running it again tells: the schema may have been lowered, or changed by hand.
            ([], Some(_)) => Fit::Behind,
            ([], None) if vouched && release.migration.is_some() => Fit::Behind,
            ([], None) => Fit::Made,
            ([.., last], None) if runs(steps.iter().flat_map(Step::reaches)) => Fit::Runs {
                since: &last.entry.version,
                reaches: steps.iter().flat_map(Step::reaches).collect(),
            },
            (_, lowered) => Fit::Ahead { steps, lowered },
        }
    }

    /// The newest migration up that stands, whether or not it changed anything: its image knows the schema.
    #[must_use]
    pub fn newest(&self) -> Option<&SchemaEntry> {
        let standing = self.standing();
        let newest = standing
            .items
            .iter()
            .rev()
            .find(|item| item.entry.way == Way::Up);
        newest.map(|item| item.entry)
    }

    /// Migrations of releases that never stood, and that this one brings along: its compatibility was said for the code just
    /// before it, which is theirs.
    #[must_use]
    pub fn brought_along(&self, by: &MigrationRelease) -> Vec<&SchemaEntry> {
        brought(&self.standing().fallen, Some(by))
    }

    /// The revision that the database was on when it was last known.
    #[must_use]
    pub fn revision(&self) -> Option<Revision> {
        self.standing().revision
    }

    fn standing(&self) -> Standing<'_> {
        self.entries
            .iter()
            .fold(Standing::default(), Standing::then)
    }
}

impl<'r> Standing<'r> {
    fn then(mut self, entry: &'r SchemaEntry) -> Self {
        match (&entry.way, &entry.end) {
            (Way::Up, Some(JobState::NeverStarted(_))) => self.fallen.push(entry),
            (_, Some(JobState::NeverStarted(_))) => {}
            (Way::Up, end) => {
                let before = entry.before.clone().or(self.revision.take());
                let told = are_told(entry.revisions.as_deref());
                let effect = match told && before.is_some() && before == entry.after {
                    true => Effect::None,
                    false => Effect::Possible,
                };
                self.items.push(Item {
                    entry,
                    before,
                    brings: brought(&self.fallen, entry.migration.as_ref()),
                    effect,
                });
                self.revision.clone_from(&entry.after);
                match (end, effect) {
                    // At its head: whatever was lowered before is up again, whatever fell came along.
                    (Some(JobState::Exited(0)), _) => {
                        self.lowered = None;
                        self.fallen.clear();
                    }
                    (_, Effect::None) => self.fallen.push(entry),
                    (_, Effect::Possible | Effect::Word) => {}
                }
            }
            (Way::Down { to, undoes }, Some(JobState::Exited(0))) => {
                self.undo(undoes);
                self.revision = Some(to.clone());
                self.lowered = None;
            }
            (Way::Down { .. }, _) => {
                self.lowered = Some(entry);
                self.revision = None;
            }
            (Way::Accepted, _) => {
                self.items.push(Item {
                    entry,
                    before: None,
                    brings: Vec::new(),
                    effect: Effect::Word,
                });
                self.lowered = None;
            }
        }
        self
    }

    fn undo(&mut self, undoes: &Undone) {
        let place = self
            .items
            .iter()
            .rposition(|item| item.entry.way == Way::Up && item.entry.undone() == *undoes);
        let undone = place.map(|place| self.items.split_off(place));
        for item in undone.into_iter().flatten() {
            self.fallen.extend(item.brings);
            if item.effect == Effect::Possible {
                self.fallen.push(item.entry);
            }
        }
    }

    /// Where the schema was as the release's own migration left it: the number of items up to there. Nothing when its
    /// migration does not stand.
    fn place(&self, release: &Release, proven: Option<Timestamp>) -> Option<usize> {
        let accepted =
            |item: &Item<'_>| item.effect == Effect::Word && item.entry.release == release.id;
        let Some(migration) = &release.migration else {
            let accepted = self.items.iter().rposition(accepted).map(|place| place + 1);
            let until = |item: &&Item<'_>| proven.is_some() && item.entry.intended <= proven;
            let before = self.items.iter().take_while(until).count();
            return Some(accepted.unwrap_or(0).max(before));
        };
        let is_its = |item: &Item<'_>| {
            accepted(item)
                || (item.entry.way == Way::Up
                    && item.entry.end == Some(JobState::Exited(0))
                    && item
                        .entry
                        .migration
                        .as_ref()
                        .is_some_and(|ran| same(ran, migration)))
        };
        self.items.iter().rposition(is_its).map(|place| place + 1)
    }
}

/// Those that another migration brings along: all but its own earlier attempts.
fn brought<'r>(fallen: &[&'r SchemaEntry], by: Option<&MigrationRelease>) -> Vec<&'r SchemaEntry> {
    let is_its = |entry: &SchemaEntry| match (&entry.migration, by) {
        (Some(ran), Some(by)) => same(ran, by),
        (None, _) | (_, None) => false,
    };
    let others = fallen.iter().filter(|entry| !is_its(entry));
    others.copied().collect()
}

impl Step<'_> {
    /// Whose code runs on the schema after each of its revisions. One word for all of them was said for the code just before it,
    /// which is not the code before what it brought along.
    #[must_use]
    pub fn reaches(&self) -> Vec<Reach> {
        match (&self.entry.revisions, self.brings.is_empty()) {
            (Some(_), _) | (None, true) => self.entry.reaches(),
            (None, false) => vec![Reach::Nobody],
        }
    }

    /// Whether nothing is lost when it is undone, and what ran with it.
    fn is_lossless(&self) -> bool {
        let brings = match &self.entry.revisions {
            // They are among its own.
            Some(_) => [].as_slice(),
            None => self.brings.as_slice(),
        };
        [self.entry]
            .iter()
            .chain(brings)
            .all(|entry| entry.is_lossless())
    }
}

/// The first migration that has to be undone, and the revision that undoing it returns to.
pub type Undoing<'s, 'r> = (&'s Step<'r>, Revision);

/// What has to be undone before code may run again that is declared for the schema before these steps, or for the one after
/// those of them that may stay. Nothing where all may.
///
/// # Errors
/// The release whose migration is in the way, and why it cannot be undone.
pub fn undo<'s, 'r>(
    steps: &'s [Step<'r>],
    terms: Terms,
) -> Result<Option<Undoing<'s, 'r>>, (Version, &'static str)> {
    let stay = |kept: &usize| {
        let first = steps.iter().take(*kept);
        runs(first.flat_map(Step::reaches))
    };
    let kept = (1..=steps.len()).take_while(stay).last().unwrap_or(0);
    let undone = steps.get(kept..).unwrap_or_default();
    let Some(first) = undone.first() else {
        return Ok(None);
    };
    let version = || first.entry.version.clone();
    if let Some(step) = undone.iter().find(|step| !step.is_lossless()) {
        let why = match kept {
            0 => "its migration has no lossless way down",
            _ => {
                "`compatible` is said of one migration, for the code just before it; this is another one, and it has no lossless way down"
            }
        };
        return Err((step.entry.version.clone(), why));
    }
    if let Some(step) = undone.iter().find(|step| step.entry.end.is_none()) {
        return Err((step.entry.version.clone(), "nobody saw its migration end"));
    }
    if terms.schema_down == SchemaDown::Never {
        return Err((
            version(),
            "the environment's policy keeps rollbacks from the schema",
        ));
    }
    if terms.down_command == Configured::No {
        return Err((version(), "no `down` command is configured"));
    }
    match &first.before {
        Some(revision) => Ok(Some((first, revision.clone()))),
        None => Err((
            version(),
            "the revision before its migration was not recorded",
        )),
    }
}
