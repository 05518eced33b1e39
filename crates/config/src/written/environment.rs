//! `[environments.*]`

use std::time::Duration;

use backstay_domain::app::{Irreversible, OnInterrupt, Resume, SchemaDown, Takeover};

use super::Variable;
use crate::configured::CloudKind;
use crate::section::{At, Section};

/// Tables of an environment that lie over those of the file: what they have is so there, the rest is as everywhere.
const OVER_THE_FILE: [&str; 9] = [
    "services",
    "migration",
    "frontend",
    "frontends",
    "jobs",
    "checks",
    "images",
    "simulation",
    "policy",
];

/// One environment.
pub(crate) struct Environment {
    pub(crate) name: At<String>,
    pub(crate) cloud: Option<CloudKind>,
    pub(crate) region: Option<At<String>>,
    pub(crate) account: Option<At<String>>,
    pub(crate) cluster: Option<At<String>>,
    pub(crate) state: Option<At<String>>,
    pub(crate) simulator: Option<At<String>>,
    pub(crate) variables: Vec<(At<String>, Option<Variable>)>,
}

/// `[policy]`
#[derive(Default)]
pub(crate) struct Policy {
    pub(crate) bake: Option<At<Duration>>,
    pub(crate) poll: Option<At<Duration>>,
    pub(crate) irreversible: Option<Irreversible>,
    pub(crate) schema_down: Option<SchemaDown>,
    pub(crate) on_interrupt: Option<OnInterrupt>,
    pub(crate) resume: Option<Resume>,
    pub(crate) takeover: Option<Takeover>,
    pub(crate) keep_releases: Option<At<u32>>,
    pub(crate) keep_days: Option<At<u32>>,
}

impl Environment {
    pub(crate) fn read(name: At<String>, section: &mut Section<'_>) -> Self {
        let cloud = section.choice(
            "cloud",
            &[("simulated", CloudKind::Simulated), ("aws", CloudKind::Aws)],
        );
        let region = section.text("region");
        let cluster = section.text("cluster");
        section.read_elsewhere(&OVER_THE_FILE);
        Self {
            name,
            cloud: section.required("cloud", cloud),
            region: section.required("region", region),
            account: section.text("account"),
            cluster: section.required("cluster", cluster),
            state: section.text("state"),
            simulator: section.text("simulator"),
            variables: section.named_values("variables", Variable::Text, Variable::read),
        }
    }
}

impl Policy {
    pub(crate) fn read(section: &mut Section<'_>) -> Self {
        let policy = Self {
            bake: section.duration("bake"),
            poll: section.duration("poll"),
            irreversible: section.choice(
                "irreversible",
                &[
                    ("warn", Irreversible::Warn),
                    ("refuse", Irreversible::Refuse),
                ],
            ),
            schema_down: section.choice(
                "schema_down",
                &[
                    ("lossless", SchemaDown::Lossless),
                    ("never", SchemaDown::Never),
                ],
            ),
            on_interrupt: section.choice(
                "on_interrupt",
                &[
                    ("roll-back", OnInterrupt::RollBack),
                    ("leave", OnInterrupt::Leave),
                ],
            ),
            resume: section.choice(
                "resume",
                &[("forward", Resume::Forward), ("back", Resume::Back)],
            ),
            takeover: section.choice(
                "takeover",
                &[("resume", Takeover::Resume), ("refuse", Takeover::Refuse)],
            ),
            keep_releases: section.number("keep_releases", 1..=1000),
            keep_days: section.number("keep_days", 0..=3650),
        };
        if let Some(poll) = policy
            .poll
            .as_ref()
            .filter(|poll| poll.value < Duration::from_secs(1))
        {
            section.problem(
                "`poll` must be at least one second",
                poll.span.clone(),
                "too short",
                "",
            );
        }
        policy
    }
}
