//! What a deployment costs in calls: one look at all services per poll, however many there are.

use jiff::Timestamp;
use serde_json::Value;

use crate::app::{App, scenario};

/// How often the example looks (the default of `poll`), and looks that are not due to the clock: one after each act.
const POLL_S: u64 = 5;
const LOOKS_AFTER_ACTS: u64 = 10;
const CALL: &str = "ecs.DescribeServiceDeployments";

fn calls(end: &Value, operation: &str) -> u64 {
    end["calls"][operation].as_u64().unwrap_or(0)
}

/// The most looks at the services from the first roll-out to the end.
fn looks(objects: &[Value]) -> u64 {
    let at = |record: &Value| record["at"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let is_roll_out = |object: &&Value| object["act"]["act"] == "roll-out";
    let first = objects.iter().find(is_roll_out).map(at).unwrap();
    let last = objects
        .iter()
        .rfind(|object| object["type"] == "record")
        .map(at)
        .unwrap();
    let seconds = u64::try_from(last.duration_since(first).as_secs()).unwrap();
    seconds / POLL_S + LOOKS_AFTER_ACTS
}

#[test]
fn four_services_cost_one_call_per_look() {
    let said = App::new()
        .run([
            "rehearse",
            "staging",
            "--version",
            "2f9c1e7",
            "--output",
            "json",
        ])
        .ends_with(0);
    let (end, most) = (said.last_object(), looks(&said.objects()));
    let found = calls(&end, CALL);
    assert!(
        (1..=most).contains(&found),
        "{found} × {CALL} in {most} looks"
    );
    assert_eq!(calls(&end, "ecs.UpdateService"), 4);
    // The migration, and the revision that it left.
    assert_eq!(calls(&end, "ecs.RunTask"), 2);
    assert_eq!(calls(&end, "ecs.RegisterTaskDefinition"), 5);
}

#[test]
fn forty_services_cost_two_calls_per_look() {
    let forty = scenario("forty-services.md");
    let said = App::new()
        .run(["rehearse", "--scenario", &forty, "--output", "json"])
        .ends_with(0);
    let (end, looks) = (said.last_object(), looks(&said.objects()));
    let most = looks * 40_u64.div_ceil(20);
    let found = calls(&end, CALL);
    assert!(
        (1..=most).contains(&found),
        "{found} × {CALL} in {looks} looks"
    );
    assert_eq!(calls(&end, "ecs.UpdateService"), 40);
    assert_eq!(calls(&end, "ecs.RegisterTaskDefinition"), 41);
}
