//! A team's revisions in a directory of their own, as in the image of one release, and Alembic run there as the migration task is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::installed::{self, Lacking, repository};
use crate::server::Server;

/// What an image has in its working directory.
#[derive(Debug)]
pub struct Revisions {
    directory: TempDir,
    bin: PathBuf,
}

/// What a command printed, in the order of a log stream: stdout and stderr are one there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// What it ended with.
    pub code: Option<i32>,
    /// Line by line.
    pub lines: Vec<String>,
}

impl Revisions {
    /// Those of cat-house, all of them.
    ///
    /// # Errors
    /// When Alembic is not installed.
    ///
    /// # Panics
    /// When they cannot be copied.
    pub fn of_cat_house() -> Result<Self, Lacking> {
        let bin = installed::alembic()?;
        let directory = made(TempDir::new());
        let source = repository().join("fixtures/cat-house/migration");
        made(fs::create_dir(directory.path().join("versions")));
        for place in [".", "versions"] {
            for entry in made(fs::read_dir(source.join(place))) {
                let entry = made(entry);
                if entry.path().is_file() {
                    let to = directory.path().join(place).join(entry.file_name());
                    made(fs::copy(entry.path(), to));
                }
            }
        }
        Ok(Self { directory, bin })
    }

    /// As in the image of an earlier release: this revision is not there yet.
    ///
    /// # Panics
    /// When there is no such revision.
    #[must_use]
    pub fn without(self, revision: &str) -> Self {
        made(fs::remove_file(self.file(revision)));
        self
    }

    /// As in the image of another release: a revision more, or another one under its name.
    ///
    /// # Panics
    /// When it cannot be written.
    #[must_use]
    pub fn with(self, file: &str, text: &str) -> Self {
        made(fs::write(
            self.directory.path().join("versions").join(file),
            text,
        ));
        self
    }

    /// With cat-house's breaking revision in the place of the other one of its name.
    ///
    /// # Panics
    /// When it cannot be copied.
    #[must_use]
    pub fn breaking(self) -> Self {
        let source = repository().join("fixtures/cat-house/migration/breaking");
        let text = made(fs::read_to_string(source.join("9c1_cats_are_called.py")));
        self.without("9c1").with("9c1_cats_are_called.py", &text)
    }

    /// Runs a command as the container of the migration does: there, with `DATABASE_URL` and hardly anything else.
    ///
    /// # Panics
    /// When it does not run at all.
    #[must_use]
    pub fn run(&self, command: &[&str], database: &Server) -> Printed {
        self.run_at(command, &database.url())
    }

    /// The same, with another address.
    ///
    /// # Panics
    /// When it does not run at all.
    #[must_use]
    pub fn run_at(&self, command: &[&str], url: &str) -> Printed {
        let path = format!("{}:/usr/bin:/bin", self.bin.display());
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", "\"$@\" 2>&1", "sh"])
            .args(command)
            .current_dir(self.directory.path())
            .env_clear()
            .envs([
                ("PATH", path.as_str()),
                ("DATABASE_URL", url),
                ("LANG", "C.UTF-8"),
            ])
            .env("PYTHONDONTWRITEBYTECODE", "1");
        let ended = made(shell.output());
        let text = String::from_utf8_lossy(&ended.stdout).into_owned();
        Printed {
            code: ended.status.code(),
            lines: text.lines().map(str::to_owned).collect(),
        }
    }

    fn file(&self, revision: &str) -> PathBuf {
        let versions = self.directory.path().join("versions");
        let named = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with(&format!("{revision}_")))
        };
        let files = made(fs::read_dir(&versions)).filter_map(Result::ok);
        let found = files.map(|file| file.path()).find(named);
        found.unwrap_or_else(|| missing(&versions, revision))
    }
}

fn missing(versions: &Path, revision: &str) -> PathBuf {
    panic!("{}: no revision {revision}", versions.display())
}

#[track_caller]
fn made<T>(result: io::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}
