//! Tags.

use std::collections::BTreeSet;

use super::rule::{Definition, Found, Rule};

/// Tags of one task definition.
const MOST: usize = 50;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "tags-are-not-empty",
        known: "[MEM], text [CODE]",
        find: not_empty,
    },
    Rule {
        name: "tags-at-most-50",
        known: "[MODEL], text [INF]",
        find: at_most_fifty,
    },
    Rule {
        name: "tag-prefix",
        known: "[MODEL], text [OBS] aws/amazon-ecs-agent#1704",
        find: prefix,
    },
    Rule {
        name: "tag-length",
        known: "[MODEL], text [INF]",
        find: length,
    },
    Rule {
        name: "tag-characters",
        known: "[MODEL], text [INF]",
        find: characters,
    },
    Rule {
        name: "tag-keys-differ",
        known: "[MODEL], text [INF]",
        find: keys_differ,
    },
];

fn not_empty(definition: &Definition<'_>, found: &mut Found) {
    if let Some(tags) = definition.whole.get("tags")
        && tags.own_items().is_empty()
    {
        found.refuse(tags.at, "Tags can not be empty.", "leave it out");
    }
}

fn at_most_fifty(definition: &Definition<'_>, found: &mut Found) {
    if let Some(tag) = definition.whole.items("tags").get(MOST) {
        found.refuse_parameter(
            tag.at.clone(),
            "Tags can not have more than 50 elements.",
            "a task definition has at most 50 tags",
        );
    }
}

fn prefix(definition: &Definition<'_>, found: &mut Found) {
    for tag in definition.whole.items("tags") {
        if tag
            .text_or_empty("key")
            .to_ascii_lowercase()
            .starts_with("aws:")
        {
            found.refuse_parameter(
                tag.place("key"),
                "Tag key must not start with aws:",
                "that prefix is AWS's own",
            );
        }
    }
}

fn length(definition: &Definition<'_>, found: &mut Found) {
    for tag in definition.whole.items("tags") {
        for (member, least, most) in [("key", 1, 128), ("value", 0, 256)] {
            let length = tag.text_or_empty(member).chars().count();
            if !(least..=most).contains(&length) {
                found.refuse_parameter(
                    tag.place(member),
                    format!("The tag {member} must be between {least} and {most} characters."),
                    format!("{least} to {most} characters"),
                );
            }
        }
    }
}

fn characters(definition: &Definition<'_>, found: &mut Found) {
    let allowed =
        |one: char| one.is_alphanumeric() || one.is_whitespace() || "_.:/=+-@".contains(one);
    for tag in definition.whole.items("tags") {
        for member in ["key", "value"] {
            if !tag.text_or_empty(member).chars().all(allowed) {
                found.refuse_parameter(
                    tag.place(member),
                    format!("The tag {member} contains invalid characters."),
                    "letters, digits, spaces and `_ . : / = + - @`",
                );
            }
        }
    }
}

fn keys_differ(definition: &Definition<'_>, found: &mut Found) {
    let mut keys = BTreeSet::new();
    for tag in definition.whole.items("tags") {
        let key = tag.text_or_empty("key");
        if !keys.insert(key) {
            found.refuse_parameter(
                tag.place("key"),
                "Duplicate tag keys found.",
                format!("there is a tag `{key}` already"),
            );
        }
    }
}
