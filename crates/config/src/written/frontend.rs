//! `[frontend]`

use crate::section::{At, Section};

/// The static frontend.
pub(crate) struct Frontend {
    pub(crate) directory: Option<At<String>>,
    pub(crate) bucket: Option<At<String>>,
    pub(crate) prefix: Option<At<String>>,
    pub(crate) distribution: Option<At<String>>,
    pub(crate) url: Option<At<String>>,
    pub(crate) mutable: Option<At<Vec<At<String>>>>,
}

impl Frontend {
    pub(crate) fn read(section: &mut Section<'_>) -> Self {
        let directory = section.text("directory");
        let bucket = section.text("bucket");
        let mutable = section.texts("mutable");
        if let Some(mutable) = &mutable {
            patterns(section, mutable);
        }
        Self {
            directory: section.required("directory", directory),
            bucket: section.required("bucket", bucket),
            prefix: section.text("prefix"),
            distribution: section.text("distribution"),
            url: section.text("url"),
            mutable,
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
        let extension = pattern.value.strip_prefix("*.");
        if pattern.value.trim().is_empty() {
            section.problem(
                "a pattern in `mutable` is empty",
                pattern.span.clone(),
                "empty pattern",
                "",
            );
        } else if extension.unwrap_or(&pattern.value).contains('*')
            || extension.is_some_and(str::is_empty)
        {
            let message = format!("`{}` is not a pattern that `mutable` knows", pattern.value);
            section.problem(message, pattern.span.clone(), "a name or `*.ext`", "");
        } else if pattern.value.starts_with('/') {
            let message = format!("`{}` starts with `/`", pattern.value);
            section.problem(message, pattern.span.clone(), "relative to `directory`", "");
        }
    }
}
