//! DescribeRepositories.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::repository;
use super::reference::registry_host;
use super::state::Repository;
use crate::ApiError;
use crate::base::arn::regional_arn;
use crate::base::here::Here;
use crate::services::ecr::Ecr;
use crate::wire::{page, seconds, with_token};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeRepositories {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_names: Option<Vec<String>>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

pub(super) fn describe_repositories(
    here: &Here<'_, Ecr>,
    request: &DescribeRepositories,
) -> Result<Value, ApiError> {
    let names: Vec<String> = match &request.repository_names {
        Some(names) => names.clone(),
        None => here.own.own_names().cloned().collect(),
    };
    let (names, next) = page(
        &names,
        request.max_results,
        request.next_token.as_deref(),
        100,
    )?;
    let described: Result<Vec<Value>, ApiError> = names
        .iter()
        .map(|name| Ok(repository_json(here, name, repository(here, name)?)))
        .collect();
    Ok(with_token(
        json!({ "repositories": described? }),
        "nextToken",
        next,
    ))
}

pub(super) fn repository_json(here: &Here<'_, Ecr>, name: &str, repository: &Repository) -> Value {
    let (account, region) = (here.account, here.region);
    let usual = || json!({ "encryptionType": "AES256" });
    let mut described = json!({
        "repositoryArn": regional_arn("ecr", region, account, format_args!("repository/{name}")),
        "registryId": account,
        "repositoryName": name,
        "repositoryUri": format!("{}/{name}", registry_host(account, region)),
        "createdAt": seconds(repository.created_at_ms),
        "imageScanningConfiguration": { "scanOnPush": repository.scan_on_push },
        "encryptionConfiguration": repository.encryption.clone().unwrap_or_else(usual),
    });
    repository.tag_rule.describe(&mut described);
    described
}
