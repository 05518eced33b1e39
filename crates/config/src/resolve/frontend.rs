//! The static frontend.

use std::collections::BTreeMap;

use backstay_domain::app::Frontend;

use super::{Notes, check, environment};
use crate::template::Scope;
use crate::written;

pub(super) fn frontend(
    written: &written::Frontend,
    scope: &Scope,
    notes: &mut Notes<'_>,
) -> Option<Frontend> {
    let directory = written.directory.as_ref().and_then(|directory| {
        let filled = notes.fill(directory, scope)?;
        if filled.trim().is_empty() {
            notes.note(
                "`directory` is empty",
                &directory.span,
                "empty",
                "name the folder of the built frontend",
            );
        }
        Some(filled)
    });
    let bucket = written.bucket.as_ref().and_then(|bucket| {
        let filled = notes.fill(bucket, scope)?;
        if !environment::is_bucket(&filled) {
            let rule = "3 to 63 lower-case letters, digits, hyphens and dots";
            notes.note(
                format!("`{filled}` is not a bucket name"),
                &bucket.span,
                "not a bucket name",
                rule,
            );
        }
        Some(filled)
    });
    let prefix = written
        .prefix
        .as_ref()
        .map(|prefix| notes.fill(prefix, scope));
    let distribution = written
        .distribution
        .as_ref()
        .map(|distribution| notes.fill(distribution, scope));
    let url = written
        .url
        .as_ref()
        .map(|url| check::url(url, scope, notes));
    let mutable = written
        .mutable
        .as_ref()
        .map(|mutable| notes.fill_all(&mutable.value, scope));
    let region = written
        .region
        .as_ref()
        .map(|region| environment::valid_region(region, scope, notes));
    let media_types: Option<BTreeMap<String, String>> = written
        .media_types
        .iter()
        .map(|(pattern, media_type)| {
            let media_type = media_type.as_ref()?;
            Some((notes.fill(pattern, scope)?, notes.fill(media_type, scope)?))
        })
        .collect();
    Some(Frontend {
        directory: directory?,
        bucket: bucket?,
        prefix: super::complete(prefix)?
            .map(|prefix| environment::folder(&prefix))
            .unwrap_or_default(),
        distribution: super::complete(distribution)?,
        url: super::complete(url)?.map(|url| url.trim_end_matches('/').to_owned()),
        region: super::complete(region)?,
        media_types: media_types?,
        mutable: super::complete(mutable)?.unwrap_or_else(|| vec!["index.html".to_owned()]),
    })
}
