//! The frontends' steps in words: which files are uploaded, put right, moved and forgotten; many are counted, some are named.

use backstay_domain::frontends;
use backstay_domain::plan::{Forget, FrontendChange, FrontendPlan, Plan};
use backstay_domain::release::FileKind;
use serde_json::{Map, Value, json};

use crate::render::time::size;
use crate::render::words::counted;

/// So many files are named.
const NAMED: usize = 5;

/// Of every frontend, what a step does; with its name where it is not the only one.
pub(super) fn each(plan: &Plan, words: fn(&FrontendPlan) -> String) -> String {
    let each = plan.frontends.iter().map(|(name, one)| {
        let words = words(one);
        match name.is_usual() {
            true => words,
            false => format!("{name}: {words}"),
        }
    });
    each.collect::<Vec<_>>().join("; ")
}

/// What is uploaded and put right.
pub(super) fn assets(frontend: &FrontendPlan) -> String {
    let bucket = &frontend.frontend.bucket;
    let files = &frontend.manifest.files;
    if frontend.forget.is_none() {
        // A plan of a version that did not look at every file.
        let bytes = files.values().map(|file| file.size).sum();
        let files = counted(files.len(), "file");
        return format!(
            "upload what is missing of {files} ({}) to {bucket}; visitors notice nothing",
            size(bytes)
        );
    }
    let mut parts = Vec::new();
    if !frontend.upload.is_empty() {
        let bytes = frontend.upload.iter().filter_map(|path| files.get(path));
        parts.push(format!(
            "upload {} ({}) to {bucket}: {}",
            counted(frontend.upload.len(), "file"),
            size(bytes.map(|file| file.size).sum()),
            named(frontend.upload.iter().cloned()),
        ));
    }
    if !frontend.correct.is_empty() {
        let wrong = frontend
            .correct
            .iter()
            .map(|(path, wrong)| format!("{path} ({wrong})"));
        parts.push(format!(
            "put right the headers of {}: {}",
            counted(frontend.correct.len(), "file"),
            named(wrong)
        ));
    }
    if parts.is_empty() {
        parts.push(format!("every file is in {bucket} already"));
    }
    parts.push("visitors notice nothing".to_owned());
    parts.join("; ")
}

/// What visitors will get, and how that is proven.
pub(super) fn point(frontend: &FrontendPlan) -> String {
    let place = match &frontend.frontend.url {
        Some(url) => url.clone(),
        None => format!("the bucket {}", frontend.frontend.bucket),
    };
    if frontend.change == FrontendChange::Unchanged {
        return format!("prove that {place} serves this build already");
    }
    let mut parts = Vec::new();
    if frontend.change == FrontendChange::Publish {
        let moving: Vec<String> = match frontend.forget {
            Some(_) => frontend.moving().into_iter().collect(),
            None => {
                let mutable = frontend.manifest.of_kind(FileKind::Mutable);
                mutable.map(|(path, _)| path.clone()).collect()
            }
        };
        parts.push(match moving.len() {
            0..=NAMED => format!("replace {}", named(moving.into_iter())),
            many => format!(
                "replace {}: {}",
                counted(many, "file"),
                named(moving.into_iter())
            ),
        });
    }
    if let Some(distribution) = &frontend.frontend.distribution {
        match &frontend.forget {
            Some(forget) if forget.is_empty() => {}
            Some(forget) => parts.push(format!(
                "invalidate {} in {distribution}",
                forgotten(forget)
            )),
            None => parts.push(format!("invalidate just those in {distribution}")),
        }
    }
    parts.push(format!("prove {place}"));
    parts.join(", ")
}

fn forgotten(forget: &Forget) -> String {
    let folders = forget.folders.iter().map(|folder| format!("/{folder}*"));
    let folders: Vec<String> = folders.collect();
    let files = forget.count() - folders.len();
    let addresses = match files {
        1 => "1 address".to_owned(),
        many => format!("{many} addresses"),
    };
    match (folders.as_slice(), files) {
        ([], _) => addresses,
        (folders, 0) => folders.join(", "),
        (folders, _) => format!("{} and {addresses}", folders.join(", ")),
    }
}

fn named(names: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = names.collect();
    let first = all.get(..NAMED).unwrap_or(&all).join(", ");
    match all.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// All of it, for machines: of the one that is called `frontend`, and of others by their names.
pub(in crate::render) fn objects(plan: &Plan) -> (Value, Value) {
    let several = frontends::several(&plan.frontends);
    let several = several.into_iter().flatten();
    let several: Map<String, Value> = several
        .map(|(name, one)| (name.to_string(), object(one)))
        .collect();
    let alone = frontends::single(&plan.frontends).map(object);
    (json!(alone), Value::Object(several))
}

fn object(frontend: &FrontendPlan) -> Value {
    let forget = frontend.forget.clone().unwrap_or_default();
    json!({
        "upload": frontend.upload,
        "correct": frontend.correct,
        "move": match frontend.change {
            FrontendChange::Publish => frontend.moving(),
            FrontendChange::Add | FrontendChange::Unchanged => Default::default(),
        },
        "invalidate": { "files": forget.files, "folders": forget.folders },
    })
}
