//! Certificates of HTTPS listeners: one default, and those for further host names.

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::{invalid, no_listeners, not_permitted};
use super::{paged, read};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::elb::Elb;
use crate::services::elb::Listener;
use crate::wire::{Flag, Whole};
use backstay_aws_model::regions::is_arn_of;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CertificateInput {
    pub(super) certificate_arn: Option<String>,
    #[serde(rename = "IsDefault")]
    _is_default: Option<Flag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Input {
    listener_arn: String,
    #[serde(default)]
    certificates: Vec<CertificateInput>,
    marker: Option<String>,
    page_size: Option<Whole>,
}

/// Besides the default one, per load balancer [DOC].
const MOST: usize = 25;

/// One that is on the list already stays as it is; the default one can be on the list, too [MODEL].
pub(super) fn add(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let listener = secure(here, &input.listener_arn)?;
    for certificate in &input.certificates {
        let arn = known(certificate)?;
        if !listener.certificates.iter().skip(1).any(|it| *it == arn) {
            listener.certificates.push(arn);
        }
    }
    if listener.certificates.len() > MOST + 1 {
        listener.certificates.truncate(MOST + 1);
        return Err(ApiError::client(
            "TooManyCertificates",
            format!(
                "The maximum number of certificates '{MOST}' per load balancer has been reached"
            ),
        ));
    }
    let told = input
        .certificates
        .iter()
        .map(|it| json!({ "CertificateArn": it.certificate_arn, "IsDefault": false }));
    Ok(json!({ "Certificates": told.collect::<Vec<_>>() }))
}

pub(super) fn remove(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let listener = secure(here, &input.listener_arn)?;
    let gone: Vec<&str> = input
        .certificates
        .iter()
        .filter_map(|it| it.certificate_arn.as_deref())
        .collect();
    let default = listener.certificates.first().cloned();
    let mut listed = listener
        .certificates
        .split_off(usize::from(!listener.certificates.is_empty()));
    let is_default = |it: &String| gone.contains(&it.as_str()) && !listed.contains(it);
    if default.as_ref().is_some_and(is_default) {
        listener.certificates.append(&mut listed);
        return Err(not_permitted(
            "You cannot remove the default certificate of a listener",
        ));
    }
    listed.retain(|it| !gone.contains(&it.as_str()));
    listener.certificates.append(&mut listed);
    Ok(json!({}))
}

/// The default one first.
pub(super) fn describe(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let listener = here
        .own
        .listener(&input.listener_arn)
        .ok_or_else(no_listeners)?;
    let told = listener.certificates.iter().enumerate();
    let told: Vec<Value> = told
        .map(|(index, arn)| json!({ "CertificateArn": arn, "IsDefault": index == 0 }))
        .collect();
    paged(
        "Certificates",
        &told,
        input.page_size,
        input.marker.as_deref(),
    )
}

/// The certificate's ARN. What ACM and IAM have is not known here: any ARN of theirs is there.
pub(super) fn known(input: &CertificateInput) -> Result<String, ApiError> {
    let arn = input.certificate_arn.as_deref().unwrap_or_default();
    if !is_arn_of(arn, "acm") && !is_arn_of(arn, "iam") {
        return Err(ApiError::client(
            "CertificateNotFound",
            format!("Certificate '{arn}' not found"),
        ));
    }
    Ok(arn.to_owned())
}

fn secure<'a>(here: &'a mut Here<'_, Elb>, arn: &str) -> Result<&'a mut Listener, ApiError> {
    let listener = here.own.listener_mut(arn).ok_or_else(no_listeners)?;
    if !listener.protocol.is_secure() {
        return Err(invalid(
            "Certificates can only be specified for HTTPS and TLS listeners",
        ));
    }
    Ok(listener)
}
