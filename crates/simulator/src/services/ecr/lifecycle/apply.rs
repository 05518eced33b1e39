//! A lifecycle policy is applied, and will be again a day later.

use std::sync::Arc;

use super::policy::ActionKind;
use crate::base::agenda::Due;
use crate::base::here::Here;
use crate::base::timings::LIFECYCLE_AGAIN_MS;
use crate::services::ecr::Ecr;
use crate::services::ecr::image::Storage;

/// Expires and archives what the policy of this repository marks, if there still is one that is due now.
pub(crate) fn apply_lifecycle(here: &mut Here<'_, Ecr>, name: &Arc<str>) {
    let now_ms = here.now_ms;
    let Some(repository) = here.own.own_mut(name) else {
        return;
    };
    let Some(lifecycle) = repository.lifecycle.as_mut() else {
        return;
    };
    // A policy that was put anew has a time of its own.
    if lifecycle.next_ms != now_ms {
        return;
    }
    lifecycle.applied_ms = Some(now_ms);
    lifecycle.next_ms = now_ms + LIFECYCLE_AGAIN_MS;
    let next_ms = lifecycle.next_ms;
    let marked = lifecycle.policy.marks(&repository.images, now_ms);
    for mark in marked {
        match mark.action {
            // "An image referenced by a manifest list cannot be expired without the manifest list" [DOC].
            ActionKind::Expire if repository.is_child(&mark.digest) => {}
            ActionKind::Expire => repository
                .images
                .retain(|image| image.digest != mark.digest),
            ActionKind::Transition => {
                for image in &mut repository.images {
                    if image.digest == mark.digest {
                        image.storage = Storage::Archived { at_ms: now_ms };
                    }
                }
            }
        }
    }
    here.agenda.add(next_ms, Due::Lifecycle(Arc::clone(name)));
}
