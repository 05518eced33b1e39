//! Every fault that can be rehearsed, by the name that people type: what `--fault` takes, what `--all` plays, what the help lists.

use backstay_simulator::ServiceFault;

/// What a fault of a service is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfService {
    /// Its new tasks misbehave.
    Tasks(ServiceFault),
    /// Something happens to it while it is deployed: the scenarios' event of this name.
    Event(&'static str),
}

/// A fault of a service: how it is typed, how `--all` types it, what it is made of, what it means.
pub const OF_A_SERVICE: [(&str, &str, OfService, &str); 22] = {
    use OfService::{Event, Tasks};
    use ServiceFault as F;
    [
        (
            "image-missing",
            "image-missing",
            Tasks(F::ImageMissing),
            "the image is gone from the registry when tasks start",
        ),
        (
            "wrong-architecture",
            "wrong-architecture",
            Tasks(F::WrongArchitecture),
            "the image was built for another processor",
        ),
        (
            "secret-denied",
            "secret-denied",
            Tasks(F::SecretDenied),
            "the execution role may not read a secret",
        ),
        (
            "secret-missing",
            "secret-missing",
            Tasks(F::SecretMissing),
            "a secret that the task definition names is not there",
        ),
        (
            "log-driver",
            "log-driver",
            Tasks(F::LogDriver),
            "the log group is not there",
        ),
        ("crash", "crash", Tasks(F::Crash), "the app ends with 1"),
        (
            "out-of-memory",
            "out-of-memory",
            Tasks(F::OutOfMemory),
            "the app is killed for memory",
        ),
        (
            "unhealthy",
            "unhealthy",
            Tasks(F::Unhealthy),
            "health checks get 503",
        ),
        (
            "slow-start",
            "slow-start",
            Tasks(F::SlowStart),
            "the app listens only 4 minutes after its start, or @AFTER",
        ),
        (
            "errors-5xx",
            "errors-5xx",
            Tasks(F::Errors5xx),
            "healthy by its checks, all other requests get 500",
        ),
        (
            "no-capacity",
            "no-capacity",
            Tasks(F::NoCapacity),
            "Fargate has no capacity",
        ),
        (
            "task-limit",
            "task-limit",
            Tasks(F::TaskLimit),
            "the account's quota of tasks is used up",
        ),
        (
            "vcpu-limit",
            "vcpu-limit",
            Tasks(F::VcpuLimit),
            "the account's quota of vCPUs is used up",
        ),
        (
            "internal-error",
            "internal-error",
            Tasks(F::InternalError),
            "ECS fails to place tasks",
        ),
        (
            "throttled",
            "throttled",
            Tasks(F::Throttled),
            "ECS is throttled when it starts tasks",
        ),
        (
            "spot-interruption",
            "spot-interruption@30s",
            Tasks(F::SpotInterruption),
            "Fargate Spot takes tasks away",
        ),
        (
            "maintenance",
            "maintenance@30s",
            Tasks(F::Maintenance),
            "AWS takes tasks away for maintenance",
        ),
        (
            "slow-drain",
            "slow-drain",
            Tasks(F::SlowDrain),
            "old tasks take the whole deregistration delay and stopTimeout to leave",
        ),
        (
            "foreign-deployment",
            "foreign-deployment",
            Event("foreign-deployment"),
            "somebody else puts the old release back meanwhile",
        ),
        (
            "forced-redeployment",
            "forced-redeployment",
            Event("forced-redeployment"),
            "somebody else restarts it meanwhile",
        ),
        (
            "scaled:N",
            "scaled:4",
            Event("set-desired-count"),
            "autoscaling sets this desired count meanwhile",
        ),
        (
            "alarm",
            "alarm",
            Event("roll-back-by-alarm"),
            "a CloudWatch alarm makes ECS roll it back meanwhile",
        ),
    ]
};

/// The version's image was never pushed: a fault of the pipeline, which no task shows.
pub const NOT_PUSHED: (&str, &str) = ("not-pushed", "the version's image was never pushed");

/// A fault of the migration: how it is typed, how `--all` types it, what it means.
pub const OF_THE_MIGRATION: [(&str, &str, &str); 7] = [
    (
        "exit:N",
        "exit:1",
        "its container ends with this code, the schema stays",
    ),
    (
        "exit-after-effect:N",
        "exit-after-effect:1",
        "the schema is changed, and its container ends with this code all the same",
    ),
    ("never-starts", "never-starts", "its image cannot be pulled"),
    ("refused", "refused", "ECS takes no task"),
    (
        "out-of-memory",
        "out-of-memory",
        "its container is killed for memory",
    ),
    ("slow:DURATION", "slow:10m", "it takes that much longer"),
    (
        "answers:N",
        "answers:1",
        "what the data is asked after it ends with this code",
    ),
];

/// A fault of the database's anchor on RDS: how it is typed, how `--all` types it, what it means.
pub const OF_THE_ANCHOR: [(&str, &str, &str); 3] = [
    ("denied", "denied", "these credentials may not make it"),
    (
        "quota",
        "quota",
        "somebody else's snapshots are as many as the account may have",
    ),
    (
        "slow:DURATION",
        "slow:2h",
        "every snapshot takes that much longer",
    ),
];

/// A fault of a frontend, typed as it is.
pub const OF_THE_FRONTEND: [(&str, &str); 2] = [
    ("put-denied", "the entry page cannot be written"),
    (
        "cdn-busy",
        "somebody else's invalidations are as many as the CDN takes",
    ),
];

/// A fault of one kind of call: how it is typed, what it means. `--all` plays [`PLAYED_CHANGES`] and [`PLAYED_READS`].
pub const OF_A_CALL: [(&str, &str); 10] = [
    ("throttle", "refused with the service's throttling error"),
    ("deny", "AccessDenied, always"),
    ("expired", "the credentials have expired"),
    ("server-error", "500"),
    (
        "connection-reset",
        "the connection breaks before the request arrives",
    ),
    ("reply-lost", "it takes effect, and the reply is lost"),
    ("latency:DURATION", "the reply takes that much longer"),
    (
        "stale-read:DURATION",
        "a read answers with the world of that long ago",
    ),
    (
        "late:DURATION",
        "the connection breaks, and it takes effect that much later",
    ),
    (
        "held:DURATION",
        "it is on its way that long, and is then answered",
    ),
];

/// What `--all` does to calls that change something.
pub const PLAYED_CHANGES: [&str; 4] = ["deny", "reply-lost", "late:30s", "throttle*3"];

/// What `--all` does to calls that only read.
pub const PLAYED_READS: [&str; 3] = ["throttle*3", "server-error*2", "stale-read:10s*3"];

/// A fault of whoever deploys: how it is typed, how `--all` types it, what it means.
pub const OF_THE_CALLER: [(&str, &str, &str); 3] = [
    (
        "cut-off:DURATION",
        "cut-off:5m@ecs.UpdateService",
        "no request arrives for that long",
    ),
    (
        "expired",
        "expired@ecs.UpdateService",
        "the credentials expire",
    ),
    (
        "interrupted:AFTER",
        "interrupted:60s",
        "CI cancels: SIGTERM that long after the start",
    ),
];

/// The fault of a service with this name, whatever value it is given.
#[must_use]
pub fn of_a_service(name: &str) -> Option<OfService> {
    let mut rows = OF_A_SERVICE.iter();
    let row = rows.find(|(form, ..)| form.split(':').next() == Some(name));
    row.map(|(_, _, what, _)| *what)
}

/// All of it, for `rehearse --help`.
#[must_use]
pub fn help() -> String {
    let mut text = String::from(
        "Faults, as --fault takes them; --all plays all of them, one after the other:\n",
    );
    let mut part = |head: &str, rows: &mut dyn Iterator<Item = (&str, &str)>| {
        text.push_str(&format!("\n  {head}\n"));
        for (name, meaning) in rows {
            text.push_str(&format!("    {name:<22}{meaning}\n"));
        }
    };
    let named = OF_A_SERVICE
        .iter()
        .map(|(form, _, _, meaning)| (*form, *meaning));
    part(
        "SERVICE=KIND[@AFTER], so long after the task is RUNNING or the rollout has begun",
        &mut named.chain([NOT_PUSHED]),
    );
    part(
        "migration=KIND",
        &mut OF_THE_MIGRATION
            .iter()
            .map(|(form, _, meaning)| (*form, *meaning)),
    );
    part(
        "anchor=KIND",
        &mut OF_THE_ANCHOR
            .iter()
            .map(|(form, _, meaning)| (*form, *meaning)),
    );
    part(
        "frontend=KIND, or its name where there are several",
        &mut OF_THE_FRONTEND.iter().copied(),
    );
    part(
        "CALL=KIND[*TIMES], a call is ecs.UpdateService, s3.PutObject, ecs.* or *",
        &mut OF_A_CALL.iter().copied(),
    );
    part(
        "caller=KIND[@CALL], from the first such call on",
        &mut OF_THE_CALLER
            .iter()
            .map(|(form, _, meaning)| (*form, *meaning)),
    );
    text
}
