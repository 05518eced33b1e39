//! A frontend build on disk: every file by path, hash and media type. Never anything outside the build's directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use backstay_domain::definition::sha256_hex;
use backstay_domain::release::{FileKind, Manifest, ManifestFile};

use crate::media::media_type;

/// Where the store keeps copies of mutable files; a build must not have files there.
pub const RESERVED: &str = "_backstay/";

/// More files than this are a mistake, such as a `node_modules` that was not meant.
const MOST_FILES: usize = 20_000;

/// A build that cannot be published.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// It cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// Which file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It has no files.
    #[error("{} has no files: was the frontend built?", .0.display())]
    Empty(PathBuf),
    /// A link that leads out of the directory.
    #[error("{} is a link that leads out of the build", .0.display())]
    Escapes(PathBuf),
    /// A name that is not text.
    #[error("{} is not a valid name for a published file", .0.display())]
    Name(PathBuf),
    /// Far too many files.
    #[error("{} has more than {MOST_FILES} files", .0.display())]
    TooMany(PathBuf),
    /// A file that is not the one the release was assembled from.
    #[error("{} changed after the release was assembled", .0.display())]
    Changed(PathBuf),
}

/// Lists a build. `mutable` holds names (`index.html`, at any depth), paths (`config/app.json`) or `*.ext` patterns.
///
/// # Errors
/// When the build is missing, empty, has links that lead out of it, or names that cannot be published.
pub fn manifest(directory: &Path, mutable: &[String]) -> Result<Manifest, BuildError> {
    let root = directory
        .canonicalize()
        .map_err(|source| unreadable(directory, source))?;
    let mut files = BTreeMap::new();
    let mut pending = vec![(root.clone(), String::new())];
    while let Some((directory, prefix)) = pending.pop() {
        let entries = fs::read_dir(&directory).map_err(|source| unreadable(&directory, source))?;
        for entry in entries {
            let entry = entry.map_err(|source| unreadable(&directory, source))?;
            let name = entry
                .file_name()
                .into_string()
                .map_err(|_| BuildError::Name(entry.path()))?;
            let path = format!("{prefix}{name}");
            let place = inside(&root, &entry.path())?;
            if place.is_dir() {
                // A linked directory inside the build could contain itself.
                if entry.path().is_symlink() {
                    return Err(BuildError::Escapes(entry.path()));
                }
                pending.push((entry.path(), format!("{path}/")));
                continue;
            }
            if path.starts_with(RESERVED) || path.chars().any(char::is_control) {
                return Err(BuildError::Name(entry.path()));
            }
            let bytes = fs::read(&place).map_err(|source| unreadable(&place, source))?;
            files.insert(path.clone(), listed(&path, &bytes, mutable));
            if files.len() > MOST_FILES {
                return Err(BuildError::TooMany(root));
            }
        }
    }
    if files.is_empty() {
        Err(BuildError::Empty(root))
    } else {
        Ok(Manifest::new(files))
    }
}

/// The bytes of one file of a listed build.
///
/// # Errors
/// When it cannot be read, leads out of the build, or is not what was listed.
pub fn read(directory: &Path, path: &str, file: &ManifestFile) -> Result<Vec<u8>, BuildError> {
    let root = directory
        .canonicalize()
        .map_err(|source| unreadable(directory, source))?;
    let place = inside(&root, &root.join(path))?;
    let bytes = fs::read(&place).map_err(|source| unreadable(&place, source))?;
    if sha256_hex(&bytes) == file.sha256 {
        Ok(bytes)
    } else {
        Err(BuildError::Changed(root.join(path)))
    }
}

fn listed(path: &str, bytes: &[u8], mutable: &[String]) -> ManifestFile {
    let kind = if mutable.iter().any(|pattern| matches(pattern, path)) {
        FileKind::Mutable
    } else {
        FileKind::Immutable
    };
    ManifestFile {
        sha256: sha256_hex(bytes),
        size: bytes.len() as u64,
        content_type: media_type(path).to_owned(),
        kind,
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    match pattern.strip_prefix('*') {
        Some(suffix) => name.ends_with(suffix),
        None if pattern.contains('/') => path == pattern.trim_start_matches('/'),
        None => name == pattern,
    }
}

/// The real place of a file, which must be inside the build.
fn inside(root: &Path, place: &Path) -> Result<PathBuf, BuildError> {
    let real = place
        .canonicalize()
        .map_err(|source| unreadable(place, source))?;
    if real.starts_with(root) {
        Ok(real)
    } else {
        Err(BuildError::Escapes(place.to_owned()))
    }
}

fn unreadable(path: &Path, source: io::Error) -> BuildError {
    BuildError::Unreadable {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(files: &[(&str, &str)]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let place = directory.path().join(path);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, text).unwrap();
        }
        directory
    }

    #[test]
    fn a_build_is_listed_by_path_hash_type_and_kind() {
        let directory = build(&[
            ("index.html", "<html>"),
            ("assets/app-1.js", "1"),
            ("docs/index.html", "d"),
            ("a.txt", ""),
        ]);
        let mutable = ["index.html".to_owned(), "*.txt".to_owned()];
        let manifest = manifest(directory.path(), &mutable).unwrap();
        let picture: Vec<String> = manifest
            .files
            .iter()
            .map(|(path, f)| format!("{path} {} {:?} {}", f.size, f.kind, f.content_type))
            .collect();
        assert_eq!(
            picture,
            [
                "a.txt 0 Mutable text/plain; charset=utf-8",
                "assets/app-1.js 1 Immutable text/javascript; charset=utf-8",
                "docs/index.html 1 Mutable text/html; charset=utf-8",
                "index.html 6 Mutable text/html; charset=utf-8",
            ]
        );
        assert_eq!(manifest.files["assets/app-1.js"].sha256, sha256_hex(b"1"));
    }

    #[test]
    fn a_file_that_changed_since_is_not_read() {
        let directory = build(&[("a.js", "1")]);
        let manifest = manifest(directory.path(), &[]).unwrap();
        assert_eq!(
            read(directory.path(), "a.js", &manifest.files["a.js"]).unwrap(),
            b"1"
        );
        fs::write(directory.path().join("a.js"), "2").unwrap();
        let error = read(directory.path(), "a.js", &manifest.files["a.js"]).unwrap_err();
        assert!(matches!(error, BuildError::Changed(_)));
    }

    #[test]
    fn builds_that_cannot_be_published_are_refused() {
        let empty = tempfile::tempdir().unwrap();
        assert!(matches!(
            manifest(empty.path(), &[]),
            Err(BuildError::Empty(_))
        ));
        assert!(matches!(
            manifest(&empty.path().join("nowhere"), &[]),
            Err(BuildError::Unreadable { .. })
        ));
        let reserved = build(&[("_backstay/pointers/x", "")]);
        assert!(matches!(
            manifest(reserved.path(), &[]),
            Err(BuildError::Name(_))
        ));
    }

    #[cfg(unix)]
    #[test]
    fn links_may_not_lead_out() {
        let outside = build(&[("secret", "s")]);
        let inner = build(&[("real.txt", "r")]);
        std::os::unix::fs::symlink(inner.path().join("real.txt"), inner.path().join("link.txt"))
            .unwrap();
        assert_eq!(manifest(inner.path(), &[]).unwrap().files.len(), 2);
        std::os::unix::fs::symlink(outside.path().join("secret"), inner.path().join("leak.txt"))
            .unwrap();
        assert!(matches!(
            manifest(inner.path(), &[]),
            Err(BuildError::Escapes(_))
        ));
    }
}
