//! Cases that are known to break a law, each with why and since what. The list only shrinks: an entry that nothing matches any
//! more in a scenario that it names fails there, until it is removed.

use super::cases::{Broken, Law};

/// Cases that are known to break a law.
#[derive(Clone, Copy, Debug)]
pub struct Red {
    /// Which law.
    pub law: Law,
    /// How the cases are called.
    pub what: &'static str,
    /// What the places of cases contain: each of these is seen there.
    pub at: &'static [&'static str],
    /// What every line of theirs that is forgiven contains.
    pub says: &'static str,
    /// The scenarios, by their files, in each of which they are seen and forgiven.
    pub seen_in: &'static [&'static str],
    /// Why it is so, and who mends it.
    pub because: &'static str,
}

/// Everything that is known to be red.
pub const RED: &[Red] = &[
    Red {
        law: Law::Denied,
        what: "witness denied",
        at: &["ecs.ListServiceDeployments"],
        says: "",
        seen_in: &["stale-reads"],
        because: "it is asked only where a service does not name its own rollout, which nobody can know before; the release is proven without it",
    },
    Red {
        law: Law::Denied,
        what: "witness denied",
        at: &[
            "codedeploy.BatchGetDeployments",
            "codedeploy.GetDeploymentTarget",
        ],
        says: "",
        seen_in: &[
            "codedeploy-shifts-and-it-is-live",
            "codedeploy-rollback-afterwards",
            "codedeploy-reply-lost",
        ],
        because: "the group has no deployment before ours, so that nothing can be asked about one before the first change",
    },
    Red {
        law: Law::Call,
        what: "denied",
        at: &["ecs.UpdateService", "ecs.DescribeServiceDeployments"],
        says: "4/2 tasks",
        seen_in: &["codedeploy-way-back-when-the-original-is-gone"],
        because: "of a service of CodeDeploy what is left counts the tasks that are only kept for the way back as well",
    },
    Red {
        law: Law::After,
        what: "rollback afterwards",
        at: &[""],
        says: "is live on before-backstay",
        seen_in: &["a-site-that-another-tool-filled", "nothing-recorded"],
        because: "what was found when Backstay came has no version that the judge of answers knows",
    },
    Red {
        law: Law::After,
        what: "rollback afterwards",
        at: &[""],
        says: "retired: scaled to 0 tasks",
        seen_in: &["a-service-is-added"],
        because: "the judge of answers compares with the old release, which has no such service",
    },
];

impl Red {
    fn forgives(&self, law: Law, scenario: &str, case: &Broken) -> bool {
        let at = self.at.iter().any(|at| self.is_at(case, at));
        self.law == law
            && self.seen_in.contains(&scenario)
            && at
            && case.lines.iter().all(|line| line.contains(self.says))
    }

    fn is_at(&self, case: &Broken, at: &str) -> bool {
        self.what == case.what && case.place.contains(at)
    }
}

/// Takes the known ones out of `broken`; what is left breaks a law. Entries that nothing matched, though they name this scenario,
/// are left as well.
#[must_use]
pub fn unknown(law: Law, scenario: &str, broken: &[Broken]) -> Vec<String> {
    let mut found: Vec<String> = broken
        .iter()
        .filter(|case| !RED.iter().any(|red| red.forgives(law, scenario, case)))
        .map(ToString::to_string)
        .collect();
    let here = RED
        .iter()
        .filter(|red| red.law == law && red.seen_in.contains(&scenario));
    for red in here {
        let green = red.at.iter().filter(|at| {
            let mut cases = broken.iter().filter(|case| red.is_at(case, at));
            !cases.any(|case| red.forgives(law, scenario, case))
        });
        found.extend(green.map(|at| {
            format!(
                "{} at {at:?} is no longer red here: remove it from RED in laws/red.rs",
                red.what
            )
        }));
    }
    found
}
