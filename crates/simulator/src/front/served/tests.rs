//! The table of AWS's model knows as served what is served: held by asking.

use std::collections::BTreeSet;

use backstay_aws_model::model;
use bytes::Bytes;
use http::{Method, Request};

use super::is_served;
use crate::front::Service;
use crate::front::modelled::serve_of;
use crate::{Weather, World};

const METHODS: [Method; 5] = [
    Method::GET,
    Method::HEAD,
    Method::PUT,
    Method::POST,
    Method::DELETE,
];

const S3_PATHS: [&str; 3] = ["/", "/bucket", "/bucket/key"];

const S3_QUERIES: [&str; 15] = [
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
    "partNumber=1&uploadId=1",
    "tagging",
    "attributes",
    "retention",
    "legal-hold",
];

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

/// What is asked of each service by name; one that is not served is told apart.
fn dispatched(service: Service) -> BTreeSet<String> {
    let Some(serve) = serve_of(service) else {
        return s3();
    };
    let mut world = World::new("000000000000", "us-east-1", 1, Weather::Calm, 0);
    let names = model(service.name()).expect("a model").operations();
    let served = names.filter(|operation| {
        let answer = serve(&mut world, operation, &serde_json::json!({}));
        !answer.is_err_and(|error| error.message.ends_with(&format!(".{operation}")))
    });
    served.map(str::to_owned).collect()
}

#[test]
fn the_table_closes_over_what_is_served() {
    for name in Service::names() {
        let service = Service::named(name).expect("a service");
        let table: BTreeSet<String> = model(name)
            .expect("a model")
            .served()
            .map(|(operation, _)| operation.to_owned())
            .collect();
        let mut found = dispatched(service);
        if service == Service::Ecr {
            // Served by the front door, which knows who was asked.
            found.insert("GetDownloadUrlForLayer".to_owned());
        }
        found.retain(|operation| {
            model(name).is_some_and(|model| model.operations().any(|it| it == operation))
        });
        assert_eq!(table, found, "crates/aws-model/served.txt: {name}");
    }
}

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
