//! The shape of DistributionConfig: its members in AWS's order and what AWS fills in ([MODEL]; defaults [DOC]).

use super::shape::Kind::{Flag, Items, Number, Of, OneOf, Quantity, Text};
use super::shape::{Kind, Member, counted, filled, may, must, or};

#[rustfmt::skip]
pub(super) const DISTRIBUTION: &[Member] = &[
    must("CallerReference", Text),
    filled("Aliases", counted!("CNAME")),
    or("DefaultRootObject", Text, ""),
    must("Origins", counted!("Origin", Of(ORIGIN))),
    filled("OriginGroups", counted!("OriginGroup", Of(ORIGIN_GROUP))),
    must("DefaultCacheBehavior", Of(DEFAULT_BEHAVIOR)),
    filled("CacheBehaviors", counted!("CacheBehavior", Of(BEHAVIOR))),
    filled("CustomErrorResponses", counted!("CustomErrorResponse", Of(ERROR_RESPONSE))),
    must("Comment", Text),
    filled("Logging", Of(LOGGING)),
    or("PriceClass", OneOf(PRICE_CLASSES), "PriceClass_All"),
    must("Enabled", Flag),
    filled("ViewerCertificate", Of(CERTIFICATE)),
    filled("Restrictions", Of(RESTRICTIONS)),
    or("WebACLId", Text, ""),
    or("HttpVersion", OneOf(HTTP_VERSIONS), "http2"),
    or("IsIPV6Enabled", Flag, "false"),
    or("ContinuousDeploymentPolicyId", Text, ""),
    or("Staging", Flag, "false"),
    may("AnycastIpListId", Text),
    may("ConnectionMode", OneOf(&["direct", "tenant-only"])),
];

const PRICE_CLASSES: &[&str] = &["PriceClass_100", "PriceClass_200", "PriceClass_All", "None"];
// The older names are written in upper case by some clients, and AWS takes them.
const HTTP_VERSIONS: &[&str] = &["http1.1", "http2", "http3", "http2and3", "HTTP1.1", "HTTP2"];

const ORIGIN: &[Member] = &[
    must("Id", Text),
    must("DomainName", Text),
    or("OriginPath", Text, ""),
    filled("CustomHeaders", counted!("OriginCustomHeader", Of(HEADER))),
    may("S3OriginConfig", Of(S3_ORIGIN)),
    may("CustomOriginConfig", Of(CUSTOM_ORIGIN)),
    may("VpcOriginConfig", Of(VPC_ORIGIN)),
    or("ConnectionAttempts", Number, "3"),
    or("ConnectionTimeout", Number, "10"),
    may("ResponseCompletionTimeout", Number),
    filled("OriginShield", Of(SHIELD)),
    or("OriginAccessControlId", Text, ""),
];

const HEADER: &[Member] = &[must("HeaderName", Text), must("HeaderValue", Text)];
const S3_ORIGIN: &[Member] = &[
    or("OriginAccessIdentity", Text, ""),
    may("OriginReadTimeout", Number),
];
const SHIELD: &[Member] = &[
    or("Enabled", Flag, "false"),
    may("OriginShieldRegion", Text),
];

const CUSTOM_ORIGIN: &[Member] = &[
    must("HTTPPort", Number),
    must("HTTPSPort", Number),
    must(
        "OriginProtocolPolicy",
        OneOf(&["http-only", "match-viewer", "https-only"]),
    ),
    may(
        "OriginSslProtocols",
        counted!(
            "SslProtocol",
            OneOf(&["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"])
        ),
    ),
    or("OriginReadTimeout", Number, "30"),
    or("OriginKeepaliveTimeout", Number, "5"),
    may("IpAddressType", OneOf(&["ipv4", "ipv6", "dualstack"])),
];

const VPC_ORIGIN: &[Member] = &[
    must("VpcOriginId", Text),
    may("OwnerAccountId", Text),
    or("OriginReadTimeout", Number, "30"),
    or("OriginKeepaliveTimeout", Number, "5"),
];

const ORIGIN_GROUP: &[Member] = &[
    must("Id", Text),
    must(
        "FailoverCriteria",
        Of(&[must("StatusCodes", counted!("StatusCode", Number))]),
    ),
    must(
        "Members",
        counted!("OriginGroupMember", Of(&[must("OriginId", Text)])),
    ),
    may(
        "SelectionCriteria",
        OneOf(&["default", "media-quality-based"]),
    ),
];

const ERROR_RESPONSE: &[Member] = &[
    must("ErrorCode", Number),
    or("ResponsePagePath", Text, ""),
    or("ResponseCode", Text, ""),
    or("ErrorCachingMinTTL", Number, "10"),
];

const LOGGING: &[Member] = &[
    or("Enabled", Flag, "false"),
    or("IncludeCookies", Flag, "false"),
    or("Bucket", Text, ""),
    or("Prefix", Text, ""),
];

const CERTIFICATE: &[Member] = &[
    or("CloudFrontDefaultCertificate", Flag, "false"),
    may("IAMCertificateId", Text),
    may("ACMCertificateArn", Text),
    may("SSLSupportMethod", OneOf(&["sni-only", "vip", "static-ip"])),
    or("MinimumProtocolVersion", Text, "TLSv1"),
    may("Certificate", Text),
    may("CertificateSource", OneOf(&["cloudfront", "iam", "acm"])),
];

const RESTRICTIONS: &[Member] = &[filled(
    "GeoRestriction",
    Of(&[
        or(
            "RestrictionType",
            OneOf(&["blacklist", "whitelist", "none"]),
            "none",
        ),
        or("Quantity", Quantity, "0"),
        may("Items", Items("Location", &Text)),
    ]),
)];

const fn trusted(item: &'static str) -> [Member; 3] {
    [
        or("Enabled", Flag, "false"),
        or("Quantity", Quantity, "0"),
        may("Items", Items(item, &Text)),
    ]
}
const TRUSTED_SIGNERS: &[Member] = &trusted("AwsAccountNumber");
const TRUSTED_KEY_GROUPS: &[Member] = &trusted("KeyGroup");

const METHOD: Kind = OneOf(&["GET", "HEAD", "POST", "PUT", "PATCH", "OPTIONS", "DELETE"]);
const ALLOWED_METHODS: &[Member] = &[
    or("Quantity", Quantity, "0"),
    may("Items", Items("Method", &METHOD)),
    may("CachedMethods", counted!("Method", METHOD)),
];

const LAMBDA: &[Member] = &[
    must("LambdaFunctionARN", Text),
    must("EventType", OneOf(EVENT_TYPES)),
    or("IncludeBody", Flag, "false"),
];
const FUNCTION: &[Member] = &[
    must("FunctionARN", Text),
    must("EventType", OneOf(EVENT_TYPES)),
];
const GRPC: &[Member] = &[or("Enabled", Flag, "false")];
const LAMBDAS: Kind = counted!("LambdaFunctionAssociation", Of(LAMBDA));
const FUNCTIONS: Kind = counted!("FunctionAssociation", Of(FUNCTION));
const EVENT_TYPES: &[&str] = &[
    "viewer-request",
    "viewer-response",
    "origin-request",
    "origin-response",
];

const FORWARDED: &[Member] = &[
    must("QueryString", Flag),
    must(
        "Cookies",
        Of(&[
            must("Forward", OneOf(&["none", "whitelist", "all"])),
            may("WhitelistedNames", counted!("Name")),
        ]),
    ),
    filled("Headers", counted!("Name")),
    filled("QueryStringCacheKeys", counted!("Name")),
];

const DEFAULT_BEHAVIOR: &[Member] = &behavior(may("PathPattern", Text)).1;
const BEHAVIOR: &[Member] = &behavior(must("PathPattern", Text)).0;

/// The members of a cache behaviour, with and without its path pattern.
const fn behavior(pattern: Member) -> ([Member; 20], [Member; 19]) {
    let target = must("TargetOriginId", Text);
    let signers = filled("TrustedSigners", Of(TRUSTED_SIGNERS));
    let groups = filled("TrustedKeyGroups", Of(TRUSTED_KEY_GROUPS));
    let protocol = must(
        "ViewerProtocolPolicy",
        OneOf(&["allow-all", "https-only", "redirect-to-https"]),
    );
    let methods = may("AllowedMethods", Of(ALLOWED_METHODS));
    let smooth = or("SmoothStreaming", Flag, "false");
    let compress = or("Compress", Flag, "false");
    let lambdas = filled("LambdaFunctionAssociations", LAMBDAS);
    let functions = filled("FunctionAssociations", FUNCTIONS);
    let field_level = or("FieldLevelEncryptionId", Text, "");
    let realtime = may("RealtimeLogConfigArn", Text);
    let cache = may("CachePolicyId", Text);
    let origin_request = may("OriginRequestPolicyId", Text);
    let response_headers = may("ResponseHeadersPolicyId", Text);
    let grpc = filled("GrpcConfig", Of(GRPC));
    let forwarded = may("ForwardedValues", Of(FORWARDED));
    let (min, default, max) = (
        may("MinTTL", Number),
        may("DefaultTTL", Number),
        may("MaxTTL", Number),
    );
    (
        [
            pattern,
            target,
            signers,
            groups,
            protocol,
            methods,
            smooth,
            compress,
            lambdas,
            functions,
            field_level,
            realtime,
            cache,
            origin_request,
            response_headers,
            grpc,
            forwarded,
            min,
            default,
            max,
        ],
        [
            target,
            signers,
            groups,
            protocol,
            methods,
            smooth,
            compress,
            lambdas,
            functions,
            field_level,
            realtime,
            cache,
            origin_request,
            response_headers,
            grpc,
            forwarded,
            min,
            default,
            max,
        ],
    )
}
