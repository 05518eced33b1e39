//! What docker is told: its command lines, and nothing else. No shell reads them; what may be a secret is not in them.

use std::ffi::OsString;
use std::path::Path;

use backstay_domain::build::{Inputs, Recipe, may_be_secret};

/// A command line, and what is beside it in the surroundings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) words: Vec<OsString>,
    pub(super) variables: Vec<(String, String)>,
}

impl Line {
    pub(super) fn of(words: &[&str]) -> Self {
        Self {
            words: words.iter().map(OsString::from).collect(),
            variables: Vec::new(),
        }
    }

    fn and<W: Into<OsString>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.words.extend(words.into_iter().map(Into::into));
        self
    }
}

/// Who builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builder {
    /// BuildKit, by its plugin.
    Buildx,
    /// The engine's own, for one platform.
    Plain,
}

/// Where the image goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal<'a> {
    /// To the engine.
    Engine,
    /// To the builder's memory: an engine cannot hold an image of several platforms.
    Cache,
    /// To the registry; what it is called there is written to this file.
    Registry(&'a Path),
}

/// What is built, of what is on this disk.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// How it is made.
    pub recipe: &'a Recipe,
    /// What decides whether it is made again.
    pub inputs: &'a Inputs,
    /// Where the configuration lies: paths are relative to it.
    pub directory: &'a Path,
}

pub(super) fn build(
    source: Source<'_>,
    builder: Builder,
    to: Goal<'_>,
    references: &[String],
) -> Line {
    let Source {
        recipe,
        inputs,
        directory,
    } = source;
    let mut line = match builder {
        Builder::Buildx => Line::of(&["buildx", "build", "--progress", "plain"]),
        Builder::Plain => Line::of(&["build"]),
    };
    line.variables.extend(match builder {
        // A provenance has the time in it: the same inputs would never be the same image.
        Builder::Buildx => [("BUILDX_NO_DEFAULT_ATTESTATIONS".to_owned(), "1".to_owned())],
        Builder::Plain => [("DOCKER_BUILDKIT".to_owned(), "0".to_owned())],
    });
    line = line
        .and([
            "--file".into(),
            directory.join(&recipe.dockerfile).into_os_string(),
        ])
        .and(["--platform", &recipe.platforms.join(",")])
        .and(["--label", &format!("{}={}", Inputs::LABEL, inputs.as_str())]);
    if let Some(target) = &recipe.target {
        line = line.and(["--target", target]);
    }
    for (name, value) in &recipe.args {
        if may_be_secret(name) {
            // Docker takes it from there: the list of processes shows command lines to everybody.
            line.variables.push((name.clone(), value.clone()));
            line = line.and(["--build-arg", name]);
        } else {
            line = line.and(["--build-arg", &format!("{name}={value}")]);
        }
    }
    for reference in references {
        line = line.and(["--tag", reference]);
    }
    line = match (builder, to) {
        (Builder::Buildx, Goal::Engine) => line.and(["--load"]),
        (Builder::Buildx, Goal::Cache) => line.and(["--output", "type=cacheonly"]),
        (_, Goal::Registry(file)) => line
            .and(["--push", "--metadata-file"])
            .and([file.as_os_str()]),
        (Builder::Plain, Goal::Engine | Goal::Cache) => line,
    };
    line.and([directory.join(&recipe.context)])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn shown(builder: Builder, to: Goal<'_>, platforms: &[&str]) -> String {
        let args = [("RELEASE", "a1b2c3d"), ("NPM_TOKEN", "hunter2")];
        let recipe = Recipe {
            context: "..".to_owned(),
            dockerfile: "api/Dockerfile".to_owned(),
            target: Some("runtime".to_owned()),
            args: BTreeMap::from(args.map(|(name, value)| (name.to_owned(), value.to_owned()))),
            platforms: platforms.iter().map(|name| (*name).to_owned()).collect(),
        };
        let inputs = Inputs::of(&recipe, "files");
        let source = Source {
            recipe: &recipe,
            inputs: &inputs,
            directory: Path::new("/app"),
        };
        let tags = ["r/api:v1".to_owned(), "r/api:latest".to_owned()];
        let line = build(source, builder, to, &tags);
        let words: Vec<&str> = line.words.iter().filter_map(|word| word.to_str()).collect();
        let variables = line.variables.iter();
        let variables: Vec<String> = variables
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!("{} docker {}", variables.join(" "), words.join(" "))
            .replace(inputs.as_str(), "HASH")
    }

    #[test]
    fn builds() {
        assert_eq!(
            shown(Builder::Buildx, Goal::Engine, &["linux/amd64"]),
            "BUILDX_NO_DEFAULT_ATTESTATIONS=1 NPM_TOKEN=hunter2 docker buildx build --progress plain \
             --file /app/api/Dockerfile --platform linux/amd64 --label backstay.inputs=HASH --target runtime \
             --build-arg NPM_TOKEN --build-arg RELEASE=a1b2c3d --tag r/api:v1 --tag r/api:latest --load /app/.."
        );
        assert_eq!(
            shown(Builder::Plain, Goal::Engine, &["linux/arm64"]),
            "DOCKER_BUILDKIT=0 NPM_TOKEN=hunter2 docker build \
             --file /app/api/Dockerfile --platform linux/arm64 --label backstay.inputs=HASH --target runtime \
             --build-arg NPM_TOKEN --build-arg RELEASE=a1b2c3d --tag r/api:v1 --tag r/api:latest /app/.."
        );
        let both = &["linux/amd64", "linux/arm64"];
        let pushed = shown(Builder::Buildx, Goal::Registry(Path::new("/tmp/m")), both);
        assert!(
            pushed.contains("--platform linux/amd64,linux/arm64 ")
                && pushed.ends_with("--push --metadata-file /tmp/m /app/.."),
            "{pushed}"
        );
        let kept = shown(Builder::Buildx, Goal::Cache, both);
        assert!(kept.ends_with("--output type=cacheonly /app/.."), "{kept}");
    }
}
