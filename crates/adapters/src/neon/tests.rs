//! Neon's API, as it is asked and as it answers.

use std::time::Duration;

use backstay_domain::anchor::Anchor;
use wiremock::matchers::{body_json, header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

const PROJECT: &str = "/projects/quiet-sun-1/branches";

fn anchor() -> Anchor {
    Anchor {
        of: AnchorOf::Branch {
            project: "quiet-sun-1".to_owned(),
            branch: "main".to_owned(),
            key: "NEON_API_KEY".to_owned(),
        },
        timeout: Duration::from_secs(60),
        keep: Some(Duration::from_secs(86_400)),
    }
}

fn request() -> AnchorRequest {
    AnchorRequest {
        anchor: anchor(),
        name: "backstay-d-1".to_owned(),
        app: "shop".parse().unwrap(),
        environment: "staging".parse().unwrap(),
        deployment: "d-0001".parse().unwrap(),
        moment: "2026-01-02T00:00:00Z".parse().unwrap(),
    }
}

fn written(deployment: &str) -> Value {
    json!({ "value": {
        "backstay-app": "shop", "backstay-environment": "staging", "backstay-deployment": deployment,
    }})
}

async fn answers(server: &MockServer, search: &str, answer: Value) {
    Mock::given(method("GET"))
        .and(path(PROJECT))
        .and(query_param("search", search))
        .and(header("authorization", "Bearer sekrit"))
        .respond_with(ResponseTemplate::new(200).set_body_json(answer))
        .mount(server)
        .await;
}

async fn neon(server: &MockServer) -> Neon {
    let main = json!({ "branches": [
        { "id": "br-0", "name": "maintenance" }, { "id": "br-1", "name": "main" } ] });
    answers(server, "main", main).await;
    Neon::new(&server.uri(), Secret("sekrit".to_owned())).unwrap()
}

#[tokio::test]
async fn a_branch_of_the_environments_own_is_made_with_what_tells_it_again() {
    let server = MockServer::start().await;
    let neon = neon(&server).await;
    answers(&server, "backstay-d-1", json!({ "branches": [] })).await;
    let sent = json!({
        "branch": { "parent_id": "br-1", "name": "backstay-d-1" },
        "annotation_value": written("d-0001")["value"],
    });
    let made =
        json!({ "branch": { "id": "br-9", "name": "backstay-d-1", "current_state": "init" } });
    Mock::given(method("POST"))
        .and(path(PROJECT))
        .and(body_json(sent))
        .respond_with(ResponseTemplate::new(201).set_body_json(made))
        .expect(1)
        .mount(&server)
        .await;
    let id = neon.make(&request(), "quiet-sun-1", "main").await;
    assert_eq!(id.as_deref(), Ok("br-9"));
}

#[tokio::test]
async fn one_that_is_there_is_ours_or_in_the_way() {
    for (deployment, expected) in [("d-0001", Ok("br-9")), ("d-2", Err(FailureKind::Conflict))] {
        let server = MockServer::start().await;
        let neon = neon(&server).await;
        let there = json!({
            "branches": [{ "id": "br-9", "name": "backstay-d-1" }],
            "annotations": { "br-9": written(deployment) },
        });
        answers(&server, "backstay-d-1", there).await;
        let id = neon.make(&request(), "quiet-sun-1", "main").await;
        let id = id.as_deref().map_err(|failure| failure.kind);
        assert_eq!(id, expected, "{deployment}");
    }
}

#[tokio::test]
async fn it_is_there_when_it_is_ready_and_says_how_it_is_restored() {
    let server = MockServer::start().await;
    let neon = neon(&server).await;
    for (id, state) in [("br-9", "ready"), ("br-8", "init"), ("br-7", "archived")] {
        let found = json!({ "branch": { "id": id, "name": "backstay-d-1", "current_state": state,
            "parent_timestamp": "2026-01-02T00:00:01Z" } });
        Mock::given(method("GET"))
            .and(path(format!("{PROJECT}/{id}")))
            .respond_with(ResponseTemplate::new(200).set_body_json(found))
            .mount(&server)
            .await;
    }
    let request = request();
    let look = async |id: &str| {
        let place = ("quiet-sun-1", "main");
        neon.look(&request, place, id).await.unwrap()
    };
    let AnchorView::Ready(anchored) = look("br-9").await else {
        panic!("it is ready");
    };
    assert_eq!(anchored.holds.to_string(), "2026-01-02T00:00:01Z");
    let command = &anchored.restore[0];
    assert!(command.contains("/branches/br-1/restore"), "{command}");
    assert!(command.contains("Bearer $NEON_API_KEY"), "{command}");
    assert!(!command.contains("sekrit"), "{command}");
    assert_eq!(look("br-8").await, AnchorView::Making(None));
    assert!(matches!(look("br-7").await, AnchorView::Failed(_)));
}

#[tokio::test]
async fn whatever_somebody_calls_a_branch_is_no_part_of_an_address_or_a_command() {
    let server = MockServer::start().await;
    let neon = Neon::new(&server.uri(), Secret("sekrit".to_owned())).unwrap();
    let name = "it's main&limit=1#";
    let listed = json!({ "branches": [{ "id": "br-1", "name": name }] });
    let found =
        json!({ "branch": { "id": "br/9", "name": "backstay-d-1", "current_state": "ready" } });
    Mock::given(method("GET"))
        .and(path("/projects/quiet%20sun%2F1%3F/branches"))
        .and(query_param("search", name))
        .and(query_param("limit", "1000"))
        .respond_with(ResponseTemplate::new(200).set_body_json(listed))
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path("/projects/quiet%20sun%2F1%3F/branches/br%2F9"))
        .respond_with(ResponseTemplate::new(200).set_body_json(found))
        .mount(&server)
        .await;
    let place = ("quiet sun/1?", name);
    let seen = neon.look(&request(), place, "br/9").await.unwrap();
    let AnchorView::Ready(anchored) = seen else {
        panic!("{seen:?}");
    };
    let command = &anchored.restore[0];
    let written = r#""preserve_under_name":"it'\''s main&limit=1#-before-backstay-d-1""#;
    assert!(command.contains(written), "{command}");
    assert!(
        command.contains("/projects/quiet%20sun%2F1%3F/branches/br-1/restore "),
        "{command}"
    );
}

#[tokio::test]
async fn only_what_backstay_made_here_and_is_old_is_removed() {
    let server = MockServer::start().await;
    let neon = neon(&server).await;
    let branch = |id: &str, name: &str, day: u8| json!({ "id": id, "name": name, "created_at": format!("2026-01-{day:02}T00:00:00Z") });
    let mut elsewhere = written("d-5");
    elsewhere["value"]["backstay-environment"] = "production".into();
    let there = json!({
        "branches": [
            branch("br-2", "backstay-d-2", 1), branch("br-3", "backstay-d-3", 9),
            branch("br-4", "backstay-d-4", 1), branch("br-5", "backstay-d-5", 1),
            branch("br-1", "backstay-d-1", 1), branch("br-6", "mine", 1),
        ],
        "annotations": {
            "br-2": written("d-2"), "br-3": written("d-3"), "br-5": elsewhere, "br-1": written("d-0001"),
            "br-6": written("d-6"),
        },
    });
    answers(&server, "backstay-", there).await;
    Mock::given(method("DELETE"))
        .and(path(format!("{PROJECT}/br-2")))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({})))
        .expect(1)
        .mount(&server)
        .await;
    let outlived = Outlived {
        anchor: anchor(),
        app: "shop".parse().unwrap(),
        environment: "staging".parse().unwrap(),
        before: "2026-01-05T00:00:00Z".parse().unwrap(),
        but: "backstay-d-1".to_owned(),
    };
    let gone = neon.forget(&outlived, "quiet-sun-1").await;
    assert_eq!(gone.unwrap(), ["backstay-d-2"]);
}

#[tokio::test]
async fn what_it_refuses_is_told_apart_and_never_tells_the_key() {
    let rows = [
        (401, FailureKind::Denied),
        (404, FailureKind::NotFound),
        (422, FailureKind::Rejected),
        (423, FailureKind::Throttled),
        (429, FailureKind::Throttled),
        (503, FailureKind::Unavailable),
    ];
    for (status, kind) in rows {
        let server = MockServer::start().await;
        let said =
            json!({ "code": "BRANCHES_LIMIT_EXCEEDED", "message": "branches limit exceeded" });
        Mock::given(method("GET"))
            .respond_with(ResponseTemplate::new(status).set_body_json(said))
            .mount(&server)
            .await;
        let neon = Neon::new(&server.uri(), Secret("sekrit".to_owned())).unwrap();
        let failure = neon.branch("quiet-sun-1", "main").await.unwrap_err();
        assert_eq!(failure.kind, kind, "{status}");
        assert_eq!(
            failure.to_string(),
            "neon.ListBranches: BRANCHES_LIMIT_EXCEEDED: branches limit exceeded"
        );
    }
    let nobody = Neon::new("http://127.0.0.1:1", Secret("sekrit".to_owned())).unwrap();
    let failure = nobody.branch("quiet-sun-1", "main").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unavailable);
    let told = format!("{failure} {failure:?} {nobody:?}");
    assert!(!told.contains("sekrit"), "{told}");
}
