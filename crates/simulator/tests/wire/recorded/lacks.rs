//! What the simulated cloud does not answer although AWS did, and why.

/// Members of an operation's answer.
pub(crate) struct Lack {
    operations: &'static [&'static str],
    /// A path, with all that is below it.
    pub(crate) members: &'static str,
    /// Why not.
    _why: &'static str,
}

impl Lack {
    pub(crate) fn covers(&self, operation: &str, member: &str) -> bool {
        let below = member.strip_prefix(self.members);
        let here = below.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        here && self.operations.contains(&operation)
    }
}

const fn lack(
    operations: &'static [&'static str],
    members: &'static str,
    why: &'static str,
) -> Lack {
    Lack {
        operations,
        members,
        _why: why,
    }
}

/// Answers that hold a definition, a task, a service.
const DEFINITIONS: &[&str] = &["DescribeTaskDefinition", "RegisterTaskDefinition"];
const TASKS: &[&str] = &["DescribeTasks", "RunTask", "StopTask"];

const INSTANCES: &str = "of EC2 instances, which the simulated cloud does not have (rules/ecs.md)";
const EMPTY: &str =
    "an empty list that the console sent, given back: nobody knows the whole of what was sent here";

pub(crate) const LACKS: &[Lack] = &[
    lack(
        DEFINITIONS,
        "taskDefinition.requiresAttributes",
        "what the agent of an instance must be able to do: nobody asks for it on Fargate",
    ),
    lack(
        DEFINITIONS,
        "taskDefinition.containerDefinitions.environmentFiles",
        EMPTY,
    ),
    lack(
        DEFINITIONS,
        "taskDefinition.containerDefinitions.ulimits",
        EMPTY,
    ),
    lack(
        DEFINITIONS,
        "taskDefinition.containerDefinitions.logConfiguration.secretOptions",
        EMPTY,
    ),
    lack(
        &["DescribeServices"],
        "services.placementStrategy.field",
        INSTANCES,
    ),
    lack(
        &["DescribeServices"],
        "services.placementStrategy.type",
        INSTANCES,
    ),
    lack(
        &["UpdateService"],
        "service.deployments.taskkDefinition",
        "misspelt where it was published: AWS has no such member",
    ),
    lack(TASKS, "tasks.containerInstanceArn", INSTANCES),
    lack(TASKS, "task.containerInstanceArn", INSTANCES),
    lack(TASKS, "tasks.containers.networkBindings.bindIP", INSTANCES),
    lack(
        TASKS,
        "tasks.containers.networkBindings.containerPort",
        INSTANCES,
    ),
    lack(
        TASKS,
        "tasks.containers.networkBindings.hostPort",
        INSTANCES,
    ),
    lack(
        TASKS,
        "tasks.containers.networkBindings.protocol",
        INSTANCES,
    ),
    lack(&["RunTask"], "failures.arn", INSTANCES),
    lack(
        TASKS,
        "tasks.containers.managedAgents",
        "of ExecuteCommand, which answers 501 (rules/ecs.md)",
    ),
    lack(
        &["RunTask"],
        "tasks.attachments.details[volumeName]",
        VOLUMES,
    ),
    lack(&["RunTask"], "tasks.attachments.details[roleArn]", VOLUMES),
    lack(
        &["RunTask"],
        "tasks.attachments.details[deleteOnTermination]",
        VOLUMES,
    ),
    lack(
        &["GetObjectAcl"],
        "AccessControlPolicy.Owner.DisplayName",
        NAMES,
    ),
    lack(
        &["GetObjectAcl"],
        "AccessControlPolicy.AccessControlList.Grant.Grantee.DisplayName",
        NAMES,
    ),
    lack(
        &["GetObjectAcl"],
        "AccessControlPolicy.AccessControlList.Grant.Grantee.Subtype",
        "an example's own: the API does not describe it",
    ),
    lack(
        &["GetObjectAcl"],
        "AccessControlPolicy.AccessControlList.Grant.Grantee.URI",
        "objects are always private (rules/store.md)",
    ),
    lack(
        &["GetObjectAcl"],
        "header x-amz-version-id",
        "the model of the API has no such member, and no client reads it",
    ),
    lack(
        &["HeadBucket"],
        "header x-amz-bucket-arn",
        "newer than the model of S3 that the simulated cloud is made of",
    ),
];

const VOLUMES: &str = "a volume is stored with its service, and attached to nothing (rules/ecs.md)";
const NAMES: &str = "S3 tells no display names any more since November 2025";
