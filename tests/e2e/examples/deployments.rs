//! Plays whole cat-house deployments on the simulated cloud, so many as are asked for: what a profiler counts. `just bench-instructions`.

use std::error::Error;

use backstay_cli::scenario::{Rehearsal, Scenario, Setup, asked_fault};
use backstay_domain::journal::{Outcome, Record};
use backstay_domain::observation::Observation;
use backstay_domain::ports::Report;
use backstay_e2e::fixtures;
use tokio::runtime::Builder;

struct Nobody;

impl Report for Nobody {
    fn recorded(&self, _: &Record) {}
    fn observed(&self, _: &Observation) {}
}

/// Words: how many, and what goes wrong (`catalog-service=unhealthy`), if anything does.
fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let times: u32 = words.next().ok_or("how many deployments?")?.parse()?;
    let path = fixtures().join("../tests/scenarios/everything-is-good.md");
    let scenario = Scenario::parse(&std::fs::read_to_string(path)?)?;
    let mut setup = Setup::of(&scenario, &fixtures())?;
    for text in words {
        let fault = asked_fault(&text, &setup.project.configured)?;
        setup.suffers(text, fault);
    }
    for _ in 0..times {
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()?;
        let played = runtime.block_on(async {
            let rehearsal = Rehearsal::new(setup.clone())?;
            Ok::<_, Box<dyn Error>>(rehearsal.play(&Nobody, |_| {}).await)
        })?;
        match played.outcome? {
            Some(Outcome::Live { .. } | Outcome::RolledBack { .. }) => {}
            other => return Err(format!("the deployment ended as {other:?}").into()),
        }
    }
    Ok(())
}
