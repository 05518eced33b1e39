//! The cloud's ports, each passed on to the file that implements it.

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
    Anchors, Caller, ExpectedFile, Follow, FrontendStore, Identity, JobRequest, Jobs, Logs,
    Pointer, PortFailure, Printed, Publication, Published, Pulled, Registry, RolloutRequest,
    Schedules, Services, Shelf, Web,
};
use backstay_domain::prune::{Prune, Stored};
use backstay_domain::registered::Revisions;
use backstay_domain::release::{Manifest, ResolvedImage};
use backstay_domain::scheduled::{Reschedule, Started, Trigger};
use backstay_domain::survey::{LiveService, PublishedFiles};
use backstay_domain::traffic::Answer;
use backstay_domain::verdict::WitnessKind;
use backstay_domain::{
    DefinitionRef, IdempotencyKey, ReleaseId, Repository, RolloutHandle, ServiceName, TaskId,
    Version,
};

use jiff::Timestamp;

use super::{AwsCloud, logs};
use crate::web::{self, Transport};

impl<T> Services for AwsCloud<T> {
    async fn survey(
        &self,
        locators: &[ServiceLocator],
    ) -> Result<BTreeMap<ServiceName, LiveService>, PortFailure> {
        self.survey_services(locators).await
    }

    async fn registered(
        &self,
        definition: &Definition,
        known: &Revisions,
    ) -> Result<Option<DefinitionRef>, PortFailure> {
        self.registered_definition(definition, known).await
    }

    async fn register(
        &self,
        definition: &Definition,
        known: &Revisions,
    ) -> Result<DefinitionRef, PortFailure> {
        self.register_definition(definition, known).await
    }

    async fn roll_out(&self, request: &RolloutRequest) -> Result<RolloutHandle, PortFailure> {
        self.start_rollout(request).await
    }

    async fn turn_back(
        &self,
        locator: &ServiceLocator,
        rollout: &RolloutHandle,
    ) -> Result<(), PortFailure> {
        self.stop_rollout(locator, rollout).await
    }

    async fn answer(
        &self,
        locator: &ServiceLocator,
        rollout: &RolloutHandle,
        answer: (&str, Answer),
    ) -> Result<(), PortFailure> {
        self.answer_rollout(locator, rollout, answer).await
    }

    async fn watch(
        &self,
        follow: &[Follow],
    ) -> Result<BTreeMap<ServiceName, ServiceView>, PortFailure> {
        self.watch_services(follow).await
    }

    async fn evidence(
        &self,
        locator: &ServiceLocator,
        definition: &DefinitionRef,
    ) -> Result<Evidence, PortFailure> {
        self.gather_evidence(locator, definition).await
    }

    async fn tasks(&self, locator: &ServiceLocator) -> Result<TasksView, PortFailure> {
        self.live_tasks(locator).await
    }

    async fn unheard(
        &self,
        locators: &[ServiceLocator],
    ) -> BTreeMap<(ServiceName, WitnessKind), PortFailure> {
        self.unheard_witnesses(locators).await
    }
}

impl<T> Jobs for AwsCloud<T> {
    async fn start(&self, request: &JobRequest) -> Result<TaskId, PortFailure> {
        self.run_task(request).await
    }

    async fn look(&self, request: &JobRequest, task: &TaskId) -> Result<JobView, PortFailure> {
        self.look_at_task(request, task).await
    }

    async fn stop(
        &self,
        request: &JobRequest,
        task: &TaskId,
        why: &str,
    ) -> Result<(), PortFailure> {
        self.stop_task(request, task, why).await
    }

    async fn running(
        &self,
        cluster: &str,
        definition: &Definition,
    ) -> Result<Vec<RunningJob>, PortFailure> {
        self.running_tasks(cluster, definition).await
    }

    fn unreadable(&self, definition: &Definition, container: &str) -> Option<String> {
        logs::unreadable(&definition.document, container)
    }
}

impl<T> Schedules for AwsCloud<T> {
    async fn starts(&self, trigger: &Trigger) -> Result<Option<Started>, PortFailure> {
        self.started_by(trigger).await
    }

    async fn revision(
        &self,
        definition: &DefinitionRef,
    ) -> Result<Option<(DefinitionRef, Definition)>, PortFailure> {
        self.revision_of(definition).await
    }

    async fn reschedule(&self, request: &Reschedule) -> Result<(), PortFailure> {
        self.start_another(request).await
    }
}

impl<T> Logs for AwsCloud<T> {
    async fn printed(
        &self,
        definition: &Definition,
        since: Timestamp,
    ) -> Result<Vec<Printed>, PortFailure> {
        self.printed_since(&definition.document, since).await
    }
}

impl<T> Anchors for AwsCloud<T> {
    async fn anchorable(&self, anchor: &Anchor) -> Result<(), PortFailure> {
        self.may_be_anchored(anchor).await
    }

    async fn anchor(&self, request: &AnchorRequest) -> Result<String, PortFailure> {
        self.make_anchor(request).await
    }

    async fn anchored(
        &self,
        request: &AnchorRequest,
        handle: &str,
    ) -> Result<AnchorView, PortFailure> {
        self.look_at_anchor(request, handle).await
    }

    async fn forget(&self, outlived: &Outlived) -> Result<Vec<String>, PortFailure> {
        self.forget_anchors(outlived).await
    }
}

impl<T: Transport> Registry for AwsCloud<T> {
    async fn resolve(
        &self,
        repositories: &BTreeSet<Repository>,
        version: &Version,
    ) -> Result<BTreeMap<Repository, ResolvedImage>, PortFailure> {
        self.resolve_everywhere(repositories, version).await
    }

    async fn pin(
        &self,
        references: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, String>, PortFailure> {
        self.pin_everywhere(references).await
    }

    async fn gone(&self, references: &BTreeSet<String>) -> Result<Pulled, PortFailure> {
        self.gone_everywhere(references).await
    }
}

impl<T> Shelf for AwsCloud<T> {
    async fn stored(
        &self,
        frontend: &Frontend,
        paths: &BTreeSet<String>,
    ) -> Result<Stored, PortFailure> {
        self.stored_files(frontend, paths).await
    }

    async fn discard(&self, frontend: &Frontend, prune: &Prune) -> Result<u32, PortFailure> {
        self.discard_files(frontend, prune).await
    }

    async fn keep_images(&self, images: &[ResolvedImage], release: &ReleaseId) -> Vec<PortFailure> {
        self.tag_images(images, release).await
    }

    async fn let_images_go(
        &self,
        releases: &[(ReleaseId, Vec<ResolvedImage>)],
    ) -> Result<u32, PortFailure> {
        self.untag_images(releases).await
    }

    async fn expiring(&self, images: &[ResolvedImage]) -> Result<BTreeSet<String>, PortFailure> {
        self.expiring_images(images).await
    }
}

impl<T: Transport> FrontendStore for AwsCloud<T> {
    async fn compare(
        &self,
        frontend: &Frontend,
        manifest: &Manifest,
        recorded: Option<&Manifest>,
    ) -> Result<PublishedFiles, PortFailure> {
        self.compare_files(frontend, manifest, recorded).await
    }

    async fn pointers(
        &self,
        frontend: &Frontend,
        paths: &[String],
    ) -> Result<BTreeMap<String, String>, PortFailure> {
        self.live_pointers(frontend, paths).await
    }

    async fn readable(
        &self,
        frontend: &Frontend,
        path: &str,
        corrected: Option<&str>,
    ) -> Result<(), PortFailure> {
        self.readable_files(frontend, path, corrected).await
    }

    async fn publish(
        &self,
        frontend: &Frontend,
        publication: &Publication<'_>,
    ) -> Result<Published, PortFailure> {
        self.publish_files(frontend, publication).await
    }

    async fn point(
        &self,
        frontend: &Frontend,
        pointers: &BTreeMap<String, Option<Pointer>>,
    ) -> Result<(), PortFailure> {
        self.set_pointers(frontend, pointers).await
    }

    async fn invalidate(
        &self,
        frontend: &Frontend,
        forget: &Forget,
        key: &IdempotencyKey,
    ) -> Result<String, PortFailure> {
        self.create_invalidation(frontend, forget, key).await
    }

    async fn invalidation(
        &self,
        frontend: &Frontend,
        id: &str,
    ) -> Result<InvalidationView, PortFailure> {
        self.look_at_invalidation(frontend, id).await
    }

    async fn view(
        &self,
        frontend: &Frontend,
        expected: &[ExpectedFile],
    ) -> Result<FrontendView, PortFailure> {
        self.view_files(frontend, expected).await
    }
}

impl<T: Transport> Web for AwsCloud<T> {
    async fn check(&self, check: &Check, version: &Version) -> Result<CheckResult, PortFailure> {
        web::check(&self.transport, check, version).await
    }
}

impl<T> Identity for AwsCloud<T> {
    async fn caller(&self) -> Result<Caller, PortFailure> {
        self.who_is_asking().await
    }
}
