//! ListObjectsV2 and ListObjects.

use std::ops::Bound;

use s3s::dto::{
    CommonPrefix, EncodingType, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input,
    ListObjectsV2Output, Object as Listed, ObjectStorageClass,
};
use s3s::{S3Result, s3_error};

use super::acl::owner;
use super::conditions::etag;
use super::door::At;
use super::read::timestamp;
use super::state::{Bucket, Object, S3};

/// A page of keys and common prefixes, both counted, in order. The continuation token is the last one listed.
pub(super) fn list_objects_v2(
    store: &mut S3,
    input: ListObjectsV2Input,
    at: &At,
) -> S3Result<ListObjectsV2Output> {
    let bucket = store.bucket(&input.bucket)?;
    let limit = limit(input.max_keys)?;
    let shown = Shown::by(input.encoding_type.as_ref());
    let after = input.continuation_token.as_deref();
    let after = after.or(input.start_after.as_deref());
    let wanted = Wanted {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref().filter(|it| !it.is_empty()),
        after,
        limit,
    };
    let mut page = page(bucket, wanted, shown);
    if input.fetch_owner == Some(true) {
        for listed in &mut page.contents {
            listed.owner = Some(owner(&at.account));
        }
    }
    let next = page.last.filter(|_| page.truncated);
    Ok(ListObjectsV2Output {
        key_count: i32::try_from(page.contents.len() + page.prefixes.len()).ok(),
        is_truncated: Some(page.truncated),
        next_continuation_token: next,
        contents: Some(page.contents),
        common_prefixes: Some(page.prefixes),
        max_keys: i32::try_from(limit).ok(),
        name: Some(input.bucket),
        // Without one it is there and empty [OBS].
        prefix: Some(shown.text(input.prefix.as_deref().unwrap_or_default())),
        delimiter: input.delimiter.map(|it| shown.text(&it)),
        continuation_token: input.continuation_token,
        start_after: input.start_after.map(|it| shown.text(&it)),
        encoding_type: input.encoding_type,
        ..ListObjectsV2Output::default()
    })
}

/// The first version of the list: it goes on after a marker.
pub(super) fn list_objects(
    store: &mut S3,
    input: ListObjectsInput,
    at: &At,
) -> S3Result<ListObjectsOutput> {
    let bucket = store.bucket(&input.bucket)?;
    let limit = limit(input.max_keys)?;
    let shown = Shown::by(input.encoding_type.as_ref());
    let wanted = Wanted {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref().filter(|it| !it.is_empty()),
        after: input.marker.as_deref().filter(|it| !it.is_empty()),
        limit,
    };
    let mut page = page(bucket, wanted, shown);
    for listed in &mut page.contents {
        listed.owner = Some(owner(&at.account));
    }
    // Without a delimiter the client takes the last key itself [DOC].
    let next = page
        .last
        .filter(|_| page.truncated && wanted.delimiter.is_some());
    Ok(ListObjectsOutput {
        is_truncated: Some(page.truncated),
        next_marker: next.map(|it| shown.text(&it)),
        contents: Some(page.contents),
        common_prefixes: Some(page.prefixes),
        max_keys: i32::try_from(limit).ok(),
        marker: Some(shown.text(input.marker.as_deref().unwrap_or_default())),
        prefix: Some(shown.text(input.prefix.as_deref().unwrap_or_default())),
        delimiter: input.delimiter.as_deref().map(|it| shown.text(it)),
        encoding_type: input.encoding_type.clone(),
        name: Some(input.bucket),
        ..ListObjectsOutput::default()
    })
}

/// How keys are written: `encoding-type=url` asks for percent signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Plain,
    Url,
}

impl Shown {
    pub(super) fn by(encoding: Option<&EncodingType>) -> Self {
        match encoding {
            Some(_) => Self::Url,
            None => Self::Plain,
        }
    }

    pub(super) fn text(self, key: &str) -> String {
        use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
        const KEPT: &AsciiSet = &NON_ALPHANUMERIC
            .remove(b'-')
            .remove(b'_')
            .remove(b'.')
            .remove(b'*')
            .remove(b'/');
        match self {
            Self::Plain => key.to_owned(),
            Self::Url => utf8_percent_encode(key, KEPT)
                .to_string()
                .replace("%20", "+"),
        }
    }
}

/// What a page is to have.
#[derive(Clone, Copy, Debug)]
struct Wanted<'a> {
    prefix: &'a str,
    delimiter: Option<&'a str>,
    after: Option<&'a str>,
    limit: usize,
}

#[derive(Default)]
struct Page {
    contents: Vec<Listed>,
    prefixes: Vec<CommonPrefix>,
    /// The last key or prefix in it.
    last: Option<String>,
    truncated: bool,
}

pub(super) fn limit(asked: Option<i32>) -> S3Result<usize> {
    let negative = |_| s3_error!(InvalidArgument, "max-keys must not be negative");
    Ok(usize::try_from(asked.unwrap_or(1000))
        .map_err(negative)?
        .min(1000))
}

/// The part of a key up to and with the first delimiter after the prefix.
pub(super) fn common<'a>(key: &'a str, prefix: &str, delimiter: Option<&str>) -> Option<&'a str> {
    let delimiter = delimiter?;
    let end = key.get(prefix.len()..)?.find(delimiter)?;
    key.get(..prefix.len() + end + delimiter.len())
}

fn page(bucket: &Bucket, wanted: Wanted<'_>, shown: Shown) -> Page {
    let Wanted {
        prefix,
        delimiter,
        after,
        limit,
    } = wanted;
    let mut page = Page::default();
    let start = after.unwrap_or_default().max(prefix);
    let from = bucket.range::<str, _>((Bound::Included(start), Bound::Unbounded));
    for (key, object) in from.take_while(|(key, _)| key.starts_with(prefix)) {
        let common = common(key, prefix, delimiter);
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
                prefix: Some(shown.text(common)),
            }),
            None => page.contents.push(entry(shown.text(key), object)),
        }
        page.last = Some(listed.to_owned());
    }
    page
}

fn entry(key: String, object: &Object) -> Listed {
    Listed {
        key: Some(key),
        e_tag: Some(etag(object)),
        size: i64::try_from(object.body.len()).ok(),
        last_modified: Some(timestamp(object.modified_ms)),
        storage_class: Some(ObjectStorageClass::from(object.headers.class().to_owned())),
        checksum_algorithm: object.checksums.algorithm().map(|it| vec![it]),
        checksum_type: object
            .checksums
            .algorithm()
            .map(|_| object.checksums.kind()),
        ..Listed::default()
    }
}
