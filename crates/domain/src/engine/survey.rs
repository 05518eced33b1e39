//! The look before a plan: images to digests, what is live, and whether the way back still exists.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{join_all, try_join_all};
use jiff::Timestamp;

use super::prepare::{Unprepared, not_seen};
use crate::app::{App, Keep, ServiceLocator};
use crate::definition::Definition;
use crate::ledger::{Entry, RECENT, answers};
use crate::observe::look_at_job;
use crate::plan::{Refusal, Refusals, SchemaRisk, Warning};
use crate::ports::{Clock, Cloud, FailureKind, Ledger, PortFailure, Pulled};
use crate::prune::kept;
use crate::registered::Registered;
use crate::release::{Images, Manifest, Release, ResolvedImage};
use crate::scheduled::{self, AskedJob, LiveJob};
use crate::survey::{Activity, Ancestry, LiveService, PublishedFiles, Survey};
use crate::versions::Versions;
use crate::{DefinitionRef, Digest, FrontendName, JobName, Repository, ServiceName, Version};

/// Resolves the images of every version and assembles the release, with what is to be said of images that are kept.
///
/// # Errors
/// When images are missing, or the registry does not answer.
pub(super) async fn assemble<C: Cloud, L: Ledger>(
    (cloud, ledger): (&C, &L),
    app: &App,
    versions: &Versions,
    frontends: BTreeMap<FrontendName, Manifest>,
) -> Result<(Release, Vec<Warning>), Unprepared> {
    let mut repositories: BTreeSet<_> = app
        .services
        .values()
        .map(|service| service.image.clone())
        .collect();
    repositories.extend(app.jobs.values().map(|job| job.image.clone()));
    repositories.extend(
        app.migration
            .as_ref()
            .map(|migration| migration.image.clone()),
    );
    let mut by_version: BTreeMap<&Version, BTreeSet<Repository>> = BTreeMap::new();
    for repository in &repositories {
        let asked = by_version.entry(versions.of(repository)).or_default();
        asked.insert(repository.clone());
    }
    let found = by_version
        .into_iter()
        .map(async |(version, asked)| cloud.resolve(&asked, version).await);
    let found = try_join_all(found).await;
    let found = found.map_err(|source| Unprepared::Port {
        what: "the images could not be looked up",
        source,
    })?;
    let mut images = Images {
        by_repository: found.into_iter().flatten().collect(),
        versions: versions.own.clone(),
        pins: BTreeMap::new(),
    };
    let kept = keep((ledger, app), versions, &repositories, &mut images).await?;
    let release = Release::assemble(app, &versions.release, &images, frontends);
    let release = release.map_err(|missing| {
        let refusal = |repository: Repository| Refusal::ImageMissing {
            version: versions.of(&repository).clone(),
            repository,
            environment: app.environment.clone(),
        };
        Unprepared::Refused(Refusals(missing.into_iter().map(refusal).collect()))
    })?;
    // What stands beside the app's own image is pinned as that is.
    let loose: BTreeSet<String> = release
        .definitions()
        .flat_map(Definition::unpinned)
        .map(str::to_owned)
        .collect();
    if loose.is_empty() {
        return Ok((release, kept));
    }
    let pins = cloud.pin(&loose).await.map_err(|source| Unprepared::Port {
        what: "the images could not be looked up",
        source,
    })?;
    let unknown: Vec<String> = loose
        .into_iter()
        .filter(|image| !pins.contains_key(image))
        .collect();
    images.pins = pins;
    let pinned = Release::assemble(app, &versions.release, &images, release.frontends.clone());
    let unpinned = (!unknown.is_empty()).then_some(Warning::ImagesUnpinned(unknown));
    Ok((
        pinned.unwrap_or(release),
        kept.into_iter().chain(unpinned).collect(),
    ))
}

/// What has no image of the release's version, and may keep what it has, does: the one of the recorded release.
async fn keep<L: Ledger>(
    (ledger, app): (&L, &App),
    versions: &Versions,
    repositories: &BTreeSet<Repository>,
    images: &mut Images,
) -> Result<Vec<Warning>, Unprepared> {
    let lacks = |repository: &&Repository| {
        !images.by_repository.contains_key(*repository) && versions.may_keep(repository)
    };
    let lacking: Vec<&Repository> = repositories.iter().filter(lacks).collect();
    if lacking.is_empty() {
        return Ok(Vec::new());
    }
    let entries = ledger.newest(&app.name, &app.environment, 1).await;
    let entries = entries.map_err(not_seen)?;
    let mut kept = Vec::new();
    for repository in lacking {
        let recorded = entries.last();
        let Some((image, version)) = recorded.and_then(|last| last.release.image_of(repository))
        else {
            continue;
        };
        images
            .by_repository
            .insert(repository.clone(), image.clone());
        images.versions.insert(repository.clone(), version.clone());
        kept.push(Warning::ImageKept {
            repository: repository.clone(),
            asked: versions.release.clone(),
            kept: version.clone(),
        });
    }
    Ok(kept)
}

/// Looks at everything that planning `release` needs.
///
/// # Errors
/// When the cloud or the ledger does not answer.
pub async fn survey<C: Cloud, L: Ledger, K: Clock>(
    cloud: &C,
    ledger: &L,
    clock: &K,
    app: &App,
    release: &Release,
) -> Result<Survey, PortFailure> {
    // What is kept is looked at as far back as it goes.
    let looked_at = RECENT.max(app.policy.keep.releases as usize);
    let entries = ledger
        .newest(&app.name, &app.environment, looked_at)
        .await?;
    let recorded = entries.last().map(|entry| entry.release.clone());
    let mut locators: BTreeMap<ServiceName, ServiceLocator> = BTreeMap::new();
    for known in recorded.iter().chain([release]) {
        locators.extend(
            known
                .services
                .iter()
                .map(|(name, service)| (name.clone(), service.locator.clone())),
        );
    }
    let locators: Vec<ServiceLocator> = locators.into_values().collect();
    let services = cloud.survey(&locators).await?;
    let before = |name: &FrontendName| recorded.as_ref()?.frontends.get(name);
    let published = compared(cloud, app, release, before).await?;
    let schema = ledger.schema().await?;
    let (migrating, unreadable) = match (&app.migration, &release.migration) {
        (Some(configured), Some(migration)) => {
            let definition = &migration.definition;
            let running = match cloud.running(&configured.cluster, definition).await {
                // It is asked again just before the migration; here the witnesses say by name what may not be listed.
                Err(failure) if failure.kind == FailureKind::Denied => Vec::new(),
                running => running?,
            };
            let unreadable = cloud.unreadable(definition, &configured.container);
            (running, unreadable)
        }
        (None, _) | (_, None) => (Vec::new(), None),
    };
    let (jobs, jobs_unseen) = jobs(cloud, recorded.iter().chain([release])).await?;
    Ok(Survey {
        at: clock.now(),
        services,
        published,
        recorded,
        registered: Registered::of(&entries),
        startable: BTreeSet::new(),
        answers: answers(&entries),
        expired: BTreeMap::new(),
        unasked: BTreeSet::new(),
        kept: images_of_kept(&entries, app.policy.keep, clock.now()),
        expiring: BTreeSet::new(),
        ours: BTreeSet::new(),
        ancestry: Ancestry::Unknown,
        schema,
        applies: None,
        head: None,
        schema_ancestry: Ancestry::Unknown,
        schema_risk: SchemaRisk::Refused,
        migrating,
        jobs,
        jobs_unseen,
        unreadable,
    })
}

/// The jobs of these releases as they are now, the last one's where they differ; without those of which the trigger is not there. And
/// those that may not be looked at, or are something else.
async fn jobs<C: Cloud>(
    cloud: &C,
    releases: impl Iterator<Item = &Release>,
) -> Result<(BTreeMap<JobName, LiveJob>, BTreeMap<JobName, PortFailure>), PortFailure> {
    let asked = scheduled::asked(releases.flat_map(|release| &release.jobs));
    let looks = asked.iter().map(async |(name, job)| {
        let found = live_job(cloud, job).await;
        (name.clone(), found)
    });
    let (mut live, mut unseen) = (BTreeMap::new(), BTreeMap::new());
    for (name, found) in join_all(looks).await {
        match found {
            Ok(found) => live.extend(found.map(|found| (name, found))),
            Err(failure) if failure.is_passing() => return Err(failure),
            // Of one job: whether it is in the way, a plan says.
            Err(failure) => drop(unseen.insert(name, failure)),
        }
    }
    Ok((live, unseen))
}

async fn live_job<C: Cloud>(cloud: &C, job: &AskedJob) -> Result<Option<LiveJob>, PortFailure> {
    let seen = look_at_job(cloud, job).await?;
    let Some(starts) = seen.starts else {
        return Ok(None);
    };
    let (means, document) = cloud.revision(&starts.definition).await?.unzip();
    Ok(Some(LiveJob {
        starts,
        means,
        document,
        running: seen.running,
    }))
}

/// Looks which recorded revisions of what `release` runs can still be started: those are not registered again. What runs
/// already is not asked for.
///
/// # Errors
/// When the cloud does not answer.
pub(super) async fn look_for_revisions<C: Cloud>(
    cloud: &C,
    release: &Release,
    survey: &mut Survey,
) -> Result<(), PortFailure> {
    let known = survey.registered.revisions(release.definitions());
    let services = survey.services.values();
    let settled = services.filter(|live| live.activity == Activity::Settled);
    let runs: BTreeSet<&DefinitionRef> = settled.map(|live| &live.definition).collect();
    let asked = release
        .definitions()
        .filter(|definition| !known.of(definition).any(|revision| runs.contains(revision)));
    let found = asked.map(|definition| cloud.registered(definition, &known));
    survey.startable = try_join_all(found).await?.into_iter().flatten().collect();
    Ok(())
}

/// Looks whether what runs now could be started again: only a plan that goes forward has a use for that.
///
/// # Errors
/// When the registry does not answer. One that may not be asked does.
pub(super) async fn look_for_way_back<C: Cloud>(
    cloud: &C,
    survey: &mut Survey,
) -> Result<(), PortFailure> {
    let images = |live: &LiveService| live.document.images().map(str::to_owned).collect();
    let services = survey.services.iter();
    let references: BTreeMap<ServiceName, BTreeSet<String>> = services
        .map(|(name, live)| (name.clone(), images(live)))
        .collect();
    let all: BTreeSet<String> = references.values().flatten().cloned().collect();
    let pulled = cloud.gone(&all).await?;
    let lost = |references: BTreeSet<String>| {
        let lost = references
            .into_iter()
            .find(|reference| pulled.gone.contains(reference))?;
        let digest = lost
            .split_once('@')
            .map_or(lost.as_str(), |(_, digest)| digest);
        // An unpinned reference has no digest: its hash stands for it.
        let shown = Digest::parse(digest).or_else(|_| {
            Digest::parse(format!(
                "sha256:{}",
                crate::definition::sha256_hex(lost.as_bytes())
            ))
        });
        shown.ok()
    };
    survey.expired = references
        .into_iter()
        .filter_map(|(name, references)| Some((name, lost(references)?)))
        .collect();
    survey.unasked = pulled.unasked;
    let kept: Vec<ResolvedImage> = survey.kept.iter().map(|(_, image)| image.clone()).collect();
    // What a registry does one day is no reason to wait for it now.
    survey.expiring = cloud.expiring(&kept).await.unwrap_or_default();
    Ok(())
}

/// The images of the releases that are kept, as far as those were looked at.
fn images_of_kept(entries: &[Entry], keep: Keep, now: Timestamp) -> Vec<(Version, ResolvedImage)> {
    let mut seen = BTreeSet::new();
    let releases = kept(entries, keep, now).into_iter();
    releases
        .filter(|release| seen.insert(release.id.clone()))
        .flat_map(|release| {
            let images = release.images().into_iter();
            images.map(|image| {
                let own = release.image_of(&image.repository);
                let version = own.map_or(&release.version, |(_, version)| version);
                (version.clone(), image)
            })
        })
        .collect()
}

/// Looks at everything that planning the way back to `target` needs beside the survey: whether its images can still be
/// pulled, and which files of its frontend are gone. A registry that does not answer keeps nobody from going back.
///
/// # Errors
/// When the cloud does not answer.
pub(super) async fn look_back<C: Cloud>(
    cloud: &C,
    app: &App,
    target: &Release,
) -> Result<(Pulled, Vec<String>), PortFailure> {
    let references = target
        .services
        .values()
        .map(|service| service.image.reference.clone());
    let jobs = target.jobs.values().map(|job| job.image.reference.clone());
    let references: BTreeSet<String> = references.chain(jobs).collect();
    let pulled = cloud.gone(&references).await.unwrap_or(Pulled {
        gone: BTreeSet::new(),
        unasked: references,
    });
    let found = compared(cloud, app, target, |name| target.frontends.get(name)).await?;
    let missing = found.into_iter().flat_map(|(name, found)| {
        let gone: BTreeSet<String> = found.absent.into_iter().chain(found.changed).collect();
        gone.into_iter().map(move |path| name.file(&path))
    });
    Ok((pulled, missing.collect()))
}

/// What is published of each frontend that the release has, beside its build and what it was before.
async fn compared<'r, C: Cloud>(
    cloud: &C,
    app: &App,
    release: &Release,
    before: impl Fn(&FrontendName) -> Option<&'r Manifest>,
) -> Result<BTreeMap<FrontendName, PublishedFiles>, PortFailure> {
    let both = app.frontends.iter().filter_map(|(name, frontend)| {
        let manifest = release.frontends.get(name)?;
        Some((name, frontend, manifest))
    });
    let found = both.map(async |(name, frontend, manifest)| {
        let found = cloud.compare(frontend, manifest, before(name)).await?;
        Ok((name.clone(), found))
    });
    Ok(try_join_all(found).await?.into_iter().collect())
}
