//! The family, and the size of the whole.

use super::rule::{Definition, Found, Rule};

/// A task definition is at most 64 KiB.
const MOST_BYTES: usize = 65_536;

/// Up to 255 letters, digits, hyphens and underscores.
pub(super) const MOST_CHARACTERS: usize = 255;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "family-is-there",
        known: "[MODEL], text [CODE] moto",
        find: family_is_there,
    },
    Rule {
        name: "family-characters",
        known: "[MODEL], text [OBS] aws/amazon-ecs-cli#37",
        find: family_characters,
    },
    Rule {
        name: "family-length",
        known: "[MODEL], text [INF]",
        find: family_length,
    },
    Rule {
        name: "document-size",
        known: "[OBS] guardian/service-catalogue, September 2025",
        find: document_size,
    },
];

/// Letters, digits, hyphens and underscores.
pub(super) fn is_plain(text: &str) -> bool {
    text.chars()
        .all(|one| one.is_ascii_alphanumeric() || one == '-' || one == '_')
}

fn family_is_there(definition: &Definition<'_>, found: &mut Found) {
    if definition.whole.text_or_empty("family").is_empty() {
        found.refuse(
            definition.whole.place("family"),
            "Family should not be null or empty.",
            "give the task definition a family",
        );
    }
}

fn family_characters(definition: &Definition<'_>, found: &mut Found) {
    if !is_plain(definition.whole.text_or_empty("family")) {
        found.refuse(
            definition.whole.place("family"),
            "Family contains invalid characters.",
            "letters, digits, hyphens and underscores",
        );
    }
}

fn family_length(definition: &Definition<'_>, found: &mut Found) {
    if definition.whole.text_or_empty("family").len() > MOST_CHARACTERS {
        found.refuse(
            definition.whole.place("family"),
            "Family should be 255 characters or less",
            "shorten it",
        );
    }
}

fn document_size(definition: &Definition<'_>, found: &mut Found) {
    let length = definition.whole.value.to_string().len();
    if length > MOST_BYTES {
        found.refuse(
            definition.whole.at.clone(),
            format!("Actual length: '{length}'. Max allowed length is '65536' bytes."),
            "move what is large out of the definition, for example into an environment file",
        );
    }
}
