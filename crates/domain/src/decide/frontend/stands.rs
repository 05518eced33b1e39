//! Where the frontend is, in words for a human: what was done and what was seen, and no more than that.

use super::forgotten;
use crate::journal::{Act, Side};
use crate::plan::Plan;
use crate::progress::Progress;
use crate::verdict::Component;

/// Where the frontend is, for a human: what was done and what was seen, and no more than that.
pub(crate) fn stands(plan: &Plan, progress: &Progress) -> String {
    let old = plan
        .before
        .as_ref()
        .map_or("the previous release", |before| before.version.as_str());
    let new = plan.release.version.as_str();
    let seen = |side| progress.proven(side, &Component::Frontend);
    if plan.publishes().is_none() {
        return match (progress.done(&Act::PublishAssets), seen(Side::New)) {
            (true, true) => format!("is on {old} with the files that {new} adds, proven"),
            (true, false) => format!("is on {old}; the files that {new} adds are published"),
            (false, _) => format!("was not changed and is on {old}"),
        };
    }
    let may = |side| progress.may_have_done(&Act::Point { side });
    let done = |side| progress.done(&Act::Point { side });
    let unproven = |side, version: &str| {
        if forgotten(plan, progress, side) {
            format!("files of {version} are published, but were not seen as visitors get them")
        } else {
            format!("files of {version} are published; the CDN may still serve others")
        }
    };
    if !may(Side::New) {
        format!("was not touched and is on {old}")
    } else if may(Side::Old) && done(Side::Old) {
        match seen(Side::Old) {
            true => format!("is on {old}, proven"),
            false => unproven(Side::Old, old),
        }
    } else if may(Side::Old) {
        format!("was on its way back to {old}: some files may be those of {new}")
    } else if done(Side::New) {
        match seen(Side::New) {
            true => format!("is on {new}, proven"),
            false => unproven(Side::New, new),
        }
    } else {
        format!("was on its way to {new}: some files may be those of {old}")
    }
}
