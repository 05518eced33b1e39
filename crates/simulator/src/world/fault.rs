//! What can go wrong: in the world (a task, a service, a foreign hand) and at any call.

use serde::{Deserialize, Serialize};

use crate::{AlarmState, LifecycleStage, Millis};

/// One fault, added to a world before or during a play.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "where", rename_all = "kebab-case")]
pub enum Fault {
    /// Tasks of this service misbehave. Applies to every task definition revision that the service does not use when the
    /// fault is added: the release being deployed, not the one that is live.
    Service {
        /// serviceName.
        service: String,
        /// How.
        fault: ServiceFault,
        /// Delay after the task reached RUNNING, in milliseconds; `None` means from its start.
        after_ms: Option<Millis>,
    },
    /// Tasks started by RunTask from this family misbehave.
    Task {
        /// Task definition family.
        family: String,
        /// How.
        fault: TaskFault,
    },
    /// What the Lambda functions of a service's lifecycle hooks answer; without this they answer SUCCEEDED.
    Hook {
        /// serviceName.
        service: String,
        /// The stage at which they are called.
        stage: LifecycleStage,
        /// One answer per call; the last one is given ever after.
        answers: Vec<HookAnswer>,
    },
    /// An image disappears from its repository (a lifecycle policy expired it).
    ImageExpired {
        /// Repository name.
        repository: String,
        /// A tag of the image.
        tag: String,
    },
    /// What a Lambda function says as a lifecycle event hook of CodeDeploy; without a fault it succeeds.
    Function {
        /// Its name or ARN, as the AppSpec has it.
        function: String,
        /// What it says.
        answer: FunctionAnswer,
    },
    /// Something else happens in the account.
    World {
        /// When.
        when: Trigger,
        /// What.
        event: WorldEvent,
    },
    /// Whoever calls has trouble of his own, whatever he calls.
    Caller {
        /// Which.
        fault: CallerFault,
        /// It begins after the first call of this name, for example `ecs.UpdateService`; at once without one.
        #[serde(default)]
        from: Option<String>,
        /// It ends so long after it began, in milliseconds; never without it.
        #[serde(default)]
        lasting_ms: Option<Millis>,
    },
    /// A call goes wrong.
    Call {
        /// `ecs.UpdateService`, `s3.PutObject`, `ecs.*` or `*`.
        operation: String,
        /// Only requests whose URI or body contains this text.
        #[serde(default)]
        containing: Option<String>,
        /// Let this many matching calls pass first.
        #[serde(default)]
        skip: u32,
        /// Then this many go wrong (`u32::MAX`: all that follow).
        count: u32,
        /// How.
        fault: CallFault,
    },
}

/// What is wrong with whoever calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallerFault {
    /// ExpiredToken, ExpiredTokenException: "The security token included in the request is expired".
    Expired,
    /// No request arrives: the connection is reset.
    CutOff,
}

/// How the tasks of a service misbehave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceFault {
    /// CannotPullContainerError ... not found.
    ImageMissing,
    /// CannotPullContainerError ... does not contain descriptor matching platform.
    WrongArchitecture,
    /// ResourceInitializationError: unable to pull secrets or registry auth.
    SecretDenied,
    /// The essential container exits with code 1.
    Crash,
    /// Health checks get no healthy answer (503).
    Unhealthy,
    /// It needs `after` (default 240 s) longer before it answers.
    SlowStart,
    /// Healthy by its checks, every other path answers 500.
    Errors5xx,
    /// The container is killed for memory: exit 137, OutOfMemoryError.
    OutOfMemory,
    /// "Capacity is unavailable at this time."
    NoCapacity,
    /// "You've reached the limit on the number of tasks you can run concurrently".
    TaskLimit,
    /// "You’ve reached the limit on the number of vCPUs you can run concurrently".
    VcpuLimit,
    /// "Internal error."
    InternalError,
    /// "operations are being throttled. Will try again later."
    Throttled,
    /// ResourceInitializationError: failed to initialize logging driver.
    LogDriver,
    /// A Fargate Spot task is interrupted.
    SpotInterruption,
    /// AWS takes the task away for maintenance.
    Maintenance,
    /// ResourceInitializationError: ... Secrets Manager can't find the specified secret.
    SecretMissing,
    /// Tasks that are told to stop, whatever they run, take the whole deregistration delay and stopTimeout to leave.
    SlowDrain,
}

/// What a lifecycle event hook of CodeDeploy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FunctionAnswer {
    /// Succeeded.
    Succeeded,
    /// Failed.
    Failed,
    /// Nothing: it is left to PutLifecycleEventHookExecutionStatus, with the execution id `DEPLOYMENT/EVENT`.
    Wait,
}

/// How a RunTask task misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskFault {
    /// The named container exits with this code and the schema stays.
    Exit(i32),
    /// The container exits with this code after the schema has changed.
    ExitAfterEffect(i32),
    /// CannotPullContainerError: no container ever starts, exitCode is absent.
    NeverStarts,
    /// RunTask answers 200 with `failures[]` and no task.
    Refused,
    /// The container is killed for memory.
    OutOfMemory,
    /// It runs this many milliseconds longer.
    Slow(Millis),
    /// What is no command of the migration's tool, as a question to the data, exits with this code.
    Answers(i32),
}

/// What a lifecycle hook's Lambda function answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HookAnswer {
    /// `hookStatus` SUCCEEDED.
    Succeeded,
    /// `hookStatus` FAILED.
    Failed,
    /// `hookStatus` IN_PROGRESS: it is called again.
    InProgress {
        /// `callBackDelay` in seconds, default 30.
        #[serde(default)]
        call_back_delay: Option<u32>,
    },
    /// No `hookStatus`: it crashed, timed out or answered something else.
    Nothing,
}

/// When a world event happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// This long after the fault was added.
    AfterMs(Millis),
    /// This long after the next service deployment of the service is created.
    AfterDeploymentOf {
        /// serviceName.
        service: String,
        /// Milliseconds.
        ms: Millis,
    },
}

/// Something that another actor or AWS itself does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorldEvent {
    /// Someone else deploys: UpdateService with forceNewDeployment of the service's earlier task definition.
    ForeignDeployment {
        /// serviceName.
        service: String,
    },
    /// Someone else deploys what runs once more: UpdateService with forceNewDeployment and nothing else.
    ForcedRedeployment {
        /// serviceName.
        service: String,
    },
    /// Application Auto Scaling or a person changes desiredCount.
    SetDesiredCount {
        /// serviceName.
        service: String,
        /// The new desired count.
        count: u32,
    },
    /// A CloudWatch alarm comes into a state; it is made if there is none of this name.
    SetAlarm {
        /// AlarmName.
        name: String,
        /// StateValue.
        state: AlarmState,
    },
    /// Somebody else makes a distribution forget these, in an invalidation that takes its time.
    ForeignInvalidation {
        /// DistributionId.
        distribution: String,
        /// Paths.
        paths: Vec<String>,
        /// How long it is in progress, in milliseconds.
        lasting_ms: Millis,
    },
    /// Somebody else makes manual snapshots, until the account has no room for another one.
    ForeignSnapshots,
    /// RDS takes this much longer for every snapshot that begins from now on.
    SlowSnapshots {
        /// Milliseconds.
        ms: Millis,
    },
    /// A CloudWatch alarm or the circuit breaker's equivalent: ECS rolls the running deployment back by itself.
    RollBackByAlarm {
        /// serviceName.
        service: String,
    },
    /// Somebody stops the running deployment of CodeDeploy: its group says whether that takes it back.
    StoppedByHand {
        /// serviceName.
        service: String,
    },
}

/// How a call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallFault {
    /// ThrottlingException (or the service's own throttling code), no effect.
    Throttle,
    /// AccessDenied, no effect.
    Deny,
    /// The credentials have expired, no effect.
    Expired,
    /// 500, no effect.
    ServerError,
    /// The reply takes this many milliseconds longer.
    Latency(Millis),
    /// The connection is reset before the request arrives: no effect.
    ConnectionReset,
    /// The request takes effect, then the connection is reset.
    ReplyLost,
    /// A read answers with the world of this many milliseconds ago.
    StaleRead(Millis),
    /// The connection breaks at once, and the request takes effect only this many milliseconds later: its sender is told
    /// nothing, may send it again, or may be gone.
    Late(Millis),
    /// The request is on its way for this many milliseconds; then it takes effect and is answered, if its sender still waits.
    Held(Millis),
}
