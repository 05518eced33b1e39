//! Names that are parsed once at the edge and trusted afterwards.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A name that does not follow its rules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not a valid {what}: {rule}")]
pub struct InvalidName {
    /// What was being named, for example `service name`.
    pub what: &'static str,
    /// The text found.
    pub found: String,
    /// The rule it breaks.
    pub rule: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $what:literal, $rule:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// Parses the name.
            ///
            /// # Errors
            /// When the text breaks the rule of this kind of name.
            pub fn parse(text: impl Into<String>) -> Result<Self, InvalidName> {
                let text = text.into();
                let check: fn(&str) -> bool = $check;
                if check(&text) { Ok(Self(text)) } else { Err(InvalidName { what: $what, found: text, rule: $rule }) }
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $type {
            type Err = InvalidName;
            fn from_str(text: &str) -> Result<Self, InvalidName> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $type {
            type Error = InvalidName;
            fn try_from(text: String) -> Result<Self, InvalidName> {
                Self::parse(text)
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> String {
                name.0
            }
        }
    };
}

fn is_slug(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.ends_with('-')
}

fn is_tag(text: &str) -> bool {
    (1..=MOST_OF_A_TAG).contains(&text.len())
        && text.bytes().all(in_a_tag)
        && !text.starts_with(['.', '-'])
}

fn in_a_tag(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

/// Registries take no longer tag.
const MOST_OF_A_TAG: usize = 128;

fn is_handle(text: &str) -> bool {
    (1..=2048).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

name!(
    /// The application, for example `cat-house`.
    AppName, "app name", "lower-case letters, digits and hyphens, starting with a letter, at most 63", is_slug
);
name!(
    /// Where it is deployed, for example `staging`.
    EnvironmentName, "environment name", "lower-case letters, digits and hyphens, starting with a letter, at most 63", is_slug
);
name!(
    /// A service as the team calls it, for example `catalog-service`.
    ServiceName, "service name", "lower-case letters, digits and hyphens, starting with a letter, at most 63", is_slug
);
name!(
    /// A static frontend as the team calls it, for example `admin`.
    FrontendName, "frontend name", "lower-case letters, digits and hyphens, starting with a letter, at most 63", is_slug
);
name!(
    /// A scheduled job as the team calls it, for example `nightly-report`.
    JobName, "job name", "lower-case letters, digits and hyphens, starting with a letter, at most 63", is_slug
);
name!(
    /// What is deployed as the team calls it: a git sha or an image tag.
    Version, "version", "1 to 128 letters, digits, `.`, `_` and `-`, not starting with `.` or `-`",
    is_tag
);
name!(
    /// An image repository: an ECR name (`cat-house/auth-service`) or a whole foreign one (`ghcr.io/acme/api`).
    Repository, "image repository", "lower-case path segments separated by `/`, without tag or digest",
    |text| (2..=255).contains(&text.len())
        && text.split('/').all(|part| !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-' | b':')))
        && !text.rsplit('/').next().unwrap_or("").contains(':')
);
name!(
    /// A tag of an image, for example `a1b2c3d` or `latest`.
    ImageTag, "image tag", "1 to 128 letters, digits, `.`, `_` and `-`, not starting with `.` or `-`", is_tag
);
name!(
    /// An image's content address: `sha256:` and 64 hex digits.
    Digest, "image digest", "`sha256:` followed by 64 hexadecimal digits",
    |text| text.strip_prefix("sha256:").is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
);
name!(
    /// A release's content address: `r-` and 12 hex digits.
    ReleaseId, "release id", "`r-` followed by 12 hexadecimal digits",
    |text| text.strip_prefix("r-").is_some_and(|hex| hex.len() == 12 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
);
name!(
    /// One attempt to bring an environment to a release: `d-` and a short token.
    DeploymentId, "deployment id", "`d-` followed by 4 to 32 lower-case letters and digits",
    |text| text.strip_prefix("d-").is_some_and(|rest| (4..=32).contains(&rest.len())
        && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
);
name!(
    /// The cloud's handle of a registered task definition revision. Opaque here.
    DefinitionRef, "task definition handle", "1 to 2048 printable characters", is_handle
);
name!(
    /// The cloud's handle of one rollout (service deployment) of a service. Opaque here.
    RolloutHandle, "rollout handle", "1 to 2048 printable characters", is_handle
);
name!(
    /// The cloud's handle of one task. Opaque here.
    TaskId, "task id", "1 to 2048 printable characters", is_handle
);
name!(
    /// Makes doing an action twice equal to once, where the cloud supports it. At most 64 characters.
    IdempotencyKey, "idempotency key", "1 to 64 letters, digits and hyphens",
    |text| (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
);

/// The one frontend of an app that names none.
const USUAL_FRONTEND: &str = "frontend";

impl Default for FrontendName {
    fn default() -> Self {
        Self(USUAL_FRONTEND.to_owned())
    }
}

impl FrontendName {
    /// Whether it is that of the one frontend of an app that names none: nobody has to say it.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        self.0 == USUAL_FRONTEND
    }

    /// As it stands in a sentence.
    #[must_use]
    pub fn said(&self) -> &str {
        match self.is_usual() {
            true => "the frontend",
            false => &self.0,
        }
    }

    /// One of its files, where files of other frontends may stand beside it.
    #[must_use]
    pub fn file(&self, path: &str) -> String {
        match self.is_usual() {
            true => path.to_owned(),
            false => format!("{}: {path}", self.0),
        }
    }

    /// Its table in `backstay.toml`.
    #[must_use]
    pub fn table(&self) -> String {
        match self.is_usual() {
            true => "[frontend]".to_owned(),
            false => format!("[frontends.{}]", self.0),
        }
    }
}

impl ImageTag {
    /// A branch as a tag: what cannot be in one becomes a hyphen, as `docker/metadata-action` does it. None when nothing is left.
    #[must_use]
    pub fn of_branch(branch: &str) -> Option<Self> {
        let mut tag = String::new();
        for c in branch.chars() {
            let fits = u8::try_from(c).is_ok_and(in_a_tag);
            match fits {
                true => tag.push(c),
                // Several in a row are one.
                false if tag.ends_with('-') => {}
                false => tag.push('-'),
            }
        }
        let tag = tag.trim_start_matches(['.', '-']);
        let tag = tag.get(..MOST_OF_A_TAG).unwrap_or(tag);
        Self::parse(tag).ok()
    }

    /// The tag of a hash in hexadecimal.
    pub(crate) fn of_hash(kind: &'static str, hex: &str) -> Self {
        Self(format!("{kind}-{}", hex.get(..32).unwrap_or(hex)))
    }
}

impl DefinitionRef {
    /// The part that people read: what follows the last `/`.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Whether it names one revision. A family alone is its newest revision, whichever that is.
    #[must_use]
    pub fn names_a_revision(&self) -> bool {
        let (_, revision) = self.short().rsplit_once(':').unwrap_or_default();
        !revision.is_empty() && revision.bytes().all(|digit| digit.is_ascii_digit())
    }
}

impl TaskId {
    /// The first eight characters of what follows the last `/`.
    #[must_use]
    pub fn short(&self) -> &str {
        let last = self.0.rsplit('/').next().unwrap_or(&self.0);
        last.get(..8).unwrap_or(last)
    }
}

impl Digest {
    /// `sha256:` and the first eight digits.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..15).unwrap_or(&self.0)
    }
}
