//! What a release is made from: the checkout of the app, and how it stands to the commit that the version names.
//!
//! Only a version that git knows can be judged: a tag that a build made up, or a commit that a shallow checkout lacks, says
//! nothing about the files that are here.

use std::path::Path;
use std::process::Command;

use backstay_config::CloudKind;
use backstay_domain::Version;
use backstay_domain::operator::{Commit, Deviation};
use backstay_domain::plan::{Refusal, Refusals};

use super::operator::{commit, git, git_files, resolved};
use super::project::Project;
use crate::failure::Failure;

/// Whether what is made from something else than the version's commit may be deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// It is refused.
    Exact,
    /// The operator wants it; it is recorded.
    Any,
}

impl Source {
    /// What holds for a project: on the embedded cloud, which makes up the images of any version, nothing is refused.
    #[must_use]
    pub fn of(self, project: &Project) -> Self {
        let configured = &project.configured;
        match (configured.cloud, &configured.simulator) {
            (CloudKind::Simulated, None) => Self::Any,
            (CloudKind::Simulated, Some(_)) | (CloudKind::Aws, _) => self,
        }
    }
}

/// The commit that a version names, and how what is here differs from it; nothing when the checkout does not know it.
///
/// # Errors
/// When it differs, and nobody allowed that.
pub fn made_from(
    project: &Project,
    version: &Version,
    source: Source,
) -> Result<Option<Commit>, Failure> {
    let Some(commit) = commit(&project.directory, version) else {
        return Ok(None);
    };
    let deviation = deviation(project, version);
    if let (Some(deviation), Source::Exact) = (&deviation, source.of(project)) {
        let (version, deviation) = (version.clone(), deviation.clone());
        let refusal = Refusal::OtherSource { version, deviation };
        return Err(Refusals(vec![refusal]).into());
    }
    Ok(Some(Commit {
        deviation,
        ..commit
    }))
}

/// How what is here differs from the commit that a version names; nothing when it does not, or nobody can tell.
fn deviation(project: &Project, version: &Version) -> Option<Deviation> {
    let directory = project.directory.as_path();
    let named = resolved(directory, version.as_str())?;
    let head = resolved(directory, "HEAD")?;
    let unclean = unclean(directory, &project.files);
    // Another commit with the same files is the same source: a monorepo moves on beside the app.
    let same =
        named == head || git(directory, &["diff", "--quiet", &named, &head, "--", "."]).is_some();
    match (same, unclean.is_empty()) {
        (true, true) => None,
        (true, false) => Some(Deviation::Unclean(unclean)),
        (false, _) => Some(Deviation::Other { head, unclean }),
    }
}

/// Tracked files of the app with changes, and those that the release is made from and nobody tracks. What builds leave beside
/// them does not count.
fn unclean(directory: &Path, made_from: &[String]) -> Vec<String> {
    let changed = ["diff", "--name-only", "--relative", "-z", "HEAD", "--", "."];
    let mut untracked = vec!["ls-files", "--others", "-z", "--"];
    untracked.extend(made_from.iter().map(String::as_str));
    git_files(directory, &[&changed, &untracked])
}

/// That git does not look into a checkout which belongs to somebody else, as in a container of a CI system.
#[must_use]
pub fn git_refuses(directory: &Path) -> Option<Failure> {
    let out = Command::new("git")
        .args(["rev-parse", "--git-dir"])
        .env("LC_ALL", "C")
        .current_dir(directory)
        .output()
        .ok()?;
    // git has no code of its own for it.
    let dubious = String::from_utf8_lossy(&out.stderr).contains("dubious ownership");
    (!out.status.success() && dubious).then(|| {
        Failure::usage(
            format!(
                "git does not look into {}: it belongs to another user (\"dubious ownership\"), so that nobody can tell what it holds",
                directory.display()
            ),
            "`git config --global --add safe.directory '*'` in this container allows it; or name the version with --version",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_from_something_else_is_seen() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path();
        let run = |arguments: &[&str]| {
            let identity = ["-c", "user.name=t", "-c", "user.email=t@t"];
            git(root, &[&identity[..], arguments].concat()).unwrap()
        };
        let app = root.join("app");
        std::fs::create_dir_all(app.join("dist")).unwrap();
        let write = |path: &str, text: &str| std::fs::write(root.join(path), text).unwrap();
        write("app/backstay.toml", "a");
        write("app/.gitignore", "dist\n");
        write("app/main.py", "1");
        write("other.txt", "1");
        run(&["init", "--quiet"]);
        run(&["add", "."]);
        run(&["commit", "--quiet", "-m", "one"]);
        let first = run(&["rev-parse", "HEAD"]);
        let files = ["backstay.toml".to_owned(), "web.json".to_owned()];
        let seen = || unclean(&app, &files);
        assert_eq!(seen(), Vec::<String>::new());
        // What a build leaves, and what belongs to another app, does not count.
        write("app/dist/index.html", "x");
        write("app/notes.txt", "x");
        write("other.txt", "2");
        assert_eq!(seen(), Vec::<String>::new());
        // A changed file of the app does, and a file that the release is made from.
        write("app/main.py", "2");
        write("app/web.json", "{}");
        assert_eq!(seen(), ["main.py", "web.json"]);
        run(&["add", "app/main.py"]);
        assert_eq!(seen(), ["main.py", "web.json"], "also when it is staged");
        run(&["add", "."]);
        run(&["commit", "--quiet", "-m", "two"]);
        assert_eq!(seen(), Vec::<String>::new());
        let same = |one: &str, other: &str| {
            git(&app, &["diff", "--quiet", one, other, "--", "."]).is_some()
        };
        assert!(!same(first.trim(), "HEAD"));
        write("other.txt", "3");
        run(&["commit", "--quiet", "-am", "three"]);
        assert!(same("HEAD~1", "HEAD"), "the app is what it was");
    }
}
