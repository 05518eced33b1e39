//! `[services.*.build]`, `[migration.build]` and `[images]`

use std::ops::Range;

use backstay_domain::versions::Missing;

use crate::section::{At, Section};

/// How an image is made.
pub(crate) struct Build {
    pub(crate) span: Range<usize>,
    pub(crate) context: Option<At<String>>,
    pub(crate) dockerfile: Option<At<String>>,
    pub(crate) target: Option<At<String>>,
    pub(crate) args: Vec<(At<String>, Option<At<String>>)>,
    pub(crate) platforms: Option<At<Vec<At<String>>>>,
}

/// What holds for every image that is built.
#[derive(Default)]
pub(crate) struct Images {
    pub(crate) tags: Option<At<Vec<At<String>>>>,
    pub(crate) missing: Option<Missing>,
}

impl Build {
    pub(crate) fn read(section: &mut Section<'_>) -> Self {
        Self {
            span: section.span(),
            context: section.text("context"),
            dockerfile: section.text("dockerfile"),
            target: section.text("target"),
            args: section.strings("args"),
            platforms: section.texts("platforms"),
        }
    }
}

impl Images {
    pub(crate) fn read(section: &mut Section<'_>) -> Self {
        Self {
            tags: section.texts("tags"),
            missing: section.choice(
                "missing",
                &[("refuse", Missing::Refuse), ("keep", Missing::Keep)],
            ),
        }
    }
}
