//! A cloud of which nothing is asked.

use std::collections::{BTreeMap, BTreeSet};

use backstay_domain::anchor::{Anchor, AnchorRequest, AnchorView, Outlived};
use backstay_domain::app::{Check, Frontend, ServiceLocator};
use backstay_domain::definition::Definition;
use backstay_domain::observation::{
    CheckResult, Evidence, FrontendView, InvalidationView, JobView, RunningJob, ServiceView,
    TasksView,
};
use backstay_domain::plan::Forget;
use backstay_domain::ports::{
    Anchors, Caller, Effect, ExpectedFile, FailureKind, Follow, FrontendStore, Identity,
    JobRequest, Jobs, Logs, Pointer, PortFailure, Printed, Publication, Published, Pulled,
    Registry, RolloutRequest, Schedules, Services, Shelf, Web,
};
use backstay_domain::prune::{Prune, Stored};
use backstay_domain::registered::Revisions;
use backstay_domain::release::{Manifest, ResolvedImage};
use backstay_domain::scheduled::{Reschedule, Started, Trigger};
use backstay_domain::survey::{LiveService, PublishedFiles};
use backstay_domain::verdict::WitnessKind;
use backstay_domain::{
    DefinitionRef, IdempotencyKey, ReleaseId, Repository, RolloutHandle, ServiceName, TaskId,
    Version,
};
use jiff::Timestamp;

/// A cloud of which these tests ask nothing, but who they are: it answers like this.
pub(super) struct Nowhere(pub(super) FailureKind);

fn nothing<T>() -> Result<T, PortFailure> {
    Err(PortFailure {
        kind: FailureKind::Rejected,
        effect: Effect::None,
        operation: "nowhere".to_owned(),
        message: "a release of nothing needs nothing".to_owned(),
    })
}

impl Services for Nowhere {
    async fn survey(
        &self,
        _: &[ServiceLocator],
    ) -> Result<BTreeMap<ServiceName, LiveService>, PortFailure> {
        nothing()
    }
    async fn registered(
        &self,
        _: &Definition,
        _: &Revisions,
    ) -> Result<Option<DefinitionRef>, PortFailure> {
        nothing()
    }
    async fn register(&self, _: &Definition, _: &Revisions) -> Result<DefinitionRef, PortFailure> {
        nothing()
    }
    async fn roll_out(&self, _: &RolloutRequest) -> Result<RolloutHandle, PortFailure> {
        nothing()
    }
    async fn turn_back(&self, _: &ServiceLocator, _: &RolloutHandle) -> Result<(), PortFailure> {
        nothing()
    }
    async fn answer(
        &self,
        _: &ServiceLocator,
        _: &RolloutHandle,
        _: (&str, backstay_domain::traffic::Answer),
    ) -> Result<(), PortFailure> {
        nothing()
    }
    async fn watch(&self, _: &[Follow]) -> Result<BTreeMap<ServiceName, ServiceView>, PortFailure> {
        nothing()
    }
    async fn unheard(
        &self,
        _: &[ServiceLocator],
    ) -> BTreeMap<(ServiceName, WitnessKind), PortFailure> {
        BTreeMap::new()
    }
    async fn evidence(
        &self,
        _: &ServiceLocator,
        _: &DefinitionRef,
    ) -> Result<Evidence, PortFailure> {
        nothing()
    }
    async fn tasks(&self, _: &ServiceLocator) -> Result<TasksView, PortFailure> {
        nothing()
    }
}

impl Jobs for Nowhere {
    async fn start(&self, _: &JobRequest) -> Result<TaskId, PortFailure> {
        nothing()
    }
    async fn look(&self, _: &JobRequest, _: &TaskId) -> Result<JobView, PortFailure> {
        nothing()
    }
    async fn stop(&self, _: &JobRequest, _: &TaskId, _: &str) -> Result<(), PortFailure> {
        nothing()
    }
    async fn running(&self, _: &str, _: &Definition) -> Result<Vec<RunningJob>, PortFailure> {
        nothing()
    }
    fn unreadable(&self, _: &Definition, _: &str) -> Option<String> {
        None
    }
}

impl Schedules for Nowhere {
    async fn starts(&self, _: &Trigger) -> Result<Option<Started>, PortFailure> {
        nothing()
    }
    async fn revision(
        &self,
        _: &DefinitionRef,
    ) -> Result<Option<(DefinitionRef, Definition)>, PortFailure> {
        nothing()
    }
    async fn reschedule(&self, _: &Reschedule) -> Result<(), PortFailure> {
        nothing()
    }
}

impl Logs for Nowhere {
    async fn printed(&self, _: &Definition, _: Timestamp) -> Result<Vec<Printed>, PortFailure> {
        nothing()
    }
}

impl Anchors for Nowhere {
    async fn anchorable(&self, _: &Anchor) -> Result<(), PortFailure> {
        nothing()
    }
    async fn anchor(&self, _: &AnchorRequest) -> Result<String, PortFailure> {
        nothing()
    }
    async fn anchored(&self, _: &AnchorRequest, _: &str) -> Result<AnchorView, PortFailure> {
        nothing()
    }
    async fn forget(&self, _: &Outlived) -> Result<Vec<String>, PortFailure> {
        nothing()
    }
}

impl Registry for Nowhere {
    async fn resolve(
        &self,
        _: &BTreeSet<Repository>,
        _: &Version,
    ) -> Result<BTreeMap<Repository, ResolvedImage>, PortFailure> {
        nothing()
    }
    async fn pin(&self, _: &BTreeSet<String>) -> Result<BTreeMap<String, String>, PortFailure> {
        nothing()
    }
    async fn gone(&self, _: &BTreeSet<String>) -> Result<Pulled, PortFailure> {
        nothing()
    }
}

impl Shelf for Nowhere {
    async fn stored(&self, _: &Frontend, _: &BTreeSet<String>) -> Result<Stored, PortFailure> {
        nothing()
    }
    async fn discard(&self, _: &Frontend, _: &Prune) -> Result<u32, PortFailure> {
        nothing()
    }
    async fn keep_images(&self, _: &[ResolvedImage], _: &ReleaseId) -> Vec<PortFailure> {
        Vec::new()
    }
    async fn let_images_go(
        &self,
        _: &[(ReleaseId, Vec<ResolvedImage>)],
    ) -> Result<u32, PortFailure> {
        nothing()
    }
    async fn expiring(&self, _: &[ResolvedImage]) -> Result<BTreeSet<String>, PortFailure> {
        nothing()
    }
}

impl FrontendStore for Nowhere {
    async fn pointers(
        &self,
        _: &Frontend,
        _: &[String],
    ) -> Result<BTreeMap<String, String>, PortFailure> {
        nothing()
    }
    async fn readable(&self, _: &Frontend, _: &str, _: Option<&str>) -> Result<(), PortFailure> {
        nothing()
    }
    async fn publish(&self, _: &Frontend, _: &Publication<'_>) -> Result<Published, PortFailure> {
        nothing()
    }
    async fn compare(
        &self,
        _: &Frontend,
        _: &Manifest,
        _: Option<&Manifest>,
    ) -> Result<PublishedFiles, PortFailure> {
        nothing()
    }
    async fn point(
        &self,
        _: &Frontend,
        _: &BTreeMap<String, Option<Pointer>>,
    ) -> Result<(), PortFailure> {
        nothing()
    }
    async fn invalidate(
        &self,
        _: &Frontend,
        _: &Forget,
        _: &IdempotencyKey,
    ) -> Result<String, PortFailure> {
        nothing()
    }
    async fn invalidation(&self, _: &Frontend, _: &str) -> Result<InvalidationView, PortFailure> {
        nothing()
    }
    async fn view(&self, _: &Frontend, _: &[ExpectedFile]) -> Result<FrontendView, PortFailure> {
        nothing()
    }
}

impl Web for Nowhere {
    async fn check(&self, _: &Check, _: &Version) -> Result<CheckResult, PortFailure> {
        nothing()
    }
}

impl Identity for Nowhere {
    async fn caller(&self) -> Result<Caller, PortFailure> {
        nothing().map_err(|failure: PortFailure| PortFailure {
            kind: self.0,
            ..failure
        })
    }
}
