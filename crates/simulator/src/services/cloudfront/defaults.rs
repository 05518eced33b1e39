//! What CloudFront fills in of a document where it says nothing ([DOC], API reference; what the lists are without entries [MODEL]).

use backstay_aws_model::model::Kind;
use backstay_aws_model::{Model, ShapeId, model};
use serde_json::Value;

/// A list without entries.
const NONE: &str = r#"{ "Quantity": 0 }"#;
/// A part that has only defaults of its own.
const PART: &str = "{}";
const EMPTY: &str = r#""""#;
const NO: &str = "false";

/// Members of shapes, and what they are.
const DEFAULTS: [(&str, &[(&str, &str)]); 20] = [
    (
        "DistributionConfig",
        &[
            ("Aliases", NONE),
            ("DefaultRootObject", EMPTY),
            ("OriginGroups", NONE),
            ("CacheBehaviors", NONE),
            ("CustomErrorResponses", NONE),
            ("Logging", PART),
            ("PriceClass", r#""PriceClass_All""#),
            ("ViewerCertificate", PART),
            ("Restrictions", PART),
            ("WebACLId", EMPTY),
            ("HttpVersion", r#""http2""#),
            ("IsIPV6Enabled", NO),
            ("ContinuousDeploymentPolicyId", EMPTY),
            ("Staging", NO),
        ],
    ),
    (
        "Origin",
        &[
            ("OriginPath", EMPTY),
            ("CustomHeaders", NONE),
            ("ConnectionAttempts", "3"),
            ("ConnectionTimeout", "10"),
            ("OriginShield", PART),
            ("OriginAccessControlId", EMPTY),
        ],
    ),
    ("OriginShield", &[("Enabled", NO)]),
    ("CustomOriginConfig", TIMEOUTS),
    ("VpcOriginConfig", TIMEOUTS),
    (
        "CustomErrorResponse",
        &[
            ("ResponsePagePath", EMPTY),
            ("ResponseCode", EMPTY),
            ("ErrorCachingMinTTL", "10"),
        ],
    ),
    (
        "LoggingConfig",
        &[
            ("Enabled", NO),
            ("IncludeCookies", NO),
            ("Bucket", EMPTY),
            ("Prefix", EMPTY),
        ],
    ),
    (
        "ViewerCertificate",
        &[
            ("CloudFrontDefaultCertificate", NO),
            ("MinimumProtocolVersion", r#""TLSv1""#),
        ],
    ),
    ("Restrictions", &[("GeoRestriction", PART)]),
    (
        "GeoRestriction",
        &[("RestrictionType", r#""none""#), ("Quantity", "0")],
    ),
    ("TrustedSigners", TRUSTED),
    ("TrustedKeyGroups", TRUSTED),
    ("DefaultCacheBehavior", BEHAVIOR),
    ("CacheBehavior", BEHAVIOR),
    ("LambdaFunctionAssociation", &[("IncludeBody", NO)]),
    (
        "ForwardedValues",
        &[("Headers", NONE), ("QueryStringCacheKeys", NONE)],
    ),
    ("OriginAccessControlConfig", &[("Description", EMPTY)]),
    (
        "CachePolicyConfig",
        &[
            ("Comment", EMPTY),
            ("DefaultTTL", "86400"),
            ("MaxTTL", "31536000"),
        ],
    ),
    (
        "ParametersInCacheKeyAndForwardedToOrigin",
        &[("EnableAcceptEncodingBrotli", NO)],
    ),
    ("FunctionConfig", &[("KeyValueStoreAssociations", NONE)]),
];
/// Both of these have nothing else.
const COMMENTED: [&str; 2] = ["OriginRequestPolicyConfig", "ResponseHeadersPolicyConfig"];

const TIMEOUTS: &[(&str, &str)] = &[("OriginReadTimeout", "30"), ("OriginKeepaliveTimeout", "5")];
const TRUSTED: &[(&str, &str)] = &[("Enabled", NO), ("Quantity", "0")];
const BEHAVIOR: &[(&str, &str)] = &[
    ("TrustedSigners", PART),
    ("TrustedKeyGroups", PART),
    ("SmoothStreaming", NO),
    ("Compress", NO),
    ("LambdaFunctionAssociations", NONE),
    ("FunctionAssociations", NONE),
    ("FieldLevelEncryptionId", EMPTY),
    ("GrpcConfig", r#"{ "Enabled": false }"#),
];

/// A document of this shape with what it does not say.
pub(super) fn filled(shape: &str, mut document: Value) -> Value {
    if let Some(model) = model("cloudfront")
        && let Some(shape) = model.shape_id(shape)
    {
        fill(model, shape, &mut document);
    }
    document
}

fn fill(model: &Model, id: ShapeId, value: &mut Value) {
    let shape = model.shape(id);
    match (&shape.kind, value) {
        (Kind::Structure(structure), Value::Object(members)) => {
            for (name, written) in defaults(&shape.name) {
                if !members.contains_key(*name) {
                    // A test holds that each of them is JSON.
                    let default = serde_json::from_str(written).unwrap_or_default();
                    members.insert((*name).to_owned(), default);
                }
            }
            for (name, inner) in members.iter_mut() {
                if let Some(member) = structure.member(name) {
                    fill(model, member.shape, inner);
                }
            }
        }
        (Kind::List(list), Value::Array(items)) => {
            for item in items {
                fill(model, list.item, item);
            }
        }
        _ => {}
    }
}

fn defaults(shape: &str) -> &'static [(&'static str, &'static str)] {
    if COMMENTED.contains(&shape) {
        return &[("Comment", EMPTY)];
    }
    let found = DEFAULTS.iter().find(|(its, _)| *its == shape);
    found.map_or(&[], |(_, members)| members)
}

#[cfg(test)]
mod tests {
    use backstay_aws_model::hold::faults;
    use serde_json::json;

    use super::*;

    #[test]
    fn every_default_is_what_its_shape_asks_for() {
        let model = model("cloudfront").unwrap();
        let shapes = DEFAULTS.iter().map(|(shape, _)| *shape).chain(COMMENTED);
        for name in shapes {
            let shape = model.shape_id(name).unwrap_or_else(|| panic!("{name}"));
            let found = faults(model, shape, &filled(name, json!({})));
            let wrong: Vec<_> = found.iter().filter(|it| !it.contains(" lacks ")).collect();
            assert!(wrong.is_empty(), "{name}: {wrong:?}");
        }
    }

    #[test]
    fn what_is_said_stays() {
        let given = json!({ "Enabled": true, "Aliases": { "Quantity": 1, "Items": ["a"] } });
        let found = filled("DistributionConfig", given.clone());
        assert_eq!(found["Aliases"], given["Aliases"]);
        assert_eq!(found["Restrictions"]["GeoRestriction"]["Quantity"], 0);
    }
}
