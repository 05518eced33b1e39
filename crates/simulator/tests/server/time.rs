//! Time that stands until it is told to pass, and time that runs faster than life.

use backstay_simulator::server::Pace;
use serde_json::{Value, json};

use crate::support::{CLUSTER, SERVICE, START_MS, Served, client};

fn now_ms(served: &Served) -> u64 {
    served.get("GET", "now", &Value::Null)["now_ms"]
        .as_u64()
        .unwrap()
}

#[tokio::test]
async fn a_deployment_goes_on_only_when_time_does() {
    let served = Served::manual();
    let ecs = client!(aws_sdk_ecs, served);
    let update = ecs.update_service().cluster(CLUSTER).service(SERVICE);
    update.force_new_deployment(true).send().await.unwrap();
    let picture = || served.get("GET", "picture", &Value::Null)["services"][SERVICE].clone();
    for _ in 0..3 {
        assert_eq!(picture()["deploying"], true);
    }
    assert_eq!(now_ms(&served), START_MS);
    let answer = served.get("POST", "advance", &json!({ "by_ms": 600_000 }));
    assert_eq!(answer["now_ms"], START_MS + 600_000);
    assert_eq!(answer["time"], "manual");
    assert_eq!(answer["speed"], Value::Null);
    assert_eq!(
        (&picture()["deploying"], &picture()["healthy"]),
        (&json!(false), &json!(2))
    );
    assert_eq!(
        served.get("GET", "violations", &Value::Null)["violations"],
        json!([])
    );
}

#[test]
fn time_never_goes_back_nor_too_far() {
    let served = Served::manual();
    served.get("POST", "advance", &json!({ "to_ms": START_MS + 5_000 }));
    served.get("POST", "advance", &json!({ "to_ms": START_MS }));
    assert_eq!(now_ms(&served), START_MS + 5_000);
    for wrong in [
        json!({}),
        json!({ "to_ms": 1, "by_ms": 1 }),
        json!({ "by_ms": -1 }),
        json!({ "by_ms": u64::MAX }),
        json!({ "by": 1 }),
        json!([]),
    ] {
        let answer = served.ask("POST", "advance", &wrong.to_string());
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(answer.json()["error"].is_string());
    }
    assert_eq!(now_ms(&served), START_MS + 5_000);
}

#[test]
fn the_next_event_is_told_to_who_drives_time() {
    let served = Served::manual();
    let next = served.get("GET", "now", &Value::Null)["next_event_ms"]
        .as_u64()
        .unwrap();
    assert!(next > START_MS);
    let after = served.get("POST", "advance", &json!({ "to_ms": next }));
    assert!(after["next_event_ms"].as_u64().unwrap() > next);
}

#[test]
fn scaled_time_runs() {
    let served = Served::at(Pace::Running(10_000.0));
    let first = served.get("GET", "now", &Value::Null);
    assert_eq!(
        (&first["time"], &first["speed"]),
        (&json!("running"), &json!(10_000.0))
    );
    // Each question takes a moment, which is long at this speed.
    let first = now_ms(&served);
    assert!((0..1_000).any(|_| now_ms(&served) > first));
    let by = served.get("POST", "advance", &json!({ "by_ms": 86_400_000 }));
    assert!(by["now_ms"].as_u64().unwrap() >= first + 86_400_000);
}

#[tokio::test]
async fn a_slow_reply_is_slow_in_virtual_time_only() {
    let latency = json!({ "where": "call", "operation": "sts.*", "count": 1, "fault": { "latency": 60_000 } });
    // 60 s at 1000x are 60 ms; by hand nobody waits, or this test would never end.
    for pace in [Pace::Manual, Pace::Running(1_000.0)] {
        let served = Served::at(pace);
        served.get("POST", "faults", &latency);
        let before = now_ms(&served);
        client!(aws_sdk_sts, served)
            .get_caller_identity()
            .send()
            .await
            .unwrap();
        let waited = now_ms(&served) - before;
        assert_eq!(
            waited >= 60_000,
            pace != Pace::Manual,
            "{waited} at {pace:?}"
        );
    }
}
