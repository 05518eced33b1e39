//! Who runs this and why, from what CI systems and git say. Only for people: no decision depends on it but the newest-commit guard.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use backstay_domain::Version;
use backstay_domain::operator::{Commit, Operator, Run, Why};
use backstay_domain::survey::Ancestry;

/// How a CI system calls what we want to know. Each name is an environment variable.
struct System {
    name: &'static str,
    /// Set when it runs us.
    sign: &'static str,
    actor: &'static str,
    url: fn(&Look<'_>) -> Option<String>,
    pull_request: fn(&Look<'_>) -> Option<String>,
}

type Look<'a> = dyn Fn(&str) -> Option<String> + 'a;

const SYSTEMS: [System; 7] = [
    System {
        name: "GitHub Actions",
        sign: "GITHUB_ACTIONS",
        actor: "GITHUB_ACTOR",
        url: |env| {
            let repository = github_repository(env)?;
            Some(format!(
                "{repository}/actions/runs/{}",
                env("GITHUB_RUN_ID")?
            ))
        },
        pull_request: |env| {
            let reference = env("GITHUB_REF")?;
            let number = reference.strip_prefix("refs/pull/")?.split('/').next()?;
            Some(format!("{}/pull/{number}", github_repository(env)?))
        },
    },
    System {
        name: "GitLab CI",
        sign: "GITLAB_CI",
        actor: "GITLAB_USER_LOGIN",
        url: |env| env("CI_JOB_URL"),
        pull_request: |env| {
            let number = env("CI_MERGE_REQUEST_IID")?;
            Some(format!(
                "{}/-/merge_requests/{number}",
                env("CI_PROJECT_URL")?
            ))
        },
    },
    System {
        name: "Buildkite",
        sign: "BUILDKITE",
        actor: "BUILDKITE_BUILD_CREATOR",
        url: |env| env("BUILDKITE_BUILD_URL"),
        pull_request: |env| env("BUILDKITE_PULL_REQUEST").filter(|number| number != "false"),
    },
    System {
        name: "CircleCI",
        sign: "CIRCLECI",
        actor: "CIRCLE_USERNAME",
        url: |env| env("CIRCLE_BUILD_URL"),
        pull_request: |env| env("CIRCLE_PULL_REQUEST"),
    },
    System {
        name: "AWS CodeBuild",
        sign: "CODEBUILD_BUILD_ID",
        actor: "CODEBUILD_INITIATOR",
        url: |env| env("CODEBUILD_PUBLIC_BUILD_URL").or_else(|| env("CODEBUILD_BUILD_ARN")),
        pull_request: |env| {
            env("CODEBUILD_WEBHOOK_TRIGGER").filter(|trigger| trigger.starts_with("pr/"))
        },
    },
    System {
        name: "Jenkins",
        sign: "JENKINS_URL",
        actor: "BUILD_USER_ID",
        url: |env| env("BUILD_URL"),
        pull_request: |env| env("CHANGE_URL"),
    },
    System {
        name: "CI",
        sign: "CI",
        actor: "USER",
        url: |_| None,
        pull_request: |_| None,
    },
];

fn github_repository(env: &Look<'_>) -> Option<String> {
    Some(format!(
        "{}/{}",
        env("GITHUB_SERVER_URL")?,
        env("GITHUB_REPOSITORY")?
    ))
}

/// Who runs this process, by the environment it was given.
#[must_use]
pub fn operator() -> Operator {
    Operator {
        pid: Some(std::process::id()),
        host: host(),
        ..operator_of(&variable)
    }
}

/// Why: the operator's own words, the pull request of the CI run, and the commit.
#[must_use]
pub fn why(directory: &Path, version: &Version, reason: Option<&str>) -> Why {
    Why {
        reason: reason.map(str::to_owned),
        commit: commit(directory, version),
        pull_request: pull_request(&variable),
        accepted: Vec::new(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the environment is read in cli, and handed on as values"
)]
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn system(env: &Look<'_>) -> Option<&'static System> {
    SYSTEMS.iter().find(|system| env(system.sign).is_some())
}

/// The CI system that runs this process, if one does.
#[must_use]
pub fn ci() -> Option<&'static str> {
    ci_of(&variable)
}

/// These do not say `CI`.
const QUIET: [(&str, &str); 3] = [
    ("TF_BUILD", "Azure Pipelines"),
    ("TEAMCITY_VERSION", "TeamCity"),
    ("BITBUCKET_BUILD_NUMBER", "Bitbucket Pipelines"),
];

fn ci_of(env: &Look<'_>) -> Option<&'static str> {
    let says = |name: &str| env(name).is_some_and(|value| value != "false" && value != "0");
    let known = SYSTEMS.iter().map(|system| (system.sign, system.name));
    let mut found = QUIET
        .into_iter()
        .chain(known)
        .filter(|(sign, _)| says(sign));
    found.next().map(|(_, name)| name)
}

fn operator_of(env: &Look<'_>) -> Operator {
    let local = || {
        env("USER")
            .or_else(|| env("USERNAME"))
            .or_else(|| env("LOGNAME"))
    };
    match system(env) {
        None => Operator {
            actor: local(),
            ..Operator::default()
        },
        Some(system) => Operator {
            actor: env(system.actor).or_else(local),
            run: Some(Run {
                system: system.name.to_owned(),
                url: (system.url)(env),
            }),
            ..Operator::default()
        },
    }
}

fn pull_request(env: &Look<'_>) -> Option<String> {
    (system(env)?.pull_request)(env)
}

fn host() -> Option<String> {
    let named = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let named = named
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty());
    named
        .or_else(|| variable("HOSTNAME"))
        .or_else(|| variable("COMPUTERNAME"))
}

/// The commit that a version names, where the checkout knows it.
#[must_use]
pub fn commit(directory: &Path, version: &Version) -> Option<Commit> {
    let sha = resolved(directory, version.as_str())?;
    let shown = git(directory, &["show", "--no-patch", "--format=%cI%n%s", &sha])?;
    let (at, subject) = shown.split_once('\n')?;
    Some(Commit {
        at: at.parse().ok(),
        subject: subject.lines().next().unwrap_or_default().to_owned(),
        sha,
        deviation: None,
    })
}

/// How the version to deploy stands to the live one, by the checkout's history.
#[must_use]
pub fn ancestry(directory: &Path, version: &Version, live: &Version) -> Ancestry {
    let (Some(new), Some(old)) = (
        resolved(directory, version.as_str()),
        resolved(directory, live.as_str()),
    ) else {
        return Ancestry::Unknown;
    };
    let contained =
        new != old && git(directory, &["merge-base", "--is-ancestor", &new, &old]).is_some();
    if contained {
        Ancestry::Older
    } else {
        Ancestry::Newer
    }
}

pub(super) fn resolved(directory: &Path, version: &str) -> Option<String> {
    let commit = format!("{version}^{{commit}}");
    let sha = git(
        directory,
        &[
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &commit,
        ],
    )?;
    Some(sha.trim().to_owned())
}

/// What git says; nothing when it fails.
pub(super) fn git(directory: &Path, arguments: &[&str]) -> Option<String> {
    let out = Command::new("git")
        .args(arguments)
        .current_dir(directory)
        .output()
        .ok()?;
    out.status
        .success()
        .then(|| String::from_utf8_lossy(&out.stdout).into_owned())
}

/// The files that these commands of git list (`-z`), each once; none of a command that fails.
pub(super) fn git_files(directory: &Path, commands: &[&[&str]]) -> Vec<String> {
    let listed = commands
        .iter()
        .filter_map(|arguments| git(directory, arguments))
        .collect::<String>();
    let files = listed.split('\0').filter(|file| !file.is_empty());
    let files: BTreeSet<&str> = files.collect();
    files.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        move |name| {
            pairs
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn ci_systems_are_known_by_their_variables() {
        let github = env(&[
            ("CI", "true"),
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_ACTOR", "ann"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "team/shop"),
            ("GITHUB_RUN_ID", "77"),
            ("GITHUB_REF", "refs/pull/12/merge"),
        ]);
        assert_eq!(
            operator_of(&github).to_string(),
            "ann, GitHub Actions https://github.com/team/shop/actions/runs/77"
        );
        assert_eq!(
            pull_request(&github).as_deref(),
            Some("https://github.com/team/shop/pull/12")
        );
        let gitlab = env(&[
            ("CI", "true"),
            ("GITLAB_CI", "true"),
            ("GITLAB_USER_LOGIN", "bob"),
            ("CI_JOB_URL", "https://gitlab.test/j/1"),
        ]);
        assert_eq!(
            operator_of(&gitlab).to_string(),
            "bob, GitLab CI https://gitlab.test/j/1"
        );
        assert_eq!(pull_request(&gitlab), None);
        let unknown = env(&[("CI", "1"), ("USER", "runner")]);
        assert_eq!(operator_of(&unknown).to_string(), "runner, CI");
        assert_eq!(operator_of(&env(&[("USER", "eve")])).to_string(), "eve");
        assert_eq!(operator_of(&env(&[])).to_string(), "somebody");
    }

    #[test]
    fn a_ci_system_is_one_that_says_so() {
        type Pairs = &'static [(&'static str, &'static str)];
        type Row = (Pairs, Option<&'static str>);
        let rows: [Row; 6] = [
            (
                &[("GITHUB_ACTIONS", "true"), ("CI", "true")],
                Some("GitHub Actions"),
            ),
            (&[("CODEBUILD_BUILD_ID", "x:1")], Some("AWS CodeBuild")),
            (&[("TF_BUILD", "True")], Some("Azure Pipelines")),
            (&[("CI", "1")], Some("CI")),
            (&[("CI", "false")], None),
            (&[], None),
        ];
        for (pairs, expected) in rows {
            assert_eq!(ci_of(&env(pairs)), expected, "{pairs:?}");
        }
    }

    #[test]
    fn git_tells_which_commit_is_older() {
        let directory = tempfile::tempdir().unwrap();
        let at = directory.path();
        let run = |arguments: &[&str]| git(at, arguments).unwrap();
        run(&["init", "--quiet"]);
        for subject in ["one", "two"] {
            run(&[
                "-c",
                "user.name=t",
                "-c",
                "user.email=t@t",
                "commit",
                "--quiet",
                "--allow-empty",
                "-m",
                subject,
            ]);
        }
        let version =
            |text: &str| Version::parse(run(&["rev-parse", "--short=7", text]).trim()).unwrap();
        let (old, new) = (version("HEAD~1"), version("HEAD"));
        assert_eq!(ancestry(at, &old, &new), Ancestry::Older);
        assert_eq!(ancestry(at, &new, &old), Ancestry::Newer);
        assert_eq!(ancestry(at, &new, &new), Ancestry::Newer);
        let foreign = Version::parse("fffffff").unwrap();
        assert_eq!(ancestry(at, &foreign, &new), Ancestry::Unknown);
        let commit = commit(at, &old).unwrap();
        assert_eq!(commit.subject, "one");
        assert!(commit.at.is_some() && commit.sha.starts_with(old.as_str()));
    }
}
