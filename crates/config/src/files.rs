//! How the files that a configuration names are read: by whoever calls, never here.

use backstay_domain::lookup::{Place, Trouble};
use serde_json::Value;

/// Reads a file as text.
pub trait Files {
    /// The text of a file; `path` is the configuration's directory joined with what the configuration says.
    ///
    /// # Errors
    /// Why it could not be read.
    fn read(&self, path: &str) -> Result<String, FileProblem>;

    /// What is found at a place, where somebody looked; nothing where nobody did.
    fn look_up(&self, _place: &Place) -> Option<Result<Value, Trouble>> {
        None
    }

    /// What the configuration is read for.
    fn purpose(&self) -> Purpose {
        Purpose::Deployment
    }
}

/// What a configuration is read for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// For its own cloud.
    #[default]
    Deployment,
    /// For a cloud of this process, whatever its own is.
    Rehearsal,
}

impl<F> Files for F
where
    F: Fn(&str) -> Result<String, FileProblem>,
{
    fn read(&self, path: &str) -> Result<String, FileProblem> {
        self(path)
    }
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// There is none.
    #[error("no such file")]
    Missing,
    /// It is a directory.
    #[error("it is a directory")]
    Directory,
    /// It is not UTF-8; the byte is the first that is not.
    #[error("it is not UTF-8 from byte {0} on")]
    NotText(usize),
    /// There is one, but it cannot be read.
    #[error("{0}")]
    Unreadable(String),
}

/// Whether the directories and Dockerfiles that images are built of have to be here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sources {
    /// They are looked at.
    Here,
    /// Images may be built on another machine.
    Elsewhere,
}

/// The path of a file that the configuration at `configuration` calls `path`.
pub(crate) fn beside(configuration: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let directory = configuration
        .rsplit_once('/')
        .map_or("", |(directory, _)| directory);
    let absolute = configuration.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in directory.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            other => parts.push(other),
        }
    }
    let joined = parts.join("/");
    if absolute {
        format!("/{joined}")
    } else {
        joined
    }
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[rstest::rstest]
    #[case("backstay.toml", "services/a.json", "services/a.json")]
    #[case("app/backstay.toml", "services/a.json", "app/services/a.json")]
    #[case(
        "app/earlier/backstay.toml",
        "../services/a.json",
        "app/services/a.json"
    )]
    #[case("/app/earlier/backstay.toml", "../../../a.json", "/a.json")]
    #[case("./app/backstay.toml", "./a.json", "app/a.json")]
    #[case("backstay.toml", "../a.json", "../a.json")]
    #[case("app/backstay.toml", "../../a.json", "../a.json")]
    #[case("app/backstay.toml", "/etc/a.json", "/etc/a.json")]
    fn paths_are_relative_to_the_configuration(
        #[case] toml: &str,
        #[case] path: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(beside(toml, path), expected);
    }
}
