//! Which operations there are: what counts calls or spoils them must not name one that nobody serves.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::{Method, Request};

use super::handle::dispatch;
use super::{Call, Protocol, Service};
use crate::{Weather, World};

/// Whether calls can have this name: `service.Operation`, also by the service's IAM prefix; `*` at its end stands for anything.
#[must_use]
pub fn is_served(name: &str) -> bool {
    if name == "*" {
        return true;
    }
    let Some((service, operation)) = name.split_once('.') else {
        return false;
    };
    let Some(service) = Service::named(service) else {
        return false;
    };
    match operation {
        "*" => true,
        _ => serves(service, operation),
    }
}

fn serves(service: Service, operation: &str) -> bool {
    match service {
        Service::S3 => operation != "Other" && s3().contains(operation),
        Service::CloudFront => cloudfront().contains(operation),
        Service::Ecs
        | Service::Ecr
        | Service::Logs
        | Service::SecretsManager
        | Service::Ssm
        | Service::Events
        | Service::CodeDeploy
        | Service::CloudWatch
        | Service::Sns
        | Service::Rds
        | Service::Sts
        | Service::Elb => dispatches(service, operation),
    }
}

/// An operation that is dispatched finds fault with an empty request, or takes it; one that is not is told apart.
fn dispatches(service: Service, operation: &str) -> bool {
    let mut world = World::new("000000000000", "us-east-1", 1, Weather::Calm, 0);
    let protocol = service.usual_protocol();
    let call = Call {
        service,
        protocol,
        operation: operation.to_owned(),
    };
    let body = match protocol {
        Protocol::Json10 | Protocol::Json11 => Bytes::from_static(b"{}"),
        Protocol::Query | Protocol::Cbor | Protocol::RestXml => Bytes::new(),
    };
    let request = Request::new(body);
    match dispatch(&mut world, &call, request, "") {
        Ok(_) => true,
        Err(error) => error.code != "NotImplemented",
    }
}

const METHODS: [Method; 5] = [
    Method::GET,
    Method::HEAD,
    Method::PUT,
    Method::POST,
    Method::DELETE,
];

const S3_PATHS: [&str; 3] = ["/", "/bucket", "/bucket/key"];

const S3_QUERIES: [&str; 12] = [
    "",
    "list-type=2",
    "location",
    "versions",
    "uploads",
    "versioning",
    "acl",
    "policyStatus",
    "delete",
    "uploadId=1",
    "tagging",
    "attributes",
];

const CLOUDFRONT_PATHS: [&str; 10] = [
    "distribution",
    "distribution/A",
    "distribution/A/config",
    "distribution/A/invalidation",
    "distribution/A/invalidation/B",
    "tagging",
    "function",
    "function/A",
    "function/A/describe",
    "function/A/publish",
];

const CLOUDFRONT_QUERIES: [&str; 4] = ["", "WithTags", "Operation=Tag", "Operation=Untag"];

fn s3() -> BTreeSet<String> {
    let paths = S3_PATHS.map(str::to_owned).to_vec();
    let queries = S3_QUERIES
        .into_iter()
        .chain(crate::services::s3::setting_queries());
    named(
        &paths,
        &queries.collect::<Vec<_>>(),
        crate::services::s3::operation,
    )
}

fn cloudfront() -> BTreeSet<String> {
    let mut paths = CLOUDFRONT_PATHS.map(str::to_owned).to_vec();
    for collection in crate::services::cloudfront::collection_paths() {
        let below = ["", "/A", "/A/config"];
        paths.extend(below.map(|below| format!("{collection}{below}")));
    }
    let paths: Vec<String> = paths
        .iter()
        .map(|path| format!("/2020-05-31/{path}"))
        .collect();
    named(
        &paths,
        &CLOUDFRONT_QUERIES,
        crate::services::cloudfront::operation,
    )
}

/// The operations that requests to these places are.
fn named(
    paths: &[String],
    queries: &[&str],
    operation: fn(&Request<Bytes>) -> String,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for method in METHODS {
        for path in paths {
            for query in queries {
                for copies in [None, Some("/from/there")] {
                    let mut request = Request::builder()
                        .method(method.clone())
                        .uri(format!("https://aws.invalid{path}?{query}"));
                    if let Some(source) = copies {
                        request = request.header("x-amz-copy-source", source);
                    }
                    found.extend(request.body(Bytes::new()).ok().as_ref().map(operation));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::is_served;

    #[test]
    fn a_misspelt_call_is_not_served() {
        for name in [
            "*",
            "ecs.*",
            "ecs.UpdateService",
            "ecs.DescribeServiceDeployments",
            "elbv2.DescribeTargetHealth",
            "elasticloadbalancing.DescribeTargetHealth",
            "s3.PutObject",
            "s3.HeadObject",
            "s3.CopyObject",
            "s3.ListObjectsV2",
            "s3.GetBucketLocation",
            "cloudfront.CreateInvalidation",
            "cloudfront.GetInvalidation",
            "cloudfront.UpdateCachePolicy",
            "logs.GetLogEvents",
            "ecr.BatchGetImage",
            "sts.GetCallerIdentity",
            "sns.Publish",
            "rds.CreateDBSnapshot",
            "codedeploy.CreateDeployment",
            "cloudwatch.DescribeAlarms",
        ] {
            assert!(is_served(name), "{name}");
        }
        for name in [
            "UpdateService",
            "ecs.UpdateServices",
            "ecs.updateService",
            "ec2.DescribeInstances",
            "s3.PutObjects",
            "s3.Other",
            "cloudfront.CreateInvalidations",
            "logs.GetLogEvent",
            "sts.GetCaller",
        ] {
            assert!(!is_served(name), "{name}");
        }
    }
}
