//! `[frontends.NAME]`, or `[frontend]`

use std::ops::Range;

use backstay_domain::pattern;

use super::presence::Presence;
use crate::section::{At, Newcomers, Section};

const PATTERNS: &str = "a name, a path, or a glob: `*` within a name, `**` for any folders";

/// A static frontend.
pub(crate) struct Frontend {
    /// What it is called; the table that is alone says nothing.
    pub(crate) name: Option<At<String>>,
    /// Its header.
    pub(crate) span: Range<usize>,
    pub(crate) directory: Option<At<String>>,
    pub(crate) bucket: Option<At<String>>,
    pub(crate) prefix: Option<At<String>>,
    pub(crate) distribution: Option<At<String>>,
    pub(crate) url: Option<At<String>>,
    pub(crate) region: Option<At<String>>,
    pub(crate) media_types: Vec<(At<String>, Option<At<String>>)>,
    pub(crate) mutable: Option<At<Vec<At<String>>>>,
    pub(crate) presence: Presence,
}

/// Those of the file: the one that is alone, or all by their names.
pub(super) fn frontends(root: &mut Section<'_>) -> Vec<Frontend> {
    let alone = root.table("frontend", |section| Frontend::read(None, section));
    let several = root.tables("frontends", Newcomers::Unknown, |name, section| {
        Frontend::read(Some(name), section)
    });
    if let (Some(alone), Some(_)) = (&alone, &several) {
        let help = "give it a name as the others have: as [frontends.frontend] it stays the one that earlier releases have";
        root.problem(
            "[frontend] stands beside [frontends.…]",
            alone.span.clone(),
            "the one without a name",
            help,
        );
    }
    alone
        .into_iter()
        .chain(several.into_iter().flatten())
        .collect()
}

impl Frontend {
    fn read(name: Option<At<String>>, section: &mut Section<'_>) -> Self {
        let directory = section.text("directory");
        let bucket = section.text("bucket");
        let mutable = section.texts("mutable");
        let media_types = section.strings("media_types");
        types(section, &media_types);
        if let Some(mutable) = &mutable {
            patterns(section, mutable);
        }
        Self {
            name,
            span: section.span(),
            directory: section.required("directory", directory),
            bucket: section.required("bucket", bucket),
            prefix: section.text("prefix"),
            distribution: section.text("distribution"),
            url: section.text("url"),
            region: section.text("region"),
            media_types,
            mutable,
            presence: Presence::read(section),
        }
    }
}

fn patterns(section: &mut Section<'_>, mutable: &At<Vec<At<String>>>) {
    if mutable.value.is_empty() {
        let help = "at least the entry page changes with every release: mutable = [\"index.html\"]";
        section.problem(
            "`mutable` lists no file",
            mutable.span.clone(),
            "empty list",
            help,
        );
    }
    for pattern in &mutable.value {
        let message = format!("`{}` in `mutable` means no file", pattern.value);
        is_pattern(section, pattern, message);
    }
}

fn is_pattern(section: &mut Section<'_>, written: &At<String>, message: String) {
    if let Some(wrong) = pattern::problem(&written.value) {
        section.problem(message, written.span.clone(), wrong, PATTERNS);
    }
}

fn types(section: &mut Section<'_>, types: &[(At<String>, Option<At<String>>)]) {
    for (name, media_type) in types {
        let message = format!("`{}` in `media_types` means no file", name.value);
        is_pattern(section, name, message);
        let Some(media_type) = media_type else {
            continue;
        };
        if !is_media_type(&media_type.value) {
            let message = format!("`{}` is not a media type", media_type.value);
            let span = media_type.span.clone();
            section.problem(message, span, "like \"text/html; charset=utf-8\"", "");
        }
    }
}

/// `type/subtype`, and parameters after semicolons.
fn is_media_type(text: &str) -> bool {
    let is_token = |text: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
        !text.is_empty() && text.bytes().all(fits)
    };
    let mut parts = text.split(';');
    let essence = parts.next().unwrap_or_default().trim().split_once('/');
    let is_parameter = |part: &str| {
        let value = |value: &str| value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        part.trim()
            .split_once('=')
            .is_some_and(|(name, text)| is_token(name) && !text.is_empty() && value(text))
    };
    essence.is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
        && parts.all(is_parameter)
}
