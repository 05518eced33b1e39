//! Whatever a cloud adds to its answers, and in whatever order it lists things: the plan is the same, nothing is a change that
//! nobody made, and a rollback goes where it went.

#![expect(
    clippy::unwrap_used,
    reason = "each test plays in a thread with room, or in a function that several share"
)]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use backstay_adapters::aws::AwsCloud;
use backstay_cli::compose::deployment::{Asked, planned};
use backstay_cli::compose::simulated::{SimulatedWeb, sdk_config};
use backstay_cli::render::plan::plan_text;
use backstay_cli::scenario::{Rehearsal, Scenario, Setup};
use backstay_domain::DeploymentId;
use backstay_domain::engine;
use backstay_domain::journal::{Outcome, Record};
use backstay_domain::observation::Observation;
use backstay_domain::plan::{Plan, drifted};
use backstay_domain::ports::Report;
use backstay_domain::retreat::{Retreat, retreat};
use backstay_domain::versions::Versions;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const SCENARIO: &str = r#"# A good deployment
```toml given
app = "cat-house"
environment = "staging"
live = "a1b2c3d"
```
```toml play
deploy = "2f9c1e7"
```
```toml expect
outcome = "live"
live = "2f9c1e7"
```
```story
```
"#;

/// What a cloud may add: defaults that are known, and members of tomorrow.
const ADDED: [(&str, &str); 10] = [
    ("enableFaultInjection", "false"),
    ("interactive", "false"),
    ("pseudoTerminal", "null"),
    ("dnsServers", "[]"),
    ("user", "\"\""),
    ("startPeriod", "0"),
    ("memberOfTomorrow", "\"AUTOMATIC\""),
    ("countOfTomorrow", "7"),
    (
        "objectOfTomorrow",
        "{\"mode\": \"on\", \"list\": [1, {\"deep\": true}]}",
    ),
    ("listOfTomorrow", "[\"a\", \"b\"]"),
];

/// Maps whose members people name: a cloud adds nothing there.
const NAMED_BY_PEOPLE: [&str; 4] = ["options", "dockerLabels", "driverOpts", "labels"];

/// Lists whose order says something.
const ORDERED: [&str; 7] = [
    "command",
    "entryPoint",
    "events",
    "deployments",
    "dnsServers",
    "serviceDeployments",
    "imageIds",
];

/// Numbers from a seed.
#[derive(Clone, Debug)]
struct Chance(Arc<AtomicU64>);

impl Chance {
    fn below(&self, limit: usize) -> usize {
        let mut state = self.0.load(Ordering::Relaxed);
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        self.0.store(state, Ordering::Relaxed);
        usize::try_from(state % 1_000_003).unwrap() % limit.max(1)
    }
}

fn mangled(name: &str, value: Value, chance: &Chance) -> Value {
    match value {
        Value::Object(members) if NAMED_BY_PEOPLE.contains(&name) => Value::Object(members),
        Value::Object(members) => {
            let mut all: Map<String, Value> = members
                .into_iter()
                .map(|(name, value)| {
                    let value = mangled(&name, value, chance);
                    (name, value)
                })
                .collect();
            for _ in 0..chance.below(3) {
                let (name, value) = ADDED[chance.below(ADDED.len())];
                all.entry(name)
                    .or_insert_with(|| serde_json::from_str(value).unwrap());
            }
            Value::Object(all)
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items
                .into_iter()
                .map(|item| mangled("", item, chance))
                .collect();
            if !ORDERED.contains(&name) && items.iter().all(Value::is_object) {
                for place in (1..items.len()).rev() {
                    items.swap(place, chance.below(place + 1));
                }
            }
            Value::Array(items)
        }
        other => other,
    }
}

/// An answer as another cloud might give it: JSON mangled, XML with members of tomorrow.
fn other(body: &[u8], chance: &Chance) -> Option<Vec<u8>> {
    if let Ok(json @ Value::Object(_)) = serde_json::from_slice(body) {
        return Some(mangled("", json, chance).to_string().into_bytes());
    }
    let text = std::str::from_utf8(body).ok()?;
    let tomorrow = "<MemberOfTomorrow><Deep>1</Deep></MemberOfTomorrow></member>";
    text.contains("</member>")
        .then(|| text.replace("</member>", tomorrow).into_bytes())
}

#[derive(Debug)]
struct Mangling {
    inner: SharedHttpConnector,
    chance: Chance,
}

impl HttpConnector for Mangling {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or("");
        let operation = target.rsplit('.').next().unwrap_or("").to_owned();
        let form = request.body().bytes().unwrap_or_default();
        let form = String::from_utf8_lossy(form).into_owned();
        let looks = ["Describe", "List", "BatchGet"]
            .iter()
            .any(|verb| operation.starts_with(verb) || form.contains(&format!("Action={verb}")));
        let (call, chance) = (self.inner.call(request), self.chance.clone());
        HttpConnectorFuture::new(async move {
            let mut response: HttpResponse = call.await?;
            if looks
                && response.status().is_success()
                && let Some(body) = response
                    .body()
                    .bytes()
                    .and_then(|body| other(body, &chance))
            {
                let length = body.len().to_string();
                response.headers_mut().insert("content-length", length);
                *response.body_mut() = SdkBody::from(body);
            }
            Ok(response)
        })
    }
}

fn mangling(inner: SharedHttpClient, seed: u64) -> SharedHttpClient {
    let chance = Chance(Arc::new(AtomicU64::new(seed | 1)));
    http_client_fn(move |settings, components| {
        SharedHttpConnector::new(Mangling {
            inner: inner.http_connector(settings, components),
            chance: chance.clone(),
        })
    })
}

struct Nobody;

impl Report for Nobody {
    fn recorded(&self, _: &Record) {}
    fn observed(&self, _: &Observation) {}
}

/// What was planned and decided, in words.
#[derive(Debug, PartialEq)]
struct Told {
    plan: String,
    outcome: String,
    again: String,
    drifted: String,
    back: String,
}

/// Deploys, plans the same version once more, and looks where a rollback goes; over answers mangled by this seed.
async fn told(seed: Option<u64>) -> Told {
    let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let setup = Setup::of(&Scenario::parse(SCENARIO).unwrap(), &fixtures).unwrap();
    let (project, version) = (setup.project.clone(), setup.version.clone());
    let mut rehearsal = Rehearsal::new(setup).unwrap();
    if let Some(seed) = seed {
        let plain = sdk_config(&rehearsal.cloud, &project.configured.region);
        let client = mangling(rehearsal.cloud.http_client(), seed);
        let config = plain.into_builder().http_client(client).build();
        let web = SimulatedWeb(rehearsal.cloud.clone());
        rehearsal.aws = AwsCloud::new(&config, web, project.directory.clone());
    }
    let played = rehearsal.play(&Nobody, |_| {}).await;
    let outcome = match &played.outcome {
        Ok(Some(Outcome::Live { proofs, .. })) => format!("live, {} proofs", proofs.len()),
        other => format!("{other:?}"),
    };
    let world = (&rehearsal.aws, &rehearsal.ledger, &rehearsal.clock);
    let id = || DeploymentId::parse("d-again").unwrap();
    let versions = Versions::same(version.clone());
    let asked = Asked::rehearsed(&project, &versions);
    let again = planned(asked, id(), world).await.unwrap().plan;
    let entries = rehearsal.ledger.snapshot();
    let Some(Retreat::Past { newest, before }) = retreat(&entries, None) else {
        panic!("two releases are recorded");
    };
    let app = &project.configured.app;
    let survey = engine::survey(world.0, world.1, world.2, app, &newest.release)
        .await
        .unwrap();
    Told {
        plan: played.plan.as_ref().map(plan_text).unwrap_or_default(),
        outcome,
        again: words(&again),
        drifted: format!("{:?}", drifted(&newest.release, &survey)),
        back: before.map_or_else(String::new, |entry| entry.release.version.to_string()),
    }
}

fn words(plan: &Plan) -> String {
    match plan.is_empty() {
        true => "nothing to do".to_owned(),
        false => plan_text(plan),
    }
}

fn played(seed: Option<u64>) -> Told {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(told(seed))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_cloud_adds_changes_no_plan_and_no_rollback(seed in any::<u64>()) {
        let plain = played(None);
        prop_assert_eq!(&plain.again, "nothing to do");
        prop_assert_eq!((plain.drifted.as_str(), plain.back.as_str()), ("[]", "a1b2c3d"));
        prop_assert_eq!(played(Some(seed)), plain);
    }
}

#[test]
fn the_proxy_adds_and_reorders() {
    let chance = Chance(Arc::new(AtomicU64::new(7)));
    let answer = json!({"services": [{"name": "a"}, {"name": "b"}, {"name": "c"}]});
    let found: Vec<Value> = (0..20)
        .map(|_| mangled("", answer.clone(), &chance))
        .collect();
    assert!(found.iter().any(|one| one["services"][0]["name"] != "a"));
    assert!(
        found
            .iter()
            .any(|one| one.to_string().contains("OfTomorrow"))
    );
}
