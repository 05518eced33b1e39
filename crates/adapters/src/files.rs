//! A frontend build on disk: every file by path, hash and media type. Never anything outside the build's directory.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use backstay_domain::app::Frontend;
use backstay_domain::definition::sha256_hex;
use backstay_domain::pattern;
use backstay_domain::release::{FileKind, Manifest, ManifestFile};

use crate::hashing::{Md5Sum, Sha256Sum};
use crate::media::media_type;

/// Where the store keeps copies of mutable files; a build must not have files there.
pub const RESERVED: &str = "_backstay/";

/// More files than this are a mistake, such as a `node_modules` that was not meant.
const MOST_FILES: usize = 100_000;

/// Extensions of compressed variants, and what HTTP calls them.
const ENCODINGS: [(&str, &str); 3] = [("br", "br"), ("gz", "gzip"), ("zst", "zstd")];

/// Read at once: a build of gigabytes is listed in this much memory.
const CHUNK_BYTES: usize = 256 << 10;

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
    #[error("{} is a link that leads out of the build, to {}", link.display(), to.display())]
    Escapes {
        /// The link.
        link: PathBuf,
        /// Where it leads.
        to: PathBuf,
    },
    /// A link to nothing.
    #[error("{} is a link to something that is not there", .0.display())]
    Dangling(PathBuf),
    /// A link that would never end.
    #[error("{} is a link to a folder that contains it", .0.display())]
    Circle(PathBuf),
    /// Neither a file nor a folder.
    #[error("{} is neither a file nor a folder", .0.display())]
    Special(PathBuf),
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

impl BuildError {
    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } | Self::Empty(_) => {
                "build the frontend first, or correct its `directory` in backstay.toml"
            }
            Self::Escapes { .. } => {
                "copy it into the build: nothing outside of `directory` is published"
            }
            Self::Dangling(_) | Self::Circle(_) => "remove the link, or let it lead elsewhere",
            Self::Special(_) => "remove it from the build",
            Self::Name(_) => {
                "rename it: names are UTF-8 without control characters, and `_backstay` is Backstay's own"
            }
            Self::TooMany(_) => "correct its `directory` in backstay.toml: this is hardly a build",
            Self::Changed(_) => {
                "build once, then deploy: nothing may write into the build meanwhile"
            }
        }
    }
}

/// Lists a build. Its links are followed inside it; the files they lead to are published under the link's path.
///
/// # Errors
/// When the build is missing, empty, has links that lead out of it, or names that cannot be published.
pub fn manifest(directory: &Path, frontend: &Frontend) -> Result<Manifest, BuildError> {
    let root = directory
        .canonicalize()
        .map_err(|source| unreadable(directory, source))?;
    let mut listing = Listing {
        root: &root,
        frontend,
        files: BTreeMap::new(),
        chunk: vec![0; CHUNK_BYTES],
    };
    listing.folder(&root, "", &mut vec![root.clone()])?;
    variants(frontend, &mut listing.files);
    if listing.files.is_empty() {
        Err(BuildError::Empty(root))
    } else {
        Ok(Manifest::new(listing.files))
    }
}

/// A build being listed.
struct Listing<'l> {
    root: &'l Path,
    frontend: &'l Frontend,
    files: BTreeMap<String, ManifestFile>,
    chunk: Vec<u8>,
}

impl Listing<'_> {
    /// `above` are the real places of the folders that this one is in, itself included: a link to one of them has no end.
    fn folder(
        &mut self,
        folder: &Path,
        prefix: &str,
        above: &mut Vec<PathBuf>,
    ) -> Result<(), BuildError> {
        let entries = fs::read_dir(folder).map_err(|source| unreadable(folder, source))?;
        for entry in entries {
            let entry = entry.map_err(|source| unreadable(folder, source))?;
            let found = entry.path();
            let name = entry
                .file_name()
                .into_string()
                .map_err(|_| BuildError::Name(found.clone()))?;
            let path = format!("{prefix}{name}");
            if format!("{path}/").starts_with(RESERVED) || path.chars().any(char::is_control) {
                return Err(BuildError::Name(found));
            }
            let place = inside(self.root, &found)?;
            let kind = fs::metadata(&place).map_err(|source| unreadable(&place, source))?;
            if kind.is_dir() {
                if above.contains(&place) {
                    return Err(BuildError::Circle(found));
                }
                above.push(place);
                self.folder(&found, &format!("{path}/"), above)?;
                above.pop();
            } else if kind.is_file() {
                let file = listed(&path, &place, self.frontend, &mut self.chunk)?;
                self.files.insert(path, file);
            } else {
                return Err(BuildError::Special(found));
            }
            if self.files.len() > MOST_FILES {
                return Err(BuildError::TooMany(self.root.to_owned()));
            }
        }
        Ok(())
    }
}

/// Files that are another one compressed, by their name, are served in its stead: with its media type and with the encoding that
/// says how, and mutable where either of the two is. A media type of one's own makes one a file like others.
fn variants(frontend: &Frontend, files: &mut BTreeMap<String, ManifestFile>) {
    let said = |path: &str| {
        let mut patterns = frontend.media_types.keys();
        patterns.any(|pattern| pattern::matches(pattern, path))
    };
    let of = |(path, own): (&String, &ManifestFile)| {
        let (name, encoding) = ENCODINGS.iter().find_map(|(extension, encoding)| {
            let name = path.strip_suffix(extension)?.strip_suffix('.')?;
            Some((name, *encoding))
        })?;
        let whole = files.get(name).filter(|_| !said(path))?;
        let kind = match own.kind {
            FileKind::Mutable => FileKind::Mutable,
            FileKind::Immutable => whole.kind,
        };
        Some((path.clone(), whole.content_type.clone(), kind, encoding))
    };
    let found: Vec<_> = files.iter().filter_map(of).collect();
    for (path, content_type, kind, encoding) in found {
        if let Some(file) = files.get_mut(&path) {
            file.content_type = content_type;
            file.kind = kind;
            file.content_encoding = Some(encoding.to_owned());
        }
    }
}

/// The bytes of one file of a listed build.
///
/// # Errors
/// When it cannot be read, leads out of the build, or is not what was listed.
pub fn read(directory: &Path, path: &str, file: &ManifestFile) -> Result<Vec<u8>, BuildError> {
    let place = place(directory, path)?;
    let bytes = fs::read(&place).map_err(|source| unreadable(&place, source))?;
    if sha256_hex(&bytes) == file.sha256 {
        Ok(bytes)
    } else {
        Err(BuildError::Changed(directory.join(path)))
    }
}

/// Where one file of a listed build really is.
///
/// # Errors
/// When it cannot be read, or leads out of the build.
pub(crate) fn place(directory: &Path, path: &str) -> Result<PathBuf, BuildError> {
    let root = directory
        .canonicalize()
        .map_err(|source| unreadable(directory, source))?;
    inside(&root, &root.join(path))
}

fn listed(
    path: &str,
    place: &Path,
    frontend: &Frontend,
    chunk: &mut [u8],
) -> Result<ManifestFile, BuildError> {
    let kind = match frontend
        .mutable
        .iter()
        .any(|pattern| pattern::matches(pattern, path))
    {
        true => FileKind::Mutable,
        false => FileKind::Immutable,
    };
    let (mut sha256, mut md5) = (Sha256Sum::default(), Md5Sum::default());
    let mut open = fs::File::open(place).map_err(|source| unreadable(place, source))?;
    loop {
        let read = open
            .read(chunk)
            .map_err(|source| unreadable(place, source))?;
        let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        sha256.add(bytes);
        md5.add(bytes);
    }
    Ok(ManifestFile {
        size: sha256.size(),
        sha256: sha256.hex(),
        content_type: media_type(frontend, path).to_owned(),
        kind,
        md5: Some(md5.hex()),
        content_encoding: None,
    })
}

/// The real place of a file, which must be inside the build.
fn inside(root: &Path, place: &Path) -> Result<PathBuf, BuildError> {
    let real = place.canonicalize().map_err(|source| {
        match (source.kind(), place.is_symlink()) {
            (io::ErrorKind::NotFound, true) => BuildError::Dangling(place.to_owned()),
            (io::ErrorKind::PermissionDenied, _) | (_, false) => unreadable(place, source),
            // Links that lead to each other: the standard library's name for it is not stable yet.
            (_, true) => BuildError::Circle(place.to_owned()),
        }
    })?;
    if real.starts_with(root) {
        Ok(real)
    } else {
        Err(BuildError::Escapes {
            link: place.to_owned(),
            to: real,
        })
    }
}

fn unreadable(path: &Path, source: io::Error) -> BuildError {
    BuildError::Unreadable {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests;
