//! Which images are built, of what, for whom and under which tags, and what of that is left to do. Nothing here builds.

use std::collections::{BTreeMap, BTreeSet};

use crate::definition::{placeholders, sha256_hex, substitute};
pub use crate::lookup::may_be_secret;
use crate::{Digest, ImageTag, InvalidName, Repository, Version};

/// Stands for the version in tags and arguments.
pub const VERSION: &str = "version";

/// Stands for the branch that is checked out, in tags.
pub const BRANCH: &str = "branch";

/// How an image is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// The directory that is sent to the engine.
    pub context: String,
    /// The file that says how.
    pub dockerfile: String,
    /// The stage to build; the last one when there is none.
    pub target: Option<String>,
    /// Build arguments. `{{ version }}` stands for the version.
    pub args: BTreeMap<String, String>,
    /// What it is built for, for example `linux/amd64`.
    pub platforms: Vec<String>,
}

/// An image that is built here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageBuild {
    /// Where it belongs.
    pub repository: Repository,
    /// How it is made.
    pub recipe: Recipe,
    /// Services that run it, and `migration`.
    pub users: Vec<String>,
}

/// Every image of an app that is built here, and the tags that each of them gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Builds {
    /// With placeholders, in the order in which they are written.
    pub tags: Vec<String>,
    /// The images, each repository once.
    pub images: Vec<ImageBuild>,
}

/// An image of one version, with nothing left to fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Where it belongs.
    pub repository: Repository,
    /// How it is made.
    pub recipe: Recipe,
    /// Services that run it, and `migration`.
    pub users: Vec<String>,
    /// The tags that it gets.
    pub tags: Vec<ImageTag>,
}

impl Builds {
    /// The names that an image can be chosen by.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        self.images
            .iter()
            .flat_map(|image| image.users.iter().map(String::as_str))
    }

    /// What is to be made of one version for these users, or for all when nobody is named. A tag of a branch is left out where no
    /// branch is checked out.
    ///
    /// # Errors
    /// When a tag turns out to be none.
    pub fn orders(
        &self,
        users: &BTreeSet<String>,
        version: &Version,
        branch: Option<&str>,
    ) -> Result<Vec<Order>, InvalidName> {
        let tags = tags(&self.tags, version, branch)?;
        let wanted = |image: &&ImageBuild| {
            users.is_empty() || image.users.iter().any(|user| users.contains(user))
        };
        let order = |image: &ImageBuild| Order {
            repository: image.repository.clone(),
            recipe: image.recipe.of(version),
            users: image.users.clone(),
            tags: tags.clone(),
        };
        Ok(self.images.iter().filter(wanted).map(order).collect())
    }
}

fn tags(
    templates: &[String],
    version: &Version,
    branch: Option<&str>,
) -> Result<Vec<ImageTag>, InvalidName> {
    let branch = branch.and_then(ImageTag::of_branch);
    let mut tags = Vec::new();
    for template in templates {
        if branch.is_none() && of_a_branch(template) {
            continue;
        }
        let filled = substitute(template, &|name| match name {
            VERSION => Some(version.to_string()),
            BRANCH => branch.as_ref().map(ToString::to_string),
            _ => None,
        });
        let tag = ImageTag::parse(filled)?;
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Ok(tags)
}

/// Whether a tag needs a branch.
#[must_use]
pub fn of_a_branch(template: &str) -> bool {
    placeholders(&template.into()).contains(BRANCH)
}

/// Whether a tag means another image with every version.
#[must_use]
pub fn moves(template: &str) -> bool {
    !placeholders(&template.into()).contains(VERSION)
}

impl Recipe {
    fn of(&self, version: &Version) -> Self {
        let filled = |text: &String| {
            substitute(text, &|name| (name == VERSION).then(|| version.to_string()))
        };
        let args = self.args.iter();
        Self {
            args: args
                .map(|(name, text)| (name.clone(), filled(text)))
                .collect(),
            ..self.clone()
        }
    }

    /// Everything of it that decides what comes out, besides the bytes of its files.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut platforms = self.platforms.clone();
        platforms.sort();
        serde_json::json!({ "target": self.target, "args": self.args, "platforms": platforms })
            .to_string()
    }

    /// The values that must not be shown.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.args
            .iter()
            .filter(|(name, value)| may_be_secret(name) && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}

/// The hash of everything that an image is made of: what decides whether it has to be built again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs(String);

impl Inputs {
    /// The label of an image that says what it was made of.
    pub const LABEL: &str = "backstay.inputs";

    /// Of a recipe and the hash of the files that it names.
    #[must_use]
    pub fn of(recipe: &Recipe, files: &str) -> Self {
        let all = format!("1\n{}\n{files}", recipe.canonical());
        Self(sha256_hex(all.as_bytes()))
    }

    /// In hexadecimal: the label's value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tag under which a registry has what was made of it.
    #[must_use]
    pub fn tag(&self) -> ImageTag {
        ImageTag::of_hash("inputs", &self.0)
    }
}

/// What is known of an image before anything is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// What the registry has of the same inputs.
    pub there: Option<Digest>,
    /// Those of the wanted tags that the registry has, with what they mean.
    pub tags: BTreeMap<ImageTag, Digest>,
    /// The engine's own image of the same inputs.
    pub here: Option<String>,
}

/// What has to be done for an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: every tag means it already.
    Nothing(Digest),
    /// The registry has it: these tags are added.
    Tag(Digest, Vec<ImageTag>),
    /// The engine has it, under this id.
    Keep(String),
    /// It is built.
    Build,
}

/// What has to be done for an image of these tags.
#[must_use]
pub fn next(tags: &[ImageTag], found: &Found) -> Next {
    if let Some(digest) = &found.there {
        let lacks = |tag: &&ImageTag| found.tags.get(*tag) != Some(digest);
        let lacking: Vec<ImageTag> = tags.iter().filter(lacks).cloned().collect();
        return match lacking.is_empty() {
            true => Next::Nothing(digest.clone()),
            false => Next::Tag(digest.clone(), lacking),
        };
    }
    match &found.here {
        Some(id) => Next::Keep(id.clone()),
        None => Next::Build,
    }
}

/// The platform that a task definition's tasks run on.
#[must_use]
pub fn platform(definition: &serde_json::Value) -> String {
    let said = |member: &str| {
        let pointer = format!("/runtimePlatform/{member}");
        definition
            .pointer(&pointer)
            .and_then(|value| value.as_str())
    };
    let system = match said("operatingSystemFamily") {
        Some(family) if family.starts_with("WINDOWS") => "windows",
        Some(_) | None => "linux",
    };
    let architecture = match said("cpuArchitecture") {
        Some("ARM64") => "arm64",
        Some(_) | None => "amd64",
    };
    format!("{system}/{architecture}")
}
