//! Documents of buckets that are more than well-formed: what their members may be together.

use s3s::dto::{
    AccelerateConfiguration, BucketAccelerateStatus, CORSConfiguration, FilterRuleName,
    LifecycleRule, NotificationConfiguration, ReplicationConfiguration,
};
use s3s::{S3Error, S3Result, s3_error};

use super::find::malformed;
use super::members;
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

/// "If you don't provide one, Amazon S3 will assign an ID" (NotificationConfiguration [DOC]). The names of filter rules are told with a
/// capital letter (LocalStack's `test_filter_rules_case_insensitive`, recorded on AWS [OBS]).
pub(super) fn notification(body: &[u8]) -> S3Result<String> {
    let mut given = parsed::<NotificationConfiguration>(body)?;
    let ids = given
        .topic_configurations
        .iter_mut()
        .flatten()
        .map(|it| ("Topic", &it.topic_arn, &mut it.id))
        .chain(
            given
                .queue_configurations
                .iter_mut()
                .flatten()
                .map(|it| ("Queue", &it.queue_arn, &mut it.id)),
        )
        .chain(
            given
                .lambda_function_configurations
                .iter_mut()
                .flatten()
                .map(|it| ("CloudFunction", &it.lambda_function_arn, &mut it.id)),
        );
    for (number, (name, arn, id)) in ids.enumerate() {
        if !is_arn(arn) {
            return Err(no_arn(name, arn));
        }
        give_id(id, "notification", number);
    }
    let filters = given
        .topic_configurations
        .iter_mut()
        .flatten()
        .map(|it| &mut it.filter)
        .chain(
            given
                .queue_configurations
                .iter_mut()
                .flatten()
                .map(|it| &mut it.filter),
        )
        .chain(
            given
                .lambda_function_configurations
                .iter_mut()
                .flatten()
                .map(|it| &mut it.filter),
        );
    let rules = filters
        .flatten()
        .filter_map(|it| it.key.as_mut()?.filter_rules.as_mut())
        .flatten();
    for rule in rules {
        let name = rule.name.as_ref().map_or("", |it| it.as_str());
        rule.name = Some(FilterRuleName::from_static(match name {
            it if it.eq_ignore_ascii_case("prefix") => "Prefix",
            it if it.eq_ignore_ascii_case("suffix") => "Suffix",
            other => return Err(no_rule(other)),
        }));
    }
    written(&given)
}

/// What is no ARN at all, and one that is no service's, by the member it stands in (LocalStack's `test_invalid_sqs_arn`, recorded on AWS
/// [OBS]; the second one's words [CODE] moto).
fn no_arn(member: &str, arn: &str) -> S3Error {
    let error = match arn.starts_with("arn:") {
        true => s3_error!(InvalidArgument, "The ARN is not well formed"),
        false => s3_error!(InvalidArgument, "The ARN could not be parsed"),
    };
    let members = [
        ("ArgumentName", member.to_owned()),
        ("ArgumentValue", arn.to_owned()),
    ];
    members::with(error, &members)
}

/// (LocalStack's `test_bucket_notification_with_invalid_filter_rules`, recorded on AWS [OBS].)
fn no_rule(name: &str) -> S3Error {
    let error = s3_error!(
        InvalidArgument,
        "filter rule name must be either prefix or suffix"
    );
    let members = [
        ("ArgumentName", "FilterRule.Name".to_owned()),
        ("ArgumentValue", name.to_owned()),
    ];
    members::with(error, &members)
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
