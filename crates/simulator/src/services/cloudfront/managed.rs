//! The policies that AWS made: ids, names and what they say ([DOC] "Use managed cache policies", "... origin request policies",
//! "... response headers policies").

use super::kind::Collection;
use super::shape::normal;
use super::tree::Element;

/// A managed policy: its id, its name, its comment, the rest.
struct Managed {
    collection: Collection,
    id: &'static str,
    name: &'static str,
    comment: &'static str,
    rest: fn() -> String,
}

/// Id and configuration of every managed policy of a kind.
pub(super) fn all(collection: Collection) -> impl Iterator<Item = (&'static str, Element)> {
    let mine = MANAGED.iter().filter(move |it| it.collection == collection);
    mine.map(move |managed| {
        let Managed {
            name,
            comment,
            rest,
            ..
        } = managed;
        let xml = format!(
            "<Config><Comment>{comment}</Comment><Name>Managed-{name}</Name>{}</Config>",
            rest()
        );
        // A test holds that each fits its shape.
        let config = Element::parse(xml.as_bytes());
        let config = config.and_then(|config| normal(config, collection.row().shape));
        (managed.id, config.unwrap_or_default())
    })
}

const fn cache(
    id: &'static str,
    name: &'static str,
    comment: &'static str,
    rest: fn() -> String,
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
    rest: fn() -> String,
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
    rest: fn() -> String,
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
        || SECURITY.to_owned()),
    response("60669652-455b-4ae9-85a4-c4c02393f86c", "SimpleCORS",
        "Allows all origins for simple CORS requests",
        || cors(&["GET"], false)),
    response("5cc3b908-e619-4b99-88e5-2cf7f45965bd", "CORS-With-Preflight",
        "Allows all origins for CORS requests, including preflight requests",
        || cors(PREFLIGHT, true)),
    response("e61eb60c-9c35-4d20-a928-2b84e02af89c", "CORS-and-SecurityHeadersPolicy",
        "Allows all origins for simple CORS requests and adds security headers",
        || format!("{}{SECURITY}", cors(&["GET"], false))),
    response("eaab4381-ed33-4a86-88ca-d9558dc6cd63", "CORS-with-preflight-and-SecurityHeadersPolicy",
        "Allows all origins for CORS requests, including preflight requests, and adds security headers",
        || format!("{}{SECURITY}", cors(PREFLIGHT, true))),
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
const SECURITY: &str = "<SecurityHeadersConfig><XSSProtection><Override>false</Override><Protection>true</Protection>\
    <ModeBlock>true</ModeBlock></XSSProtection><FrameOptions><Override>false</Override><FrameOption>SAMEORIGIN</FrameOption></FrameOptions>\
    <ReferrerPolicy><Override>false</Override><ReferrerPolicy>strict-origin-when-cross-origin</ReferrerPolicy></ReferrerPolicy>\
    <ContentTypeOptions><Override>true</Override></ContentTypeOptions><StrictTransportSecurity><Override>false</Override>\
    <AccessControlMaxAgeSec>31536000</AccessControlMaxAgeSec></StrictTransportSecurity></SecurityHeadersConfig>";

/// TTLs are the default, the largest and the smallest; then Gzip and Brotli.
fn caching(
    ttls: [u64; 3],
    [gzip, brotli]: [bool; 2],
    headers: &[&str],
    cookies: &str,
    query: &str,
) -> String {
    let [default, max, min] = ttls;
    let behavior = if headers.is_empty() {
        "none"
    } else {
        "whitelist"
    };
    format!(
        "<DefaultTTL>{default}</DefaultTTL><MaxTTL>{max}</MaxTTL><MinTTL>{min}</MinTTL>\
         <ParametersInCacheKeyAndForwardedToOrigin><EnableAcceptEncodingGzip>{gzip}</EnableAcceptEncodingGzip>\
         <EnableAcceptEncodingBrotli>{brotli}</EnableAcceptEncodingBrotli>{}</ParametersInCacheKeyAndForwardedToOrigin>",
        forwarding(behavior, headers, cookies, query)
    )
}

fn forwarding(behavior: &str, headers: &[&str], cookies: &str, query: &str) -> String {
    let named = if headers.is_empty() {
        String::new()
    } else {
        counted("Headers", "Name", headers)
    };
    format!(
        "<HeadersConfig><HeaderBehavior>{behavior}</HeaderBehavior>{named}</HeadersConfig>\
         <CookiesConfig><CookieBehavior>{cookies}</CookieBehavior></CookiesConfig>\
         <QueryStringsConfig><QueryStringBehavior>{query}</QueryStringBehavior></QueryStringsConfig>"
    )
}

fn cors(methods: &[&str], exposes: bool) -> String {
    let exposed = if exposes {
        counted("AccessControlExposeHeaders", "Header", &["*"])
    } else {
        String::new()
    };
    format!(
        "<CorsConfig>{}{}{}<AccessControlAllowCredentials>false</AccessControlAllowCredentials>{exposed}\
         <OriginOverride>false</OriginOverride></CorsConfig>",
        counted("AccessControlAllowOrigins", "Origin", &["*"]),
        counted("AccessControlAllowHeaders", "Header", &["*"]),
        counted("AccessControlAllowMethods", "Method", methods),
    )
}

fn counted(name: &str, item: &str, items: &[&str]) -> String {
    let inner: String = items
        .iter()
        .map(|text| format!("<{item}>{text}</{item}>"))
        .collect();
    format!(
        "<{name}><Quantity>{}</Quantity><Items>{inner}</Items></{name}>",
        items.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_managed_policy_fits_its_shape() {
        for managed in &MANAGED {
            let found = all(managed.collection).find(|(id, _)| *id == managed.id);
            let (_, config) = found.unwrap();
            assert!(!config.children.is_empty(), "{}", managed.name);
        }
    }
}
