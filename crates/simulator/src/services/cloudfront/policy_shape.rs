//! The shapes of origin access controls and of the three kinds of policies ([MODEL]).

use super::shape::Kind::{Flag, Number, Of, OneOf, Text};
use super::shape::{Member, counted, may, must, or};

pub(super) const ORIGIN_ACCESS_CONTROL: &[Member] = &[
    must("Name", Text),
    or("Description", Text, ""),
    must("SigningProtocol", OneOf(&["sigv4", "sigv4a"])),
    must(
        "SigningBehavior",
        OneOf(&["never", "always", "no-override", "always-amz-auth"]),
    ),
    must(
        "OriginAccessControlOriginType",
        OneOf(&["s3", "mediastore", "mediapackagev2", "lambda"]),
    ),
];

/// DefaultTTL and MaxTTL are a day and a year [DOC].
pub(super) const CACHE_POLICY: &[Member] = &[
    or("Comment", Text, ""),
    must("Name", Text),
    or("DefaultTTL", Number, "86400"),
    or("MaxTTL", Number, "31536000"),
    must("MinTTL", Number),
    may("ParametersInCacheKeyAndForwardedToOrigin", Of(CACHE_KEY)),
];

const CACHE_KEY: &[Member] = &[
    must("EnableAcceptEncodingGzip", Flag),
    or("EnableAcceptEncodingBrotli", Flag, "false"),
    must("HeadersConfig", Of(HEADERS)),
    must("CookiesConfig", Of(COOKIES)),
    must("QueryStringsConfig", Of(QUERY_STRINGS)),
];

const HEADERS: &[Member] = &[
    must(
        "HeaderBehavior",
        OneOf(&[
            "none",
            "whitelist",
            "allViewer",
            "allViewerAndWhitelistCloudFront",
            "allExcept",
        ]),
    ),
    may("Headers", counted!("Name")),
];
const COOKIES: &[Member] = &[
    must(
        "CookieBehavior",
        OneOf(&["none", "whitelist", "allExcept", "all"]),
    ),
    may("Cookies", counted!("Name")),
];
const QUERY_STRINGS: &[Member] = &[
    must(
        "QueryStringBehavior",
        OneOf(&["none", "whitelist", "allExcept", "all"]),
    ),
    may("QueryStrings", counted!("Name")),
];

pub(super) const ORIGIN_REQUEST_POLICY: &[Member] = &[
    or("Comment", Text, ""),
    must("Name", Text),
    must("HeadersConfig", Of(HEADERS)),
    must("CookiesConfig", Of(COOKIES)),
    must("QueryStringsConfig", Of(QUERY_STRINGS)),
];

pub(super) const RESPONSE_HEADERS_POLICY: &[Member] = &[
    or("Comment", Text, ""),
    must("Name", Text),
    may("CorsConfig", Of(CORS)),
    may("SecurityHeadersConfig", Of(SECURITY)),
    may(
        "ServerTimingHeadersConfig",
        Of(&[must("Enabled", Flag), may("SamplingRate", Number)]),
    ),
    may(
        "CustomHeadersConfig",
        counted!("ResponseHeadersPolicyCustomHeader", Of(CUSTOM_HEADER)),
    ),
    may(
        "RemoveHeadersConfig",
        counted!(
            "ResponseHeadersPolicyRemoveHeader",
            Of(&[must("Header", Text)])
        ),
    ),
];

const CORS: &[Member] = &[
    must("AccessControlAllowOrigins", counted!("Origin")),
    must("AccessControlAllowHeaders", counted!("Header")),
    must("AccessControlAllowMethods", counted!("Method")),
    must("AccessControlAllowCredentials", Flag),
    may("AccessControlExposeHeaders", counted!("Header")),
    may("AccessControlMaxAgeSec", Number),
    must("OriginOverride", Flag),
];

const SECURITY: &[Member] = &[
    may(
        "XSSProtection",
        Of(&[
            must("Override", Flag),
            must("Protection", Flag),
            may("ModeBlock", Flag),
            may("ReportUri", Text),
        ]),
    ),
    may(
        "FrameOptions",
        Of(&[
            must("Override", Flag),
            must("FrameOption", OneOf(&["DENY", "SAMEORIGIN"])),
        ]),
    ),
    may(
        "ReferrerPolicy",
        Of(&[must("Override", Flag), must("ReferrerPolicy", Text)]),
    ),
    may(
        "ContentSecurityPolicy",
        Of(&[must("Override", Flag), must("ContentSecurityPolicy", Text)]),
    ),
    may("ContentTypeOptions", Of(&[must("Override", Flag)])),
    may(
        "StrictTransportSecurity",
        Of(&[
            must("Override", Flag),
            may("IncludeSubdomains", Flag),
            may("Preload", Flag),
            must("AccessControlMaxAgeSec", Number),
        ]),
    ),
];

const CUSTOM_HEADER: &[Member] = &[
    must("Header", Text),
    must("Value", Text),
    must("Override", Flag),
];
