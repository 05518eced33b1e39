//! Whatever a client sends in whatever order and at whatever time, nothing here panics. A panic is a 500 of ours: see `guarded`.
//!
//! One case is a world and a script: requests of every service and protocol made of models' seeds and then spoilt, calls of the
//! control API, and time. `BACKSTAY_FUZZ_SECONDS` says how long to go on; without it, a moment.

mod finds;
mod requests;
mod rest;
mod script;
mod spoilt;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::json;

use self::requests::{Next, next};
use self::script::Script;
use super::clock::{Pace, ServerClock};
use super::layers::{LayerStore, Uploads};
use super::registry::{Registry, Worlds};
use super::request::Shared;
use super::{aws, control};
use crate::front::Call;
use crate::front::throttle::Throttling;
use crate::{Weather, World};

const CASES: u32 = 48;
const LONGEST_SCRIPT: usize = 800;
const MOST_STEPS: usize = 24;

/// Texts of earlier replies (ARNs, tokens, ids), for later requests.
#[derive(Debug, Default)]
struct Pool(Vec<String>);

impl Pool {
    fn learn(&mut self, reply: &[u8]) {
        let text = String::from_utf8_lossy(reply);
        let words = text.split(['"', '<', '>']);
        let useful = words.filter(|word| (3..200).contains(&word.len()) && !word.contains(' '));
        self.0.extend(useful.take(60).map(str::to_owned));
        let surplus = self.0.len().saturating_sub(400);
        self.0.drain(..surplus);
    }

    fn one(&self, script: &mut Script<'_>) -> String {
        let place = script.below(self.0.len().max(1));
        self.0.get(place).cloned().unwrap_or_default()
    }
}

/// One service of two tasks behind a load balancer, steady; and a bucket behind a distribution.
static WORLD: LazyLock<World> = LazyLock::new(|| {
    let task_definition = json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "containerDefinitions": [{
            "name": "web",
            "image": "123456789012.dkr.ecr.sa-east-1.amazonaws.com/web:v1",
            "essential": true,
            "portMappings": [{ "containerPort": 8000 }],
            "logConfiguration": { "logDriver": "awslogs", "options": {
                "awslogs-group": "/ecs/web", "awslogs-stream-prefix": "ecs", "awslogs-region": "sa-east-1",
            } },
        }],
    });
    let blueprint = json!({
        "account": "123456789012", "region": "sa-east-1", "cluster": "main",
        "repositories": [{ "name": "web", "images": [
            { "tags": ["v1"], "platforms": ["linux/amd64"] }, { "tags": ["v2"], "platforms": ["linux/amd64"] },
        ] }],
        "target_groups": [{ "name": "web", "port": 8000, "health_check_path": "/health" }],
        "load_balancers": [{ "name": "front", "hosts": ["api.example.com"], "rules": [{ "path": "/*", "target_group": "web" }] }],
        "services": [{
            "name": "web", "task_definition": task_definition, "desired_count": 2,
            "minimum_healthy_percent": 100, "maximum_percent": 200, "circuit_breaker": true, "circuit_breaker_rollback": true,
            "target_group": { "name": "web", "container_name": "web", "container_port": 8000 },
        }],
        "buckets": [{ "name": "assets", "objects": [{ "key": "index.html", "content_type": "text/html", "body": b"<html>" }] }],
        "distributions": [{
            "id": "E2ABCDEFGHIJKL", "hosts": ["example.com"], "bucket": "assets", "default_root_object": "index.html",
        }],
        "log_groups": ["/ecs/web"],
    });
    let mut world = World::new(
        "123456789012",
        "sa-east-1",
        7,
        Weather::Calm,
        1_767_225_600_000,
    );
    let blueprint = serde_json::from_value(blueprint).unwrap();
    world.provision(&blueprint).unwrap();
    world
});

/// Replies so far, to see that most requests get somewhere.
static STATUSES: Mutex<BTreeMap<u16, u64>> = Mutex::new(BTreeMap::new());

fn shared() -> Arc<Shared> {
    Arc::new(Shared {
        traffic: super::neighbour::Traffic::default(),
        clock: ServerClock::starting_at(WORLD.now_ms, Pace::Manual),
        throttling: Throttling::Off,
        worlds: Registry::new(
            Worlds::starting_with(WORLD.clone(), 7),
            Vec::new(),
            Vec::new(),
            crate::world::containers::Containers::default(),
        ),
        upstream: None,
        layers: Arc::new(LayerStore::in_memory()),
        uploads: Uploads::default(),
        address: None,
        users: super::users::Users::default(),
    })
}

/// Plays a script; the first request at which the server broke, if it did.
fn play(bytes: &[u8]) -> Result<(), String> {
    let mut script = Script::new(bytes);
    let shared = shared();
    let mut pool = Pool::default();
    for _ in 0..MOST_STEPS {
        if script.is_over() {
            break;
        }
        let (name, request) = match next(&mut script, &pool) {
            Next::Request(request) => (told(&request), request),
            // What `http` refuses never gets here.
            Next::Nothing => continue,
        };
        if let Some(reply) = answer(&shared, request) {
            let body = String::from_utf8_lossy(reply.body());
            if ["simulator is broken", "s3s panicked", "had to wait"]
                .iter()
                .any(|broken| body.contains(broken))
            {
                return Err(format!("{name}\n{body}"));
            }
            pool.learn(reply.body());
            let mut statuses = STATUSES.lock().unwrap();
            *statuses.entry(reply.status().as_u16()).or_default() += 1;
        }
    }
    Ok(())
}

fn told(request: &Request<Bytes>) -> String {
    format!("{request:?}")
}

/// What the server would answer; nothing when it would break the connection.
fn answer(shared: &Arc<Shared>, request: Request<Bytes>) -> Option<Response<Bytes>> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().unwrap();
    if control::is_for(&request) {
        return Some(runtime.block_on(control::answer(shared, request)));
    }
    let call = Call::recognise(&request).ok()?;
    runtime.block_on(aws::here(shared, &call, request)).ok()
}

#[test]
fn no_script_breaks_the_server() {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long to search is said from outside"
    )]
    let seconds = std::env::var("BACKSTAY_FUZZ_SECONDS").ok();
    let seconds: u64 = seconds.map_or(0, |seconds| seconds.parse().unwrap());
    #[expect(clippy::disallowed_methods, reason = "searches for so long")]
    let started = Instant::now();
    let mut played = 0;
    loop {
        let mut runner = TestRunner::new(Config {
            cases: CASES,
            failure_persistence: None,
            ..Config::default()
        });
        let scripts = proptest::collection::vec(proptest::num::u8::ANY, 0..LONGEST_SCRIPT);
        let tried = runner.run(&scripts, |bytes| play(&bytes).map_err(TestCaseError::fail));
        tried.unwrap_or_else(|broken| panic!("{broken}"));
        played += CASES;
        if started.elapsed() >= Duration::from_secs(seconds) {
            break;
        }
    }
    let statuses = STATUSES.lock().unwrap();
    println!("{played} scripts of up to {MOST_STEPS} requests; replies: {statuses:?}");
    // Otherwise it only ever knocks at the door.
    let all: u64 = statuses.values().sum();
    assert!(statuses.get(&200) > Some(&(all / 8)), "{statuses:?}");
}
