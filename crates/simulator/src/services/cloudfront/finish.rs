//! What CloudFront adds to a configuration that depends on what else is in it [DOC].

use super::tree::Element;

const USUAL_METHODS: &str = "<AllowedMethods><Quantity>2</Quantity><Items><Method>HEAD</Method><Method>GET</Method></Items></AllowedMethods>";
const CACHED_METHODS: &str = "<CachedMethods><Quantity>2</Quantity><Items><Method>HEAD</Method><Method>GET</Method></Items></CachedMethods>";

/// The configuration with the methods, lifetimes and certificate that it does not name.
pub(super) fn finished(mut config: Element) -> Element {
    if let Some(certificate) = config.child_mut("ViewerCertificate") {
        finish_certificate(certificate);
    }
    if let Some(behavior) = config.child_mut("DefaultCacheBehavior") {
        finish_behavior(behavior);
    }
    let items = config
        .child_mut("CacheBehaviors")
        .and_then(|behaviors| behaviors.child_mut("Items"));
    for behavior in items.into_iter().flat_map(|items| &mut items.children) {
        finish_behavior(behavior);
    }
    config
}

/// Without a certificate of one's own it is CloudFront's, with TLSv1 whatever was asked for [DOC].
fn finish_certificate(certificate: &mut Element) {
    let acm = certificate.text_of("ACMCertificateArn").to_owned();
    let iam = certificate.text_of("IAMCertificateId").to_owned();
    certificate
        .children
        .retain(|child| !["Certificate", "CertificateSource"].contains(&child.name.as_str()));
    let mut set = |name: &str, text: &str| {
        certificate.children.retain(|child| child.name != name);
        certificate.children.push(Element::with_text(name, text));
    };
    match (acm.is_empty(), iam.is_empty()) {
        (false, _) => {
            set("Certificate", &acm);
            set("CertificateSource", "acm");
        }
        (true, false) => {
            set("Certificate", &iam);
            set("CertificateSource", "iam");
        }
        (true, true) => {
            set("CloudFrontDefaultCertificate", "true");
            set("SSLSupportMethod", "vip");
            set("MinimumProtocolVersion", "TLSv1");
            set("CertificateSource", "cloudfront");
        }
    }
}

fn finish_behavior(behavior: &mut Element) {
    let parsed = |xml: &str| Element::parse(xml.as_bytes()).unwrap_or_default();
    if behavior.child("AllowedMethods").is_none() {
        behavior.children.push(parsed(USUAL_METHODS));
    }
    if let Some(methods) = behavior.child_mut("AllowedMethods")
        && methods.child("CachedMethods").is_none()
    {
        methods.children.push(parsed(CACHED_METHODS));
    }
    if behavior.child("ForwardedValues").is_some() {
        for (name, text) in [
            ("MinTTL", "0"),
            ("DefaultTTL", "86400"),
            ("MaxTTL", "31536000"),
        ] {
            if behavior.child(name).is_none() {
                behavior.children.push(Element::with_text(name, text));
            }
        }
    }
}
