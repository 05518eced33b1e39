//! What the engine asks of the world, in domain words. Every MUST is a contract that each implementation is tested for.
#![expect(
    async_fn_in_trait,
    reason = "ports are used by one task, generically; nothing needs the futures to be Send"
)]

mod jobs;
mod logs;
mod schedules;
mod shelf;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use crate::act::Published;
pub use crate::failure::{Effect, FailureKind, PortFailure};
pub use jobs::{JobAnswer, JobRequest, Jobs};
pub use logs::{Logs, Printed};
pub use schedules::Schedules;
pub use shelf::Shelf;

use crate::anchor::{Anchor, AnchorRequest, AnchorView, Outlived};
use crate::app::{Check, Frontend, ServiceLocator};
use crate::definition::Definition;
use crate::journal::Record;
use crate::ledger::Entry;
use crate::observation::{
    CheckResult, Evidence, FrontendView, InvalidationView, ServiceView, TasksView,
};
use crate::plan::Forget;
use crate::registered::Revisions;
use crate::release::{Manifest, Release, ResolvedImage};
use crate::schema::{SchemaEntry, SchemaRecord};
use crate::survey::{LiveService, Owner, PublishedFiles};
use crate::traffic::Answer;
use crate::verdict::WitnessKind;
use crate::{
    AppName, DefinitionRef, EnvironmentName, IdempotencyKey, Repository, RolloutHandle,
    ServiceName, Version,
};

/// Time.
pub trait Clock {
    /// The present.
    fn now(&self) -> Timestamp;
    /// Waits. MUST return at once when the moment has passed.
    async fn sleep_until(&self, moment: Timestamp);
}

/// Long-running services and their rollouts.
pub trait Services {
    /// The services that exist among `locators`. MUST leave out those that do not exist; MUST batch.
    async fn survey(
        &self,
        locators: &[ServiceLocator],
    ) -> Result<BTreeMap<ServiceName, LiveService>, PortFailure>;

    /// The revision in `known` for which this very definition was sent, and that tasks can still be started from. MUST NOT
    /// change anything.
    async fn registered(
        &self,
        definition: &Definition,
        known: &Revisions,
    ) -> Result<Option<DefinitionRef>, PortFailure>;

    /// Makes a definition available to start tasks from. MUST NOT register again where `registered` finds one, nor where the
    /// family's newest active revision stands for it: by what was sent where `known` knows it, by what is read where it does
    /// not.
    async fn register(
        &self,
        definition: &Definition,
        known: &Revisions,
    ) -> Result<DefinitionRef, PortFailure>;

    /// Starts a rollout and returns its handle. MUST NOT send a desired count unless `request` has one; MUST NOT retry
    /// by itself after a lost reply. When nothing changes, the handle is that of the newest rollout.
    async fn roll_out(&self, request: &RolloutRequest) -> Result<RolloutHandle, PortFailure>;

    /// Asks the cloud to return a running rollout to the revision before it. MUST be harmless when it has ended.
    async fn turn_back(
        &self,
        locator: &ServiceLocator,
        rollout: &RolloutHandle,
    ) -> Result<(), PortFailure>;

    /// Answers a rollout that waits for somebody, at the hold of this id. MUST be harmless when it does not wait there any more.
    async fn answer(
        &self,
        locator: &ServiceLocator,
        rollout: &RolloutHandle,
        answer: (&str, Answer),
    ) -> Result<(), PortFailure>;

    /// How services and followed rollouts stand. MUST cost calls per batch, not per service; MUST find a followed
    /// rollout by its handle and never by being the newest.
    async fn watch(
        &self,
        follow: &[Follow],
    ) -> Result<BTreeMap<ServiceName, ServiceView>, PortFailure>;

    /// Stopped and unhealthy tasks of one definition of a service, before the cloud forgets them.
    async fn evidence(
        &self,
        locator: &ServiceLocator,
        definition: &DefinitionRef,
    ) -> Result<Evidence, PortFailure>;

    /// The live tasks of services and what their load balancers say of those very tasks. MUST page to the end.
    async fn tasks(&self, locator: &ServiceLocator) -> Result<TasksView, PortFailure>;

    /// Which witnesses of services could not be asked, and why. MUST ask whatever `watch` and `tasks` may ask one day, also
    /// where there is nothing to see yet; what is answered does not matter. MUST NOT change anything.
    async fn unheard(
        &self,
        locators: &[ServiceLocator],
    ) -> BTreeMap<(ServiceName, WitnessKind), PortFailure>;
}

/// A service to watch, and the rollout to follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follow {
    /// The service.
    pub locator: ServiceLocator,
    /// The rollout.
    pub rollout: Option<RolloutHandle>,
}

/// A rollout to start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutRequest {
    /// The service.
    pub locator: ServiceLocator,
    /// What its tasks run.
    pub definition: DefinitionRef,
    /// Change the desired count as well.
    pub desired: Option<u32>,
    /// Whether a rollout starts even when nothing changes.
    pub renewal: Renewal,
}

/// Whether a rollout starts even when nothing changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Renewal {
    /// Only when the definition differs: sending it twice is sending it once.
    #[default]
    IfChanged,
    /// Always: what runs already failed to roll out.
    Forced,
}

/// What databases can be brought back to.
pub trait Anchors {
    /// Whether such an anchor could be made now, as far as that can be told without making it. MUST NOT change anything.
    async fn anchorable(&self, anchor: &Anchor) -> Result<(), PortFailure>;
    /// Begins to make it, and returns what it is called where it is made. MUST be the same one when called again with the same
    /// name; MUST be a conflict where somebody else's has that name.
    async fn anchor(&self, request: &AnchorRequest) -> Result<String, PortFailure>;
    /// Where it stands. MUST say that it is there only when it can be restored.
    async fn anchored(
        &self,
        request: &AnchorRequest,
        handle: &str,
    ) -> Result<AnchorView, PortFailure>;
    /// Removes what is outlived, and names it. MUST leave alone what Backstay did not make for this app and environment, by what
    /// is written on it; MUST be harmless when repeated.
    async fn forget(&self, outlived: &Outlived) -> Result<Vec<String>, PortFailure>;
}

/// Image registries.
pub trait Registry {
    /// The images tagged `version`. MUST leave out what is not there, and MUST resolve to a digest.
    async fn resolve(
        &self,
        repositories: &BTreeSet<Repository>,
        version: &Version,
    ) -> Result<BTreeMap<Repository, ResolvedImage>, PortFailure>;

    /// What pins those of `references` (as task definitions hold them, by a tag) to their present content. MUST leave out what
    /// cannot be asked for, or may not be, and MAY fail over what is not there: no task could start.
    async fn pin(
        &self,
        references: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, String>, PortFailure>;

    /// Those of `references` (as task definitions hold them) that can no longer be pulled, and those of which nobody can
    /// tell: registries that cannot be asked, or may not be. MUST NOT call one gone that could not be asked for.
    async fn gone(&self, references: &BTreeSet<String>) -> Result<Pulled, PortFailure>;
}

/// Which images can still be pulled: those that are in neither list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pulled {
    /// Not these.
    pub gone: BTreeSet<String>,
    /// Nobody can tell: they count as present.
    pub unasked: BTreeSet<String>,
}

/// The static frontend's files and its CDN.
pub trait FrontendStore {
    /// How a build stands to what is published, and what is live of its and the recorded release's mutable files. MUST NOT
    /// change anything. Files that the recorded release published may be believed to be there still, by evidence that lies
    /// beside them; without it, it MUST cost calls per thousand files, and calls per file only where neither the recorded
    /// build nor a listing tells what it holds.
    async fn compare(
        &self,
        frontend: &Frontend,
        manifest: &Manifest,
        recorded: Option<&Manifest>,
    ) -> Result<PublishedFiles, PortFailure>;

    /// SHA-256 of the live files at `paths`; those that do not exist are left out. MUST NOT change anything.
    async fn pointers(
        &self,
        frontend: &Frontend,
        paths: &[String],
    ) -> Result<BTreeMap<String, String>, PortFailure>;

    /// Whether what `publish` and `point` have to read may be read: the file at `path`, and where `corrected` names one, whom
    /// everything that a copy of it loses is granted to. That nothing is there is an answer. MUST NOT change anything.
    async fn readable(
        &self,
        frontend: &Frontend,
        path: &str,
        corrected: Option<&str>,
    ) -> Result<(), PortFailure>;

    /// Uploads what is not there yet and puts headers right, without touching the bytes of a live file. MUST NOT delete, nor
    /// overwrite bytes. MUST keep a copy of each live file in `keep` under its hash, so that `point` can bring it back; a live
    /// file that is no longer what `keep` says is a conflict.
    async fn publish(
        &self,
        frontend: &Frontend,
        publication: &Publication<'_>,
    ) -> Result<Published, PortFailure>;

    /// Makes the mutable files these; `None` removes a path.
    async fn point(
        &self,
        frontend: &Frontend,
        pointers: &BTreeMap<String, Option<Pointer>>,
    ) -> Result<(), PortFailure>;

    /// Starts an invalidation of just these. MUST be the same one for the same key.
    async fn invalidate(
        &self,
        frontend: &Frontend,
        forget: &Forget,
        key: &IdempotencyKey,
    ) -> Result<String, PortFailure>;

    /// How an invalidation stands.
    async fn invalidation(
        &self,
        frontend: &Frontend,
        id: &str,
    ) -> Result<InvalidationView, PortFailure>;

    /// Compares files as visitors get them (through the CDN where there is one) with hashes and media types. MUST end in
    /// about a minute, whatever the number of files: those that are not seen by then are counted, and asked at the next
    /// look; what was confirmed since the last change is not asked again.
    async fn view(
        &self,
        frontend: &Frontend,
        expected: &[ExpectedFile],
    ) -> Result<FrontendView, PortFailure>;
}

/// What is to be published.
#[derive(Clone, Copy, Debug)]
pub struct Publication<'p> {
    /// The build.
    pub manifest: &'p Manifest,
    /// Whose it is.
    pub owner: &'p Owner,
    /// Its files that were not there when it was planned.
    pub upload: &'p BTreeSet<String>,
    /// Its files whose headers were wrong then.
    pub correct: &'p BTreeMap<String, String>,
    /// Live mutable files to keep: path to SHA-256.
    pub keep: &'p BTreeMap<String, String>,
}

/// A mutable file as it is to be live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointer {
    /// Hash of its bytes.
    pub sha256: String,
    /// Its media type; that of the kept copy where it is not known.
    pub content_type: Option<String>,
    /// How its bytes are compressed.
    #[serde(default)]
    pub content_encoding: Option<String>,
}

/// A file that visitors must get.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedFile {
    /// Path without a leading slash.
    pub path: String,
    /// Hash of its bytes.
    pub sha256: String,
    /// Its media type, when known.
    pub content_type: Option<String>,
    /// Its size in bytes, when known.
    #[serde(default)]
    pub size: Option<u64>,
    /// MD5 of its bytes, when known: what a bucket's listing says of them.
    #[serde(default)]
    pub md5: Option<String>,
}

/// HTTP checks.
pub trait Web {
    /// Sends the request once. MUST NOT follow redirects; an answer that is not as expected is a result, not a failure.
    async fn check(&self, check: &Check, version: &Version) -> Result<CheckResult, PortFailure>;
}

/// Who is asking, and of which account.
pub trait Identity {
    /// The caller as the cloud sees it.
    async fn caller(&self) -> Result<Caller, PortFailure>;
}

/// Who the cloud thinks we are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The account.
    pub account: String,
    /// The principal.
    pub principal: String,
}

/// The cloud: everything a deployment observes and changes.
pub trait Cloud:
    Services + Jobs + Schedules + Logs + Anchors + Registry + FrontendStore + Shelf + Web + Identity
{
}

impl<T> Cloud for T where
    T: Services
        + Jobs
        + Schedules
        + Logs
        + Anchors
        + Registry
        + FrontendStore
        + Shelf
        + Web
        + Identity
{
}

/// The write-ahead log of one deployment.
pub trait Journal {
    /// Appends a record. MUST be durable when it returns; if it fails, the deployment stops before the next effect. MUST be a
    /// conflict when somebody else has written to it, or the right to change the environment is lost.
    async fn append(&self, record: &Record) -> Result<(), PortFailure>;
}

/// Proven releases of an environment, oldest first, and what is known of its database's schema.
pub trait Ledger {
    /// The release that was last proven.
    async fn last_proven(
        &self,
        app: &AppName,
        environment: &EnvironmentName,
    ) -> Result<Option<Release>, PortFailure>;
    /// The newest entries, at most `count`, oldest first.
    async fn newest(
        &self,
        app: &AppName,
        environment: &EnvironmentName,
        count: usize,
    ) -> Result<Vec<Entry>, PortFailure>;
    /// Adds a proven release. MUST be the same entry when called again by the same deployment.
    async fn record(&self, entry: &Entry) -> Result<(), PortFailure>;
    /// What may have happened to the schema. MUST know the migrations of proven releases also where no record was kept.
    async fn schema(&self) -> Result<SchemaRecord, PortFailure>;
    /// Adds to what may have happened to the schema, or completes it, as [`SchemaRecord::note`] does. MUST be durable when it
    /// returns; if it fails, no migration is started.
    async fn note(&self, entry: &SchemaEntry) -> Result<(), PortFailure>;
}

/// Somebody who may ask the deployment to stop: signals.
pub trait Interrupts {
    /// The signal that was received, if one was.
    fn pending(&self) -> Option<String>;
    /// Waits for a signal; returns at once when one is pending.
    async fn wait(&self);
}

/// Nobody interrupts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Uninterrupted;

impl Interrupts for Uninterrupted {
    fn pending(&self) -> Option<String> {
        None
    }

    async fn wait(&self) {
        std::future::pending().await
    }
}

/// Views of the deployment. MUST NOT fail and MUST NOT block.
pub trait Report {
    /// A record was appended.
    fn recorded(&self, record: &Record);
    /// A look at the world ended; for live views only.
    fn observed(&self, observation: &crate::observation::Observation);
}
