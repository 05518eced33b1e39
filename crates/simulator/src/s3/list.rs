//! ListObjectsV2.

use s3s::dto::{
    CommonPrefix, ListObjectsV2Input, ListObjectsV2Output, Object as Listed, ObjectStorageClass,
};
use s3s::{S3Result, s3_error};

use super::door::bucket;
use super::read::{etag, timestamp};
use super::store::{Bucket, Object, S3};

/// A page of keys and common prefixes, both counted, in order. The continuation token is the last one listed.
pub(super) fn list_objects_v2(
    store: &mut S3,
    input: ListObjectsV2Input,
) -> S3Result<ListObjectsV2Output> {
    let bucket = bucket(store, &input.bucket)?;
    let limit = usize::try_from(input.max_keys.unwrap_or(1000))
        .map_err(|_| s3_error!(InvalidArgument, "max-keys must not be negative"))?
        .min(1000);
    let after = input
        .continuation_token
        .as_deref()
        .or(input.start_after.as_deref());
    let page = page(bucket, &input, after, limit);
    let next = page.last.filter(|_| page.truncated);
    Ok(ListObjectsV2Output {
        key_count: i32::try_from(page.contents.len() + page.prefixes.len()).ok(),
        is_truncated: Some(page.truncated),
        next_continuation_token: next,
        contents: Some(page.contents),
        common_prefixes: Some(page.prefixes),
        max_keys: i32::try_from(limit).ok(),
        name: Some(input.bucket),
        prefix: input.prefix,
        delimiter: input.delimiter,
        continuation_token: input.continuation_token,
        start_after: input.start_after,
        ..ListObjectsV2Output::default()
    })
}

#[derive(Default)]
struct Page {
    contents: Vec<Listed>,
    prefixes: Vec<CommonPrefix>,
    /// The last key or prefix in it.
    last: Option<String>,
    truncated: bool,
}

fn page(bucket: &Bucket, input: &ListObjectsV2Input, after: Option<&str>, limit: usize) -> Page {
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let delimiter = input
        .delimiter
        .as_deref()
        .filter(|delimiter| !delimiter.is_empty());
    let mut page = Page::default();
    for (key, object) in bucket.iter().filter(|(key, _)| key.starts_with(prefix)) {
        let common = delimiter.and_then(|delimiter| {
            let end = key[prefix.len()..].find(delimiter)?;
            Some(&key[..prefix.len() + end + delimiter.len()])
        });
        let listed = common.unwrap_or(key);
        if after.is_some_and(|after| listed <= after || key.as_str() <= after)
            || page.last.as_deref() == Some(listed)
        {
            continue;
        }
        if page.contents.len() + page.prefixes.len() == limit {
            page.truncated = limit > 0;
            break;
        }
        match common {
            Some(common) => page.prefixes.push(CommonPrefix {
                prefix: Some(common.to_owned()),
            }),
            None => page.contents.push(entry(key, object)),
        }
        page.last = Some(listed.to_owned());
    }
    page
}

fn entry(key: &str, object: &Object) -> Listed {
    Listed {
        key: Some(key.to_owned()),
        e_tag: Some(etag(object)),
        size: i64::try_from(object.body.len()).ok(),
        last_modified: Some(timestamp(object.modified_ms)),
        storage_class: Some(ObjectStorageClass::from_static(
            ObjectStorageClass::STANDARD,
        )),
        ..Listed::default()
    }
}
