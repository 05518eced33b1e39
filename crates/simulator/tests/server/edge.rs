//! CloudFront over real HTTP: what its edge keeps, cuts, compresses, and fetches from a program behind a load balancer.

use aws_sdk_cloudfront::types::{
    CachePolicyConfig, CustomOriginConfig, DefaultCacheBehavior, DistributionConfig, Method,
    Origin, OriginProtocolPolicy, Origins, ParametersInCacheKeyAndForwardedToOrigin,
    ViewerProtocolPolicy,
};
use backstay_simulator::server::Pace;

use crate::balanced::Balanced;
use crate::raw::{Answer, Line};
use crate::support::{Served, client, options, world};
use crate::target::{Does, Target};

const DOOR: &str = "E2ABCDEFGHIJKL";
const STYLE: &str = "body { margin: 0 }\n";

fn get(served: &Served, path: &str, headers: &str) -> Answer {
    ask(served, "GET", path, headers)
}

fn ask(served: &Served, method: &str, path: &str, headers: &str) -> Answer {
    let mut line = Line::to(served.door(DOOR));
    line.ask(method, path, headers, "").unwrap()
}

async fn put(served: &Served, key: &str, content_type: &str, body: &str) {
    let put = client!(aws_sdk_s3, served)
        .put_object()
        .bucket("cat-house-web")
        .key(key)
        .content_type(content_type)
        .cache_control("max-age=3600")
        .body(body.as_bytes().to_vec().into());
    put.send().await.unwrap();
}

#[tokio::test]
async fn the_edge_keeps_cuts_and_compresses() {
    let served = Served::of(world(), options(Pace::Manual)).unwrap();
    put(&served, "app.css", "text/css", &STYLE.repeat(100)).await;
    let first = get(&served, "/app.css", "");
    let told = |answer: &Answer, name: &str| answer.header(name).unwrap_or("-").to_owned();
    assert_eq!((first.status, first.body.len()), (200, 1_900));
    assert_eq!(told(&first, "x-cache"), "Miss from cloudfront");
    assert_eq!(
        told(&first, "via"),
        "1.1 e2abcdefghijkl.cloudfront.net (CloudFront)"
    );
    assert_eq!(told(&first, "accept-ranges"), "bytes");
    assert_eq!(
        told(&first, "last-modified"),
        "Thu, 01 Jan 2026 00:00:00 GMT"
    );
    served.get("POST", "advance", &serde_json::json!({ "by_ms": 7_000 }));

    let zipped = get(&served, "/app.css", "Accept-Encoding: br, gzip\r\n");
    assert_eq!(told(&zipped, "x-cache"), "Hit from cloudfront");
    assert_eq!(told(&zipped, "age"), "7");
    assert_eq!(told(&zipped, "content-encoding"), "gzip");
    assert_eq!(zipped.body[..2], [0x1f, 0x8b]);
    assert!(zipped.body.len() < 200, "{}", zipped.body.len());
    let etag = told(&first, "etag");
    assert_eq!(told(&zipped, "etag"), format!("W/{etag}"));

    let part = get(&served, "/app.css", "Range: bytes=5-9\r\n");
    assert_eq!(
        (part.status, &part.body[..]),
        (206, &STYLE.as_bytes()[5..10])
    );
    assert_eq!(told(&part, "content-range"), "bytes 5-9/1900");
    let beyond = get(&served, "/app.css", "Range: bytes=1900-\r\n");
    assert_eq!(
        (beyond.status, told(&beyond, "content-range")),
        (416, "bytes */1900".to_owned())
    );
    for known in [etag.clone(), format!("W/{etag}")] {
        let same = get(&served, "/app.css", &format!("If-None-Match: {known}\r\n"));
        assert_eq!((same.status, same.body.len()), (304, 0));
        assert_eq!(told(&same, "etag"), etag);
    }
    let head = ask(&served, "HEAD", "/app.css", "");
    assert_eq!(
        (head.status, told(&head, "content-length")),
        (200, "1900".to_owned())
    );
    assert_eq!(ask(&served, "DELETE", "/app.css", "").status, 403);
    assert_eq!(get(&served, "/", "").body, b"<html>one</html>");
}

/// A distribution in front of the load balancer, deployed.
async fn in_front_of(balanced: &Balanced) -> String {
    let balancer = balanced.call("DescribeLoadBalancers", "");
    let name = balancer.split("<DNSName>").nth(1).unwrap();
    let name = name.split('<').next().unwrap();
    let cloudfront = client!(aws_sdk_cloudfront, balanced.served);
    let key = ParametersInCacheKeyAndForwardedToOrigin::builder()
        .enable_accept_encoding_gzip(false)
        .headers_config(header_none())
        .cookies_config(cookie_none())
        .query_strings_config(query_all())
        .build();
    let policy = CachePolicyConfig::builder()
        .name("by-query")
        .min_ttl(0)
        .default_ttl(0)
        .max_ttl(60)
        .parameters_in_cache_key_and_forwarded_to_origin(key.unwrap())
        .build();
    let made = cloudfront
        .create_cache_policy()
        .cache_policy_config(policy.unwrap());
    let made = made.send().await.unwrap();
    let policy = made.cache_policy().unwrap().id().to_owned();
    let origin = Origin::builder()
        .id("api")
        .domain_name(name)
        .custom_origin_config(
            CustomOriginConfig::builder()
                .http_port(80)
                .https_port(443)
                .origin_protocol_policy(OriginProtocolPolicy::HttpsOnly)
                .build()
                .unwrap(),
        );
    let behavior = DefaultCacheBehavior::builder()
        .target_origin_id("api")
        .viewer_protocol_policy(ViewerProtocolPolicy::AllowAll)
        .cache_policy_id(policy)
        .allowed_methods(all_methods())
        .build();
    let origins = Origins::builder()
        .quantity(1)
        .items(origin.build().unwrap());
    let config = DistributionConfig::builder()
        .caller_reference("one")
        .comment("")
        .enabled(true)
        .origins(origins.build().unwrap())
        .default_cache_behavior(behavior.unwrap());
    let create = cloudfront.create_distribution();
    let made = create
        .distribution_config(config.build().unwrap())
        .send()
        .await
        .unwrap();
    balanced.advance_s(1_800);
    made.distribution().unwrap().id().to_owned()
}

fn all_methods() -> aws_sdk_cloudfront::types::AllowedMethods {
    let all = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"].map(Method::from);
    aws_sdk_cloudfront::types::AllowedMethods::builder()
        .quantity(7)
        .set_items(Some(all.to_vec()))
        .build()
        .unwrap()
}

fn header_none() -> aws_sdk_cloudfront::types::CachePolicyHeadersConfig {
    aws_sdk_cloudfront::types::CachePolicyHeadersConfig::builder()
        .header_behavior("none".into())
        .build()
        .unwrap()
}

fn cookie_none() -> aws_sdk_cloudfront::types::CachePolicyCookiesConfig {
    aws_sdk_cloudfront::types::CachePolicyCookiesConfig::builder()
        .cookie_behavior("none".into())
        .build()
        .unwrap()
}

fn query_all() -> aws_sdk_cloudfront::types::CachePolicyQueryStringsConfig {
    aws_sdk_cloudfront::types::CachePolicyQueryStringsConfig::builder()
        .query_string_behavior("all".into())
        .build()
        .unwrap()
}

#[tokio::test]
async fn an_edge_asks_a_program_behind_a_load_balancer() {
    let kept = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 4\r\n\r\nkept";
    let target = Target::start(Does::Answers(kept));
    let balanced = Balanced::in_front_of(&target);
    let id = in_front_of(&balanced).await;
    balanced.until(target.address, "healthy");
    let door = balanced.served.door(&id);
    let ask = |method: &str, path: &str, headers: &str, body: &str| {
        Line::to(door).ask(method, path, headers, body).unwrap()
    };
    let first = ask(
        "GET",
        "/cats?page=1",
        "Range: bytes=0-1\r\nX-Forwarded-For: 198.51.100.1\r\n",
        "",
    );
    assert_eq!((first.status, &first.body[..]), (206, &b"ke"[..]));
    let asked = target.asked();
    assert!(
        asked.starts_with("GET /cats?page=1 HTTP/1.1\r\n"),
        "{asked}"
    );
    assert!(
        asked.contains("x-forwarded-for: 198.51.100.1, 127.0.0.1, 127.0.0.1\r\n"),
        "{asked}"
    );
    assert!(
        !asked.contains("range:"),
        "the edge fetches all of it: {asked}"
    );
    let second = ask("GET", "/cats?page=1", "", "");
    assert_eq!(second.header("x-cache"), Some("Hit from cloudfront"));
    let other = ask("GET", "/cats?page=2", "", "");
    assert_eq!(other.header("x-cache"), Some("Miss from cloudfront"));
    assert!(target.asked().starts_with("GET /cats?page=2 "));

    let made = b"HTTP/1.1 201 Made\r\nCache-Control: max-age=60\r\nContent-Length: 0\r\n\r\n";
    target.does(Does::Answers(made));
    for _ in 0..2 {
        let posted = ask("POST", "/cats?page=1", "X-Own: 1\r\n", "a cat");
        assert_eq!(
            (posted.status, posted.header("x-cache")),
            (201, Some("Miss from cloudfront"))
        );
        let asked = target.asked();
        assert!(
            asked.starts_with("POST /cats?page=1 ") && asked.ends_with("\r\n\r\na cat"),
            "{asked}"
        );
        assert!(asked.contains("x-own: 1\r\n"), "{asked}");
    }
    target.does(Does::Breaks);
    let broken = ask("GET", "/cats?page=3", "", "");
    assert_eq!(
        (broken.status, broken.header("x-cache")),
        (502, Some("Error from cloudfront"))
    );
    assert_eq!(balanced.counted("RequestCount"), 5.0);
}
