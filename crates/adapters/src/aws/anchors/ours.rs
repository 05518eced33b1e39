//! What is written on a snapshot that Backstay makes: by that, and by nothing else, it is known again.

use aws_sdk_rds::types::Tag;
use backstay_domain::anchor::{AnchorRequest, Outlived};
use jiff::Timestamp;

const APP: &str = "backstay:app";
const ENVIRONMENT: &str = "backstay:environment";
const DEPLOYMENT: &str = "backstay:deployment";

/// The tags of one that is made.
pub(super) fn tags(request: &AnchorRequest) -> Vec<Tag> {
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
    vec![
        tag(APP, request.app.as_str()),
        tag(ENVIRONMENT, request.environment.as_str()),
        tag(DEPLOYMENT, request.deployment.as_str()),
    ]
}

fn is(tags: &[Tag], key: &str, value: &str) -> bool {
    tags.iter()
        .any(|tag| tag.key() == Some(key) && tag.value() == Some(value))
}

/// Whether it was made for this very deployment.
pub(super) fn is_of(request: &AnchorRequest, tags: &[Tag]) -> bool {
    is(tags, APP, request.app.as_str())
        && is(tags, ENVIRONMENT, request.environment.as_str())
        && is(tags, DEPLOYMENT, request.deployment.as_str())
}

/// Whether it is an earlier one, of this app in this environment, that nobody needs any more.
pub(super) fn is_outlived(
    outlived: &Outlived,
    name: &str,
    made: Option<Timestamp>,
    tags: &[Tag],
) -> bool {
    let by_us = tags.iter().any(|tag| tag.key() == Some(DEPLOYMENT));
    by_us
        && is(tags, APP, outlived.app.as_str())
        && is(tags, ENVIRONMENT, outlived.environment.as_str())
        && name.starts_with("backstay-")
        && name != outlived.but
        && made.is_some_and(|made| made < outlived.before)
}
