//! Users' requests through the load balancer.

use backstay_simulator::{Cloud, WebReply, WebRequest};

use crate::stage::{HOST, cloud};

async fn get(cloud: &Cloud, path: &str) -> WebReply {
    cloud
        .fetch(WebRequest::get(format!("https://{HOST}{path}")))
        .await
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn rules_lead_to_tasks_or_to_fixed_answers() {
    let cloud = cloud();
    let before = cloud.now_ms();
    let reply = get(&cloud, "/auth/health").await;
    assert_eq!(reply.status, 200);
    let body: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(body["version"], "a1b2c3d");
    assert_eq!(cloud.now_ms() - before, 4);
    assert_eq!(get(&cloud, "/teapot").await.status, 418);
    assert_eq!(get(&cloud, "/nothing").await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn targets_take_turns_and_head_has_no_body() {
    let cloud = cloud();
    let served_by = |reply: &WebReply| {
        reply
            .headers
            .iter()
            .find(|(name, _)| name == "x-served-by")
            .map(|(_, value)| value.clone())
            .unwrap()
    };
    let (one, two) = (get(&cloud, "/auth/x").await, get(&cloud, "/auth/x").await);
    assert_ne!(served_by(&one), served_by(&two));
    let head = WebRequest {
        method: "HEAD".to_owned(),
        ..WebRequest::get(format!("https://{HOST}/auth/x"))
    };
    assert!(cloud.fetch(head).await.unwrap().body.is_empty());
    assert!(cloud.fetch(WebRequest::get("/relative")).await.is_err());
}
