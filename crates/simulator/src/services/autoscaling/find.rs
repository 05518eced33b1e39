//! What the operations share: how their subjects are found, and the errors they have in common.

use serde_json::{Value, json};

use super::state::{AutoScaling, Place, Policy, Target};
use crate::ApiError;
use crate::base::arn::regional_arn;
use crate::base::here::Here;
use crate::wire::page;

pub(super) fn validation(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationException", message)
}

pub(super) fn missing(message: impl Into<String>) -> ApiError {
    ApiError::client("ObjectNotFoundException", message)
}

/// The namespaces, and how the names of their service-linked roles end [DOC].
const NAMESPACES: [(&str, &str); 14] = [
    ("appstream", "AppStreamFleet"),
    ("cassandra", "CassandraTable"),
    ("comprehend", "ComprehendEndpoint"),
    ("custom-resource", "CustomResource"),
    ("dynamodb", "DynamoDBTable"),
    ("ec2", "EC2SpotFleetRequest"),
    ("ecs", "ECSService"),
    ("elasticache", "ElastiCacheRG"),
    ("kafka", "KafkaCluster"),
    ("lambda", "LambdaConcurrency"),
    ("neptune", "NeptuneCluster"),
    ("rds", "RDSCluster"),
    ("sagemaker", "SageMakerEndpoint"),
    ("workspaces", "WorkSpacesPool"),
];

/// The role by which a namespace is scaled; EMR has none, and is given one.
pub(super) fn linked_role(here: &Here<'_, AutoScaling>, namespace: &str) -> Option<String> {
    let (_, name) = NAMESPACES.iter().find(|(its, _)| *its == namespace)?;
    let path = format!(
        "role/aws-service-role/{namespace}.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_{name}"
    );
    Some(crate::base::arn::global_arn(
        "iam",
        here.region,
        here.account,
        path,
    ))
}

impl Place {
    /// A dimension belongs to its namespace, and an ECS service is named with its cluster (the words: moto, recorded [OBS]).
    pub(super) fn new(namespace: &str, resource: &str, dimension: &str) -> Result<Self, ApiError> {
        let of_namespace = dimension.split(':').next() == Some(namespace);
        let parts: Vec<&str> = resource.split('/').collect();
        let shaped = match (namespace, parts.as_slice()) {
            ("ecs", ["service", cluster, name]) => !cluster.is_empty() && !name.is_empty(),
            ("ecs", _) => false,
            _ => true,
        };
        if !of_namespace || !shaped {
            return Err(validation(
                "Unsupported service namespace, resource type or scalable dimension",
            ));
        }
        Ok(Self {
            namespace: namespace.to_owned(),
            resource: resource.to_owned(),
            dimension: dimension.to_owned(),
        })
    }

    /// Which one, in AWS's words.
    pub(super) fn told(&self) -> String {
        let Self {
            namespace,
            resource,
            dimension,
        } = self;
        format!(
            "service namespace: {namespace}, resource ID: {resource}, scalable dimension: {dimension}"
        )
    }

    /// Whether it is scaled here: an ECS service. Other namespaces are kept, and never move.
    pub(super) fn moves(&self) -> bool {
        self.namespace == "ecs"
    }

    /// As activities call it: `desired count`.
    pub(super) fn dimension_in_words(&self) -> String {
        let name = self.dimension.rsplit(':').next().unwrap_or_default();
        let mut words = String::new();
        for letter in name.chars() {
            if letter.is_ascii_uppercase() && !words.is_empty() {
                words.push(' ');
            }
            words.extend(letter.to_lowercase());
        }
        words
    }

    /// Puts its three members into an answer.
    pub(super) fn json(&self) -> Value {
        json!({
            "ServiceNamespace": self.namespace,
            "ResourceId": self.resource,
            "ScalableDimension": self.dimension,
        })
    }
}

/// What a listing is about.
pub(super) struct Listing<'a> {
    pub(super) namespace: &'a str,
    /// None: all of the namespace.
    pub(super) resources: &'a [String],
    pub(super) dimension: Option<&'a str>,
}

impl Listing<'_> {
    /// "If you specify a scalable dimension, you must also specify a resource ID" [MODEL].
    pub(super) fn check(&self) -> Result<(), ApiError> {
        if self.dimension.is_some() && self.resources.is_empty() {
            return Err(validation(
                "A resource ID is required if a scalable dimension is specified",
            ));
        }
        Ok(())
    }

    pub(super) fn has(&self, place: &Place) -> bool {
        place.namespace == self.namespace
            && (self.resources.is_empty() || self.resources.contains(&place.resource))
            && self
                .dimension
                .is_none_or(|wanted| wanted == place.dimension)
    }
}

/// A target for which something is put. The words [MEM].
pub(super) fn registered<'a>(
    here: &'a mut Here<'_, AutoScaling>,
    place: &Place,
) -> Result<&'a mut Target, ApiError> {
    here.own.targets.get_mut(place).ok_or_else(|| {
        missing(format!(
            "No scalable target registered for {}",
            place.told()
        ))
    })
}

/// The policy that an action's ARN names, with or without who made it.
pub(super) fn policy_of_action(own: &AutoScaling, action: &str) -> Option<(Place, String)> {
    let arn = action.split(":createdBy/").next().unwrap_or(action);
    own.policies.iter().find_map(|(place, policies)| {
        let mut named = policies.iter();
        let (name, _) = named.find(|(_, policy): &(&String, &Policy)| policy.arn == arn)?;
        Some((place.clone(), name.clone()))
    })
}

/// `arn:aws:autoscaling:REGION:ACCOUNT:KIND:UUID:resource/NAMESPACE/RESOURCE:NAMED/NAME`.
pub(super) fn resource_arn(
    here: &mut Here<'_, AutoScaling>,
    place: &Place,
    kind: &str,
    named: &str,
) -> String {
    let (uuid, namespace, resource) = (here.random.uuid(), &place.namespace, &place.resource);
    regional_arn(
        "autoscaling",
        here.region,
        here.account,
        format_args!("{kind}:{uuid}:resource/{namespace}/{resource}:{named}"),
    )
}

/// One page of at most 50 [MODEL], as `{NAME: [...], "NextToken": ...}`.
pub(super) fn paged(
    name: &str,
    items: &[Value],
    size: Option<i64>,
    token: Option<&str>,
) -> Result<Value, ApiError> {
    let size = match size {
        None => 50,
        Some(size) => usize::try_from(size)
            .ok()
            .filter(|size| (1..=50).contains(size))
            .ok_or_else(|| validation("MaxResults must be between 1 and 50."))?,
    };
    let (items, next) = page(items, Some(size), token, 50).map_err(|_| {
        ApiError::client(
            "InvalidNextTokenException",
            "The next token supplied is invalid.",
        )
    })?;
    let mut answer = json!({ name: items });
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    Ok(answer)
}

/// A number of tasks, tables' units, ...: never below zero.
pub(super) fn capacity(name: &str, given: Option<i64>) -> Result<Option<u32>, ApiError> {
    let read = |given: i64| {
        u32::try_from(given)
            .map_err(|_| validation(format!("{name} capacity cannot be less than 0")))
    };
    given.map(read).transpose()
}

/// The words [INF].
pub(super) fn in_order(min: u32, max: u32) -> Result<(), ApiError> {
    if min <= max {
        return Ok(());
    }
    Err(validation(
        "Maximum capacity cannot be less than minimum capacity",
    ))
}
