//! One look at everything that the next decision needs, concurrently, batched.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::ServiceName;
use crate::observation::{
    CheckResult, Evidence, Observation, Seen, ServiceView, TasksView, Trouble,
};
use crate::ports::{Clock, Cloud, FailureKind, PortFailure};
use crate::scheduled::{AskedJob, JobSeen};
use crate::watch::{Asked, Watch};

/// Looks.
pub async fn observe<C: Cloud, K: Clock>(cloud: &C, clock: &K, watch: &Watch) -> Observation {
    let services = async {
        match watch.follow.as_slice() {
            [] => Seen::Known(BTreeMap::new()),
            follow => Seen::from(cloud.watch(follow).await),
        }
    };
    let tasks = join_all(
        watch
            .tasks
            .iter()
            .map(async |locator| (locator.name.clone(), Seen::from(cloud.tasks(locator).await))),
    );
    let probes = join_all(watch.probes.iter().map(async |(name, (check, version))| {
        (name.clone(), Seen::from(cloud.check(check, version).await))
    }));
    let checks = join_all(watch.checks.iter().map(async |(check, version)| {
        (
            check.name.clone(),
            Seen::from(cloud.check(check, version).await),
        )
    }));
    let rest = async {
        let job = match &watch.job {
            Some((request, task)) => Some(Seen::from(cloud.look(request, task).await)),
            None => None,
        };
        let anchor = match &watch.anchor {
            Some((request, handle)) => Some(Seen::from(cloud.anchored(request, handle).await)),
            None => None,
        };
        let migrating = match &watch.migrating {
            Some((cluster, definition)) => {
                Some(Seen::from(cloud.running(cluster, definition).await))
            }
            None => None,
        };
        (anchor, job, migrating)
    };
    let schedules = each(&watch.schedules, async |job| look_at_job(cloud, job).await);
    let invalidations = each(&watch.invalidations, async |(frontend, id)| {
        cloud.invalidation(frontend, id).await
    });
    let frontends = each(&watch.frontends, async |(frontend, files)| {
        cloud.view(frontend, files).await
    });
    let pointers = each(&watch.pointers, async |(frontend, paths)| {
        cloud.pointers(frontend, paths).await
    });
    let pages = async { futures_util::join!(invalidations, frontends, pointers, schedules) };
    let (services, tasks, probes, checks, rest, pages) =
        futures_util::join!(services, tasks, probes, checks, rest, pages);
    let (anchor, job, migrating) = rest;
    let (invalidations, frontends, pointers, schedules) = pages;
    let evidence = gather_evidence(cloud, watch, &services);
    let serving = hear_serving(cloud, watch, &services);
    let (evidence, serving) = futures_util::join!(evidence, serving);
    let (mut tasks, mut probes) = (tasks, probes);
    for (name, (heard, probe)) in serving {
        probes.extend(probe.map(|answer| (name.clone(), answer)));
        tasks.push((name, heard));
    }
    Observation {
        at: clock.now(),
        services,
        evidence,
        tasks: tasks.into_iter().collect(),
        probes: probes.into_iter().collect(),
        checks: checks.into_iter().collect(),
        anchor,
        job,
        migrating,
        invalidations,
        frontends,
        pointers,
        schedules,
    }
}

/// What was seen of each frontend or job that was to be looked at.
async fn each<'w, N: Clone + Ord, W, T>(
    of: &'w BTreeMap<N, W>,
    look: impl AsyncFn(&'w W) -> Result<T, PortFailure>,
) -> BTreeMap<N, Seen<T>> {
    let seen = of
        .iter()
        .map(async |(name, what)| (name.clone(), Seen::from(look(what).await)));
    join_all(seen).await.into_iter().collect()
}

/// What a job's trigger starts, and which tasks of it run. Those that may not be listed are not said.
pub(crate) async fn look_at_job<C: Cloud>(
    cloud: &C,
    job: &AskedJob,
) -> Result<JobSeen, PortFailure> {
    let running = cloud.running(&job.cluster, &job.definition);
    let (starts, running) = futures_util::join!(cloud.starts(&job.trigger), running);
    Ok(JobSeen {
        starts: starts?,
        running: match running {
            Err(failure) if failure.kind == FailureKind::Denied => Vec::new(),
            running => running?,
        },
    })
}

/// What the tasks of services say that are on their way, as soon as nobody else's run beside them.
async fn hear_serving<C: Cloud>(
    cloud: &C,
    watch: &Watch,
    services: &Seen<BTreeMap<ServiceName, ServiceView>>,
) -> Vec<(ServiceName, (Seen<TasksView>, Option<Seen<CheckResult>>))> {
    let Seen::Known(views) = services else {
        return Vec::new();
    };
    let alone = watch.serving.iter().filter(|(locator, _)| {
        let view = views.get(&locator.name);
        view.is_some_and(|view| view.stands_alone() || view.has_all_requests())
    });
    let heard = join_all(alone.map(async |(locator, probe)| {
        let answer = async {
            match probe {
                Some((check, version)) => Some(Seen::from(cloud.check(check, version).await)),
                None => None,
            }
        };
        let tasks = async { Seen::from(cloud.tasks(locator).await) };
        (locator.name.clone(), futures_util::join!(tasks, answer))
    }));
    heard.await
}

/// Stopped tasks are looked up where something goes wrong, and where nobody else would tell.
async fn gather_evidence<C: Cloud>(
    cloud: &C,
    watch: &Watch,
    services: &Seen<BTreeMap<ServiceName, ServiceView>>,
) -> BTreeMap<ServiceName, Seen<Evidence>> {
    let Seen::Known(views) = services else {
        return BTreeMap::new();
    };
    let troubled = watch.follow.iter().filter_map(|follow| {
        let name = &follow.locator.name;
        let view = views.get(name)?;
        let suspect = watch.suspects.get(name)?;
        let asked = match suspect.asked {
            Asked::Always => true,
            Asked::InTrouble => view.trouble == Trouble::Suspected,
        };
        asked.then_some((&follow.locator, &suspect.definition))
    });
    let found = join_all(troubled.map(async |(locator, definition)| {
        (
            locator.name.clone(),
            Seen::from(cloud.evidence(locator, definition).await),
        )
    }));
    found.await.into_iter().collect()
}
