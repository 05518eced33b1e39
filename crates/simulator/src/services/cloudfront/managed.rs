//! The policies that AWS made: ids, names and what they say ([DOC] "Use managed cache policies", "... origin request policies",
//! "... response headers policies").

use serde_json::{Value, json};

use super::defaults::filled;
use super::find::counted;
use super::kind::Collection;

/// A managed policy: its id, its name, its comment, the rest.
struct Managed {
    collection: Collection,
    id: &'static str,
    name: &'static str,
    comment: &'static str,
    rest: fn() -> Value,
}

/// Id and configuration of every managed policy of a kind.
pub(super) fn all(collection: Collection) -> impl Iterator<Item = (&'static str, Value)> {
    let mine = MANAGED.iter().filter(move |it| it.collection == collection);
    mine.map(|managed| (managed.id, managed.config()))
}

/// The configuration of one of them.
pub(super) fn one(collection: Collection, id: &str) -> Option<Value> {
    let mut mine = MANAGED.iter().filter(|it| it.collection == collection);
    mine.find(|it| it.id == id).map(Managed::config)
}

impl Managed {
    fn config(&self) -> Value {
        let mut config = (self.rest)();
        config["Comment"] = json!(self.comment);
        config["Name"] = json!(format!("Managed-{}", self.name));
        filled(self.collection.row().config, config)
    }
}

const fn cache(
    id: &'static str,
    name: &'static str,
    comment: &'static str,
    rest: fn() -> Value,
) -> Managed {
    Managed {
        collection: Collection::CachePolicy,
        id,
        name,
        comment,
        rest,
    }
}

const fn request(
    id: &'static str,
    name: &'static str,
    comment: &'static str,
    rest: fn() -> Value,
) -> Managed {
    Managed {
        collection: Collection::OriginRequestPolicy,
        id,
        name,
        comment,
        rest,
    }
}

const fn response(
    id: &'static str,
    name: &'static str,
    comment: &'static str,
    rest: fn() -> Value,
) -> Managed {
    Managed {
        collection: Collection::ResponseHeadersPolicy,
        id,
        name,
        comment,
        rest,
    }
}

#[rustfmt::skip]
const MANAGED: [Managed; 18] = [
    cache("658327ea-f89d-4fab-a63d-7e88639e58f6", "CachingOptimized",
        "Policy with caching enabled. Supports Gzip and Brotli compression.",
        || caching([86_400, 31_536_000, 1], [true, true], &[], "none", "none")),
    cache("b2884449-e4de-46a7-ac36-70bc7f1ddd6d", "CachingOptimizedForUncompressedObjects",
        "Default policy when compression is disabled",
        || caching([86_400, 31_536_000, 1], [false, false], &[], "none", "none")),
    cache("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "CachingDisabled",
        "Policy with caching disabled",
        || caching([0, 0, 0], [false, false], &[], "none", "none")),
    cache("83da9c7e-98b4-4e11-a168-04f0df8e2c65", "UseOriginCacheControlHeaders",
        "Policy for origins that return Cache-Control headers. Query strings are not included in the cache key.",
        || caching([0, 31_536_000, 0], [true, true], BY_ORIGIN_HEADERS, "all", "none")),
    cache("4cc15a8a-d715-48a4-82b8-cc0b614638fe", "UseOriginCacheControlHeaders-QueryStrings",
        "Policy for origins that return Cache-Control headers and serve different content based on values present in the query string.",
        || caching([0, 31_536_000, 0], [true, true], BY_ORIGIN_HEADERS, "all", "all")),
    request("216adef6-5c7f-47e4-b989-5492eafa07d3", "AllViewer",
        "Policy to forward all parameters in viewer requests",
        || forwarding("allViewer", &[], "all", "all")),
    request("b689b0a8-53d0-40ab-baf2-68738e2966ac", "AllViewerExceptHostHeader",
        "Policy to forward all parameters in viewer requests except for the Host header",
        || forwarding("allExcept", &["host"], "all", "all")),
    request("59781a5b-3903-41f3-afcb-af62929ccde1", "CORS-CustomOrigin",
        "Policy for CORS with a custom origin",
        || forwarding("whitelist", &["origin"], "none", "none")),
    request("88a5eaf4-2fd4-4709-b370-b4c650ea3fcf", "CORS-S3Origin",
        "Policy for S3 origin with CORS",
        || forwarding("whitelist", &["origin", "access-control-request-headers", "access-control-request-method"], "none", "none")),
    request("acba4595-bd28-49b8-b9fe-13317c0390fa", "UserAgentRefererHeaders",
        "Policy to forward user-agent and referer headers to origin",
        || forwarding("whitelist", &["user-agent", "referer"], "none", "none")),
    request("bf0718e1-ba1e-49d1-88b1-f726733018ae", "HostHeaderOnly",
        "Policy to forward the Host header only",
        || forwarding("whitelist", &["host"], "none", "none")),
    request("33f36d7e-f396-46d9-90e0-52428a34d9dc", "AllViewerAndCloudFrontHeaders-2022-06",
        "Policy to forward all parameters in viewer requests and all CloudFront headers that were released through June 2022",
        || forwarding("allViewerAndWhitelistCloudFront", &[], "all", "all")),
    response("67f7725c-6f97-4210-82d7-5512b31e9d03", "SecurityHeadersPolicy",
        "Adds a set of security headers to every response",
        security),
    response("60669652-455b-4ae9-85a4-c4c02393f86c", "SimpleCORS",
        "Allows all origins for simple CORS requests",
        || cors(&["GET"], &[])),
    response("5cc3b908-e619-4b99-88e5-2cf7f45965bd", "CORS-With-Preflight",
        "Allows all origins for CORS requests, including preflight requests",
        || cors(PREFLIGHT, &["*"])),
    response("e61eb60c-9c35-4d20-a928-2b84e02af89c", "CORS-and-SecurityHeadersPolicy",
        "Allows all origins for simple CORS requests and adds security headers",
        || both(cors(&["GET"], &[]), security())),
    response("eaab4381-ed33-4a86-88ca-d9558dc6cd63", "CORS-with-preflight-and-SecurityHeadersPolicy",
        "Allows all origins for CORS requests, including preflight requests, and adds security headers",
        || both(cors(PREFLIGHT, &["*"]), security())),
    cache("08627262-05a9-4f76-9ded-b50ca2e3a84f", "Elemental-MediaPackage",
        "Policy for Elemental MediaPackage Origin",
        || caching([86_400, 31_536_000, 0], [true, false], &["origin"], "none", "none")),
];

const BY_ORIGIN_HEADERS: &[&str] = &[
    "host",
    "origin",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
];
const PREFLIGHT: &[&str] = &["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"];

fn security() -> Value {
    json!({ "SecurityHeadersConfig": {
        "XSSProtection": { "Override": false, "Protection": true, "ModeBlock": true },
        "FrameOptions": { "Override": false, "FrameOption": "SAMEORIGIN" },
        "ReferrerPolicy": { "Override": false, "ReferrerPolicy": "strict-origin-when-cross-origin" },
        "ContentTypeOptions": { "Override": true },
        "StrictTransportSecurity": { "Override": false, "AccessControlMaxAgeSec": 31_536_000 },
    } })
}

/// A policy that says both.
fn both(mut one: Value, other: Value) -> Value {
    if let (Value::Object(one), Value::Object(other)) = (&mut one, other) {
        one.extend(other);
    }
    one
}

/// TTLs are the default, the largest and the smallest; then Gzip and Brotli.
fn caching(
    ttls: [u64; 3],
    [gzip, brotli]: [bool; 2],
    headers: &[&str],
    cookies: &str,
    query: &str,
) -> Value {
    let [default, max, min] = ttls;
    let behavior = if headers.is_empty() {
        "none"
    } else {
        "whitelist"
    };
    let mut key = forwarding(behavior, headers, cookies, query);
    key["EnableAcceptEncodingGzip"] = json!(gzip);
    key["EnableAcceptEncodingBrotli"] = json!(brotli);
    json!({
        "DefaultTTL": default,
        "MaxTTL": max,
        "MinTTL": min,
        "ParametersInCacheKeyAndForwardedToOrigin": key,
    })
}

fn forwarding(behavior: &str, headers: &[&str], cookies: &str, query: &str) -> Value {
    let mut named = json!({ "HeaderBehavior": behavior });
    if !headers.is_empty() {
        named["Headers"] = texts(headers);
    }
    json!({
        "HeadersConfig": named,
        "CookiesConfig": { "CookieBehavior": cookies },
        "QueryStringsConfig": { "QueryStringBehavior": query },
    })
}

fn cors(methods: &[&str], exposed: &[&str]) -> Value {
    let mut config = json!({
        "AccessControlAllowOrigins": texts(&["*"]),
        "AccessControlAllowHeaders": texts(&["*"]),
        "AccessControlAllowMethods": texts(methods),
        "AccessControlAllowCredentials": false,
        "OriginOverride": false,
    });
    if !exposed.is_empty() {
        config["AccessControlExposeHeaders"] = texts(exposed);
    }
    json!({ "CorsConfig": config })
}

fn texts(texts: &[&str]) -> Value {
    counted(texts.iter().map(|text| json!(text)).collect())
}

#[cfg(test)]
mod tests {
    use backstay_aws_model::hold::faults;
    use backstay_aws_model::model;

    use super::*;

    #[test]
    fn every_managed_policy_fits_its_shape() {
        let model = model("cloudfront").unwrap();
        for managed in &MANAGED {
            let found = all(managed.collection).find(|(id, _)| *id == managed.id);
            let (_, config) = found.unwrap();
            let shape = model.shape_id(managed.collection.row().config).unwrap();
            assert_eq!(faults(model, shape, &config), Vec::<String>::new());
        }
    }
}
