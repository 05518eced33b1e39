//! What a whole deployment, one SDK call and the binary's start cost. `just bench`.
#![expect(missing_docs, reason = "criterion's macros make public items")]
#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a benchmark is a test: it stops at the first surprise, and it passes virtual time"
)]

use std::path::PathBuf;
use std::process::Command;

use backstay_cli::scenario::{Rehearsal, Scenario, Setup, asked_fault};
use backstay_domain::journal::{Outcome, Record};
use backstay_domain::observation::Observation;
use backstay_domain::ports::{Follow, Report, Services};
use backstay_e2e::fixtures;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tokio::runtime::{Builder, Runtime};

struct Nobody;

impl Report for Nobody {
    fn recorded(&self, _: &Record) {}
    fn observed(&self, _: &Observation) {}
}

fn setup(name: &str) -> Setup {
    let path = fixtures().join(format!("../tests/scenarios/{name}.md"));
    let text = std::fs::read_to_string(path).expect("the scenario is there");
    let scenario = Scenario::parse(&text).expect("the scenario is well formed");
    Setup::of(&scenario, &fixtures()).expect("the scenario can be set up")
}

fn paused() -> Runtime {
    Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime")
}

/// A whole cat-house deployment on one core, the real SDK included.
fn deployments(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("deployment");
    group.throughput(Throughput::Elements(1));
    for (name, scenario) in [
        ("cat-house", "everything-is-good"),
        ("cat-house rolled back", "service-unhealthy"),
    ] {
        let mut setup = setup("everything-is-good");
        if scenario == "service-unhealthy" {
            let text = "catalog-service=unhealthy";
            let fault = asked_fault(text, &setup.project.configured);
            setup.suffers(text.to_owned(), fault.expect("a known fault"));
        }
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let played = paused().block_on(async {
                    Rehearsal::new(setup.clone())
                        .expect("a cloud")
                        .play(&Nobody, |_| {})
                        .await
                });
                let ended = played.outcome.expect("no failure");
                assert!(matches!(
                    ended,
                    Some(Outcome::Live { .. } | Outcome::RolledBack { .. })
                ));
            });
        });
    }
    group.finish();
}

/// One look at all services: one DescribeServices call through the real SDK, signing and retries included.
fn sdk_calls(criterion: &mut Criterion) {
    let runtime = paused();
    let _inside = runtime.enter();
    let setup = setup("everything-is-good");
    let locators: Vec<Follow> = setup
        .project
        .configured
        .app
        .services
        .values()
        .map(|service| Follow {
            locator: service.locator.clone(),
            rollout: None,
        })
        .collect();
    let rehearsal = Rehearsal::new(setup).expect("a cloud");
    criterion.bench_function("sdk call: DescribeServices of 4 services", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                // Virtual time passes between calls, as between polls: the throttle buckets are real.
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                rehearsal.aws.watch(&locators).await.expect("an answer")
            })
        });
    });
}

/// The start of the release binary: `just bench` builds it first.
fn start(criterion: &mut Criterion) {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| fixtures().join("../target"), PathBuf::from);
    let binary = target.join("release/backstay");
    assert!(
        binary.exists(),
        "{} is missing: run `just bench`",
        binary.display()
    );
    criterion.bench_function("backstay --help", |bencher| {
        bencher.iter(|| {
            let out = Command::new(&binary)
                .arg("--help")
                .output()
                .expect("the binary starts");
            assert!(out.status.success());
        });
    });
}

criterion_group!(benches, deployments, sdk_calls, start);
criterion_main!(benches);
