//! `[[checks]]` and `[services.*.probe]`

use std::ops::Range;
use std::time::Duration;

use super::presence::Presence;
use crate::section::{At, Section};

/// An HTTP request and the answer that is expected.
pub(crate) struct Check {
    pub(crate) name: Option<At<String>>,
    pub(crate) url: Option<At<String>>,
    pub(crate) status: Option<At<u32>>,
    pub(crate) json: Option<JsonCheck>,
    pub(crate) attempts: Option<At<u32>>,
    pub(crate) interval: Option<At<Duration>>,
    pub(crate) timeout: Option<At<Duration>>,
    pub(crate) presence: Presence,
}

/// What the answer's JSON must say.
pub(crate) struct JsonCheck {
    pub(crate) pointer: Option<At<String>>,
    pub(crate) equals: Option<At<String>>,
}

impl Check {
    /// A smoke check, which has a name.
    pub(crate) fn read(section: &mut Section<'_>) -> Self {
        let name = section.text("name");
        let name = section.required("name", name);
        let presence = Presence::read(section);
        Self {
            name,
            presence,
            ..Self::read_probe(section)
        }
    }

    /// A probe, which is called after its service.
    pub(crate) fn read_probe(section: &mut Section<'_>) -> Self {
        let url = section.text("url");
        let check = Self {
            name: None,
            url: section.required("url", url),
            status: section.number("status", 100..=599),
            json: section.table("json", JsonCheck::read),
            attempts: section.number("attempts", 1..=1000),
            interval: section.duration("interval"),
            timeout: section.duration("timeout"),
            presence: Presence::default(),
        };
        if let Some(timeout) = check
            .timeout
            .as_ref()
            .filter(|timeout| timeout.value.is_zero())
        {
            section.problem(
                "`timeout` must be longer than nothing",
                timeout.span.clone(),
                "too short",
                "",
            );
        }
        check
    }
}

impl JsonCheck {
    fn read(section: &mut Section<'_>) -> Self {
        let pointer = section.text("pointer");
        let equals = section.text("equals");
        let found = pointer
            .as_ref()
            .filter(|pointer| !pointer.value.is_empty() && !pointer.value.starts_with('/'));
        if let Some((span, value)) =
            found.map(|pointer| (Range::clone(&pointer.span), pointer.value.clone()))
        {
            let message = format!("`{value}` is not a JSON pointer");
            section.problem(
                message,
                span,
                "starts with `/`",
                &format!("write \"/{}\"", value.replace('.', "/")),
            );
        }
        Self {
            pointer: section.required("pointer", pointer),
            equals: section.required("equals", equals),
        }
    }
}
