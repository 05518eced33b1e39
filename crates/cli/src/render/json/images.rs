//! Images that were built and pushed.

use backstay_domain::Version;
use serde_json::{Value, json};

use super::object;
use crate::compose::building::{Did, Done};

/// One image: its digest is what a release is made of.
#[must_use]
pub fn image(done: &Done, version: &Version) -> Value {
    let order = &done.order;
    let did = match done.did {
        Did::Built => "built",
        Did::Kept => "kept",
        Did::Tagged => "tagged",
        Did::Nothing => "nothing",
    };
    let tags: Vec<&str> = order.tags.iter().map(|tag| tag.as_str()).collect();
    object(
        "image",
        json!({
            "repository": order.repository,
            "address": done.address,
            "version": version,
            "digest": done.digest,
            "tags": tags,
            "platforms": order.recipe.platforms,
            "users": order.users,
            "did": did,
        }),
    )
}
