//! Cases that are known to break a law, each with why and since what. The list only shrinks: an entry that nothing matches any
//! more in the scenario that it names fails there, until it is removed.

use super::cases::{Broken, Law};

/// Cases that are known to break a law.
#[derive(Clone, Copy, Debug)]
pub struct Red {
    /// Which law.
    pub law: Law,
    /// How the cases are called.
    pub what: &'static str,
    /// What every line of theirs that is forgiven contains.
    pub says: &'static str,
    /// A scenario, by its file, in which it is seen; empty where it is not seen in every run.
    pub seen_in: &'static str,
    /// Why it is so, and who mends it.
    pub because: &'static str,
}

/// Everything that is known to be red.
pub const RED: [Red; 7] = [
    Red {
        law: Law::Late,
        what: "late, taken over",
        says: "the call was not sent again",
        seen_in: "a-migration-that-takes-too-long-and-cannot-be-stopped",
        because: "StopTask is denied there: what another fault of the scenario answers cannot be held back as well",
    },
    Red {
        law: Law::Denied,
        what: "witness denied",
        says: "",
        seen_in: "everything-is-good",
        because: "witnesses are heard only when they are needed",
    },
    Red {
        law: Law::After,
        what: "choices when stuck",
        says: "",
        seen_in: "breaking-migration-without-a-way-down",
        because: "rollouts that our journals know are taken for somebody else's: nobody fills `Survey::ours`",
    },
    Red {
        law: Law::Schemas,
        what: "two deployments and what follows",
        says: "",
        seen_in: "",
        because: "what is true of the database is inferred from what is true of the code, until the schema record is read",
    },
    Red {
        law: Law::After,
        what: "rollback afterwards",
        says: "is live on before-backstay",
        seen_in: "a-site-that-another-tool-filled",
        because: "what was found when Backstay came has no version that the judge of answers knows",
    },
    Red {
        law: Law::After,
        what: "rollback afterwards",
        says: "retired: scaled to 0 tasks",
        seen_in: "a-service-is-added",
        because: "the judge of answers compares with the old release, which has no such service",
    },
    Red {
        law: Law::After,
        what: "rollback afterwards",
        says: "There is nothing to do: this release is live already",
        seen_in: "a-new-file-under-an-unchanged-page",
        because: "a release that only adds a file leaves nothing to put back: the return to the one before it is not recorded",
    },
];

/// Takes the known ones out of `broken`; what is left breaks a law. Entries that nothing matched, though they name this scenario,
/// are left as well.
#[must_use]
pub fn unknown(law: Law, scenario: &str, broken: &[Broken]) -> Vec<String> {
    let mut found: Vec<String> = broken
        .iter()
        .filter(|case| !case.lines.iter().all(|line| is_known(law, case.what, line)))
        .map(ToString::to_string)
        .collect();
    let here = RED
        .iter()
        .filter(|red| red.law == law && red.seen_in == scenario);
    let gone = here.filter(|red| {
        let mut cases = broken.iter().filter(|case| case.what == red.what);
        !cases.any(|case| case.lines.iter().any(|line| line.contains(red.says)))
    });
    found.extend(
        gone.map(|red| format!("{red:?} is no longer red here: remove it from RED in laws/red.rs")),
    );
    found
}

fn is_known(law: Law, what: &str, line: &str) -> bool {
    let mut known = RED.iter().filter(|red| red.law == law && red.what == what);
    known.any(|red| line.contains(red.says))
}
