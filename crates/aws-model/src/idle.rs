//! What stands in AWS's model and is idle on AWS, with the evidence: it is left out when a table is read.

/// What of a shape is idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What<'a> {
    /// That this member must be there.
    Required(&'a str),
    /// Length or range.
    Limits,
    /// The enum: a service has words of its own for it, or gives values that the model lacks.
    Values,
}

/// Service, shape, what, and how it is known.
const IDLE: [(&str, &str, What<'static>, &str); 6] = [
    (
        "codedeploy",
        "DeploymentStatus",
        What::Values,
        "InvalidDeploymentStatusException: The specified deployment status doesn't exist or cannot be determined [MODEL]",
    ),
    (
        "ecs",
        "DeploymentStrategy",
        What::Values,
        "`Invalid strategy X. Valid values are: ...`: words of its own (rules/native.md)",
    ),
    (
        "ecs",
        "DeploymentLifecycleHookStage",
        What::Values,
        "`Invalid lifecycle stage X.`: words of its own (rules/native.md)",
    ),
    (
        "ecs",
        "DeploymentLifecycleHookTargetType",
        What::Values,
        "`Invalid targetType. Valid values are: AWS_LAMBDA, PAUSE`: words of its own (rules/native.md)",
    ),
    (
        "ecs",
        "ServiceDeploymentLifecycleStage",
        What::Values,
        "lacks PRE_PRODUCTION_TRAFFIC_SHIFT, which DeploymentLifecycleHookStage has and deployments go through [DOC]",
    ),
    (
        "sns",
        "PublishBatchInput",
        What::Required("PublishBatchRequestEntries"),
        "EmptyBatchRequestException: The batch request doesn't contain any entries [MODEL]",
    ),
];

/// Whether AWS does not ask for it.
pub(crate) fn is_idle(service: &str, shape: &str, what: What<'_>) -> bool {
    IDLE.iter().any(|(its_service, its_shape, its, _)| {
        *its_service == service && *its_shape == shape && *its == what
    })
}
