//! Bucket policies: stored as they are; what S3 looks at is their form, their resources, and whether they are public.

use s3s::{S3Result, s3_error};
use serde_json::Value;

use super::settings::Setting;
use super::state::S3;
use crate::ApiError;
use crate::base::arn::global_arn;
use crate::base::here::Here;
use crate::base::wildcard::fits;
use backstay_aws_model::regions::{is_arn_of, partition};

/// Any JSON object.
pub(super) fn read(body: &[u8]) -> S3Result<String> {
    let is_object = serde_json::from_slice::<Value>(body).is_ok_and(|value| value.is_object());
    match std::str::from_utf8(body) {
        Ok(text) if is_object => Ok(text.to_owned()),
        _ => Err(s3_error!(
            MalformedPolicy,
            "Policies must be valid JSON and the first byte must be '{{'"
        )),
    }
}

/// Its statements have to be about this bucket, and not public where public policies are blocked [DOC].
pub(super) fn may_be_put(
    text: &str,
    bucket: &str,
    here: &Here<'_, S3>,
    blocked: bool,
) -> Result<(), ApiError> {
    let statements = statements(text);
    if statements.is_empty() {
        let message = "Missing required field Statement";
        return Err(ApiError::client("MalformedPolicy", message));
    }
    let is_own = |resource: &str| {
        let rest = in_s3(resource).and_then(|name| name.strip_prefix(bucket));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest.starts_with('*'))
    };
    let resources = statements.iter().flat_map(|it| texts(it.get("Resource")));
    if !resources.into_iter().all(is_own) {
        let message = "Policy has invalid resource";
        return Err(ApiError::client("MalformedPolicy", message));
    }
    if blocked && is_public(text) {
        let root = global_arn("iam", here.region, here.account, "root");
        let partition = partition(here.region).name;
        return Err(ApiError {
            code: "AccessDenied",
            message: format!(
                "User: {root} is not authorized to perform: s3:PutBucketPolicy on resource: \"arn:{partition}:s3:::{bucket}\" \
                 because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access."
            ),
            status: 403,
        });
    }
    Ok(())
}

/// Somebody is allowed something whoever they are: a wildcard principal without any condition.
pub(super) fn is_public(text: &str) -> bool {
    let is_open = |statement: &Value| {
        let allows = statement.get("Effect") == Some(&Value::from("Allow"));
        let principal = statement.get("Principal");
        let aws = principal.and_then(|principal| principal.get("AWS"));
        let anyone = texts(principal).chain(texts(aws)).any(|it| it == "*");
        allows && anyone && statement.get("Condition").is_none()
    };
    statements(text).iter().any(is_open)
}

/// Who wants to read a bucket without being its owner: the edge of CloudFront.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    /// Its requests are signed: it is the service and not just anybody.
    pub(crate) signs: bool,
    /// The ARN of the distribution.
    pub(crate) source: &'a str,
    pub(crate) account: &'a str,
}

impl S3 {
    /// Whether the bucket's policy lets it; the action is on a key, or on the bucket when that is empty.
    pub(crate) fn allows(
        &self,
        bucket: &str,
        action: &str,
        key: &str,
        reader: &Reader<'_>,
    ) -> bool {
        let made = self.made.get(bucket);
        let Some(text) = made.and_then(|made| made.settings.get(&Setting::Policy)) else {
            return false;
        };
        lets(text, bucket, action, key, reader)
    }
}

/// What an ARN of S3 names, in whatever partition: a bucket is in one only.
fn in_s3(resource: &str) -> Option<&str> {
    let (_, name) = resource.split_once(":::")?;
    is_arn_of(resource, "s3").then_some(name)
}

/// Whether a bucket with this policy lets it.
pub(crate) fn lets(
    policy: &str,
    bucket: &str,
    action: &str,
    key: &str,
    reader: &Reader<'_>,
) -> bool {
    let name = match key {
        "" => bucket.to_owned(),
        key => format!("{bucket}/{key}"),
    };
    let is_about = |resource: &str| in_s3(resource).is_some_and(|pattern| fits(pattern, &name));
    let applies = |statement: &Value, effect: &str| {
        statement.get("Effect").and_then(Value::as_str) == Some(effect)
            && is_for(statement, reader)
            && texts(statement.get("Action")).any(|it| fits(it, action))
            && texts(statement.get("Resource")).any(|it| it == "*" || is_about(it))
            && holds(statement.get("Condition"), reader)
    };
    let all = statements(policy);
    let any = |effect: &str| all.iter().any(|statement| applies(statement, effect));
    any("Allow") && !any("Deny")
}

fn is_for(statement: &Value, reader: &Reader<'_>) -> bool {
    let principal = statement.get("Principal");
    let of = |kind: &str| texts(principal.and_then(|it| it.get(kind)));
    let anyone = texts(principal).chain(of("AWS")).any(|it| it == "*");
    anyone || (reader.signs && of("Service").any(|it| it == "cloudfront.amazonaws.com"))
}

/// Conditions on the source; any other one does not hold.
fn holds(condition: Option<&Value>, reader: &Reader<'_>) -> bool {
    let operators = condition.and_then(Value::as_object).into_iter().flatten();
    operators.into_iter().all(|(operator, keys)| {
        let known = ["StringEquals", "StringLike", "ArnEquals", "ArnLike"];
        let mut keys = keys.as_object().into_iter().flatten();
        let holds = |(key, wanted): (&String, &Value)| {
            let found = match key.to_ascii_lowercase().as_str() {
                "aws:sourcearn" => reader.source,
                "aws:sourceaccount" => reader.account,
                _ => return false,
            };
            reader.signs && texts(Some(wanted)).any(|it| fits(it, found))
        };
        known.contains(&operator.as_str()) && keys.all(holds)
    })
}

fn statements(text: &str) -> Vec<Value> {
    let policy: Value = serde_json::from_str(text).unwrap_or_default();
    match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(statement @ Value::Object(_)) => vec![statement.clone()],
        _ => Vec::new(),
    }
}

/// A text, or a list of texts.
fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let list = value.and_then(Value::as_array);
    let one = value.and_then(Value::as_str);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .chain(one)
}
