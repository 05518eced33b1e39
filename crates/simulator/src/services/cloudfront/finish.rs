//! What CloudFront adds to a configuration that depends on what else is in it [DOC].

use serde_json::{Map, Value, json};

use super::consistent::consistent;
use super::defaults::filled;
use crate::ApiError;

/// The configuration as CloudFront keeps it.
pub(super) fn kept(config: &Value) -> Result<Value, ApiError> {
    consistent(config)?;
    Ok(finished(filled("DistributionConfig", config.clone())))
}

/// The configuration with the methods, lifetimes and certificate that it does not name.
pub(super) fn finished(mut config: Value) -> Value {
    if let Some(certificate) = config["ViewerCertificate"].as_object_mut() {
        finish_certificate(certificate);
    }
    if let Some(behavior) = config["DefaultCacheBehavior"].as_object_mut() {
        finish_behavior(behavior);
    }
    let behaviors = config["CacheBehaviors"].get_mut("Items");
    let behaviors = behaviors.and_then(Value::as_array_mut);
    for behavior in behaviors.into_iter().flatten() {
        if let Some(behavior) = behavior.as_object_mut() {
            finish_behavior(behavior);
        }
    }
    config
}

/// Without a certificate of one's own it is CloudFront's, with TLSv1 whatever was asked for [DOC].
fn finish_certificate(certificate: &mut Map<String, Value>) {
    let given = |name: &str| {
        let text = certificate.get(name).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let (acm, iam) = (given("ACMCertificateArn"), given("IAMCertificateId"));
    certificate.remove("Certificate");
    let set = match (acm.is_empty(), iam.is_empty()) {
        (false, _) => json!({ "Certificate": acm, "CertificateSource": "acm" }),
        (true, false) => json!({ "Certificate": iam, "CertificateSource": "iam" }),
        (true, true) => json!({
            "CloudFrontDefaultCertificate": true,
            "SSLSupportMethod": "vip",
            "MinimumProtocolVersion": "TLSv1",
            "CertificateSource": "cloudfront",
        }),
    };
    certificate.extend(set.as_object().cloned().unwrap_or_default());
}

fn finish_behavior(behavior: &mut Map<String, Value>) {
    let usual = || json!({ "Quantity": 2, "Items": ["HEAD", "GET"] });
    let methods = behavior.entry("AllowedMethods").or_insert_with(usual);
    if let Some(methods) = methods.as_object_mut() {
        methods.entry("CachedMethods").or_insert_with(usual);
    }
    if behavior.contains_key("ForwardedValues") {
        for (name, seconds) in [
            ("MinTTL", 0),
            ("DefaultTTL", 86_400),
            ("MaxTTL", 31_536_000),
        ] {
            behavior.entry(name).or_insert_with(|| json!(seconds));
        }
    }
}
