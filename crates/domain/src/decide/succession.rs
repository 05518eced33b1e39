//! Somebody forces a new rollout of the very revision that we rolled out: a rotated secret, an autoscaler's script. It is not
//! somebody else's release, and is followed like ours.

use crate::observation::ServiceView;
use crate::plan::ServiceBefore;
use crate::{DefinitionRef, RolloutHandle};

/// The newest rollout, where it is another than ours, runs what ours ran, and is not the one from before.
pub(crate) fn successor(
    view: &ServiceView,
    ours: (&RolloutHandle, Option<&DefinitionRef>),
    before: &ServiceBefore,
) -> Option<RolloutHandle> {
    let (rollout, definition) = ours;
    let newer = view.primary != *rollout && view.primary != before.rollout;
    (newer && definition == Some(&view.primary_definition)).then(|| view.primary.clone())
}
