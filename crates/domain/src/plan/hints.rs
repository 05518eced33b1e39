//! What a person can do about each refusal.

use super::Refusal;
use crate::operator::Deviation;
use crate::ports::FailureKind;

impl Refusal {
    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::ServiceMissing { .. } => {
                "create it first (Backstay deploys services, Terraform or the console creates them), or correct `service` and `cluster`".into()
            }
            Self::ScheduleMissing { .. } => {
                "create it first (Backstay lets it start the release's revision; Terraform or the console creates it), or correct `schedule`".into()
            }
            Self::ScheduleUnseen { .. } => {
                "allow it to be read (events:DescribeRule and ListTargetsByRule, scheduler:GetSchedule), or correct `schedule`".into()
            }
            Self::DependencyCircle(_) => "take one of their `depends_on` away".into(),
            Self::ServiceInactive(_) => "create it again, or take it out of backstay.toml".into(),
            Self::ForeignController(..) => "Backstay deploys services of the deployment controllers ECS and CODE_DEPLOY".into(),
            Self::Unsupported(..) => {
                "Backstay deploys services with rolling deployments, `awsvpc` tasks and target groups; take this one out of backstay.toml".into()
            }
            Self::Drifted { recorded, before, .. } => {
                let further = before.as_ref().map_or_else(String::new, |before| {
                    format!("; `--to {before}` goes back to the release before it")
                });
                format!("`backstay rollback --to {recorded}` brings the recorded release back{further}")
            }
            Self::StuckBounds { .. } => "set maximumPercent to 200, or lower minimumHealthyPercent".into(),
            Self::RoutesElsewhere(..) => "send all requests of that rule to the target group where its tasks are, then run the command again".into(),
            Self::AlreadyRollingOut(_) => "wait until it has ended, then run the command again".into(),
            Self::ImageMissing { version, environment, .. } => format!(
                "build and push the image of {version} first (`backstay images push {environment} --version {version}` does what [services.*.build] says), or name another `--version`"
            ),
            Self::WrongPlatform { wanted, .. } => format!("build the image for {wanted}, or set `runtimePlatform` in its task definition"),
            Self::RollbackImageExpired { .. } => {
                "push that image again, or let the registry's lifecycle policy keep more images".into()
            }
            Self::RollbackDefinitionInactive(_) => "register it again; never deregister what a rollback may need".into(),
            Self::OlderCommit { .. } => {
                "pull first; to go back on purpose use `backstay rollback`, or `--allow-older` here".into()
            }
            Self::OtherSource { version, deviation } => match deviation {
                Deviation::Unclean(_) => {
                    "commit or stash the changes; or `--allow-dirty` to deploy them, which is recorded".into()
                }
                Deviation::Other { .. } => format!(
                    "`git checkout {version}` first: backstay.toml, task definitions and frontend come from the checkout; or `--allow-dirty`, which is recorded"
                ),
            },
            Self::TargetImageExpired { .. } => {
                "push that image again, or name another release with --to (`backstay history` shows them)".into()
            }
            Self::TargetFilesMissing { .. } => {
                "upload them again from that build, or name another release with --to".into()
            }
            Self::OwnRollout { deployment, .. } => format!(
                "`backstay resume {deployment}` brings it to its end (with `--back`: to the release before it); then run the command again"
            ),
            Self::Unheard { failure, .. } => match failure.kind {
                FailureKind::Denied | FailureKind::Unauthenticated => format!(
                    "allow `{}` to these credentials: without it neither this deployment nor its way back could be proven",
                    failure.operation
                ),
                FailureKind::Throttled
                | FailureKind::NotFound
                | FailureKind::Conflict
                | FailureKind::Unavailable
                | FailureKind::Rejected => {
                    "make it answer this machine (network, allow-list, address), then run the command again: without it neither this deployment nor its way back could be proven".into()
                }
            },
            Self::Unreached { component, .. } => format!(
                "make it answer this machine (name, network, allow-list), if only with an error, then run the command again; or, if it cannot before something runs there, `--accept-unproven {component}`"
            ),
            Self::CheckUnreached { .. } => {
                "make it answer this machine (name, network, allow-list), if only with an error, or take it out of [[checks]], then run the command again: this deployment would do all its work and then go back for it".into()
            }
            Self::Unproven { component, .. } => format!(
                "repair it first; or, if this deployment is the cure, `--accept-unproven {component}`: a way back could then not be proven either"
            ),
            Self::FilesChanged { .. } => {
                "give each a name of its own with every content (a hash in its name, as bundlers do), or list it in `mutable` of its frontend".into()
            }
            Self::FilesTooLarge { .. } => {
                "a bucket takes and copies no more in one call: split them, or publish them in another way and let the site point to them".into()
            }
            Self::FilesMisplaced { .. } => {
                "no build has such paths: somebody changed the recorded release; deploy a build, or name another release with --to".into()
            }
            Self::FilesOfAnother { place, .. } => format!(
                "give this one a bucket or a `prefix` of its own in backstay.toml: pages of two would overwrite each other; where it takes the other one's place for good, delete {place}_backstay/manifest.json first"
            ),
            Self::SchemaInTheWay { .. } => {
                "fix it forward with a new release; or `backstay rollback --to` it where the schema can go down; or `--accept-schema-risk` to go on with the code alone, on the schema as it is".into()
            }
            Self::SchemaBehind { version } => {
                format!("`backstay deploy --version {version}` runs its migration (with `--allow-older` where its commit is the older one)")
            }
            Self::MigrationRuns { .. } => {
                "wait until it has ended, or stop it, then run the command again".into()
            }
            Self::NoAnchor { failure, .. } => match failure.kind {
                FailureKind::Denied | FailureKind::Unauthenticated => format!(
                    "allow `{}` to these credentials: without an anchor nothing is migrated",
                    failure.operation
                ),
                FailureKind::Throttled
                | FailureKind::NotFound
                | FailureKind::Conflict
                | FailureKind::Unavailable
                | FailureKind::Rejected => {
                    "put that right, or correct [migration.anchor], then run the command again: without an anchor nothing is migrated".into()
                }
            },
            Self::RevisionUnreadable { .. } => {
                "let the migration's container log where it can be read, or declare the migration compatible (expand, then contract)".into()
            }
            Self::Irreversible => {
                "make the migration compatible with the old code (expand, then contract), give it a lossless way down, or set policy `irreversible = \"warn\"`; or `--accept-schema-risk`, once".into()
            }
        }
    }
}
