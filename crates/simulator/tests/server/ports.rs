//! Ports for users: one for each listener and each distribution, as long as those are there.

use std::net::TcpStream;

use serde_json::{Value, json};

use crate::balanced::{Balanced, until};
use crate::raw::Line;
use crate::support::{HOST, Served, client};

#[test]
fn each_listener_and_each_distribution_has_a_port() {
    let served = Served::manual();
    let ports = served.get("GET", "ports", &Value::Null);
    let ports = ports["ports"].as_array().unwrap();
    let told = |port: &Value| {
        let text = |name: &str| port[name].as_str().unwrap().to_owned();
        (
            text("kind"),
            text("name"),
            text("protocol"),
            port["port"].clone(),
            port["hosts"].clone(),
        )
    };
    let mut all: Vec<_> = ports.iter().map(told).collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    let text = |text: &str| text.to_owned();
    let dns_name = "front-1.sa-east-1.elb.amazonaws.com";
    let edge = (
        text("distribution"),
        text("E2ABCDEFGHIJKL"),
        text("HTTPS"),
        json!(443),
        json!(["cat-house.example"]),
    );
    let front = (
        text("load-balancer"),
        text("front"),
        text("HTTPS"),
        json!(443),
        json!([HOST, dns_name]),
    );
    assert_eq!(all, [edge, front]);
    assert!(
        ports
            .iter()
            .all(|port| port["world"] == "123456789012/sa-east-1")
    );
    assert_eq!(served.ask("GET", "ports?region=eu-west-1", "").status, 400);
    assert_eq!(served.ask("POST", "ports", "").status, 405);
}

#[test]
fn scripted_tasks_answer_at_any_port_by_host_and_at_their_own_by_any() {
    let served = Served::manual();
    let doors = ["front", "E2ABCDEFGHIJKL"].map(|name| served.door(name));
    let ask = |door: usize, host: &str, path: &str| {
        let mut line = Line::to(doors[door]);
        let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n\r\n");
        line.send(request.as_bytes()).unwrap();
        line.answer("GET").unwrap()
    };
    let page = b"<html>one</html>";
    for (door, host, path, status) in [
        (0, "localhost", "/health", 200),
        (0, "127.0.0.1:9", "/teapot", 418),
        (0, HOST, "/health", 200),
        (1, HOST, "/health", 200),
        (0, "api.nobody.example", "/health", 200),
        (1, "localhost:8080", "/", 200),
        (0, "cat-house.example", "/", 200),
        (1, "nobody.example", "/missing", 403),
    ] {
        let answer = ask(door, host, path);
        assert_eq!(answer.status, status, "{door} {host} {path}");
        assert_eq!(answer.body == page, path == "/", "{door} {host}");
        assert_eq!(answer.header("date"), Some("Thu, 01 Jan 2026 00:00:00 GMT"));
    }
}

#[tokio::test]
async fn ports_come_and_go_with_what_is_behind_them() {
    let balanced = Balanced::new();
    let elb = client!(aws_sdk_elasticloadbalancingv2, balanced.served);
    let made = elb
        .create_load_balancer()
        .name("back")
        .subnets("subnet-1")
        .subnets("subnet-2")
        .send()
        .await
        .unwrap();
    let arn = made.load_balancers()[0].load_balancer_arn().unwrap();
    let fixed = aws_sdk_elasticloadbalancingv2::types::FixedResponseActionConfig::builder()
        .status_code("203")
        .build();
    let action = aws_sdk_elasticloadbalancingv2::types::Action::builder()
        .r#type("fixed-response".into())
        .fixed_response_config(fixed)
        .build();
    let listener = elb
        .create_listener()
        .load_balancer_arn(arn)
        .protocol("HTTP".into());
    listener
        .port(8080)
        .default_actions(action)
        .send()
        .await
        .unwrap();
    let names = || {
        let ports = balanced.served.get("GET", "ports", &Value::Null);
        let ports = ports["ports"].as_array().unwrap().clone();
        let names = ports
            .iter()
            .map(|port| port["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(), ["front"], "it is provisioning");
    balanced.advance_s(600);
    assert_eq!(names().len(), 2);
    let door = balanced.served.door("back");
    let answer = Line::to(door).ask("GET", "/", "", "").unwrap();
    assert_eq!(answer.status, 203);
    elb.delete_load_balancer()
        .load_balancer_arn(arn)
        .send()
        .await
        .unwrap();
    assert_eq!(names(), ["front"]);
    until(|| match TcpStream::connect(door) {
        Err(_) => Ok(()),
        Ok(_) => Err("it still listens".to_owned()),
    });
}
