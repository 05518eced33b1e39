//! What the cloud in memory answers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::anchor::{Anchor, AnchorRequest, AnchorView, Outlived};
use crate::app::{Frontend, ServiceLocator};
use crate::definition::Definition;
use crate::observation::{
    Evidence, FrontendView, InvalidationView, JobState, JobView, RunningJob, ServiceView,
    StopCause, TargetState, TaskState, TaskView, TasksView,
};
use crate::plan::Forget;
use crate::ports::{
    Anchors, ExpectedFile, Follow, FrontendStore, JobRequest, Jobs, Logs, Pointer, Printed,
    Publication, Published, Pulled, Registry, RolloutRequest, Schedules, Services, Shelf,
};
use crate::progress::after;
use crate::prune::{Prune, Stored};
use crate::registered::Revisions;
use crate::release::{Manifest, ResolvedImage};
use crate::scheduled::{Reschedule, Started, Trigger};
use crate::survey::{LiveService, PublishedFiles};
use crate::tests::story::{anchored, evidence, stopped};
use crate::tests::world::{definition_ref, digest, rollout};
use crate::verdict::WitnessKind;
use crate::{
    DefinitionRef, IdempotencyKey, ReleaseId, Repository, RolloutHandle, ServiceName, TaskId,
    Version,
};

use super::*;

impl Services for Fake {
    async fn survey(&self, _: &[ServiceLocator]) -> Answer<BTreeMap<ServiceName, LiveService>> {
        Ok(BTreeMap::new())
    }

    async fn registered(&self, _: &Definition, _: &Revisions) -> Answer<Option<DefinitionRef>> {
        Ok(None)
    }

    async fn register(&self, definition: &Definition, _: &Revisions) -> Answer<DefinitionRef> {
        let family = definition.family().to_owned();
        self.changed(
            format!("register {family}"),
            definition_ref(&format!("{family}:2")),
        )
    }

    async fn roll_out(&self, request: &RolloutRequest) -> Answer<RolloutHandle> {
        let mut services = self.services.borrow_mut();
        let name = &request.locator.name;
        let running = services.get_mut(name).unwrap();
        if running.runs != request.definition {
            running.runs = request.definition.clone();
            running.handle = rollout(&format!("{name}-{}", self.changes.get() + 100));
            running.since = self.now.get();
            running.turned = false;
        }
        let handle = running.handle.clone();
        self.changed(format!("roll out {}", request.definition), handle)
    }

    async fn turn_back(&self, locator: &ServiceLocator, _: &RolloutHandle) -> Answer<()> {
        let mut services = self.services.borrow_mut();
        let running = services.get_mut(&locator.name).unwrap();
        running.runs = running.before.clone();
        running.handle = rollout(&format!("{}-1", locator.name));
        running.since = self.now.get();
        running.turned = true;
        self.changed(format!("turn back {}", locator.name), ())
    }

    async fn answer(
        &self,
        locator: &ServiceLocator,
        _: &RolloutHandle,
        (hold, _): (&str, crate::traffic::Answer),
    ) -> Answer<()> {
        self.changed(format!("answer {} at {hold}", locator.name), ())
    }

    async fn watch(&self, follow: &[Follow]) -> Answer<BTreeMap<ServiceName, ServiceView>> {
        self.hears(WitnessKind::Rollout)?;
        let views = follow.iter().map(|follow| {
            let name = &follow.locator.name;
            (name.clone(), self.view(name, follow.rollout.as_ref()))
        });
        self.look(views.collect())
    }

    async fn evidence(&self, locator: &ServiceLocator, of: &DefinitionRef) -> Answer<Evidence> {
        let services = self.services.borrow();
        let running = &services[&locator.name];
        let fails = self.broken.contains(&locator.name) && of != &running.before;
        let tasks = if fails { 2 } else { 0 };
        let task = stopped(Some(running.handle.as_str()), StopCause::Exited(1));
        self.look(evidence(vec![task; tasks]))
    }

    async fn tasks(&self, locator: &ServiceLocator) -> Answer<TasksView> {
        let services = self.services.borrow();
        let name = &locator.name;
        let runs = &services[name].runs;
        let version = if runs.as_str().ends_with(":2") {
            self.versions.1
        } else {
            self.versions.0
        };
        let task = |number: u32| TaskView {
            task: TaskId::parse(format!("task/{number}")).unwrap(),
            definition: runs.clone(),
            digests: match self.digests {
                Digests::Said => vec![digest(&format!("shop/{name}:{version}"))],
                Digests::Unsaid => vec![],
            },
            running: TaskState::Running,
            target: match self.hears(WitnessKind::Targets) {
                Ok(()) => TargetState::Healthy,
                Err(failure) => TargetState::Unheard(failure),
            },
            health: crate::observation::ContainerHealth::Unknown,
        };
        self.hears(WitnessKind::Tasks)?;
        let up = match self.short {
            Some((up, until)) if self.now.get() < until => up,
            Some(_) | None => 2,
        };
        self.look(TasksView {
            desired: 2,
            tasks: (0..up).map(task).collect(),
        })
    }

    async fn unheard(
        &self,
        locators: &[ServiceLocator],
    ) -> BTreeMap<(ServiceName, WitnessKind), PortFailure> {
        self.asked
            .borrow_mut()
            .extend(locators.iter().map(|one| one.name.to_string()));
        let kinds = [
            WitnessKind::Rollout,
            WitnessKind::Tasks,
            WitnessKind::Targets,
        ];
        let all = locators
            .iter()
            .flat_map(|one| kinds.map(|kind| (one.name.clone(), kind)));
        all.filter_map(|asked| Some((asked.clone(), self.hears(asked.1).err()?)))
            .collect()
    }
}

impl Jobs for Fake {
    async fn start(&self, request: &JobRequest) -> Answer<TaskId> {
        let key = request.key.to_string();
        let now = self.now.get();
        let mut jobs = self.jobs.borrow_mut();
        jobs.entry(key.clone()).or_insert_with(|| {
            let (end, log) = self.database.borrow_mut().obey(&request.command);
            (now, end, log)
        });
        drop(jobs);
        self.changed(format!("start {key}"), TaskId::parse(key).unwrap())
    }

    async fn look(&self, _: &JobRequest, task: &TaskId) -> Answer<JobView> {
        let (since, end, log) = self.jobs.borrow()[task.as_str()].clone();
        let (state, log) = match self.now.get() >= after(since, Duration::from_secs(30)) {
            true => (end, log),
            false => (JobState::Running, vec![]),
        };
        let unread = None;
        Fake::look(self, JobView { state, log, unread })
    }

    async fn stop(&self, request: &JobRequest, _: &TaskId, _: &str) -> Answer<()> {
        self.changed(format!("stop {}", request.key), ())
    }

    async fn running(&self, _: &str, _: &Definition) -> Answer<Vec<RunningJob>> {
        self.look(vec![])
    }

    fn unreadable(&self, _: &Definition, _: &str) -> Option<String> {
        None
    }
}

impl Schedules for Fake {
    async fn starts(&self, trigger: &Trigger) -> Answer<Option<Started>> {
        self.look(self.schedules.borrow().get(&trigger.to_string()).cloned())
    }

    async fn revision(&self, _: &DefinitionRef) -> Answer<Option<(DefinitionRef, Definition)>> {
        self.look(None)
    }

    async fn reschedule(&self, request: &Reschedule) -> Answer<()> {
        if let Some(starts) = self
            .schedules
            .borrow_mut()
            .get_mut(&request.trigger.to_string())
        {
            starts.definition = request.to.clone();
        }
        let to = request.to.short();
        self.changed(format!("{} starts {to}", request.trigger), ())
    }
}

impl Logs for Fake {
    async fn printed(&self, _: &Definition, _: Timestamp) -> Answer<Vec<Printed>> {
        Ok(vec![])
    }
}

impl Anchors for Fake {
    async fn anchorable(&self, _: &Anchor) -> Answer<()> {
        match self.anchoring.refused {
            Some(kind) => Err(failure(kind, Effect::None)),
            None => Ok(()),
        }
    }

    async fn anchor(&self, request: &AnchorRequest) -> Answer<String> {
        let now = self.now.get();
        let mut anchors = self.anchors.borrow_mut();
        anchors.entry(request.name.clone()).or_insert(now);
        drop(anchors);
        self.changed(format!("anchor {}", request.name), request.name.clone())
    }

    async fn anchored(&self, _: &AnchorRequest, handle: &str) -> Answer<AnchorView> {
        let since = self.anchors.borrow()[handle];
        let done = self.now.get().duration_since(since).as_secs() * 100;
        let percent = u8::try_from(done / self.anchoring.seconds.max(1)).unwrap_or(100);
        Fake::look(
            self,
            match (percent, &self.anchoring.fails) {
                (50.., Some(why)) => AnchorView::Failed((*why).to_owned()),
                (100.., None) => AnchorView::Ready(anchored(handle, since)),
                (_, _) => AnchorView::Making(Some(percent)),
            },
        )
    }

    async fn forget(&self, outlived: &Outlived) -> Answer<Vec<String>> {
        if let Some(kind) = self.anchoring.stays {
            return Err(failure(kind, Effect::None));
        }
        let mut anchors = self.anchors.borrow_mut();
        let old = |name: &&String| anchors[*name] < outlived.before && **name != outlived.but;
        let gone: Vec<String> = anchors.keys().filter(old).cloned().collect();
        anchors.retain(|name, _| !gone.contains(name));
        drop(anchors);
        self.changed(format!("forget {}", gone.join(", ")), gone)
    }
}

impl Registry for Fake {
    async fn resolve(
        &self,
        _: &BTreeSet<Repository>,
        _: &Version,
    ) -> Answer<BTreeMap<Repository, ResolvedImage>> {
        Ok(BTreeMap::new())
    }

    async fn pin(&self, _: &BTreeSet<String>) -> Answer<BTreeMap<String, String>> {
        Ok(BTreeMap::new())
    }

    async fn gone(&self, _: &BTreeSet<String>) -> Answer<Pulled> {
        Ok(Pulled::default())
    }
}

impl Shelf for Fake {
    async fn stored(&self, _: &Frontend, _: &BTreeSet<String>) -> Answer<Stored> {
        Ok(Stored::default())
    }

    async fn discard(&self, _: &Frontend, _: &Prune) -> Answer<u32> {
        self.changed("discard".to_owned(), 0)
    }

    async fn keep_images(&self, _: &[ResolvedImage], _: &ReleaseId) -> Vec<PortFailure> {
        Vec::new()
    }

    async fn let_images_go(&self, _: &[(ReleaseId, Vec<ResolvedImage>)]) -> Answer<u32> {
        Ok(0)
    }

    async fn expiring(&self, _: &[ResolvedImage]) -> Answer<BTreeSet<String>> {
        Ok(BTreeSet::new())
    }
}

impl FrontendStore for Fake {
    async fn compare(
        &self,
        at: &Frontend,
        _: &Manifest,
        _: Option<&Manifest>,
    ) -> Answer<PublishedFiles> {
        Ok(PublishedFiles {
            live: self.pointers.borrow()[&at.bucket].clone(),
            ..PublishedFiles::default()
        })
    }

    async fn pointers(&self, at: &Frontend, _: &[String]) -> Answer<BTreeMap<String, String>> {
        Ok(self.pointers.borrow()[&at.bucket].clone())
    }

    async fn readable(&self, _: &Frontend, _: &str, corrected: Option<&str>) -> Answer<()> {
        self.hears(WitnessKind::Bucket)?;
        self.asked.borrow_mut().extend(corrected.map(str::to_owned));
        Ok(())
    }

    async fn publish(&self, _: &Frontend, _: &Publication<'_>) -> Answer<Published> {
        self.changed("publish".to_owned(), Published::default())
    }

    async fn point(&self, at: &Frontend, to: &BTreeMap<String, Option<Pointer>>) -> Answer<()> {
        let live = to
            .iter()
            .filter_map(|(path, to)| Some((path.clone(), to.clone()?.sha256)));
        let live = live.collect();
        self.pointers.borrow_mut().insert(at.bucket.clone(), live);
        self.changed(format!("point {}", at.bucket), ())
    }

    async fn invalidate(&self, _: &Frontend, _: &Forget, key: &IdempotencyKey) -> Answer<String> {
        self.changed("invalidate".to_owned(), key.to_string())
    }

    async fn invalidation(&self, _: &Frontend, _: &str) -> Answer<InvalidationView> {
        Fake::look(self, InvalidationView::Completed)
    }

    async fn view(&self, at: &Frontend, expected: &[ExpectedFile]) -> Answer<FrontendView> {
        self.hears(WitnessKind::Edge)?;
        let live = match &self.stale {
            Some((bucket, first)) if at.bucket == *bucket => first[&at.bucket].clone(),
            Some(_) | None => self.pointers.borrow()[&at.bucket].clone(),
        };
        let differs = |file: &&ExpectedFile| {
            live.get(&file.path)
                .is_some_and(|hash| hash != &file.sha256)
        };
        let wrong = expected.iter().filter(differs);
        let wrong = wrong
            .map(|file| (file.path.clone(), "another".to_owned()))
            .collect();
        let files = u32::try_from(expected.len()).unwrap();
        Fake::look(
            self,
            FrontendView {
                files,
                wrong,
                unseen: 0,
            },
        )
    }
}
