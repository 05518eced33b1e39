//! `rehearse --all` on two apps of different shape: `docs/rehearsals.md` has what came of every fault. `BACKSTAY_BLESS=1` writes it again.
#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use std::fs;

use backstay_cli::args::Rehearse;
use backstay_cli::compose::cloud::{Time, runtime};
use backstay_cli::compose::project::Project;
use backstay_cli::render::every::every_text;
use backstay_cli::scenario::{Cell, End, Every, Rehearsal, Setup, Unwatched};
use backstay_e2e::fixtures;
use backstay_simulator::Weather;

const HEAD: &str = "<!-- Made by tests/e2e/tests/rehearsals.rs: `just bless` writes it again. -->\n\n\
    # What comes of every fault\n\n\
    `backstay rehearse ENVIRONMENT --all` plays every fault on every part of an app, each on a cloud of its own. **live**: the new\n\
    release is live and proven all the same. **back**: the old one is, and proven. **refused**: nothing was begun. **stopped**: whoever\n\
    deployed could not go on; `backstay resume` did, ten minutes later. **stuck**: a human is needed. Times are virtual.\n";

const EXPLAINED: &str = "\n## Why\n\n\
    - **stuck** is what has no way back without somebody: who may not invalidate the CDN can bring neither the new pages nor the old ones\n  \
      to its edges, and Backstay calls nothing proven that it has not seen there.\n\
    - **back after a whole rollout's time** (`throttled`, `maintenance`): ECS goes on trying and says nothing that would end it sooner;\n  \
      a service's `timeout` is what it is worth.\n\
    - **live with `scaled`, `forced-redeployment`, `slow-drain`**: the release is what was asked for, so that nothing has to be undone.\n\
    - **`errors-5xx` that never struck**: nobody asked anything but the health check's path, or anything at all. A probe that asks the path of\n  \
      the load balancer's checks sees no more than they do: let it ask what visitors ask.\n\
    - **live with `maintenance` or `spot-interruption`**: every new task is taken away 30 seconds after its start, and there are others. Where\n  \
      there never are enough, the rollout ends in time and goes back.\n\
    - **never struck** means that the row says nothing: the fault is about something that this app does not do.\n";

fn played(app: &str, environment: &str) -> Vec<Cell> {
    let project = Project::load_for_rehearsal(&fixtures().join(app), environment)
        .expect("the app is well formed");
    let asked = Rehearse {
        environment: Some(environment.to_owned()),
        version: Some("bbb2222".to_owned()),
        faults: Vec::new(),
        all: true,
        scenario: Vec::new(),
        seed: 1,
        weather: Weather::Calm,
    };
    let setup = Setup::of_app(project, &asked).expect("a setup");
    let plain = runtime(Time::Paused).expect("a runtime").block_on(async {
        let rehearsal = Rehearsal::new(setup.clone()).expect("a cloud");
        rehearsal.play(&Unwatched, |_| {}).await
    });
    assert_eq!(plain.exit_code(), 0, "{app} goes live without a fault");
    Every::of(&setup, &plain.calls)
        .play(&|_| {})
        .expect("all are played")
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test is asked to write instead of compare by a variable, like every blessed test"
)]
/// What may be stuck, and why, is said in the page; every other fault ends with one release live and proven.
#[test]
fn every_fault_on_every_part() {
    let apps = [("cat-house", "staging"), ("depot", "test")];
    let mut text = HEAD.to_owned();
    for (app, environment) in apps {
        let cells = played(app, environment);
        for cell in &cells {
            let stuck = cell.end == End::Stuck || cell.resumed == Some(End::Stuck);
            let known = cell.part == "cloudfront.CreateInvalidation" && cell.fault == "deny";
            assert_eq!(stuck, known, "{app}: {cell:?}");
            assert_eq!(cell.violations, [""; 0], "{app}: {cell:?}");
            if cell.fault == "not-pushed" {
                assert_eq!(cell.end, End::Refused, "{app}: {cell:?}");
            }
        }
        text.push_str(&format!(
            "\n## {app}\n\n```text\n{}```\n",
            every_text(&cells)
        ));
    }
    text.push_str(EXPLAINED);
    let page = fixtures().join("../docs/rehearsals.md");
    if std::env::var_os("BACKSTAY_BLESS").is_some() {
        fs::write(&page, &text).expect("the page is written");
    }
    let found = fs::read_to_string(&page).unwrap_or_default();
    let differs = |(line, made): &(&str, &str)| line != made;
    let first = found.lines().zip(text.lines()).find(differs);
    assert!(
        found == text,
        "docs/rehearsals.md is not current (`just bless` writes it again), first here: {first:?}"
    );
}
