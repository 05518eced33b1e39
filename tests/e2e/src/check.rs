//! What a scenario expects, against what came of it.

use std::collections::{BTreeMap, BTreeSet};

use backstay_cli::compose::operator::operator;
use backstay_cli::failure::Failure;
use backstay_cli::render::story::{Narrator, story};
use backstay_cli::scenario::{ExpectThen, Played, PlayedThen, Said, Scenario};
use backstay_domain::engine::Halted;
use backstay_domain::journal::Outcome;
use backstay_domain::{FrontendName, Version};
use backstay_simulator::{Picture, ServicePicture, image_digest, is_served};
use jiff::SignedDuration;

/// Everything that differs from the expectation, one line each; the story last.
#[must_use]
pub fn differences(scenario: &Scenario, played: &Played) -> Vec<String> {
    let expect = &scenario.expect;
    let mut found = Vec::new();
    let mut differs =
        |what: &str, expected: &dyn std::fmt::Display, seen: &dyn std::fmt::Display| {
            found.push(format!("{what}: expected {expected}, found {seen}"));
        };
    let (outcome, because) = ended(played);
    if outcome != expect.outcome {
        differs(
            "outcome",
            &expect.outcome,
            &format!("{outcome} ({because})"),
        );
    }
    if let Some(wanted) = expect
        .because
        .as_ref()
        .filter(|wanted| !because.contains(wanted.as_str()))
    {
        differs("because", wanted, &because);
    }
    if let Some(limit) = &expect.within {
        let limit_ms = limit
            .parse::<SignedDuration>()
            .map_or(0, |limit| limit.as_millis());
        if i128::from(played.took_ms) > limit_ms {
            differs("within", limit, &format!("{} s", played.took_ms / 1000));
        }
    }
    found.extend(too_often(&expect.calls, &played.calls));
    found.extend(world(scenario, played));
    for (number, (wanted, then)) in scenario.play.then.iter().zip(&played.then).enumerate() {
        let found_then = afterwards(scenario, &wanted.expect, then);
        found.extend(
            found_then
                .into_iter()
                .map(|line| format!("then {number}: {line}")),
        );
    }
    if scenario.play.then.len() != played.then.len() {
        found.push("not every command was played".to_owned());
    }
    found
}

/// Calls that were sent more often than expected. Those that nobody serves are never counted: an expectation of them could
/// not fail.
fn too_often(expected: &BTreeMap<String, u64>, sent: &BTreeMap<String, u64>) -> Vec<String> {
    let judge = |(operation, most): (&String, &u64)| {
        let calls = sent.get(operation).copied().unwrap_or(0);
        if !is_served(operation) {
            Some(format!(
                "the simulator serves no call that is named {operation}"
            ))
        } else if calls > *most {
            Some(format!(
                "calls of {operation}: expected at most {most}, found {calls}"
            ))
        } else {
            None
        }
    };
    expected.iter().filter_map(judge).collect()
}

/// What came of one command after the deployment.
fn afterwards(scenario: &Scenario, expect: &ExpectThen, then: &PlayedThen) -> Vec<String> {
    let said = match &then.said {
        Ok(said) => said,
        Err(failure) => return vec![format!("it could not be played: {failure}")],
    };
    let mut found = Vec::new();
    if said.code != expect.code {
        found.push(format!(
            "code: expected {}, found {}",
            expect.code, said.code
        ));
    }
    found.extend(too_often(&expect.calls, &then.calls));
    for words in &expect.says {
        if !said.text.contains(words.as_str()) {
            found.push(format!("it does not say {words:?}: {}", said.text));
        }
    }
    for (family, revision) in &then.picture.databases {
        if expect
            .schema
            .as_ref()
            .is_some_and(|wanted| wanted != revision)
        {
            found.push(format!(
                "schema of {family}: expected {:?}, found {revision}",
                expect.schema
            ));
        }
    }
    if let Some(live) = &expect.live {
        let at = Surface {
            picture: &then.picture,
            entry_pages: &then.entry_pages,
            recorded: then.recorded.as_ref(),
        };
        found.extend(not_live(scenario, &at, live));
    }
    found
}

/// Where a version is seen.
struct Surface<'a> {
    picture: &'a Picture,
    entry_pages: &'a BTreeMap<FrontendName, String>,
    recorded: Option<&'a Version>,
}

fn world(scenario: &Scenario, played: &Played) -> Vec<String> {
    let expect = &scenario.expect;
    let mut found = Vec::new();
    for (family, revision) in &played.picture.databases {
        if let Some(wanted) = expect.schema.as_ref().filter(|wanted| *wanted != revision) {
            found.push(format!(
                "schema of {family}: expected {wanted}, found {revision}"
            ));
        }
    }
    for (service, wanted) in &expect.desired {
        let seen = played
            .picture
            .services
            .get(service)
            .map(|picture| picture.desired);
        if seen != Some(*wanted) {
            found.push(format!(
                "desired count of {service}: expected {wanted}, found {seen:?}"
            ));
        }
    }
    if let Some(live) = &expect.live {
        let at = Surface {
            picture: &played.picture,
            entry_pages: &played.entry_pages,
            recorded: played.recorded.as_ref(),
        };
        found.extend(not_live(scenario, &at, live));
    }
    for never in &expect.never {
        match never.as_str() {
            "healthy tasks of any service below minimum" => {
                found.extend(played.violations.iter().cloned())
            }
            "mixed versions at the end" => found.extend(mixed(played)),
            "a service was touched" => found.extend(
                played
                    .calls
                    .get("ecs.UpdateService")
                    .map(|count| format!("{count} UpdateService calls were sent")),
            ),
            "anything was changed" => found.extend(changes(played)),
            other => found.push(format!("nobody knows how to see `{other}`")),
        }
    }
    if let Some(stable) = expect.services_stable {
        let seen = played.picture.services.values().all(services_stable);
        if seen != stable {
            found.push(format!("services-stable: expected {stable}, found {seen}"));
        }
    }
    found
}

/// Everything that does not run `live`: images by digest, the entry page by its mark, the ledger by name.
fn not_live(scenario: &Scenario, played: &Surface<'_>, live: &str) -> Vec<String> {
    let tags = [live.to_owned()];
    let mut found = Vec::new();
    for (name, service) in &played.picture.services {
        // The image's repository ends in the team's name of the service, which the cluster's name contains.
        let ours = |(service, _): &&(&str, &str)| {
            name.contains(*service) || scenario.given.copies.is_some()
        };
        let repositories = SERVICES.iter().filter(ours);
        let wanted: BTreeSet<String> = repositories
            .map(|(_, repository)| image_digest(repository, &tags))
            .collect();
        let digests = &service.image_digests;
        let right = match WITH_SIDECARS.contains(&scenario.given.app.as_str()) {
            true => digests.is_empty() || !digests.is_disjoint(&wanted),
            false => digests.is_subset(&wanted),
        };
        if !right {
            found.push(format!(
                "{name}: expected images of {live}, found {:?}",
                service.image_digests
            ));
        }
        if service.running == 0 && service.desired > 0 {
            found.push(format!(
                "{name}: expected {} running tasks, found none",
                service.desired
            ));
        }
    }
    let (jobs, digest) = (JOBS.0, image_digest(JOBS.1, &tags));
    for (name, schedule) in &played.picture.schedules {
        let is_ours = jobs.iter().any(|job| name.contains(job));
        if !is_ours || !schedule.images.iter().any(|one| one.contains(&digest)) {
            found.push(format!("{name}: expected {live}, found {schedule:?}"));
        }
    }
    let right = |page: &str| {
        let marked = page.contains(&format!("<!-- {live} -->"));
        let plain = !page.contains(&format!(
            "<!-- {} -->",
            scenario.given.live.as_deref().unwrap_or("-")
        ));
        let is_first = scenario.given.live.as_deref() == Some(live);
        match is_first && live != scenario.play.deploy {
            true => marked,
            false => plain,
        }
    };
    let without = WITHOUT_PAGE.contains(&scenario.given.app.as_str());
    if played.entry_pages.is_empty() && !without {
        found.push(format!("entry page: expected that of {live}, found none"));
    }
    for (name, page) in played.entry_pages.iter().filter(|(_, page)| !right(page)) {
        found.push(format!(
            "entry page of {name}: expected that of {live}, found {page}"
        ));
    }
    let recorded = played.recorded.map(ToString::to_string);
    if scenario.given.recorded && scenario.given.live.is_some() && recorded.as_deref() != Some(live)
    {
        found.push(format!("ledger: expected {live}, found {recorded:?}"));
    }
    found
}

/// The services of the fixtures, and their repositories.
const SERVICES: [(&str, &str); 16] = [
    ("auth-service", "cat-house/auth-service"),
    ("catalog-service", "cat-house/catalog-service"),
    ("installation-service", "cat-house/installation-service"),
    ("proxy-service", "cat-house/proxy-service"),
    ("health-aggregator", "cat-house/health-aggregator"),
    ("shop-test-web", "shop/web"),
    ("arcade-test-scores", "arcade/scores"),
    ("arcade-test-games", "arcade/games"),
    ("arcade-test-lobby", "arcade/lobby"),
    ("-till", "kiosk/till"),
    ("-menu", "kiosk/menu"),
    ("queue-test-mailer", "queue/mailer"),
    ("queue-test-resizer", "queue/resizer"),
    ("-staging-web", "orchard/web"),
    ("-staging-picker", "ghcr.io/orchard-farm/worker"),
    ("-staging-mailer", "ghcr.io/orchard-farm/worker"),
];

/// Their scheduled jobs, which run one image.
const JOBS: ([&str; 2], &str) = (
    ["harvest-report", "price-import"],
    "ghcr.io/orchard-farm/worker",
);

/// Apps whose tasks have containers of other people's images.
const WITH_SIDECARS: [&str; 1] = ["orchard"];

/// Apps of the fixtures that nobody visits.
const WITHOUT_PAGE: [&str; 3] = ["arcade", "kiosk", "queue"];

/// The waiter of the AWS CLI: one deployment, and as many running tasks as desired. Says nothing about which revision.
fn services_stable(service: &ServicePicture) -> bool {
    !service.deploying && service.running == service.desired as usize
}

/// Calls that change something.
fn changes(played: &Played) -> Vec<String> {
    let changing = [
        "Update", "Register", "Run", "Put", "Create", "Delete", "Stop", "Copy",
    ];
    let is_change = |operation: &str| {
        let name = operation
            .split_once('.')
            .map_or(operation, |(_, name)| name);
        changing.iter().any(|verb| name.starts_with(verb))
    };
    played
        .calls
        .iter()
        .filter(|(operation, _)| is_change(operation))
        .map(|(o, n)| format!("{n} calls of {o}"))
        .collect()
}

/// A service whose tasks run different task definitions, or services on different versions.
fn mixed(played: &Played) -> Vec<String> {
    let mut found = Vec::new();
    for (name, service) in &played.picture.services {
        if service.running_task_definitions.len() > 1 {
            found.push(format!(
                "{name} runs {:?}",
                service.running_task_definitions
            ));
        }
        let current: BTreeSet<&String> = std::iter::once(&service.task_definition).collect();
        let running: BTreeSet<&String> = service.running_task_definitions.iter().collect();
        if service.running > 0 && current != running {
            found.push(format!(
                "{name} is {} but runs {running:?}",
                service.task_definition
            ));
        }
    }
    found
}

/// The outcome in a scenario's words, and its cause.
fn ended(played: &Played) -> (&'static str, String) {
    match &played.outcome {
        Ok(None) => ("nothing to do", String::new()),
        Ok(Some(Outcome::Live { .. })) => ("live", String::new()),
        Ok(Some(Outcome::RolledBack { cause, .. })) => ("rolled back", cause.to_string()),
        Ok(Some(Outcome::Stuck { cause, because, .. })) => ("stuck", format!("{because}; {cause}")),
        Err(Failure::Refused(refusals)) => (
            "refused",
            refusals
                .0
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; "),
        ),
        Err(Failure::Halted(Halted::Interrupted(signal))) => ("interrupted", signal.clone()),
        Err(Failure::Halted(Halted::Away(away))) => ("left", format!("{away}: {}", away.failure())),
        Err(failure) => ("not started", format!("{failure:?}")),
    }
}

/// The story, or the refusal's reasons, with what varies between runs made equal.
#[must_use]
pub fn redacted(played: &Played) -> String {
    let text = match &played.outcome {
        Err(Failure::Refused(refusals)) => refusals
            .0
            .iter()
            .map(|refusal| format!("refused: {refusal}\n"))
            .collect(),
        Err(Failure::Halted(Halted::Interrupted(_) | Halted::Away(_))) => story(&played.records),
        Err(failure) => format!("not started: {failure}\n"),
        Ok(None) => "nothing to do\n".to_owned(),
        Ok(Some(_)) => story(&played.records),
    };
    let mut text = text;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    for (step, then) in played.steps.iter().zip(&played.then) {
        text.push_str(&format!("\n$ backstay {step}\n"));
        match &then.said {
            Ok(said) => text.push_str(&told(said)),
            Err(failure) => text.push_str(&format!("not played: {failure}\n")),
        }
    }
    text
}

/// What a command did, line by line; what it said where it did nothing.
fn told(said: &Said) -> String {
    let mut text = String::new();
    for written in &said.journals {
        let mut narrator = Narrator::after(&written.records[..written.before]);
        for record in &written.records[written.before..] {
            text.push_str(&narrator.tell(record).text());
            text.push('\n');
        }
    }
    if said.journals.is_empty() {
        text.push_str(said.text.trim_end());
        text.push('\n');
    }
    // Who ran it is not the same anywhere either.
    let text = without_ids(&text).replace(&operator().to_string(), "somebody");
    format!("{text}exit code {}\n", said.code)
}

/// Ids of deployments are drawn anew each time.
fn without_ids(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("d-") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let id = &from[2..];
        let length = id.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let begins = !before.ends_with(|letter: char| letter.is_ascii_alphanumeric());
        let drawn = begins && length == 8;
        out.push_str(if drawn {
            "d-********"
        } else {
            &from[..2 + length]
        });
        rest = &id[length..];
    }
    out + rest
}
