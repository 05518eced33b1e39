//! What is said about builds of images, and about what they are built of.

use backstay_config::{Configured, FileProblem, Problems, load, load_with_sources};
use rstest::rstest;

use crate::rows::damaged;
use crate::{API, TOML, picture};

/// Stands behind the small configuration: its first line is line 50.
const BUILDS: &str = r#"
[images]
tags = ["{{ version }}", "{{ branch }}", "latest"]

[services.api.build]
context = "src"
target = "runtime"
args = { RELEASE = "{{ version }}", HOST = "{{ host }}" }
platforms = ["linux/amd64"]

[services.auth.build]
dockerfile = "src/auth.Dockerfile"
"#;

const DOCKERFILE: &str =
    "FROM rust AS build\nRUN make\n  from --platform=x debian as Runtime\nFROM scratch\n";

fn files(path: &str) -> Result<String, FileProblem> {
    match path {
        "api.json" => Ok(API.to_owned()),
        "auth.json" => Ok(API.replace("api", "auth")),
        "arm.json" => Ok(API.replace(
            "{\n  \"family\"",
            "{\n  \"runtimePlatform\": { \"cpuArchitecture\": \"ARM64\" },\n  \"family\"",
        )),
        "migration.json" => Ok(API.replace("\"api\"", "\"migration\"")),
        "src" | "." | "elsewhere" => Err(FileProblem::Directory),
        "src/Dockerfile" | "src/auth.Dockerfile" => Ok(DOCKERFILE.to_owned()),
        "locked" | "locked/Dockerfile" => {
            Err(FileProblem::Unreadable("permission denied".to_owned()))
        }
        _ => Err(FileProblem::Missing),
    }
}

fn loaded(builds: &str) -> Result<Configured, Problems> {
    let toml = format!("{TOML}{builds}");
    load_with_sources("backstay.toml", &toml, "staging", &files)
}

/// One line for each image, and one for the tags.
fn told(configured: &Configured) -> String {
    let builds = &configured.builds;
    let images = builds.images.iter().map(|image| {
        let recipe = &image.recipe;
        format!(
            "{} of {} by {} → {:?} {:?} for {} by {}\n",
            image.repository,
            recipe.context,
            recipe.dockerfile,
            recipe.target,
            recipe.args,
            recipe.platforms.join(","),
            image.users.join(","),
        )
    });
    images.collect::<String>() + &builds.tags.join(" ")
}

#[test]
fn an_app_says_what_it_is_built_of() {
    let Ok(configured) = loaded(BUILDS) else {
        panic!("it has no problem")
    };
    insta::assert_snapshot!(told(&configured), @r#"
    shop/api of src by src/Dockerfile → Some("runtime") {"HOST": "shop.test", "RELEASE": "{{ version }}"} for linux/amd64 by api,migration
    shop/auth of . by src/auth.Dockerfile → None {} for linux/amd64 by auth
    {{ version }} {{ branch }} latest
    "#);
}

#[test]
fn without_a_word_about_builds_nothing_is_built() {
    let Ok(configured) = loaded("") else {
        panic!("it has no problem")
    };
    assert_eq!(configured.builds.tags, ["{{ version }}"]);
    assert_eq!(configured.builds.images, []);
}

/// A deployment needs neither contexts nor Dockerfiles.
#[test]
fn only_who_builds_needs_the_sources() {
    let toml = format!("{TOML}{}", BUILDS.replace("\"src\"", "\"gone\""));
    assert!(load("backstay.toml", &toml, "staging", &files).is_ok());
    assert!(load_with_sources("backstay.toml", &toml, "staging", &files).is_err());
}

/// The migration runs on another platform: the image is built for both. Two ways to write one build are one.
#[test]
fn who_shares_an_image_is_built_for_as_well() {
    let arm = TOML
        .replace("\"migration.json\"", "\"arm.json\"")
        .replace("container = \"migration\"", "container = \"api\"");
    let build = "[migration.build]\ncontext = \"src\"\n[services.api.build]\ncontext = \"./src/\"\ndockerfile = \"x/../src/Dockerfile\"\n";
    let load = |toml: String| load_with_sources("backstay.toml", &toml, "staging", &files);
    let Ok(configured) = load(format!("{arm}{build}")) else {
        panic!("it has no problem")
    };
    insta::assert_snapshot!(told(&configured), @r#"
    shop/api of src by src/Dockerfile → None {} for linux/amd64,linux/arm64 by api,migration
    {{ version }}
    "#);
    let Err(problems) = load(format!("{arm}{BUILDS}")) else {
        panic!("the migration's platform is not built")
    };
    insta::assert_snapshot!(picture(&problems), @r#"backstay.toml:58:13 ["linux/amd64"] ← no linux/arm64 | `migration` runs on linux/arm64, and its image is not built for that | add it, leave `platforms` out, or set `runtimePlatform` in the task definition"#);
}

#[rstest]
#[case(
    r#"target = "runtime""#,
    r#"taget = "runtime""#,
    "backstay.toml:56:1 taget ← unknown key | unknown key `taget` in [services.api.build] | did you mean `target`?"
)]
#[case(
    r#"context = "src""#,
    r#"context = "scr""#,
    "backstay.toml:55:11 \"scr\" ← no such directory | there is no directory `scr` | paths are relative to the configuration"
)]
#[case(
    r#"context = "src""#,
    r#"context = "src/Dockerfile""#,
    "backstay.toml:55:11 \"src/Dockerfile\" ← not a directory | `src/Dockerfile` is no directory that can be read | the directory that is sent to the engine"
)]
#[case(
    r#"context = "src""#,
    r#"context = " ""#,
    "backstay.toml:55:11 \" \" ← empty | `context` is empty | leave it out"
)]
#[case(
    r#"context = "src""#,
    r#"context = "{{ version }}""#,
    "backstay.toml:55:15 version ← unknown variable | unknown variable `version` | `{{ version }}` is known in task definitions, in the `equals` of a check, in `args` of a build and in `tags` only"
)]
#[case(
    r#"context = "src""#,
    "context = \"src\"\ndockerfile = \"Dockerfile\"",
    "backstay.toml:56:14 \"Dockerfile\" ← no such file | there is no Dockerfile `Dockerfile` | paths are relative to the configuration: did you mean `src/Dockerfile`?"
)]
#[case(
    r#"context = "src""#,
    r#"context = "elsewhere""#,
    "backstay.toml:54:1 [services.api.build] ← no such file | there is no Dockerfile `elsewhere/Dockerfile` | paths are relative to the configuration"
)]
#[case(
    r#"context = "src""#,
    "context = \"src\"\ndockerfile = \"locked/Dockerfile\"",
    "backstay.toml:56:14 \"locked/Dockerfile\" ← cannot be read | the Dockerfile `locked/Dockerfile` cannot be read: permission denied"
)]
#[case(
    r#"target = "runtime""#,
    r#"target = "runtim""#,
    "backstay.toml:56:10 \"runtim\" ← no such stage | the Dockerfile has no stage `runtim` | did you mean `Runtime`?"
)]
#[case(
    r#"target = "runtime""#,
    r#"target = "3""#,
    "backstay.toml:56:10 \"3\" ← no such stage | the Dockerfile has no stage `3` | known: `build`, `Runtime`"
)]
#[case(r#"target = "runtime""#, r#"target = "2""#, "")]
#[case(
    r#"RELEASE = "{{ version }}""#,
    r#"RELEASE = "{{ branch }}""#,
    "backstay.toml:57:24 branch ← unknown variable | unknown variable `branch` | `{{ branch }}` is known in the `tags` of [images] only"
)]
#[case(
    r#"RELEASE = "{{ version }}""#,
    r#"RELEASE = 7"#,
    "backstay.toml:57:20 7 ← expected a string | `RELEASE` must be a string, found an integer | write it in quotes"
)]
#[case(
    r#"RELEASE = "{{ version }}""#,
    r#""A=B" = "c""#,
    "backstay.toml:57:10 \"A=B\" ← not a valid name | `A=B` is not a valid build argument | as in the Dockerfile's ARG"
)]
#[case(
    r#"["linux/amd64"]"#,
    r#"["linux/amd46"]"#,
    "backstay.toml:58:14 \"linux/amd46\" ← unknown platform | `linux/amd46` is not a platform | did you mean `linux/amd64`?"
)]
#[case(
    r#"["linux/amd64"]"#,
    r#"["aarch64", "linux/amd64"]"#,
    "backstay.toml:58:14 \"aarch64\" ← unknown platform | `aarch64` is not a platform | did you mean `linux/arm64`?"
)]
#[case(
    r#"["linux/amd64"]"#,
    r#"["plan9/mips"]"#,
    "backstay.toml:58:14 \"plan9/mips\" ← unknown platform | `plan9/mips` is not a platform | known: `linux/amd64`, `linux/arm64`, `linux/386`, `linux/arm/v7`, `linux/ppc64le`, `linux/riscv64`, `linux/s390x`, `windows/amd64`"
)]
#[case(
    r#"["linux/amd64"]"#,
    r#"["linux/arm64"]"#,
    "backstay.toml:58:13 [\"linux/arm64\"] ← no linux/amd64 | `api` runs on linux/amd64, and its image is not built for that | add it, leave `platforms` out, or set `runtimePlatform` in the task definition"
)]
#[case(r#"["linux/amd64"]"#, r#"["linux/arm64", "linux/amd64"]"#, "")]
#[case(
    r#"["linux/amd64"]"#,
    "[]",
    "backstay.toml:58:13 [] ← empty list | `platforms` is empty | leave it out: then it is what the tasks run on"
)]
#[case(
    r#""latest"]"#,
    r#""la test"]"#,
    "backstay.toml:52:42 \"la test\" ← not a valid tag | `la test` is not a valid image tag | 1 to 128 letters, digits, `.`, `_` and `-`, not starting with `.` or `-`"
)]
#[case(
    r#""latest"]"#,
    r#""a/{{ branch }}"]"#,
    "backstay.toml:52:42 \"a/{{ branch }}\" ← not a valid tag | `a/{{ branch }}` is not a valid image tag | 1 to 128 letters, digits, `.`, `_` and `-`, not starting with `.` or `-`"
)]
#[case(
    r#""latest"]"#,
    r#""{{ branch }}"]"#,
    "backstay.toml:52:42 \"{{ branch }}\" ← listed before | `{{ branch }}` is listed twice"
)]
#[case(
    r#""latest"]"#,
    r#""{{ brunch }}"]"#,
    "backstay.toml:52:46 brunch ← unknown variable | unknown variable `brunch` | did you mean `branch`?"
)]
#[case(
    r#"["{{ version }}", "#,
    r#"["v{{ version }}", "#,
    "backstay.toml:52:8 [\"v{{ version }}\", \"{{ branch }}\", \"latest\"] ← `{{ version }}` is missing | no tag is `{{ version }}` alone: `backstay deploy` finds an image by it | add \"{{ version }}\""
)]
#[case(
    r#"["{{ version }}", "{{ branch }}", "latest"]"#,
    "[]",
    "backstay.toml:52:8 [] ← `{{ version }}` is missing | no tag is `{{ version }}` alone: `backstay deploy` finds an image by it | add \"{{ version }}\""
)]
#[case(
    "[services.auth.build]",
    "[migration.build]\ncontext = \"src\"\n[services.auth.build]",
    "backstay.toml:60:1 [migration.build] ← another build of the same image | `migration` and `api` build shop/api in different ways | give one of them a repository of its own, or write the build once: whoever has the same `image` runs it"
)]
fn problems(#[case] from: &str, #[case] to: &str, #[case] expected: &str) {
    let said = match loaded(&damaged(BUILDS, from, to)) {
        Ok(_) => String::new(),
        Err(problems) => picture(&problems),
    };
    assert_eq!(said.trim_end(), expected);
}
