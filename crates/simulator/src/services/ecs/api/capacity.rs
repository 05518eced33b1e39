//! `capacityProviderStrategy` in and out, and DescribeCapacityProviders.

use serde::Deserialize;
use serde_json::{Value, json};

use super::list_tasks::paged;
use super::lookup::invalid;
use crate::services::ecs::arn::last_part;
use crate::services::ecs::cluster::{CapacityProvider, StrategyItem};
use crate::wire::page;
use crate::{ApiError, World};

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Item {
    capacity_provider: String,
    #[serde(default)]
    weight: u32,
    #[serde(default)]
    base: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeCapacityProviders {
    capacity_providers: Option<Vec<String>>,
    cluster: Option<String>,
    #[serde(rename = "include")]
    _include: Option<Vec<String>>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// FARGATE and FARGATE_SPOT are in every account and cannot be changed [DOC].
pub(super) fn describe(
    world: &World,
    request: &DescribeCapacityProviders,
) -> Result<Value, ApiError> {
    if let Some(cluster) = &request.cluster {
        super::lookup::cluster(world, Some(cluster))?;
    }
    let wanted = request.capacity_providers.as_deref().unwrap_or_default();
    let known = CapacityProvider::ALL.into_iter().filter(|provider| {
        wanted.is_empty() || wanted.iter().any(|one| last_part(one) == provider.text())
    });
    let known: Vec<Value> = known
        .map(|provider| provider_json(world, provider))
        .collect();
    let missing = wanted
        .iter()
        .filter(|one| CapacityProvider::named(last_part(one)).is_none());
    let failures: Vec<Value> = missing
        .map(|name| {
            let arn = world.ecs_arn(&format!("capacity-provider/{}", last_part(name)));
            json!({ "arn": arn, "reason": "MISSING" })
        })
        .collect();
    let (providers, next) = page(
        &known,
        request.max_results,
        request.next_token.as_deref(),
        10,
    )?;
    let mut reply = paged("capacityProviders", providers, next);
    reply["failures"] = json!(failures);
    Ok(reply)
}

/// Names of capacity providers.
pub(super) fn providers(names: &[String]) -> Result<Vec<CapacityProvider>, ApiError> {
    let missing = || {
        invalid(
            "The specified capacity provider was not found. Specify a valid name or ARN and try again.",
        )
    };
    names
        .iter()
        .map(|name| CapacityProvider::named(last_part(name)).ok_or_else(missing))
        .collect()
}

/// A strategy: providers of the cluster, one base, some weight [MODEL]. The texts are [INF].
pub(super) fn strategy(
    items: &[Item],
    of_cluster: &[CapacityProvider],
) -> Result<Vec<StrategyItem>, ApiError> {
    let mut strategy = Vec::new();
    for item in items {
        let name = [item.capacity_provider.clone()];
        let provider = providers(&name)?.first().copied();
        let Some(provider) = provider.filter(|provider| of_cluster.contains(provider)) else {
            return Err(invalid(format!(
                "The capacity provider {} is not associated with the cluster.",
                item.capacity_provider
            )));
        };
        if item.weight > 1_000 || item.base > 100_000 {
            return Err(invalid(
                "A capacity provider strategy has weights of at most 1000 and a base of at most 100000.",
            ));
        }
        strategy.push(StrategyItem {
            provider,
            weight: item.weight,
            base: item.base,
        });
    }
    if strategy.iter().filter(|item| item.base > 0).count() > 1 {
        return Err(invalid(
            "Only one item of a capacity provider strategy can have a base.",
        ));
    }
    if strategy.len() > 1 && strategy.iter().all(|item| item.weight == 0) {
        return Err(invalid(
            "A capacity provider strategy needs at least one item with a weight above 0.",
        ));
    }
    if let [only] = strategy.as_mut_slice()
        && only.weight == 0
    {
        // One provider without a weight still gets everything [INF].
        only.weight = 1;
    }
    Ok(strategy)
}

/// Where the tasks of a request go: its strategy, or its launch type, or the cluster's default strategy [MODEL].
pub(super) fn of_request(
    world: &World,
    cluster: &str,
    items: Option<&[Item]>,
    launch_type: Option<&str>,
) -> Result<Vec<StrategyItem>, ApiError> {
    let Some(details) = world.ecs.cluster_details.get(cluster) else {
        return Ok(Vec::new());
    };
    match (items.unwrap_or_default(), launch_type) {
        ([], None) => Ok(details.default_strategy.clone()),
        ([], Some(_)) => Ok(Vec::new()),
        (items, None) => strategy(items, &details.capacity_providers),
        (_, Some(_)) => Err(invalid(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
        )),
    }
}

/// `capacityProviderStrategy` of a reply.
pub(super) fn strategy_json(strategy: &[StrategyItem]) -> Value {
    let items = strategy.iter().map(|item| {
        json!({
            "capacityProvider": item.provider.text(),
            "weight": item.weight,
            "base": item.base,
        })
    });
    items.collect()
}

fn provider_json(world: &World, provider: CapacityProvider) -> Value {
    let name = provider.text();
    json!({
        "capacityProviderArn": world.ecs_arn(&format!("capacity-provider/{name}")),
        "name": name,
        "status": "ACTIVE",
        "type": name,
        "tags": [],
    })
}
