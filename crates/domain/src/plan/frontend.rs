//! The frontends' part of a plan, file by file: what is uploaded, put right, moved and forgotten, or why that is refused.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Plan, Refusal, Warning};
use crate::app::{App, Frontend};
use crate::definition::sha256_hex;
use crate::journal::Side;
use crate::pattern;
use crate::release::{FileKind, Manifest, ManifestFile};
use crate::survey::{Owner, PublishedFiles, Standing, Survey};
use crate::verdict::WitnessKind;
use crate::{FrontendName, Version};

/// The largest file that can be uploaded at once, and be copied.
pub const LARGEST_FILE_BYTES: u64 = 5 << 30;

/// The CDN takes 3,000 addresses at a time, of all invalidations that are in progress, and asks money for each. More than this
/// are forgotten by folder.
const MOST_ADDRESSES: usize = 300;
/// A folder with more than this is forgotten as a whole, when there are too many.
const MOST_IN_A_FOLDER: usize = 20;
/// The CDN takes 15 folders at a time: more than this, and the whole site is forgotten.
const MOST_FOLDERS: usize = 5;

/// Of so many settled files a proof asks for.
const ASKED_AGAIN: usize = 1;

/// What a file is of which nobody knows more.
const BYTES: &str = "application/octet-stream";
/// More warnings of one kind are not read.
const MOST_DOUBTS: usize = 10;

/// What happens to one frontend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrontendPlan {
    /// Where it is published.
    pub frontend: Frontend,
    /// What is published.
    pub manifest: Manifest,
    /// The live mutable files before: path to SHA-256.
    pub before: BTreeMap<String, String>,
    /// The recorded release's version, where those are its files. Plans of earlier versions did not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Version>,
    /// Whether visitors will get something new.
    pub change: FrontendChange,
    /// Files that are not there yet.
    #[serde(default)]
    pub upload: BTreeSet<String>,
    /// Files that are there with their very bytes, but with other headers: path to what is wrong with them.
    #[serde(default)]
    pub correct: BTreeMap<String, String>,
    /// What the CDN has to forget, the same on both ways. Plans of earlier versions did not say it.
    #[serde(default)]
    pub forget: Option<Forget>,
    /// Files that need no proof of their own, where there are some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Settled>,
}

/// Files that never change, that an earlier release proved at this very place and that were found there again. A few of them are
/// asked for all the same, others with every release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The release that proved them.
    pub by: Version,
    /// The files that are asked for: all that this release changes, every mutable one, and those few.
    pub ask: BTreeSet<String>,
}

/// Whether visitors will get something new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FrontendChange {
    /// Mutable files change: pages move to this release.
    Publish,
    /// Files are added, or their headers put right; no page moves.
    Add,
    /// All is as it should be.
    Unchanged,
}

/// What the CDN has to forget.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forget {
    /// Files by path.
    pub files: Vec<String>,
    /// Folders with all that is below them, by path with its final slash; empty for the whole site.
    pub folders: Vec<String>,
}

impl Forget {
    /// What has to be forgotten when these files change: each by its addresses, or whole folders when they are many. It depends
    /// on nothing else, so that the way back needs no more than the way there.
    #[must_use]
    pub fn of(paths: &BTreeSet<String>) -> Self {
        let all = || paths.iter().cloned();
        if all().map(|path| addresses(&path)).sum::<usize>() <= MOST_ADDRESSES {
            return Self {
                files: all().collect(),
                folders: Vec::new(),
            };
        }
        let mut by_folder: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for path in paths {
            let folder = path.find('/').map_or("", |end| &path[..=end]);
            by_folder.entry(folder).or_default().push(path.clone());
        }
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        for (folder, below) in by_folder {
            if folder.is_empty() || below.len() <= MOST_IN_A_FOLDER {
                files.extend(below);
            } else {
                folders.push(folder.to_owned());
            }
        }
        let left: usize = files.iter().map(|path| addresses(path)).sum();
        if folders.len() > MOST_FOLDERS || left > MOST_ADDRESSES {
            (files, folders) = (Vec::new(), vec![String::new()]);
        }
        Self { files, folders }
    }

    /// Whether there is nothing to forget.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.folders.is_empty()
    }

    /// How many addresses and folders are named to the CDN.
    #[must_use]
    pub fn count(&self) -> usize {
        self.files.iter().map(|path| addresses(path)).sum::<usize>() + self.folders.len()
    }
}

/// A folder's index has two addresses.
fn addresses(path: &str) -> usize {
    match path.strip_suffix("index.html") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => 2,
        Some(_) | None => 1,
    }
}

impl FrontendPlan {
    /// Who proves it: visitors' view where there is an address, the bucket otherwise.
    #[must_use]
    pub fn witness(&self) -> WitnessKind {
        match self.frontend.url {
            Some(_) => WitnessKind::Edge,
            None => WitnessKind::Bucket,
        }
    }

    /// What a witness says that saw all the files that it was asked for.
    #[must_use]
    pub fn as_built(&self, seen: u32, side: Side) -> String {
        let settled = match side {
            Side::New => self.settled.as_ref(),
            Side::Old => None,
        };
        let all = format!("{seen}/{seen} files as built");
        settled.map_or(all.clone(), |settled| {
            let stand = self.manifest.files.len().saturating_sub(settled.ask.len());
            format!("{all}, {stand} as published with {}", settled.by)
        })
    }

    /// The mutable files that visitors will get anew.
    #[must_use]
    pub fn moving(&self) -> BTreeSet<String> {
        moving(&self.manifest, &self.before)
    }
}

impl Plan {
    /// The frontends of which files are uploaded or put right.
    pub fn uploads(&self) -> impl Iterator<Item = (&FrontendName, &FrontendPlan)> {
        let frontends = self.frontends.iter();
        frontends.filter(|(_, one)| one.change != FrontendChange::Unchanged)
    }
}

fn moving(manifest: &Manifest, live: &BTreeMap<String, String>) -> BTreeSet<String> {
    manifest
        .of_kind(FileKind::Mutable)
        .filter(|(path, file)| live.get(*path) != Some(&file.sha256))
        .map(|(path, _)| path.clone())
        .collect()
}

/// A frontend that is looked at, and what is published of it.
#[derive(Clone, Copy)]
struct Place<'s> {
    name: &'s FrontendName,
    published: &'s PublishedFiles,
    /// What the recorded release has of it, and that release's version.
    recorded: Option<(&'s Manifest, &'s Version)>,
}

impl<'s> Place<'s> {
    fn of(name: &'s FrontendName, survey: &'s Survey) -> Self {
        let recorded = survey.recorded.as_ref().and_then(|release| {
            let manifest = release.frontends.get(name)?;
            Some((manifest, &release.version))
        });
        Self {
            name,
            published: survey.published.get(name).unwrap_or(&NOTHING),
            recorded,
        }
    }
}

/// What is published where nobody looked.
static NOTHING: PublishedFiles = PublishedFiles {
    live: BTreeMap::new(),
    absent: BTreeSet::new(),
    headers: BTreeMap::new(),
    changed: BTreeSet::new(),
    too_large: BTreeSet::new(),
    standing: Standing::Unknown,
    owner: None,
};

/// The plans of all frontends that are configured and that the release has.
pub(super) fn frontend_plans(
    app: &App,
    manifests: &BTreeMap<FrontendName, Manifest>,
    survey: &Survey,
    seed: &str,
) -> BTreeMap<FrontendName, FrontendPlan> {
    let plans = app.frontends.iter().filter_map(|(name, frontend)| {
        let manifest = manifests.get(name)?;
        let place = Place::of(name, survey);
        Some((name.clone(), frontend_plan(frontend, manifest, place, seed)))
    });
    plans.collect()
}

fn frontend_plan(
    frontend: &Frontend,
    manifest: &Manifest,
    place: Place<'_>,
    seed: &str,
) -> FrontendPlan {
    let (frontend, manifest) = (frontend.clone(), manifest.clone());
    let published = place.published;
    let moving = moving(&manifest, &published.live);
    let mut upload = published.absent.clone();
    upload.retain(|path| manifest.files.contains_key(path));
    let correct = published.headers.clone();
    let change = if !moving.is_empty() {
        FrontendChange::Publish
    } else if !upload.is_empty() || !correct.is_empty() {
        FrontendChange::Add
    } else {
        FrontendChange::Unchanged
    };
    let forget = moving.into_iter().chain(correct.keys().cloned()).collect();
    let settled = settled(&manifest, place, seed);
    FrontendPlan {
        frontend,
        manifest,
        before: published.live.clone(),
        published: recorded(place),
        change,
        upload,
        correct,
        forget: Some(Forget::of(&forget)),
        settled,
    }
}

/// What needs no proof of its own. Which of it is asked for all the same depends on `seed`: others every time.
fn settled(manifest: &Manifest, place: Place<'_>, seed: &str) -> Option<Settled> {
    let published = place.published;
    let (proven, version) = place.recorded?;
    if published.standing == Standing::Unknown {
        return None;
    }
    let stands = |(path, file): &(&String, &ManifestFile)| {
        let before = proven.files.get(*path);
        let same = before.is_some_and(|before| before.is_served_as(file));
        let untouched = !published.absent.contains(*path) && !published.headers.contains_key(*path);
        file.kind == FileKind::Immutable && same && untouched
    };
    let (stand, changed): (Vec<_>, Vec<_>) = manifest.files.iter().partition(stands);
    if stand.len() <= ASKED_AGAIN {
        return None;
    }
    let turn = |path: &str| sha256_hex(format!("{seed}\0{path}").as_bytes());
    let mut again: Vec<(String, &String)> =
        stand.iter().map(|(path, _)| (turn(path), *path)).collect();
    again.sort_unstable();
    let again = again.into_iter().take(ASKED_AGAIN).map(|(_, path)| path);
    let changed = changed.into_iter().map(|(path, _)| path);
    Some(Settled {
        by: version.clone(),
        ask: changed.chain(again).cloned().collect(),
    })
}

/// The recorded release's version, where its pages are the live ones.
fn recorded(place: Place<'_>) -> Option<Version> {
    let (manifest, version) = place.recorded?;
    let mut pages = manifest.of_kind(FileKind::Mutable);
    let live = pages.all(|(path, file)| place.published.live.get(path) == Some(&file.sha256));
    live.then(|| version.clone())
}

/// Files that cannot be published as they are, all of them by name.
pub(super) fn refuse_files(
    frontends: &BTreeMap<FrontendName, FrontendPlan>,
    app: &App,
    survey: &Survey,
) -> Vec<Refusal> {
    let refused = frontends.iter().flat_map(|(name, frontend)| {
        let place = Place::of(name, survey);
        let changed = place.published.changed.iter();
        let changed: Vec<String> = changed.map(|path| name.file(path)).collect();
        let mut refusals = refuse_place(frontend, app, place);
        if !changed.is_empty() {
            refusals.push(Refusal::FilesChanged { files: changed });
        }
        refusals.extend(refuse_large(frontend, place));
        refusals
    });
    refused.collect()
}

/// The same of a release that is returned to: its files have been there.
pub(super) fn refuse_returning(
    frontends: &BTreeMap<FrontendName, FrontendPlan>,
    app: &App,
    survey: &Survey,
) -> Vec<Refusal> {
    let refused = frontends.iter().flat_map(|(name, frontend)| {
        let place = Place::of(name, survey);
        let large = refuse_large(frontend, place).into_iter();
        large.chain(refuse_place(frontend, app, place))
    });
    refused.collect()
}

/// A place where another app or another environment has published, and paths that no build has.
fn refuse_place(frontend: &FrontendPlan, app: &App, place: Place<'_>) -> Vec<Refusal> {
    let files = frontend.manifest.misplaced().into_iter();
    let files: Vec<String> = files.map(|path| place.name.file(&path)).collect();
    let misplaced = (!files.is_empty()).then_some(Refusal::FilesMisplaced { files });
    let of_another = of_another(&frontend.frontend, app, place.published.owner.as_ref());
    misplaced.into_iter().chain(of_another).collect()
}

/// A place that another app or another environment has: neither its files nor its record are this one's to change.
#[must_use]
pub fn of_another(at: &Frontend, app: &App, owner: Option<&Owner>) -> Option<Refusal> {
    let other = owner.filter(|it| it.app != app.name || it.environment != app.environment)?;
    Some(Refusal::FilesOfAnother {
        place: format!("s3://{}/{}", at.bucket, at.prefix),
        app: other.app.clone(),
        environment: other.environment.clone(),
    })
}

/// Files that can be neither published nor kept, all of them by name.
fn refuse_large(frontend: &FrontendPlan, place: Place<'_>) -> Option<Refusal> {
    let built = frontend.manifest.files.iter();
    let built = built.filter(|(_, file)| file.size > LARGEST_FILE_BYTES);
    let built = built.map(|(path, _)| path);
    let all: BTreeSet<&String> = built.chain(&place.published.too_large).collect();
    let files: Vec<String> = all.into_iter().map(|path| place.name.file(path)).collect();
    (!files.is_empty()).then_some(Refusal::FilesTooLarge { files })
}

/// Patterns of the configuration that mean no file, and pages without an extension that nobody said anything about.
#[must_use]
pub fn doubts(of: &FrontendName, frontend: &Frontend, manifest: &Manifest) -> Vec<Warning> {
    let unknown = manifest.files.iter().filter(|(path, file)| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let said = frontend.media_types.keys();
        file.content_type == BYTES
            && !name.contains('.')
            && !said
                .into_iter()
                .any(|pattern| pattern::matches(pattern, path))
    });
    let unknown = unknown.map(|(path, _)| Warning::NoMediaType(of.file(path)));
    let mutable = pattern::idle(&frontend.mutable, manifest).into_iter();
    let types = pattern::idle(frontend.media_types.keys(), manifest).into_iter();
    let warning = |key: &str, pattern: &str| Warning::PatternMeansNothing {
        key: key.to_owned(),
        pattern: pattern.to_owned(),
        frontend: of.clone(),
    };
    mutable
        .map(|pattern| warning("mutable", pattern))
        .chain(types.map(|pattern| warning("media_types", pattern)))
        .chain(unknown.take(MOST_DOUBTS))
        .collect()
}
