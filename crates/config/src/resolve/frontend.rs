//! The static frontends.

use std::collections::BTreeMap;

use backstay_domain::FrontendName;
use backstay_domain::app::Frontend;

use super::{Notes, check, environment};
use crate::template::Scope;
use crate::written;

/// All that are in the environment, by their names; nothing when there is a problem with any.
pub(super) fn frontends(
    document: &written::Document,
    (scope, environment): (&Scope, &str),
    notes: &mut Notes<'_>,
) -> Option<BTreeMap<FrontendName, Frontend>> {
    let here = document.frontends.iter();
    let here = here.filter(|written| written.presence.is_in(environment));
    let mut here: Vec<&written::Frontend> = here.collect();
    // What is written later is what is said to be in another's way.
    here.sort_by_key(|written| written.span.start);
    let mut made = Some(BTreeMap::new());
    let mut places: Vec<(FrontendName, &written::Frontend, Frontend)> = Vec::new();
    for written in here {
        let name = name(document, written, notes);
        let frontend = frontend(written, scope, notes);
        let (Some(name), Some(frontend)) = (name, frontend) else {
            made = None;
            continue;
        };
        for (other, _, place) in &places {
            overlap((other, place), (written, &frontend), notes);
        }
        if let Some(made) = &mut made {
            made.insert(name.clone(), frontend.clone());
        }
        places.push((name, written, frontend));
    }
    made
}

/// What it is called. People see it beside services, and name either to say which part they mean.
fn name(
    document: &written::Document,
    written: &written::Frontend,
    notes: &mut Notes<'_>,
) -> Option<FrontendName> {
    let Some(text) = &written.name else {
        return Some(FrontendName::default());
    };
    let name = notes.name(text, &Scope::default(), FrontendName::parse)?;
    let mut services = document.services.iter();
    if services.any(|service| service.name.value == name.as_str()) {
        let message = format!("`{name}` is a service as well");
        let help = "the parts of an app have names of their own: call one of them otherwise";
        notes.note(message, &text.span, "the same name", help);
    } else if OTHERS.contains(&name.as_str()) {
        let message = format!("`{name}` is what another part of every app is called");
        notes.note(message, &text.span, "not for a frontend", "");
    }
    Some(name)
}

/// How faults and plans call what is no service.
const OTHERS: [&str; 3] = ["migration", "anchor", "caller"];

/// Pages of two in one place would overwrite each other, and each would be taken for the other's.
fn overlap(
    (other, place): (&FrontendName, &Frontend),
    (written, frontend): (&written::Frontend, &Frontend),
    notes: &mut Notes<'_>,
) {
    let within = |one: &str, other: &str| one.starts_with(other) || other.starts_with(one);
    if place.bucket != frontend.bucket || !within(&place.prefix, &frontend.prefix) {
        return;
    }
    let spans = [&written.prefix, &written.bucket];
    let span = spans.into_iter().flatten().next().map(|key| &key.span);
    let message = format!(
        "s3://{}/{} overlaps with what `{other}` publishes to (s3://{}/{})",
        frontend.bucket, frontend.prefix, place.bucket, place.prefix
    );
    let help = "give each a bucket of its own, or a `prefix` that is no part of another's";
    notes.note(message, span.unwrap_or(&written.span), "not its own", help);
}

fn frontend(written: &written::Frontend, scope: &Scope, notes: &mut Notes<'_>) -> Option<Frontend> {
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
