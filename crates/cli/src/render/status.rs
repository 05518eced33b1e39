//! What is live now: who confirms it, what differs from the record, whose deployment is not at its end and how to go on with it.

use backstay_adapters::turn::{Open, Standing, Waits};
use backstay_domain::ServiceName;
use backstay_domain::app::{Resume, Takeover};
use backstay_domain::hearing::{Verdict, verdict};
use backstay_domain::plan::{Change, Plan};
use backstay_domain::release::Release;
use backstay_domain::status::Status;
use backstay_domain::survey::ServiceCondition;
use backstay_domain::verdict::{Component, Proof};
use backstay_domain::{AppName, EnvironmentName};

use super::clean::clean;
use super::history::{FREE, lease_words};
use super::outcome::{EXIT_LIVE, EXIT_STUCK, Tally, proof_row, table};
use super::schema::schema_lines;
use super::words::mixed_words;

/// Somebody else is deploying.
const EXIT_RUNNING: u8 = 6;
/// Interrupted, resumable.
const EXIT_UNFINISHED: u8 = 7;
/// Nothing speaks against it, but not everything could be proven.
pub const EXIT_UNPROVEN: u8 = 8;

/// Everything that is known of an environment now.
#[derive(Debug)]
pub struct Report {
    /// The app.
    pub app: AppName,
    /// The environment.
    pub environment: EnvironmentName,
    /// What is live.
    pub status: Status,
    /// How deployments stand; or why nobody can tell.
    pub standing: Result<Standing, String>,
}

impl Report {
    /// The exit code: 0 only for what was proven.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        let open = match &self.standing {
            Ok(standing) => standing.open.as_ref(),
            Err(_) => return EXIT_STUCK,
        };
        match open.map(|open| &open.waits) {
            Some(Waits::Stuck(_)) => EXIT_STUCK,
            Some(Waits::Running) => EXIT_RUNNING,
            Some(Waits::Unfinished) => EXIT_UNFINISHED,
            None => match (verdict(&self.status.proofs), &self.status.recorded) {
                (_, None) | (Verdict::Unproven, Some(_)) => EXIT_UNPROVEN,
                (Verdict::Contradicted, Some(_)) => EXIT_STUCK,
                (Verdict::Proven, Some(_)) => EXIT_LIVE,
            },
        }
    }

    /// What is to be known beside the witnesses, a sentence each.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for (name, drift) in &self.status.drift {
            let runs = self.status.runs.get(name);
            let images = runs.map(|runs| runs.images.join(", ")).unwrap_or_default();
            notes.push(format!(
                "{name} runs {} ({images}), the record says {}",
                drift.runs, drift.wanted
            ));
        }
        for (name, runs) in &self.status.runs {
            match &runs.condition {
                ServiceCondition::Active => {}
                ServiceCondition::Inactive => notes.push(format!("{name} is not active")),
                ServiceCondition::Foreign(controller) => notes.push(format!(
                    "{name} is deployed by another controller ({controller}): Backstay cannot deploy it"
                )),
                ServiceCondition::Unsupported(how) => {
                    notes.push(format!("{name}: Backstay cannot deploy it: {how}"));
                }
            }
            if let Some(rollout) = runs.rolling_out.as_ref().filter(|_| !self.is_ours(name)) {
                notes.push(format!(
                    "{name}: a rollout that is not ours goes on ({rollout}), {} of {} tasks run",
                    runs.running, runs.desired
                ));
            }
        }
        if let Err(failure) = &self.status.schema {
            notes.push(format!("the schema record cannot be read: {failure}"));
        }
        notes
    }

    /// Whether the deployment that is not at its end began what goes on there.
    fn is_ours(&self, name: &ServiceName) -> bool {
        let open = self
            .standing
            .as_ref()
            .ok()
            .and_then(|one| one.open.as_ref());
        let rollout = self
            .status
            .runs
            .get(name)
            .and_then(|one| one.rolling_out.as_ref());
        open.zip(rollout)
            .is_some_and(|(open, rollout)| open.rollouts().contains(rollout))
    }

    /// The deployment that is not at its end, and how to go on with it.
    #[must_use]
    pub fn open(&self) -> Option<(&Open, Vec<String>)> {
        let open = self.standing.as_ref().ok()?.open.as_ref()?;
        Some((open, ways_on(open, &self.environment)))
    }
}

/// What can be done about a deployment that is not at its end. Every one of them works.
fn ways_on(open: &Open, environment: &EnvironmentName) -> Vec<String> {
    let id = &open.deployment;
    match &open.waits {
        Waits::Running => vec![
            "wait until it has ended".to_owned(),
            format!("`backstay rollback {environment}` stops it and takes it back"),
        ],
        Waits::Unfinished => {
            let policy = open.plan.as_ref().map(|plan| &plan.policy);
            let onwards = match policy.map(|policy| policy.resume) {
                Some(Resume::Back) => "back to the old release; `--forward`: on to the new one",
                Some(Resume::Forward) | None => {
                    "on to the new release; `--back`: back to the old one"
                }
            };
            let mut ways = vec![format!(
                "`backstay resume {id} --environment {environment}` brings it to its end ({onwards})"
            )];
            if policy.is_none_or(|policy| policy.takeover == Takeover::Resume) {
                ways.push(format!(
                    "the next `backstay deploy {environment}` brings it to its end first"
                ));
            }
            ways
        }
        Waits::Stuck(because) => because.choices().into_iter().map(str::to_owned).collect(),
    }
}

/// What a deployment that is not at its end is called.
#[must_use]
pub fn waits_word(waits: &Waits) -> &'static str {
    match waits {
        Waits::Running => "running",
        Waits::Unfinished => "unfinished",
        Waits::Stuck(_) => "stuck",
    }
}

/// Everything, the sum as the last line.
#[must_use]
pub fn report_text(report: &Report) -> String {
    let mut out = components(&report.status.proofs, &report.status.idle);
    for line in report.status.schema.iter().flat_map(schema_lines) {
        out.push_str(&format!("Schema: {line}\n"));
    }
    for note in report.notes() {
        out.push_str(&format!("Note: {}\n", clean(&note)));
    }
    match &report.standing {
        Err(why) => out.push_str(&format!(
            "Note: nobody can tell how deployments stand: {}\n",
            clean(why)
        )),
        Ok(standing) => match lease_words(standing.lease.as_ref()) {
            words if words == FREE => {}
            words => out.push_str(&format!("Lease: {words}\n")),
        },
    }
    if let Some((open, ways)) = report.open() {
        let version = open.plan.as_ref().map_or_else(
            || "never begun".to_owned(),
            |plan| format!("to {}", plan.release.version),
        );
        let word = waits_word(&open.waits);
        let why = match &open.waits {
            Waits::Stuck(because) => format!(": {}", clean(&because.to_string())),
            Waits::Unfinished => ": its process is gone".to_owned(),
            Waits::Running => String::new(),
        };
        out.push_str(&format!(
            "Deployment {} ({version}) is {word}{why}\n",
            open.deployment
        ));
        for way in ways {
            out.push_str(&format!("  - {way}\n"));
        }
    }
    let tally = Tally::of(Vec::new(), &report.status.proofs, &report.status.idle);
    let place = format!("{} {}", report.app, report.environment);
    out.push_str(&match &report.status.recorded {
        Some(release) => format!(
            "{}{place}: {} ({}) {}\n",
            mixed_line(release),
            release.version,
            release.id,
            tally.words()
        ),
        None => format!(
            "{place}: no release was ever proven here by Backstay; of what runs, {}\n",
            tally.words()
        ),
    });
    out
}

/// What has another version than the release, where something has.
fn mixed_line(release: &Release) -> String {
    let line = |mixed| format!("Mixed versions: {mixed}\n");
    mixed_words(release).map_or_else(String::new, line)
}

/// A line per component.
fn components(proofs: &[Proof], idle: &[ServiceName]) -> String {
    let rows = proofs
        .iter()
        .filter(|proof| {
            !idle
                .iter()
                .any(|name| proof.component == Component::Service(name.clone()))
        })
        .map(|proof| Some((proof.component.to_string(), proof_row(proof))));
    let idle = idle
        .iter()
        .map(|name| Some((name.to_string(), "nothing to prove: 0 tasks".to_owned())));
    format!("{}\n", table(rows.chain(idle).collect()))
}

/// A release that is live already: a line per component, and the sum as the last line.
#[must_use]
pub fn status_text(plan: &Plan, proofs: &[Proof]) -> String {
    let release = &plan.release;
    let idle: Vec<_> = plan
        .services
        .iter()
        .filter(|(_, service)| service.change == Change::Unchanged && service.before.desired == 0)
        .map(|(name, _)| name.clone())
        .collect();
    let tally = Tally::of(Vec::new(), proofs, &idle);
    format!(
        "{}{}{} {}: {} ({}) {}\n",
        components(proofs, &idle),
        mixed_line(release),
        release.app,
        release.environment,
        release.version,
        release.id,
        tally.words()
    )
}
