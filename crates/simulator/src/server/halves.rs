//! What could be kept only by half between this cloud and its upstream: made there, and asked for here. Who makes a thing answers for
//! it; where it cannot, it is refused by name.

use backstay_aws_model::{Known, Model, model};
use bytes::Bytes;
use http::Request;

use super::registry::Registry;
use crate::front::{Call, Service};
use crate::wire::Form;

/// How the names of operations begin that only read.
const READS: [&str; 5] = ["Describe", "List", "Get", "BatchGet", "Search"];
/// CloudFormation's operations that take a template.
const OF_A_TEMPLATE: [&str; 5] = [
    "CreateStack",
    "UpdateStack",
    "CreateChangeSet",
    "CreateStackSet",
    "UpdateStackSet",
];
/// How CloudFormation names what the services of this cloud keep.
const KINDS: [(Service, &str); 16] = [
    (Service::AutoScaling, "AWS::ApplicationAutoScaling::"),
    (Service::CloudFront, "AWS::CloudFront::"),
    (Service::CloudWatch, "AWS::CloudWatch::"),
    (Service::CodeDeploy, "AWS::CodeDeploy::"),
    (Service::Ecr, "AWS::ECR::"),
    (Service::Ecs, "AWS::ECS::"),
    (Service::Elb, "AWS::ElasticLoadBalancingV2::"),
    (Service::Events, "AWS::Events::"),
    (Service::Logs, "AWS::Logs::"),
    (Service::Rds, "AWS::RDS::DBInstance"),
    (Service::S3, "AWS::S3::"),
    (Service::SecretsManager, "AWS::SecretsManager::"),
    (Service::Scheduler, "AWS::Scheduler::"),
    (Service::Sns, "AWS::SNS::"),
    (Service::Sqs, "AWS::SQS::"),
    (Service::Ssm, "AWS::SSM::Parameter"),
];

/// Whether a call that is not served changes something of a kind that is asked for here, so that an upstream would have it and nobody
/// would find it: CreateDBCluster, where DescribeDBClusters is served.
pub(super) fn is_half(call: &Call) -> bool {
    let Some(model) = model(call.service.name()) else {
        return false;
    };
    let operation = call.operation.as_str();
    let is_known = !matches!(model.operation(operation), Known::Unknown);
    is_known && !is_read(operation) && kind_is_read_here(model, operation)
}

/// Of all kinds that AWS reads, the longest that the operation names; and whether its reads are served.
fn kind_is_read_here(model: &Model, operation: &str) -> bool {
    let subject = without_verb(operation);
    let reads = model.operations().filter(|name| is_read(name));
    let named = reads.filter(|read| names(subject, &singular(without_verb(read))));
    let longest = named.max_by_key(|read| singular(without_verb(read)).len());
    longest.is_some_and(|read| {
        let kind = singular(without_verb(read));
        model
            .served()
            .any(|(served, _)| is_read(served) && singular(without_verb(served)) == kind)
    })
}

fn is_read(operation: &str) -> bool {
    READS.iter().any(|verb| operation.starts_with(verb))
}

/// `DBCluster` of `CreateDBCluster`.
fn without_verb(operation: &str) -> &str {
    let read = READS.iter().find_map(|verb| operation.strip_prefix(verb));
    let second = operation
        .char_indices()
        .skip(1)
        .find(|(_, letter)| letter.is_ascii_uppercase());
    read.unwrap_or_else(|| second.map_or("", |(at, _)| &operation[at..]))
}

fn singular(kind: &str) -> String {
    match (kind.strip_suffix("ies"), kind.strip_suffix('s')) {
        (Some(stem), _) => format!("{stem}y"),
        (None, Some(one)) => one.to_owned(),
        (None, None) => kind.to_owned(),
    }
}

/// Whether a subject begins with a kind, as a word: `DBClusterFromSnapshot` with `DBCluster`.
fn names(subject: &str, kind: &str) -> bool {
    let rest = subject.strip_prefix(kind);
    !kind.is_empty()
        && rest.is_some_and(|rest| {
            let next = rest.chars().next();
            next.is_none_or(|letter| letter.is_ascii_uppercase()) || rest == "s"
        })
}

/// Why a call of CloudFormation would leave half a stack behind: the kinds of this cloud that its template has, or that nobody here can
/// read it.
pub(super) fn of_a_stack(request: &Request<Bytes>, worlds: &Registry) -> Option<String> {
    let form = Form::parse(request.body());
    let operation = form.text("Action")?;
    if !OF_A_TEMPLATE.contains(&operation) {
        return None;
    }
    if form.text("TemplateURL").is_some() {
        return Some(format!(
            "the simulator does not implement cloudformation.{operation} of a TemplateURL: what is in it would be made in the upstream, \
             also what this cloud keeps and would not find; give TemplateBody"
        ));
    }
    let template = form.text("TemplateBody").unwrap_or_default();
    let kept = KINDS
        .iter()
        .filter(|(service, _)| !worlds.is_elsewhere(*service));
    let found: Vec<&str> = kept
        .filter(|(_, kind)| template.contains(kind))
        .map(|(_, kind)| kind.trim_end_matches(':'))
        .collect();
    (!found.is_empty()).then(|| {
        format!(
            "the simulator does not implement cloudformation.{operation} of {}: it would be made in the upstream, where this cloud does \
             not find it",
            found.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::is_half;
    use crate::front::{Call, Protocol, Service};

    #[test]
    fn what_is_made_there_and_asked_here() {
        for (service, operation, expected) in [
            (Service::Rds, "CreateDBCluster", true),
            (Service::Rds, "RestoreDBClusterFromSnapshot", true),
            (Service::Rds, "CreateDBClusterParameterGroup", false),
            (Service::Rds, "CreateOptionGroup", false),
            (Service::Rds, "DescribeOptionGroups", false),
            (Service::Ecs, "CreateCapacityProvider", true),
            (Service::Ecs, "RegisterContainerInstance", false),
            (Service::Ecs, "NewerThanOurModel", false),
            (Service::Elb, "CreateTrustStore", false),
        ] {
            let call = Call {
                service,
                protocol: Protocol::Json11,
                operation: operation.to_owned(),
            };
            assert_eq!(is_half(&call), expected, "{operation}");
        }
    }
}
