//! Images as references: `[HOST/]NAME[:TAG][@sha256:DIGEST]`.

use super::rule::{Definition, Found, Rule};

/// What is before `@` has at most so many characters (F3 [MODEL]).
const MOST_CHARACTERS: usize = 255;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "image-is-there",
        known: "[OBS] aws/aws-cli#5924, text [CODE] moto",
        find: is_there,
    },
    Rule {
        name: "image-characters",
        known: "[MODEL], text [OBS] OctopusDeploy/Issues#10026",
        find: characters,
    },
    Rule {
        name: "image-length",
        known: "[MODEL], text [OBS] hashicorp/terraform-provider-aws#22629",
        find: length,
    },
];

/// Whether an image is in a private registry of ECR.
pub(super) fn is_in_ecr(image: &str) -> bool {
    image
        .split('/')
        .next()
        .is_some_and(|host| host.contains(".dkr.ecr.") || host.contains(".dkr-ecr."))
}

fn is_there(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        if container.text_or_empty("image").is_empty() {
            found.refuse(
                container.place("image"),
                "Container.image should not be null or empty.",
                "name the container's image",
            );
        }
    }
}

fn characters(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        let allowed = |one: char| one.is_ascii_alphanumeric() || "-_:./#@".contains(one);
        if !container.text_or_empty("image").chars().all(allowed) {
            found.refuse(
                container.place("image"),
                "Container.image contains invalid characters.",
                "letters, digits and `- _ : . / # @`",
            );
        }
    }
}

fn length(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        let image = container.text_or_empty("image");
        let named = image.split('@').next().unwrap_or_default();
        if named.len() > MOST_CHARACTERS {
            found.refuse(
                container.place("image"),
                "Container.image should be 255 characters or less",
                "shorten the repository's name or the tag",
            );
        }
    }
}
