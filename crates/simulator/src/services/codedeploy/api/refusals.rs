//! What is asked for and is not there, in CodeDeploy's exceptions, and the look-ups that need them.
//!
//! The names are [MODEL]. The texts of the missing application, group, configuration and of the limit are [OBS], the others [INF].

use crate::services::codedeploy::deployment::Deployment;
use crate::services::codedeploy::group::Group;
use crate::services::codedeploy::state::Application;
use crate::{ApiError, World};

pub(super) fn refuse(code: &'static str, message: impl Into<String>) -> ApiError {
    ApiError::client(code, message)
}

/// A name that was given and is not empty.
pub(super) fn application_name(name: Option<&str>) -> Result<&str, ApiError> {
    present(
        name,
        "ApplicationNameRequiredException",
        "Application name is missing",
    )
}

pub(super) fn group_name(name: Option<&str>) -> Result<&str, ApiError> {
    present(
        name,
        "DeploymentGroupNameRequiredException",
        "Deployment group name is missing",
    )
}

pub(super) fn config_name(name: Option<&str>) -> Result<&str, ApiError> {
    present(
        name,
        "DeploymentConfigNameRequiredException",
        "Deployment configuration name is missing",
    )
}

fn present<'a>(
    name: Option<&'a str>,
    code: &'static str,
    message: &str,
) -> Result<&'a str, ApiError> {
    name.filter(|name| !name.is_empty())
        .ok_or_else(|| refuse(code, message))
}

/// Names have 1 to 100 characters [MODEL].
pub(super) fn short(name: &str, code: &'static str) -> Result<(), ApiError> {
    if name.chars().count() <= 100 {
        return Ok(());
    }
    Err(refuse(
        code,
        format!("{name} is longer than 100 characters"),
    ))
}

pub(super) fn application<'a>(
    world: &'a World,
    name: Option<&str>,
) -> Result<(String, &'a Application), ApiError> {
    let name = application_name(name)?;
    match world.codedeploy.applications.get(name) {
        Some(application) => Ok((name.to_owned(), application)),
        None => Err(refuse(
            "ApplicationDoesNotExistException",
            format!("No application found for name: {name}"),
        )),
    }
}

pub(super) fn group<'a>(
    application: &'a Application,
    name: Option<&str>,
) -> Result<(String, &'a Group), ApiError> {
    let name = group_name(name)?;
    match application.groups.get(name) {
        Some(group) => Ok((name.to_owned(), group)),
        None => Err(refuse(
            "DeploymentGroupDoesNotExistException",
            format!("No Deployment Group found for name: {name}"),
        )),
    }
}

pub(super) fn config_missing(name: &str) -> ApiError {
    refuse(
        "DeploymentConfigDoesNotExistException",
        format!("No Deployment Configuration found for name: {name}"),
    )
}

pub(super) fn deployment<'a>(
    world: &'a World,
    id: Option<&str>,
) -> Result<&'a Deployment, ApiError> {
    let id = present(
        id,
        "DeploymentIdRequiredException",
        "The deployment ID is missing",
    )?;
    if !id.starts_with("d-") {
        return Err(refuse(
            "InvalidDeploymentIdException",
            format!("{id} is not a valid deployment ID"),
        ));
    }
    world.codedeploy.deployment(id).ok_or_else(|| {
        refuse(
            "DeploymentDoesNotExistException",
            format!("The deployment {id} could not be found"),
        )
    })
}

/// At most so many names in a batch call [MODEL].
pub(super) fn batch<T>(items: &[T], most: usize) -> Result<(), ApiError> {
    if items.len() <= most {
        return Ok(());
    }
    Err(refuse(
        "BatchLimitExceededException",
        format!("The maximum number of names or IDs allowed for this request is {most}"),
    ))
}

/// One page of a list.
pub(super) fn page(
    all: &[String],
    token: Option<&str>,
) -> Result<(Vec<String>, Option<String>), ApiError> {
    crate::wire::page(all, None, token, 100)
        .map_err(|_| refuse("InvalidNextTokenException", "The next token is not valid"))
}
