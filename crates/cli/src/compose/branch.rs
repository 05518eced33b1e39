//! The branch that is checked out, by what CI systems and git say. A pull request's branch is none: its name is somebody else's choice,
//! and may be that of a branch which is deployed.

use std::path::Path;

use super::operator::{git, variable};

/// The branch that is checked out; none for a pull request, a tag, or a commit alone.
#[must_use]
pub fn branch(directory: &Path) -> Option<String> {
    match in_ci(&variable) {
        Some(branch) => branch,
        None => {
            let named = git(directory, &["symbolic-ref", "--quiet", "--short", "HEAD"])?;
            Some(named.trim().to_owned())
        }
    }
}

/// What a CI system says; nothing where none runs us. They check out a commit, so that git does not know.
fn in_ci(variable: &dyn Fn(&str) -> Option<String>) -> Option<Option<String>> {
    if variable("GITHUB_ACTIONS").is_some() {
        let reference = variable("GITHUB_REF");
        return Some(reference.and_then(|text| Some(text.strip_prefix("refs/heads/")?.to_owned())));
    }
    if variable("GITLAB_CI").is_some() {
        return Some(variable("CI_COMMIT_BRANCH"));
    }
    if variable("BUILDKITE").is_some() {
        let request = variable("BUILDKITE_PULL_REQUEST").filter(|number| number != "false");
        let branch = variable("BUILDKITE_BRANCH");
        return Some(branch.filter(|_| request.is_none()));
    }
    if variable("CIRCLECI").is_some() {
        let request = variable("CIRCLE_PULL_REQUEST");
        return Some(variable("CIRCLE_BRANCH").filter(|_| request.is_none()));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_branch_that_was_pushed_is_one() {
        type Row = (
            &'static [(&'static str, &'static str)],
            Option<Option<&'static str>>,
        );
        let rows: [Row; 9] = [
            (&[], None),
            (&[("CI", "true")], None),
            (
                &[
                    ("GITHUB_ACTIONS", "true"),
                    ("GITHUB_REF", "refs/heads/feature/a"),
                ],
                Some(Some("feature/a")),
            ),
            (
                &[
                    ("GITHUB_ACTIONS", "true"),
                    ("GITHUB_REF", "refs/pull/12/merge"),
                    ("GITHUB_HEAD_REF", "main"),
                ],
                Some(None),
            ),
            (
                &[("GITHUB_ACTIONS", "true"), ("GITHUB_REF", "refs/tags/v1")],
                Some(None),
            ),
            (
                &[("GITLAB_CI", "true"), ("CI_COMMIT_BRANCH", "main")],
                Some(Some("main")),
            ),
            (
                &[
                    ("BUILDKITE", "true"),
                    ("BUILDKITE_BRANCH", "main"),
                    ("BUILDKITE_PULL_REQUEST", "false"),
                ],
                Some(Some("main")),
            ),
            (
                &[
                    ("BUILDKITE", "true"),
                    ("BUILDKITE_BRANCH", "main"),
                    ("BUILDKITE_PULL_REQUEST", "7"),
                ],
                Some(None),
            ),
            (
                &[
                    ("CIRCLECI", "true"),
                    ("CIRCLE_BRANCH", "main"),
                    ("CIRCLE_PULL_REQUEST", "u"),
                ],
                Some(None),
            ),
        ];
        for (pairs, expected) in rows {
            let known = |name: &str| {
                let found = pairs.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let found = in_ci(&known);
            let found = found.as_ref().map(Option::as_deref);
            assert_eq!(found, expected, "{pairs:?}");
        }
    }

    #[test]
    fn git_says_it_elsewhere() {
        let home = tempfile::tempdir().unwrap();
        let at = home.path();
        let run = |arguments: &[&str]| {
            let identity = ["-c", "user.name=t", "-c", "user.email=t@t"];
            git(at, &[&identity[..], arguments].concat()).unwrap()
        };
        let here = || {
            let named = git(at, &["symbolic-ref", "--quiet", "--short", "HEAD"]);
            named.map(|name| name.trim().to_owned())
        };
        run(&["init", "--quiet", "--initial-branch", "feature/a"]);
        run(&["commit", "--quiet", "--allow-empty", "-m", "one"]);
        assert_eq!(here().as_deref(), Some("feature/a"));
        run(&["checkout", "--quiet", "--detach"]);
        assert_eq!(here(), None);
    }
}
