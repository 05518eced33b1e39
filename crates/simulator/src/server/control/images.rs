//! A build pipeline's part.

use bytes::Bytes;
use http::Response;
use serde::Deserialize;
use serde_json::json;

use super::answer::{Refusal, given, read};
use super::look::Chosen;
use crate::ImageBlueprint;
use crate::server::request::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pushed {
    repository: String,
    tags: Vec<String>,
    #[serde(default = "amd64")]
    platforms: Vec<String>,
    #[serde(default)]
    schema_head: Option<String>,
}

fn amd64() -> Vec<String> {
    vec!["linux/amd64".to_owned()]
}

pub(super) fn push(
    shared: &Shared,
    chosen: &Chosen,
    body: &Bytes,
) -> Result<Response<Bytes>, Refusal> {
    let pushed: Pushed = read(body)?;
    if pushed.repository.is_empty() || pushed.tags.is_empty() {
        return Err(Refusal::wrong(
            "a repository and at least one tag are needed",
        ));
    }
    let image = ImageBlueprint {
        tags: pushed.tags,
        platforms: pushed.platforms,
        schema_head: pushed.schema_head,
    };
    let slot = chosen.slot(shared)?;
    let digest = slot.at(shared.clock.now_ms(), |inhabited| {
        inhabited.changed = true;
        inhabited.world.push_image(&pushed.repository, &image)
    });
    Ok(given(&json!({
        "digest": digest,
        "repository": pushed.repository,
        "tags": image.tags,
    })))
}
