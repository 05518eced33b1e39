//! What belongs to each side of a deployment: mutable files, what the CDN forgets, and what visitors must get.

use std::collections::BTreeMap;

use crate::journal::Side;
use crate::plan::{Forget, FrontendChange, FrontendPlan};
use crate::ports::{ExpectedFile, Pointer};
use crate::release::{FileKind, ManifestFile};

/// The mutable files of one side, or nothing where the path must not exist.
#[must_use]
pub fn pointers(frontend: &FrontendPlan, side: Side) -> BTreeMap<String, Option<Pointer>> {
    let new = frontend.manifest.of_kind(FileKind::Mutable);
    let pointer = |sha256: &String, said: Option<&ManifestFile>| {
        Some(Pointer {
            sha256: sha256.clone(),
            content_type: said.and_then(ManifestFile::media_type).map(str::to_owned),
            content_encoding: said.and_then(|said| said.content_encoding.clone()),
        })
    };
    match side {
        Side::New => new
            .map(|(path, file)| (path.clone(), pointer(&file.sha256, Some(file))))
            .collect(),
        Side::Old => {
            let before = &frontend.before;
            let mut old: BTreeMap<_, _> = new.map(|(path, _)| (path.clone(), None)).collect();
            old.extend(
                before
                    .iter()
                    .map(|(path, hash)| (path.clone(), pointer(hash, None))),
            );
            old
        }
    }
}

/// The files that visitors must get on one side.
#[must_use]
pub fn expected_files(frontend: &FrontendPlan, side: Side) -> Vec<ExpectedFile> {
    match side {
        Side::New => frontend
            .manifest
            .files
            .iter()
            .filter(|(path, _)| {
                let settled = frontend.settled.as_ref();
                settled.is_none_or(|settled| settled.ask.contains(*path))
            })
            .map(|(path, file)| ExpectedFile {
                path: path.clone(),
                sha256: file.sha256.clone(),
                content_type: file.media_type().map(str::to_owned),
                size: file.bytes(),
                md5: file.md5.clone(),
            })
            .collect(),
        Side::Old => frontend
            .before
            .iter()
            .map(|(path, hash)| ExpectedFile {
                path: path.clone(),
                sha256: hash.clone(),
                content_type: None,
                size: None,
                md5: None,
            })
            .collect(),
    }
}

/// What the CDN has to forget. A plan of a version that did not say it names every mutable file.
#[must_use]
pub fn forgets(frontend: &FrontendPlan, side: Side) -> Forget {
    frontend.forget.clone().unwrap_or_else(|| Forget {
        files: match frontend.change {
            FrontendChange::Publish => pointers(frontend, side).into_keys().collect(),
            FrontendChange::Add | FrontendChange::Unchanged => Vec::new(),
        },
        folders: Vec::new(),
    })
}
