//! ListObjectVersions: every version and delete marker, by key, newest first.

use std::collections::BTreeSet;

use s3s::S3Result;
use s3s::dto::{
    CommonPrefix, DeleteMarkerEntry, ListObjectVersionsInput, ListObjectVersionsOutput,
    ObjectVersion, ObjectVersionStorageClass,
};

use super::acl::owner;
use super::conditions::etag;
use super::door::At;
use super::list::{Shown, common, limit};
use super::read::timestamp;
use super::state::S3;
use super::versions::Found;

pub(super) fn list_object_versions(
    store: &mut S3,
    input: ListObjectVersionsInput,
    at: &At,
) -> S3Result<ListObjectVersionsOutput> {
    store.bucket(&input.bucket)?;
    let limit = limit(input.max_keys)?;
    let shown = Shown::by(input.encoding_type.as_ref());
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let delimiter = input.delimiter.as_deref().filter(|it| !it.is_empty());
    let mut output = ListObjectVersionsOutput::default();
    let (mut versions, mut markers) = (Vec::new(), Vec::new());
    let mut prefixes: Vec<String> = Vec::new();
    let mut last: Option<(String, Option<String>)> = None;
    for (key, index, found) in after_marker(store, &input) {
        let group = common(&key, prefix, delimiter);
        if group.is_some_and(|group| prefixes.last().is_some_and(|last| last == group)) {
            continue;
        }
        if versions.len() + markers.len() + prefixes.len() == limit {
            output.is_truncated = Some(true);
            let (key, id) = last.unzip();
            output.next_key_marker = key.map(|key| shown.text(&key));
            output.next_version_id_marker = id.flatten();
            break;
        }
        // A common prefix is no version (moto's `test_list_object_versions_with_paging_and_delimiter`, aws_verified [OBS]).
        last = Some(match group {
            Some(group) => (group.to_owned(), None),
            None => (key.clone(), Some(found.id().to_owned())),
        });
        match (group, found) {
            (Some(group), _) => prefixes.push(group.to_owned()),
            (None, Found::Object(object)) => versions.push(ObjectVersion {
                e_tag: Some(etag(object)),
                is_latest: Some(index == 0),
                key: Some(shown.text(&key)),
                last_modified: Some(timestamp(object.modified_ms)),
                owner: Some(owner(&at.account)),
                size: i64::try_from(object.body.len()).ok(),
                storage_class: Some(ObjectVersionStorageClass::from(
                    object.headers.class().to_owned(),
                )),
                version_id: Some(found.id().to_owned()),
                checksum_algorithm: object.checksums.algorithm().map(|it| vec![it]),
                checksum_type: object
                    .checksums
                    .algorithm()
                    .map(|_| object.checksums.kind()),
                ..ObjectVersion::default()
            }),
            (None, Found::Marker(marker)) => markers.push(DeleteMarkerEntry {
                is_latest: Some(index == 0),
                key: Some(shown.text(&key)),
                last_modified: Some(timestamp(marker.at_ms)),
                owner: Some(owner(&at.account)),
                version_id: Some(found.id().to_owned()),
            }),
        }
    }
    let prefixes = prefixes.iter().map(|group| CommonPrefix {
        prefix: Some(shown.text(group)),
    });
    Ok(ListObjectVersionsOutput {
        common_prefixes: Some(prefixes.collect()),
        versions: Some(versions),
        delete_markers: Some(markers),
        is_truncated: Some(output.is_truncated.unwrap_or_default()),
        max_keys: i32::try_from(limit).ok(),
        prefix: Some(shown.text(prefix)),
        delimiter: input.delimiter.as_deref().map(|it| shown.text(it)),
        key_marker: Some(shown.text(input.key_marker.as_deref().unwrap_or_default())),
        version_id_marker: Some(input.version_id_marker.clone().unwrap_or_default()),
        encoding_type: input.encoding_type.clone(),
        name: Some(input.bucket),
        ..output
    })
}

/// Every version behind the markers: its key, how many of the key are newer, and itself.
fn after_marker<'a>(
    store: &'a S3,
    input: &ListObjectVersionsInput,
) -> Vec<(String, usize, Found<'a>)> {
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let delimiter = input.delimiter.as_deref().filter(|it| !it.is_empty());
    let key_marker = input.key_marker.as_deref().filter(|it| !it.is_empty());
    let id_marker = input
        .version_id_marker
        .as_deref()
        .filter(|it| !it.is_empty());
    let newest = store
        .buckets
        .get(&input.bucket)
        .into_iter()
        .flat_map(|it| it.keys());
    let older = store
        .older
        .get(&input.bucket)
        .into_iter()
        .flat_map(|it| it.keys());
    let keys: BTreeSet<&String> = newest.chain(older).collect();
    let mut found = Vec::new();
    for key in keys.into_iter().filter(|key| key.starts_with(prefix)) {
        let skipped = match (key_marker, id_marker) {
            (Some(marker), _) if key.as_str() < marker => continue,
            (Some(marker), None) if key == marker => continue,
            (Some(marker), Some(id)) if key == marker => Some(id),
            // A marker that is a common prefix has been listed with all it stands for; the beginning of a key that is none has not (moto's
            // `test_list_object_versions_with_delimiter`, aws_verified [OBS]).
            (Some(marker), None) if common(key, prefix, delimiter) == Some(marker) => continue,
            _ => None,
        };
        let versions = store.versions(&input.bucket, key);
        let from = skipped.map_or(0, |id| {
            let at = versions.iter().position(|it| it.id() == id);
            at.map_or(0, |at| at + 1)
        });
        let rest = versions.into_iter().enumerate().skip(from);
        found.extend(rest.map(|(index, version)| (key.clone(), index, version)));
    }
    found
}
