//! What a look would show a deployment at its present point, with everything going as it should.

use std::collections::BTreeMap;

use super::story::Story;
use super::world::{definition_ref, digest, starts};
use crate::anchor::AnchorView;
use crate::app::ServiceLocator;
use crate::journal::{Act, Side};
use crate::observation::{
    CheckResult, Evidence, FrontendView, InvalidationView, JobState, JobView, Observation,
    PrimaryState, RolloutStatus, RolloutView, Seen, ServiceView, TargetState, TaskState, TaskView,
    TasksView, Trouble,
};
use crate::plan::{Change, ServicePlan};
use crate::scheduled::JobSeen;
use crate::watch::{Asked, watch};
use crate::{JobName, ServiceName, TaskId};

impl Story {
    /// A look at what is watched now, with everything going as it should.
    pub(super) fn look(&self) -> Observation {
        let watch = watch(&self.plan, &self.progress, self.now);
        let services: BTreeMap<ServiceName, ServiceView> = watch
            .follow
            .iter()
            .map(|follow| {
                let service = &self.plan.services[&follow.locator.name];
                let mut view = self.view(service);
                view.followed = follow.rollout.clone().map(|handle| RolloutView {
                    status: match view.primary_state {
                        PrimaryState::Completed => RolloutStatus::Succeeded,
                        PrimaryState::InProgress | PrimaryState::Failed => {
                            RolloutStatus::InProgress
                        }
                    },
                    handle,
                    reason: None,
                    failures: (0, None),
                    running: 2,
                    shift: None,
                });
                (follow.locator.name.clone(), view)
            })
            .collect();
        let alone = watch.serving.iter().filter(|(locator, _)| {
            let view = services.get(&locator.name);
            view.is_some_and(|view| view.stands_alone() || view.has_all_requests())
        });
        let alone: Vec<&ServiceLocator> = alone.map(|(locator, _)| locator).collect();
        let tasks = watch.tasks.iter().chain(alone).map(|locator| {
            let view = self.view(&self.plan.services[&locator.name]);
            let tasks = tasks(&view, &self.image(&view.primary_definition, &locator.name));
            (locator.name.clone(), Seen::Known(tasks))
        });
        let asked = watch.suspects.iter().filter_map(|(name, suspect)| {
            let quiet = Seen::Known(Evidence::default());
            (suspect.asked == Asked::Always).then(|| (name.clone(), quiet))
        });
        let passed = || Seen::Known(CheckResult::Passed("200".to_owned()));
        Observation {
            at: self.now,
            services: Seen::Known(services),
            evidence: asked.collect(),
            tasks: tasks.collect(),
            probes: watch.probes.keys().map(|n| (n.clone(), passed())).collect(),
            checks: watch
                .checks
                .iter()
                .map(|(check, _)| (check.name.clone(), passed()))
                .collect(),
            anchor: watch
                .anchor
                .map(|_| Seen::Known(AnchorView::Making(Some(37)))),
            job: watch.job.map(|_| {
                Seen::Known(JobView {
                    state: JobState::Running,
                    log: vec![],
                    unread: None,
                })
            }),
            migrating: watch.migrating.map(|_| Seen::Known(vec![])),
            invalidations: watch
                .invalidations
                .into_keys()
                .map(|name| (name, Seen::Known(InvalidationView::InProgress)))
                .collect(),
            frontends: watch
                .frontends
                .into_iter()
                .map(|(name, (_, files))| {
                    let view = FrontendView {
                        files: u32::try_from(files.len()).unwrap(),
                        wrong: BTreeMap::new(),
                        unseen: 0,
                    };
                    (name, Seen::Known(view))
                })
                .collect(),
            pointers: watch
                .pointers
                .into_keys()
                .map(|name| {
                    let before = self.plan.frontends[&name].before.clone();
                    (name, Seen::Known(before))
                })
                .collect(),
            schedules: watch
                .schedules
                .keys()
                .map(|name| (name.clone(), Seen::Known(self.schedule(name))))
                .collect(),
        }
    }

    fn schedule(&self, name: &JobName) -> JobSeen {
        let act = |side| Act::Schedule {
            job: name.clone(),
            side,
        };
        let moved = self.progress.done(&act(Side::New)) && !self.progress.done(&act(Side::Old));
        let revision = match moved {
            true => 2,
            false => 1,
        };
        JobSeen {
            starts: Some(starts(&format!("{name}:{revision}"))),
            running: vec![],
        }
    }

    fn image(&self, definition: &crate::DefinitionRef, of: &ServiceName) -> crate::Digest {
        let version = if definition.as_str().ends_with(":2") {
            "new"
        } else {
            "old"
        };
        digest(&format!("shop/{of}:{version}"))
    }

    fn view(&self, service: &ServicePlan) -> ServiceView {
        let name = &service.locator.name;
        let before = &service.before;
        let new = self.progress.rollout(name, Side::New);
        let old = self.progress.rollout(name, Side::Old);
        let new = new.filter(|_| service.change != Change::Retire);
        let (primary, definition) = match (old, new) {
            (Some((handle, _)), _) => (handle.clone(), before.definition.clone()),
            (None, Some((handle, _))) => (handle.clone(), definition_ref(&format!("{name}:2"))),
            (None, None) => (before.rollout.clone(), before.definition.clone()),
        };
        let going = old.is_none()
            && new.is_some()
            && self.progress.rollout_ended(name, Side::New).is_none();
        let desired = match service.change {
            Change::Start => 2,
            Change::Unchanged | Change::Update | Change::Retire => before.desired,
        };
        ServiceView {
            desired,
            running: desired,
            pending: 0,
            primary,
            primary_definition: definition,
            primary_state: if going {
                PrimaryState::InProgress
            } else {
                PrimaryState::Completed
            },
            primary_running: if going { 0 } else { desired },
            followed: None,
            trouble: Trouble::None,
            messages: vec!["ECS said so".to_owned()],
        }
    }
}

fn tasks(view: &ServiceView, image: &crate::Digest) -> TasksView {
    let task = |number: u32| TaskView {
        task: TaskId::parse(format!("task/{number}")).unwrap(),
        definition: view.primary_definition.clone(),
        digests: vec![image.clone()],
        running: TaskState::Running,
        target: TargetState::Healthy,
        health: crate::observation::ContainerHealth::Unknown,
    };
    TasksView {
        desired: view.desired,
        tasks: (0..view.desired).map(task).collect(),
    }
}
