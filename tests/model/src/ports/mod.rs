//! The domain's ports over the abstract cloud: what one look sees and what one call does, as its fate has it. Every answer is
//! ready at once.

mod jobs;
mod shared;
mod site;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use backstay_domain::anchor::{Anchor, AnchorRequest, AnchorView, Outlived};
use backstay_domain::app::ServiceLocator;
use backstay_domain::definition::Definition;
use backstay_domain::observation::{Evidence, JobView, RunningJob, ServiceView, TasksView};
use backstay_domain::ports::{
    Anchors, Clock, Effect, FailureKind, Follow, JobRequest, Jobs, PortFailure, Pulled, Registry,
    Renewal, RolloutRequest, Services,
};
use backstay_domain::registered::Revisions;
use backstay_domain::release::ResolvedImage;
use backstay_domain::survey::LiveService;
use backstay_domain::verdict::WitnessKind;
use backstay_domain::{DefinitionRef, Repository, RolloutHandle, ServiceName, TaskId, Version};
use jiff::Timestamp;

use crate::app::{Code, FAMILIES, MIGRATION, images, index, number, revision};
use crate::cloud::{Call, Force, Given, Run};
use crate::process::Context;
use crate::views;
use crate::world::{Fate, Late, Sight, World};
use crate::{fixed, moment, seconds};

/// One process's hand on the world, for one look or one call.
pub struct Hand<'w> {
    /// The application, and the fault in the core.
    pub cx: Context<'w>,
    /// The world.
    pub world: RefCell<&'w mut World>,
    /// What becomes of its calls.
    pub fate: Fate,
    /// What it sees.
    pub sight: Sight,
    /// Its clock.
    pub now: Cell<u32>,
}

impl Hand<'_> {
    fn call(&self, operation: &str, call: Call) -> Result<Given, PortFailure> {
        let failed = |kind, effect| Err(failure(operation, kind, effect));
        let mut world = self.world.borrow_mut();
        match self.fate {
            Fate::Done => Ok(world.call(&call, self.now.get())),
            Fate::Refused(kind) => failed(kind, Effect::None),
            Fate::Lost => {
                world.call(&call, self.now.get());
                failed(FailureKind::Unavailable, Effect::Unknown)
            }
            Fate::Late => {
                let by = self.now.get() + Late::AT_MOST;
                world.late.push(Late { call, by });
                failed(FailureKind::Unavailable, Effect::Unknown)
            }
            Fate::Never => failed(FailureKind::Unavailable, Effect::Unknown),
        }
    }

    fn sees(&self, operation: &str) -> Result<(), PortFailure> {
        match self.sight {
            Sight::Clear | Sight::Stale => Ok(()),
            Sight::None(kind) => Err(failure(operation, kind, Effect::None)),
        }
    }

    fn services(&self, operation: &str) -> Result<crate::cloud::Cloud, PortFailure> {
        self.sees(operation)?;
        let world = self.world.borrow();
        let mut cloud = world.cloud.clone();
        if let (Sight::Stale, Some(stale)) = (self.sight, &world.stale) {
            cloud.services = stale.services.clone();
        }
        Ok(cloud)
    }
}

fn failure(operation: &str, kind: FailureKind, effect: Effect) -> PortFailure {
    PortFailure {
        kind,
        effect,
        operation: operation.to_owned(),
        message: kind.to_string(),
    }
}

fn ordinal(text: &str, separator: char) -> u8 {
    let digits = text.rsplit(separator).next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(1)
}

/// Which deployment of its service a handle names.
#[must_use]
pub fn deployment(handle: &RolloutHandle) -> u8 {
    ordinal(handle.as_str(), '-') - 1
}

impl Clock for Hand<'_> {
    fn now(&self) -> Timestamp {
        moment(self.now.get())
    }

    async fn sleep_until(&self, until: Timestamp) {
        self.now.set(self.now.get().max(seconds(until)));
    }
}

impl Services for Hand<'_> {
    async fn survey(
        &self,
        locators: &[ServiceLocator],
    ) -> Result<BTreeMap<ServiceName, LiveService>, PortFailure> {
        let cloud = self.services("ecs.DescribeServices")?;
        let live = |locator: &ServiceLocator| {
            let found = views::live(self.cx.setup, &cloud, index(&locator.name));
            (locator.name.clone(), found)
        };
        Ok(locators.iter().map(live).collect())
    }

    /// What the family's newest revision is not, is registered: the abstract cloud keeps no hashes.
    async fn registered(
        &self,
        _definition: &Definition,
        _known: &Revisions,
    ) -> Result<Option<DefinitionRef>, PortFailure> {
        Ok(None)
    }

    async fn unheard(
        &self,
        _locators: &[ServiceLocator],
    ) -> BTreeMap<(ServiceName, WitnessKind), PortFailure> {
        // Whoever may be asked is not what is explored.
        BTreeMap::new()
    }

    async fn register(
        &self,
        definition: &Definition,
        _known: &Revisions,
    ) -> Result<DefinitionRef, PortFailure> {
        let family = FAMILIES
            .iter()
            .position(|family| *family == definition.family());
        let family = family.unwrap_or(MIGRATION);
        let code = self
            .cx
            .setup
            .code(family, definition)
            .unwrap_or(Code::Foreign);
        let newest = {
            let world = self.world.borrow();
            let all = &world.cloud.families[family];
            (all.last() == Some(&code)).then_some(all.len())
        };
        let given = match (newest, self.fate) {
            (Some(newest), Fate::Done) => newest,
            _ => self.call(
                "ecs.RegisterTaskDefinition",
                Call::Register { family, code },
            )?,
        };
        Ok(revision(family, u8::try_from(given).unwrap_or(u8::MAX)))
    }

    async fn roll_out(&self, request: &RolloutRequest) -> Result<RolloutHandle, PortFailure> {
        let service = index(&request.locator.name);
        let call = Call::UpdateService {
            service,
            revision: ordinal(request.definition.as_str(), ':'),
            force: match request.renewal {
                Renewal::IfChanged => Force::No,
                Renewal::Forced => Force::Yes,
            },
        };
        let given = self.call("ecs.UpdateService", call)?;
        Ok(views::handle(
            service,
            u8::try_from(given).unwrap_or(u8::MAX),
        ))
    }

    async fn turn_back(
        &self,
        locator: &ServiceLocator,
        rollout: &RolloutHandle,
    ) -> Result<(), PortFailure> {
        let call = Call::StopServiceDeployment {
            service: index(&locator.name),
            deployment: deployment(rollout),
        };
        self.call("ecs.StopServiceDeployment", call).map(|_| ())
    }

    async fn answer(
        &self,
        _: &ServiceLocator,
        _: &RolloutHandle,
        _: (&str, backstay_domain::traffic::Answer),
    ) -> Result<(), PortFailure> {
        unreachable!("nothing waits for anybody here: all services are rolling")
    }

    async fn watch(
        &self,
        follow: &[Follow],
    ) -> Result<BTreeMap<ServiceName, ServiceView>, PortFailure> {
        let cloud = self.services("ecs.DescribeServices")?;
        let view = |one: &Follow| {
            let at = index(&one.locator.name);
            let followed = one.rollout.as_ref().map(deployment);
            (
                one.locator.name.clone(),
                views::service(&cloud, at, followed),
            )
        };
        Ok(follow.iter().map(view).collect())
    }

    async fn evidence(
        &self,
        locator: &ServiceLocator,
        definition: &DefinitionRef,
    ) -> Result<Evidence, PortFailure> {
        let cloud = self.services("ecs.ListTasks")?;
        let revision = ordinal(definition.as_str(), ':');
        Ok(views::evidence(&cloud, index(&locator.name), revision))
    }

    async fn tasks(&self, locator: &ServiceLocator) -> Result<TasksView, PortFailure> {
        let cloud = self.services("ecs.ListTasks")?;
        Ok(views::tasks(&cloud, index(&locator.name)))
    }
}

/// Applications here have no anchor: nobody asks.
impl Anchors for Hand<'_> {
    async fn anchorable(&self, _: &Anchor) -> Result<(), PortFailure> {
        Ok(())
    }

    async fn anchor(&self, request: &AnchorRequest) -> Result<String, PortFailure> {
        Ok(request.name.clone())
    }

    async fn anchored(&self, _: &AnchorRequest, _: &str) -> Result<AnchorView, PortFailure> {
        Ok(AnchorView::Making(None))
    }

    async fn forget(&self, _: &Outlived) -> Result<Vec<String>, PortFailure> {
        Ok(Vec::new())
    }
}

impl Jobs for Hand<'_> {
    async fn start(&self, request: &JobRequest) -> Result<TaskId, PortFailure> {
        let image = ordinal(request.definition.as_str(), ':');
        let knows = match self.world.borrow().cloud.code(MIGRATION, image) {
            Code::Release(release) => self.cx.setup.head(release),
            Code::Foreign => 1,
        };
        let run = match request
            .command
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()[..]
        {
            ["upgrade", "head"] => Run::Up,
            ["downgrade", to] => Run::Down(ordinal(to, 'r')),
            _ => Run::Current,
        };
        let call = Call::RunTask {
            key: request.key.to_string(),
            started_by: request.started_by.clone(),
            knows,
            run,
        };
        let given = self.call("ecs.RunTask", call)?;
        Ok(views::task_id(given))
    }

    async fn look(&self, _request: &JobRequest, task: &TaskId) -> Result<JobView, PortFailure> {
        self.sees("ecs.DescribeTasks")?;
        Ok(views::job(&self.world.borrow().cloud, task))
    }

    async fn stop(
        &self,
        _request: &JobRequest,
        task: &TaskId,
        _why: &str,
    ) -> Result<(), PortFailure> {
        let task = views::task_number(task);
        self.call("ecs.StopTask", Call::StopTask { task })
            .map(|_| ())
    }

    async fn running(
        &self,
        _cluster: &str,
        _definition: &Definition,
    ) -> Result<Vec<RunningJob>, PortFailure> {
        self.sees("ecs.ListTasks")?;
        if !self.cx.seed.asks_who_runs() {
            return Ok(Vec::new());
        }
        Ok(views::running(&self.world.borrow().cloud))
    }

    fn unreadable(&self, _definition: &Definition, _container: &str) -> Option<String> {
        None
    }
}

impl Registry for Hand<'_> {
    async fn resolve(
        &self,
        _repositories: &BTreeSet<Repository>,
        version: &Version,
    ) -> Result<BTreeMap<Repository, ResolvedImage>, PortFailure> {
        Ok(images(number(version)).by_repository)
    }

    async fn pin(
        &self,
        _references: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, String>, PortFailure> {
        Ok(BTreeMap::new())
    }

    async fn gone(&self, _references: &BTreeSet<String>) -> Result<Pulled, PortFailure> {
        Ok(Pulled::default())
    }
}

/// A name that is valid.
#[must_use]
pub fn rollout_handle(text: String) -> RolloutHandle {
    fixed(RolloutHandle::parse(text))
}
