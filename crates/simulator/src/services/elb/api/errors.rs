//! What ELBv2 says when it refuses: codes [MODEL], texts as far as they were seen [OBS].

use crate::ApiError;

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationError", message)
}

pub(super) fn no_balancers() -> ApiError {
    ApiError::client(
        "LoadBalancerNotFound",
        "One or more load balancers not found",
    )
}

pub(super) fn no_balancer(arn: &str) -> ApiError {
    ApiError::client(
        "LoadBalancerNotFound",
        format!("Load balancer '{arn}' not found"),
    )
}

pub(super) fn no_groups() -> ApiError {
    ApiError::client("TargetGroupNotFound", "One or more target groups not found")
}

pub(super) fn no_group(arn: &str) -> ApiError {
    ApiError::client(
        "TargetGroupNotFound",
        format!("Target group '{arn}' not found"),
    )
}

pub(super) fn no_listeners() -> ApiError {
    ApiError::client("ListenerNotFound", "One or more listeners not found")
}

pub(super) fn no_rules() -> ApiError {
    ApiError::client("RuleNotFound", "One or more rules not found")
}

pub(super) fn priority_in_use(priority: u32) -> ApiError {
    ApiError::client(
        "PriorityInUse",
        format!("Priority '{priority}' is currently in use"),
    )
}

pub(super) fn not_permitted(message: impl Into<String>) -> ApiError {
    ApiError::client("OperationNotPermitted", message)
}

/// A 32-character name: alphanumeric or hyphens, none at either end [MODEL].
pub(super) fn check_name(what: &str, name: &str) -> Result<(), ApiError> {
    if name.len() > 32 {
        return Err(invalid(format!(
            "{what} name '{name}' cannot be longer than '32' characters"
        )));
    }
    if name.is_empty()
        || !name
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || it == '-')
    {
        return Err(invalid(format!(
            "{what} name '{name}' can only contain characters that are alphanumeric characters and hyphens(-)"
        )));
    }
    if name.starts_with('-') || name.ends_with('-') {
        return Err(invalid(format!(
            "{what} name '{name}' cannot begin or end with '-'"
        )));
    }
    Ok(())
}
