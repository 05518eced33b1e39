//! Finds the object that a read means: the newest version or a named one, and says what AWS says when there is none.

use http::HeaderMap;
use http::HeaderValue;
use http::header::ALLOW;
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};

use super::buckets::Versioning;
use super::copy::Source;
use super::members;
use super::state::{Object, S3};
use super::versions::Found;

/// A body that is no such document ([DOC] error responses).
pub(super) fn malformed() -> S3Error {
    s3_error!(
        MalformedXML,
        "The XML you provided was not well-formed or did not validate against our published schema"
    )
}

/// The newest version of a key, or the one with this id.
pub(super) fn object<'a>(
    store: &'a S3,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> S3Result<&'a Object> {
    let present = store.bucket(bucket)?.get(key);
    match (version, present) {
        (None, Some(object)) => Ok(object),
        (None, None) => Err(missing(store, bucket, key)),
        (Some(id), _) => with_id(store, bucket, key, id),
    }
}

/// What is copied: where it is not there, its own key is told (moto's `test_copy_non_existing_file`, aws_verified [OBS]).
pub(super) fn source<'a>(store: &'a S3, from: Source<'_>) -> S3Result<&'a Object> {
    object(store, from.bucket, from.key, from.version).map_err(|error| match error.code() {
        S3ErrorCode::NoSuchKey => members::with(error, &[("Key", from.key.to_owned())]),
        S3ErrorCode::NoSuchBucket => {
            members::with(error, &[("BucketName", from.bucket.to_owned())])
        }
        _ => error,
    })
}

/// An object to change in its place.
pub(super) fn object_mut<'a>(
    store: &'a mut S3,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> S3Result<&'a mut Object> {
    use super::versions::Version;
    let wanted = object(store, bucket, key, version)?.version.clone();
    let gone = || s3_error!(NoSuchKey, "The specified key does not exist.");
    let older = store.older.get_mut(bucket).and_then(|it| it.get_mut(key));
    let older = older.into_iter().flatten().filter_map(|it| match it {
        Version::Object(object) => Some(object),
        Version::Marker(_) => None,
    });
    let newest = store.buckets.get_mut(bucket).and_then(|it| it.get_mut(key));
    newest
        .into_iter()
        .chain(older)
        .find(|object| object.version == wanted)
        .ok_or_else(gone)
}

/// NoSuchKey, which says when a delete marker is the reason [DOC].
fn missing(store: &S3, bucket: &str, key: &str) -> S3Error {
    let mut error = s3_error!(NoSuchKey, "The specified key does not exist.");
    if let Some(marker @ Found::Marker(_)) = store.versions(bucket, key).first() {
        error.set_headers(marker_headers(marker.id()));
    }
    error
}

/// A delete marker takes no ACL and has no tags; its ACL is asked for as that of no object (LocalStack's `test_put_object_acl_on_delete_marker`, recorded on AWS [OBS]).
pub(super) fn not_a_marker(store: &S3, bucket: &str, key: &str) -> S3Result<()> {
    match store.versions(bucket, key).first() {
        Some(marker @ Found::Marker(_)) => Err(of_marker(marker.id())),
        _ => Ok(()),
    }
}

fn of_marker(id: &str) -> S3Error {
    let text = "The specified method is not allowed against this resource.";
    let mut error = S3Error::with_message(S3ErrorCode::MethodNotAllowed, text);
    let mut headers = marker_headers(id);
    // What a delete marker can be asked for, told to HEAD as well [OBS].
    headers.insert(ALLOW, HeaderValue::from_static("DELETE"));
    error.set_headers(headers);
    error
}

fn with_id<'a>(store: &'a S3, bucket: &str, key: &str, id: &str) -> S3Result<&'a Object> {
    let found = store
        .versions(bucket, key)
        .into_iter()
        .find(|it| it.id() == id);
    match found {
        Some(Found::Object(object)) => Ok(object),
        Some(Found::Marker(_)) => Err(of_marker(id)),
        None => {
            is_version(store, bucket, id)?;
            Err(s3_error!(
                NoSuchVersion,
                "The specified version does not exist."
            ))
        }
    }
}

/// Refuses what can be no version's id: of a bucket that never had any nothing but `null` can (LocalStack's
/// `test_get_object_with_version_unversioned_bucket`, `test_delete_object`, recorded on AWS [OBS]).
pub(super) fn is_version(store: &S3, bucket: &str, id: &str) -> S3Result<()> {
    let has_versions = store.versioning(bucket) != Versioning::Never;
    match id == "null" || (has_versions && is_id(id)) {
        true => Ok(()),
        false => Err(s3_error!(InvalidArgument, "Invalid version id specified")),
    }
}

/// Whether a text can be a version's id: the others are refused before they are looked for [OBS].
fn is_id(id: &str) -> bool {
    id.len() == 32
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte))
}

fn marker_headers(id: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-delete-marker", HeaderValue::from_static("true"));
    headers.insert("content-type", HeaderValue::from_static("application/xml"));
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert("x-amz-version-id", id);
    }
    headers
}
