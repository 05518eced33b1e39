//! Documents of buckets that are more than well-formed: what their members may be together.

use s3s::dto::{
    AccelerateConfiguration, BucketAccelerateStatus, CORSConfiguration, LifecycleRule,
    NotificationConfiguration, ReplicationConfiguration,
};
use s3s::{S3Result, s3_error};

use super::find::malformed;
use super::settings::{parsed, written};

/// Methods that CORS knows, and how it says that one is none (CORSRule [DOC], text [CODE] moto).
pub(super) fn cors(body: &[u8]) -> S3Result<String> {
    const METHODS: [&str; 5] = ["GET", "PUT", "HEAD", "POST", "DELETE"];
    let cors = parsed::<CORSConfiguration>(body)?;
    if cors.cors_rules.is_empty() {
        return Err(malformed());
    }
    let mut methods = cors
        .cors_rules
        .iter()
        .flat_map(|rule| &rule.allowed_methods);
    match methods.find(|method| !METHODS.contains(&method.as_str())) {
        Some(method) => Err(s3_error!(
            InvalidRequest,
            "Found unsupported HTTP method in CORS config. Unsupported method is {}",
            method.as_str()
        )),
        None => written(&cors),
    }
}

/// "If you don't provide one, Amazon S3 will assign an ID" (NotificationConfiguration [DOC]).
pub(super) fn notification(body: &[u8]) -> S3Result<String> {
    let mut given = parsed::<NotificationConfiguration>(body)?;
    let ids = given
        .topic_configurations
        .iter_mut()
        .flatten()
        .map(|it| (&it.topic_arn, &mut it.id))
        .chain(
            given
                .queue_configurations
                .iter_mut()
                .flatten()
                .map(|it| (&it.queue_arn, &mut it.id)),
        )
        .chain(
            given
                .lambda_function_configurations
                .iter_mut()
                .flatten()
                .map(|it| (&it.lambda_function_arn, &mut it.id)),
        );
    for (number, (arn, id)) in ids.enumerate() {
        if !is_arn(arn) {
            return Err(s3_error!(InvalidArgument, "The ARN is not well formed"));
        }
        give_id(id, "notification", number);
    }
    written(&given)
}

/// The id that nobody has given: S3 assigns one [DOC], here by its place [INF].
pub(super) fn give_id(id: &mut Option<String>, of: &str, index: usize) {
    id.get_or_insert_with(|| format!("{of}-{}", index + 1));
}

/// Six parts, of which the service is a name.
fn is_arn(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", _, service, _, _, name]
        if !name.is_empty() && service.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

pub(super) fn accelerate(body: &[u8]) -> S3Result<String> {
    let given = parsed::<AccelerateConfiguration>(body)?;
    let known = [
        BucketAccelerateStatus::ENABLED,
        BucketAccelerateStatus::SUSPENDED,
    ];
    match given
        .status
        .as_ref()
        .is_some_and(|status| known.contains(&status.as_str()))
    {
        true => written(&given),
        false => Err(malformed()),
    }
}

/// A rule without an id is given one (ReplicationRule [DOC]).
pub(super) fn replication(body: &[u8]) -> S3Result<String> {
    let mut given = parsed::<ReplicationConfiguration>(body)?;
    for (number, rule) in given.rules.iter_mut().enumerate() {
        give_id(&mut rule.id, "rule", number);
    }
    written(&given)
}

/// A rule has a filter or a prefix, one way to expire, and whole transitions (LifecycleRule, LifecycleExpiration, NoncurrentVersionTransition
/// [DOC]).
pub(super) fn lifecycle_rule(rule: &LifecycleRule) -> S3Result<()> {
    let prefixed = rule.prefix.is_some();
    let ways = rule.expiration.as_ref().map_or(0, |it| {
        [
            it.days.is_some(),
            it.date.is_some(),
            it.expired_object_delete_marker.is_some(),
        ]
        .into_iter()
        .filter(|given| *given)
        .count()
    });
    let newer = rule.noncurrent_version_transitions.iter().flatten();
    let whole = newer
        .clone()
        .all(|it| it.noncurrent_days.is_some() && it.storage_class.is_some());
    match (prefixed || rule.filter.is_some()) && ways <= 1 && whole {
        true => Ok(()),
        false => Err(malformed()),
    }
}
