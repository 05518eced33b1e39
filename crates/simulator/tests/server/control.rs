//! The rest of the control API: pushes, the data plane, whole worlds, and what does not exist.

use serde_json::{Value, json};

use crate::raw::Line;
use crate::support::{HOST, SERVICE, START_MS, Served, client};

#[tokio::test]
async fn a_pushed_image_is_there_for_ecr() {
    let served = Served::manual();
    let pushed = served.get(
        "POST",
        "images",
        &json!({ "repository": "cat-house/new", "tags": ["2f9c1e7", "latest"], "schema_head": "9c1" }),
    );
    let ecr = client!(aws_sdk_ecr, served);
    let images = ecr
        .describe_images()
        .repository_name("cat-house/new")
        .send()
        .await
        .unwrap();
    assert_eq!(
        images.image_details()[0].image_digest(),
        pushed["digest"].as_str()
    );
    for wrong in [
        "{}",
        "",
        "[]",
        r#"{"repository":"a","tags":[]}"#,
        r#"{"repository":"a","tags":["b"],"x":1}"#,
    ] {
        assert_eq!(served.ask("POST", "images", wrong).status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn what_a_service_uses_is_measured_once_a_minute() {
    let served = Served::manual();
    let used = json!({ "cluster": "cat-house", "service": SERVICE, "cpu": { "each": 80.0 }, "memory": { "together": 90 } });
    let clusters = client!(aws_sdk_ecs, served)
        .list_clusters()
        .send()
        .await
        .unwrap();
    let cluster = clusters.cluster_arns()[0]
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    let mut used = used;
    used["cluster"] = json!(cluster);
    let told = served.get("POST", "utilization", &used);
    assert_eq!(
        told["utilization"],
        json!({ "cpu": { "each": 80.0 }, "memory": { "together": 90.0 } })
    );
    let next = served.ask("GET", "now", "").json();
    // Just before a minute ends.
    assert_eq!(next["next_event_ms"].as_u64().unwrap() % 60_000, 59_999);
    for wrong in [
        json!({ "cluster": cluster, "service": "none" }),
        json!({ "cluster": cluster, "service": SERVICE, "cpu": { "each": -1 } }),
        json!({ "cluster": cluster, "service": SERVICE, "cpu": 80 }),
        json!({ "service": SERVICE }),
    ] {
        assert_eq!(
            served.ask("POST", "utilization", &wrong.to_string()).status,
            400,
            "{wrong}"
        );
    }
}

#[test]
fn users_are_answered_by_load_balancers_and_the_cdn() {
    let served = Served::manual();
    let web = |method: &str, url: &str| {
        let encoded: String = url.bytes().map(|byte| format!("%{byte:02X}")).collect();
        served.ask(method, &format!("web?url={encoded}"), "")
    };
    let api = format!("https://{HOST}/health?a=b");
    assert_eq!(web("GET", &api).status, 200);
    let teapot = web("GET", &format!("https://{HOST}/teapot"));
    assert_eq!(
        (teapot.status, teapot.header("server")),
        (418, Some("awselb/2.0"))
    );
    let page = web("GET", "https://cat-house.example/");
    assert_eq!(page.body, b"<html>one</html>");
    assert_eq!(page.header("content-type"), Some("text/html"));
    assert_eq!(page.header("x-cache"), Some("Miss from cloudfront"));
    assert_eq!(page.header("x-backstay-served-by"), Some("backstay"));
    assert_eq!(web("HEAD", "https://cat-house.example/").status, 200);
    let nobody = web("GET", "https://nobody.example/");
    assert_eq!(nobody.status, 502);
    assert_eq!(
        nobody.header("x-backstay-fetch-error"),
        Some("no-such-host")
    );
    for wrong in ["nonsense", "ftp://a/", "httpx://a/", "http://", "/relative"] {
        assert_eq!(web("GET", wrong).status, 400, "{wrong}");
    }
    assert_eq!(served.ask("GET", "web", "").status, 400);
    assert_eq!(served.ask("POST", "web?url=http://a/", "").status, 405);
}

#[test]
fn a_snapshot_is_restored_as_it_was_and_a_reset_begins_again() {
    let served = Served::manual();
    let at_the_start = served.ask("GET", "snapshot", "").json();
    served.get(
        "POST",
        "images",
        &json!({ "repository": "new", "tags": ["v1"] }),
    );
    served.get("POST", "advance", &json!({ "by_ms": 3_600_000 }));
    let taken = served.ask("GET", "snapshot", "");
    served.get("POST", "advance", &json!({ "by_ms": 3_600_000 }));
    served.get(
        "POST",
        "images",
        &json!({ "repository": "newer", "tags": ["v1"] }),
    );
    let text = String::from_utf8(taken.body.clone()).unwrap();
    let restored = served.ask("POST", "restore", &text);
    assert_eq!(restored.json()["now_ms"], START_MS + 3_600_000);
    assert_eq!(served.ask("GET", "snapshot", "").body, taken.body);
    let reset = served.get("POST", "reset", &Value::Null);
    assert_eq!(reset["now_ms"], START_MS);
    assert_eq!(served.ask("GET", "snapshot", "").json(), at_the_start);
    for wrong in [
        "",
        "{}",
        "{\"format\":99}",
        "{\"format\":1,\"world\":{}}",
        "\u{0}",
    ] {
        let refused = served.ask("POST", "restore", wrong);
        assert_eq!(refused.status, 400, "{wrong}");
        assert!(refused.json()["error"].is_string());
    }
    assert_eq!(
        served.ask("POST", "reset?account=111122223333", "").status,
        400
    );
}

#[test]
fn a_restored_world_of_another_account_is_the_default() {
    let served = Served::manual();
    let theirs = served.ask("GET", "snapshot?account=111122223333&region=eu-west-1", "");
    served.ask(
        "POST",
        "restore",
        std::str::from_utf8(&theirs.body).unwrap(),
    );
    let health = served.get("GET", "health", &Value::Null);
    assert_eq!(health["worlds"][0], "111122223333/eu-west-1");
    assert_eq!(
        served.get("GET", "picture", &Value::Null)["services"],
        json!({})
    );
    let ours = served.get(
        "GET",
        "picture?account=123456789012&region=sa-east-1",
        &Value::Null,
    );
    assert_eq!(ours["services"][SERVICE]["healthy"], 2);
}

#[test]
fn what_does_not_exist_says_what_does() {
    let served = Served::manual();
    for (method, path, status) in [
        ("GET", "nonsense", 404),
        ("GET", "", 404),
        ("POST", "now", 405),
        ("GET", "advance", 405),
        ("GET", "now?nonsense=1", 400),
        ("GET", "now?url=http://a/", 400),
    ] {
        let answer = served.ask(method, path, "");
        assert_eq!(answer.status, status, "{method} {path}");
        if status != 400 {
            let exists = answer.json()["exists"].to_string();
            assert!(
                exists.contains("GET now") && exists.contains("POST restore"),
                "{exists}"
            );
        }
    }
}

#[test]
fn every_call_of_the_documentation_exists() {
    let served = Served::manual();
    let documented = include_str!("../../src/server/mod.rs");
    let calls = documented.lines().filter_map(|line| {
        let (call, _) = line.strip_prefix("//! | `")?.split_once('`')?;
        call.trim_end_matches("?url=").split_once(' ')
    });
    let mut line = Line::to(served.address);
    let mut found = 0;
    for (method, path) in calls {
        let answer = line
            .ask(method, &format!("/_backstay/{path}"), "", "")
            .unwrap();
        assert!(![404, 405].contains(&answer.status), "{method} {path}");
        found += 1;
    }
    let unknown = line.ask("GET", "/_backstay/", "", "").unwrap().json();
    // `HEAD web` is told by the way.
    assert_eq!(unknown["exists"].as_array().unwrap().len(), found + 1);
}
