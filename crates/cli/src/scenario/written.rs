//! A scenario as written: Markdown with fenced TOML blocks.

use std::collections::BTreeMap;
use std::ops::Range;

use backstay_domain::app::{Compatibility, Irreversible, OnInterrupt, SchemaDown, WayDown};
use backstay_domain::versions::Missing;
use backstay_simulator::{PauseAnswer, ServiceHistory, Weather};
use serde::Deserialize;

/// One story.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its first heading.
    pub title: String,
    /// What is there.
    pub given: Given,
    /// What happens.
    pub play: Play,
    /// What must come of it, on every stage.
    pub expect: Expect,
    /// What is seen, line by line, where time is virtual.
    pub story: String,
    /// Where the story stands in the text, to be rewritten by `just bless`.
    pub story_at: Range<usize>,
}

/// A scenario that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// See the message.
    #[error("it has no heading `# …`")]
    NoTitle,
    /// See the message.
    #[error("it has no block ```{0}")]
    NoBlock(&'static str),
    /// See the message.
    #[error("block `{0}`: {1}")]
    Block(&'static str, String),
}

/// What is there before the play.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// The app's directory below `fixtures`.
    pub app: String,
    /// Its environment.
    pub environment: String,
    /// The live version; nothing was ever deployed without it.
    #[serde(default)]
    pub live: Option<String>,
    /// The app that the live version was deployed from, when it was another configuration.
    #[serde(default)]
    pub live_app: Option<String>,
    /// Whether the live release was deployed by Backstay and is recorded.
    #[serde(default = "yes")]
    pub recorded: bool,
    /// The world's weather.
    #[serde(default)]
    pub weather: Weather,
    /// The world's seed.
    #[serde(default = "one")]
    pub seed: u64,
    /// Whether old code runs on the new schema, other than configured.
    #[serde(default)]
    pub compatibility: Option<Compatibility>,
    /// Whether the schema change can be undone, other than configured.
    #[serde(default)]
    pub way_down: Option<WayDown>,
    /// What is made before the migration, other than configured: `snapshot` or `point in time` of a DB instance, or a `branch` at
    /// Neon.
    #[serde(default)]
    pub anchor: Option<String>,
    /// How long it may take until the anchor is there.
    #[serde(default)]
    pub anchor_within: Option<String>,
    /// What the data is asked after the migration, other than configured: names of questions.
    #[serde(default)]
    pub data_checks: Vec<String>,
    /// Policy, other than configured.
    #[serde(default)]
    pub irreversible: Option<Irreversible>,
    /// Policy, other than configured.
    #[serde(default)]
    pub schema_down: Option<SchemaDown>,
    /// Policy, other than configured.
    #[serde(default)]
    pub on_interrupt: Option<OnInterrupt>,
    /// Time between two looks, other than configured.
    #[serde(default)]
    pub poll: Option<String>,
    /// Services that Terraform made otherwise.
    #[serde(default)]
    pub services: BTreeMap<String, GivenService>,
    /// How many copies of the app's first service there are, for tests of size.
    #[serde(default)]
    pub copies: Option<u32>,
}

/// How a service is, other than configured.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenService {
    /// What happened before.
    #[serde(default)]
    pub history: Option<ServiceHistory>,
    /// desiredCount.
    #[serde(default)]
    pub desired_count: Option<u32>,
    /// minimumHealthyPercent.
    #[serde(default)]
    pub minimum_healthy_percent: Option<u32>,
    /// maximumPercent.
    #[serde(default)]
    pub maximum_percent: Option<u32>,
    /// deploymentCircuitBreaker.enable.
    #[serde(default)]
    pub circuit_breaker: Option<bool>,
    /// deploymentCircuitBreaker.rollback.
    #[serde(default)]
    pub circuit_breaker_rollback: Option<bool>,
    /// What is said to a deployment that pauses, and when.
    #[serde(default)]
    pub pause: Option<PauseAnswer>,
}

/// What happens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Play {
    /// The version that is deployed.
    pub deploy: String,
    /// What goes wrong.
    #[serde(default)]
    pub faults: Vec<FaultSpec>,
    /// Play once for each of these services; a fault's `service = "each"` is then that one.
    #[serde(default)]
    pub each: Vec<String>,
    /// Images that are not in the registry although the version is deployed.
    #[serde(default)]
    pub not_pushed: Vec<String>,
    /// When the deployment is asked to stop, as a duration from its start.
    #[serde(default)]
    pub interrupt: Option<String>,
    /// What people do afterwards, in the environment that it leaves.
    #[serde(default)]
    pub then: Vec<Then>,
}

/// One command, as people type it. Exactly one of the first three members.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Then {
    /// `backstay deploy --version` this; its images are pushed first.
    #[serde(default)]
    pub deploy: Option<String>,
    /// With `deploy`: images with another version, by their names.
    #[serde(default)]
    pub images: BTreeMap<String, String>,
    /// With `deploy`: what becomes of images that were not built; where `images` names some and the rest is kept, only those were.
    #[serde(default)]
    pub missing: Missing,
    /// `backstay rollback --to` this release; `last` is without `--to`.
    #[serde(default)]
    pub rollback: Option<String>,
    /// `backstay resume`: empty, `forward` or `back`.
    #[serde(default)]
    pub resume: Option<String>,
    /// `rollback` with `--accept-schema-risk`.
    #[serde(default)]
    pub accept_schema_risk: bool,
    /// How long after the command before.
    #[serde(default)]
    pub after: Option<String>,
    /// What went wrong so far no longer does.
    #[serde(default)]
    pub repaired: bool,
    /// What goes wrong from now on.
    #[serde(default)]
    pub faults: Vec<FaultSpec>,
    /// What must come of it.
    pub expect: ExpectThen,
}

/// What must come of one command.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectThen {
    /// Its exit code.
    pub code: u8,
    /// Texts that it says.
    #[serde(default)]
    pub says: Vec<String>,
    /// The version that every service and the frontend run then.
    #[serde(default)]
    pub live: Option<String>,
    /// The schema revision then.
    #[serde(default)]
    pub schema: Option<String>,
    /// Most calls that it sends, by operation.
    #[serde(default)]
    pub calls: BTreeMap<String, u64>,
}

/// One thing that goes wrong. Which members belong together: see `fixtures/README.md`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultSpec {
    /// A service, with `kind` or `event`.
    #[serde(default)]
    pub service: Option<String>,
    /// How its new tasks misbehave.
    #[serde(default)]
    pub kind: Option<String>,
    /// When, as a duration.
    #[serde(default)]
    pub after: Option<String>,
    /// How the migration misbehaves.
    #[serde(default)]
    pub migration: Option<String>,
    /// How making the database's anchor misbehaves.
    #[serde(default)]
    pub anchor: Option<String>,
    /// How publishing the frontend misbehaves: `put-denied`; or `cdn-busy`, from `after` on and `lasting`: somebody else's
    /// invalidations are as many as the CDN takes.
    #[serde(default)]
    pub frontend: Option<String>,
    /// Which frontend, where it is not called `frontend`.
    #[serde(default)]
    pub of: Option<String>,
    /// A call, with `fault`.
    #[serde(default)]
    pub call: Option<String>,
    /// How the call goes wrong.
    #[serde(default)]
    pub fault: Option<String>,
    /// Only calls that contain this text.
    #[serde(default)]
    pub containing: Option<String>,
    /// How many pass first.
    #[serde(default)]
    pub skip: u32,
    /// How many go wrong then.
    #[serde(default)]
    pub count: Option<u32>,
    /// Something that somebody else does to `service`.
    #[serde(default)]
    pub event: Option<String>,
    /// The desired count it sets.
    #[serde(default)]
    pub desired: Option<u32>,
    /// `after` counts from the service's next deployment rather than from the start.
    #[serde(default)]
    pub after_deployment: bool,
    /// What is wrong with whoever deploys: `expired` credentials, or he is `cut-off`.
    #[serde(default)]
    pub caller: Option<String>,
    /// The call after whose first answer that begins.
    #[serde(default)]
    pub from: Option<String>,
    /// How long it lasts, as a duration; for ever without it.
    #[serde(default)]
    pub lasting: Option<String>,
    /// An image that expires, as `repository:tag`.
    #[serde(default)]
    pub image_expired: Option<String>,
}

/// What must come of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// `live`, `rolled back`, `stuck`, `refused`, `interrupted`, `left` or `nothing to do`.
    pub outcome: String,
    /// Text that the cause, or the reasons of a refusal, must contain.
    #[serde(default)]
    pub because: Option<String>,
    /// The version that every service and the frontend run in the end.
    #[serde(default)]
    pub live: Option<String>,
    /// The schema revision in the end.
    #[serde(default)]
    pub schema: Option<String>,
    /// What must never be seen.
    #[serde(default)]
    pub never: Vec<String>,
    /// The longest it may take in virtual time.
    #[serde(default)]
    pub within: Option<String>,
    /// Most calls by operation.
    #[serde(default)]
    pub calls: BTreeMap<String, u64>,
    /// Desired counts in the end, by service.
    #[serde(default)]
    pub desired: BTreeMap<String, u32>,
    /// What the `services-stable` waiter says at the end: to show that it is not enough.
    #[serde(default)]
    pub services_stable: Option<bool>,
}

fn yes() -> bool {
    true
}

fn one() -> u64 {
    1
}

impl Scenario {
    /// The scenario once for each service that it is played for: its name, and the scenario with that service.
    #[must_use]
    pub fn variants(&self) -> Vec<(Option<String>, Scenario)> {
        if self.play.each.is_empty() {
            return vec![(None, self.clone())];
        }
        let with = |service: &String| {
            let mut one = self.clone();
            for fault in &mut one.play.faults {
                if fault.service.as_deref() == Some("each") {
                    fault.service = Some(service.clone());
                }
            }
            let because = one.expect.because.map(|text| text.replace("each", service));
            one.expect.because = because;
            (Some(service.clone()), one)
        };
        self.play.each.iter().map(with).collect()
    }

    /// Reads a scenario.
    ///
    /// # Errors
    /// When a block is missing or says something unknown.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let title = text
            .lines()
            .find_map(|line| line.strip_prefix("# "))
            .ok_or(ScenarioError::NoTitle)?;
        let story_at = block(text, "story").ok_or(ScenarioError::NoBlock("story"))?;
        Ok(Self {
            title: title.trim().to_owned(),
            given: read(text, "toml given")?,
            play: read(text, "toml play")?,
            expect: read(text, "toml expect")?,
            story: text[story_at.clone()].to_owned(),
            story_at,
        })
    }
}

fn read<T: serde::de::DeserializeOwned>(
    text: &str,
    name: &'static str,
) -> Result<T, ScenarioError> {
    let at = block(text, name).ok_or(ScenarioError::NoBlock(name))?;
    toml::from_str(&text[at]).map_err(|error| ScenarioError::Block(name, error.to_string()))
}

/// The bytes between "```name" and the closing fence.
fn block(text: &str, name: &str) -> Option<Range<usize>> {
    let fence = format!("```{name}\n");
    let start = if text.starts_with(&fence) {
        fence.len()
    } else {
        text.find(&format!("\n{fence}"))? + fence.len() + 1
    };
    let end = if text[start..].starts_with("```") {
        start
    } else {
        start + text[start..].find("\n```")? + 1
    };
    Some(start..end)
}
