//! Files of migrations: of a commit, by git's own command line, or from the disk. Links are named, never followed.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use backstay_migrations::Files;

use crate::compose::operator::git_files;
use crate::failure::Failure;

/// More files than this are no directory of migrations.
const MOST_FILES: usize = 50_000;

/// Of all files together.
const MOST_BYTES: u64 = 256 << 20;

/// Files of the directory that are not as a commit has them.
pub(super) fn other_here(root: &Path, sha: &str, directory: &str) -> Vec<String> {
    let changed = [
        "diff",
        "--name-only",
        "--relative",
        "-z",
        sha,
        "--",
        directory,
    ];
    let untracked = [
        "ls-files",
        "--others",
        "--exclude-standard",
        "-z",
        "--",
        directory,
    ];
    git_files(root, &[&changed, &untracked])
}

/// Files by their paths inside the directory, and the links among them.
pub(super) type Listed = (Files, Vec<String>);

/// What a commit has in a directory, by two calls of git however many files there are.
pub(super) fn of_commit(root: &Path, sha: &str, directory: &str) -> Result<Listed, Failure> {
    let prefix = format!(
        "{}/",
        directory.trim_end_matches('/').trim_start_matches("./")
    );
    let listed = run(
        root,
        &["ls-tree", "-r", "-z", sha, "--", &prefix],
        Vec::new(),
    )?;
    let listed = String::from_utf8_lossy(&listed).into_owned();
    let mut wanted = Vec::new();
    let mut links = Vec::new();
    for line in listed.split('\0').filter(|line| !line.is_empty()) {
        let Some((about, path)) = line.split_once('\t') else {
            continue;
        };
        let mut about = about.split(' ');
        let (mode, object) = (about.next().unwrap_or_default(), about.nth(1));
        let path = path.strip_prefix(&prefix).unwrap_or(path).to_owned();
        match (mode, object) {
            ("120000" | "160000", _) => links.push(path),
            (_, Some(object)) => wanted.push((path, object.to_owned())),
            (_, None) => {}
        }
    }
    limit(wanted.len(), 0, directory)?;
    let asked: String = wanted
        .iter()
        .map(|(_, object)| format!("{object}\n"))
        .collect();
    let told = run(root, &["cat-file", "--batch"], asked.into_bytes())?;
    limit(0, told.len() as u64, directory)?;
    let mut rest = told.as_slice();
    let mut files = Files::new();
    for (path, _) in wanted {
        let (bytes, after) = blob(rest).ok_or_else(|| unreadable(directory))?;
        files.insert(path, bytes.to_vec());
        rest = after;
    }
    Ok((files, links))
}

/// `<object> blob <size>\n<bytes>\n`, and what comes after it.
fn blob(told: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = told.iter().position(|byte| *byte == b'\n')?;
    let head = std::str::from_utf8(told.get(..end)?).ok()?;
    let size: usize = head
        .strip_suffix('\r')
        .unwrap_or(head)
        .rsplit(' ')
        .next()?
        .parse()
        .ok()?;
    let bytes = told.get(end + 1..end + 1 + size)?;
    Some((bytes, told.get(end + 2 + size..)?))
}

/// What git says, given what it reads.
fn run(root: &Path, arguments: &[&str], input: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let failed = |why: String| {
        Failure::usage(
            format!("git could not read the migrations: {why}"),
            "is the checkout whole? `git fsck` tells",
        )
    };
    let mut child = Command::new("git")
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let stdin = child.stdin.take();
    // It answers while it reads: both pipes are small.
    let writing = std::thread::spawn(move || match stdin {
        Some(mut stdin) => stdin.write_all(&input),
        None => Ok(()),
    });
    let out = child
        .wait_with_output()
        .map_err(|error| failed(error.to_string()))?;
    let written = writing.join().is_ok_and(|written| written.is_ok());
    match out.status.success() && written {
        true => Ok(out.stdout),
        false => Err(failed(
            String::from_utf8_lossy(&out.stderr).trim().to_owned(),
        )),
    }
}

pub(super) fn of_disk(directory: &Path) -> Result<Listed, Failure> {
    // A commit has the link, and not what it names.
    if directory.is_symlink() {
        return Err(Failure::usage(
            format!(
                "{} is a symbolic link, which is not followed",
                directory.display()
            ),
            "name the directory itself in [migration]: what a link names is not part of the release",
        ));
    }
    if !directory.is_dir() {
        return Err(Failure::usage(
            format!("there is no directory {}", directory.display()),
            "name the directory of the app's migrations in [migration], relative to backstay.toml",
        ));
    }
    let mut listed = Listed::default();
    let mut size = 0;
    folder(directory, "", &mut listed, &mut size)?;
    Ok(listed)
}

fn folder(place: &Path, prefix: &str, listed: &mut Listed, size: &mut u64) -> Result<(), Failure> {
    let wrong = |path: PathBuf| move |source: io::Error| Failure::File { path, source };
    let entries = fs::read_dir(place).map_err(wrong(place.to_owned()))?;
    for entry in entries {
        let entry = entry.map_err(wrong(place.to_owned()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let (path, inside) = (entry.path(), format!("{prefix}{name}"));
        let kind = entry.file_type().map_err(wrong(path.clone()))?;
        if kind.is_symlink() {
            listed.1.push(inside);
        } else if kind.is_dir() {
            // What Python leaves, and git's own.
            if !matches!(name.as_str(), "__pycache__" | ".git") {
                folder(&path, &format!("{inside}/"), listed, size)?;
            }
        } else if kind.is_file() {
            *size += entry.metadata().map_err(wrong(path.clone()))?.len();
            limit(listed.0.len(), *size, &place.display().to_string())?;
            let bytes = fs::read(&path).map_err(wrong(path.clone()))?;
            listed.0.insert(inside, bytes);
        }
    }
    Ok(())
}

fn limit(files: usize, bytes: u64, directory: &str) -> Result<(), Failure> {
    match files <= MOST_FILES && bytes <= MOST_BYTES {
        true => Ok(()),
        false => Err(Failure::usage(
            format!(
                "`{directory}` is too large for a directory of migrations: more than {MOST_FILES} files, or {} MiB",
                MOST_BYTES >> 20
            ),
            "name the directory of the revisions alone",
        )),
    }
}

fn unreadable(directory: &str) -> Failure {
    Failure::usage(
        format!("git did not say what is in `{directory}`"),
        "is the checkout whole? `git fsck` tells",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::operator::{git, resolved};

    #[test]
    fn a_commit_is_read_however_many_files_it_has() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path();
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        for number in 0..3_000 {
            write(
                &format!("app/db/V{number}__x.sql"),
                &format!("SELECT {number};\n"),
            );
        }
        write("app/db/é b/V9000__y.sql", "");
        std::os::unix::fs::symlink("/etc/passwd", root.join("app/db/V1__link.sql")).unwrap();
        let run = |arguments: &[&str]| {
            let identity = ["-c", "user.name=t", "-c", "user.email=t@t"];
            git(root, &[&identity[..], arguments].concat()).unwrap()
        };
        run(&["init", "--quiet"]);
        run(&["add", "."]);
        run(&["commit", "--quiet", "-m", "one"]);
        let app = root.join("app");
        let head = resolved(&app, "HEAD").unwrap();
        write("app/db/V1__x.sql", "DROP TABLE a;");
        write("app/db/V3001__new.sql", "SELECT 1;");
        let (files, links) = of_commit(&app, &head, "db").unwrap();
        assert_eq!(files.len(), 3_001);
        assert_eq!(files["V1__x.sql"], b"SELECT 1;\n");
        assert_eq!(files["é b/V9000__y.sql"], b"");
        assert_eq!(links, ["V1__link.sql"]);
        assert_eq!(
            other_here(&app, &head, "db"),
            ["db/V1__x.sql", "db/V3001__new.sql"]
        );
        let (files, links) = of_disk(&app.join("db")).unwrap();
        assert_eq!(files.len(), 3_002);
        assert_eq!(files["V1__x.sql"], b"DROP TABLE a;");
        assert_eq!(links, ["V1__link.sql"]);
        assert!(of_disk(&app.join("nowhere")).is_err());
        std::os::unix::fs::symlink(app.join("db"), app.join("linked")).unwrap();
        let refused = of_disk(&app.join("linked")).unwrap_err().to_string();
        assert!(refused.contains("symbolic link"), "{refused}");
    }
}
