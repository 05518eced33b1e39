//! Which rule answers: by port, by priority, by what the request is like.

use serde_json::{Value, json};

use super::stage::{START_MS, arn, ok, world};
use crate::base::here::here;
use crate::base::visit::Visit;
use crate::services::elb::Routed;
use crate::{Millis, World};

/// Two subnets; active two minutes later.
fn balancer(world: &mut World) -> (String, String) {
    let input =
        json!({ "Name": "made", "Subnets": ["subnet-1", "subnet-2"], "SecurityGroups": ["sg-1"] });
    let made = ok(world, "CreateLoadBalancer", input);
    (
        arn(&made, "/LoadBalancers/0/LoadBalancerArn"),
        arn(&made, "/LoadBalancers/0/DNSName"),
    )
}

fn fixed(status: &str) -> Value {
    json!({ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": status } })
}

fn status(world: &mut World, visit: &Visit) -> Option<u16> {
    match here!(world.elb).route(visit)? {
        Routed::Fixed(response) => Some(response.status),
        Routed::Status(status) | Routed::Redirect(status, _) => Some(status),
        Routed::Target(_) => Some(200),
        Routed::Refused => None,
    }
}

const ACTIVE_MS: Millis = START_MS + 120_000;

#[test]
fn a_load_balancer_is_provisioned_before_it_answers() {
    let mut world = world();
    let (balancer, name) = balancer(&mut world);
    ok(
        &mut world,
        "CreateListener",
        json!({ "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": "80", "DefaultActions": [fixed("404")] }),
    );
    let state = |world: &mut World| {
        let told = ok(
            world,
            "DescribeLoadBalancers",
            json!({ "LoadBalancerArns": [balancer] }),
        );
        told["LoadBalancers"][0]["State"]["Code"]
            .as_str()
            .expect("a code")
            .to_owned()
    };
    let visit = Visit {
        scheme: "http".to_owned(),
        port: 80,
        ..Visit::get(&name, "/")
    };
    world.advance(ACTIVE_MS - 1);
    assert_eq!(
        (state(&mut world).as_str(), status(&mut world, &visit)),
        ("provisioning", None)
    );
    world.advance(ACTIVE_MS);
    assert_eq!(
        (state(&mut world).as_str(), status(&mut world, &visit)),
        ("active", Some(404))
    );
    let elsewhere = Visit {
        port: 8080,
        ..visit
    };
    assert_eq!(status(&mut world, &elsewhere), None, "nobody listens there");
}

#[test]
fn http_is_redirected_to_https() {
    let mut world = world();
    let (balancer, name) = balancer(&mut world);
    let redirect = json!({ "Type": "redirect", "RedirectConfig": { "Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301" } });
    let http = json!({ "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": 80, "DefaultActions": [redirect] });
    ok(&mut world, "CreateListener", http);
    world.advance(ACTIVE_MS);
    let plain = Visit {
        scheme: "http".to_owned(),
        port: 80,
        ..Visit::get(&name, "/a")
    };
    let location = format!("https://{name}:443/a");
    let redirected = Routed::Redirect(301, location);
    assert_eq!(here!(world.elb).route(&plain), Some(redirected));
}

#[test]
fn rules_are_asked_by_priority() {
    let mut world = world();
    let (balancer, name) = balancer(&mut world);
    let https = json!({
        "LoadBalancerArn": balancer, "Protocol": "HTTPS", "Port": 443, "DefaultActions": [fixed("404")],
        "Certificates": [{ "CertificateArn": "arn:aws:acm:sa-east-1:123456789012:certificate/1" }],
    });
    let made = ok(&mut world, "CreateListener", https);
    let listener = arn(&made, "/Listeners/0/ListenerArn");
    let mut rule = |priority: u32, condition: Value, code: &str| {
        let input = json!({ "ListenerArn": listener, "Priority": priority, "Conditions": [condition], "Actions": [fixed(code)] });
        arn(&ok(&mut world, "CreateRule", input), "/Rules/0/RuleArn")
    };
    let path = |pattern: &str| json!({ "Field": "path-pattern", "PathPatternConfig": { "Values": [pattern] } });
    let wide = rule(20, path("/api/*"), "500");
    let narrow = rule(30, path("/api/v1/*"), "501");
    let method = json!({ "Field": "http-request-method", "HttpRequestMethodConfig": { "Values": ["DELETE"] } });
    rule(40, method, "405");
    world.advance(ACTIVE_MS);
    let asked = |world: &mut World, method: &str, path: &str| {
        let visit = Visit {
            method: method.to_owned(),
            ..Visit::get(&name, path)
        };
        status(world, &visit)
    };
    assert_eq!(asked(&mut world, "GET", "/api/v1/cats"), Some(500));
    assert_eq!(asked(&mut world, "DELETE", "/"), Some(405));
    assert_eq!(asked(&mut world, "GET", "/"), Some(404));
    let swap = json!({ "RulePriorities": [{ "RuleArn": wide, "Priority": "30" }, { "RuleArn": narrow, "Priority": "20" }] });
    ok(&mut world, "SetRulePriorities", swap);
    assert_eq!(
        asked(&mut world, "GET", "/api/v1/cats"),
        Some(501),
        "the narrow one is asked first now"
    );
    let told = ok(
        &mut world,
        "DescribeRules",
        json!({ "ListenerArn": listener }),
    );
    let told = told["Rules"].as_array().expect("rules").iter();
    let priorities: Vec<&str> = told.filter_map(|it| it["Priority"].as_str()).collect();
    assert_eq!(priorities, ["20", "30", "40", "default"]);
    ok(&mut world, "DeleteRule", json!({ "RuleArn": narrow }));
    assert_eq!(asked(&mut world, "GET", "/api/v1/cats"), Some(500));
}
