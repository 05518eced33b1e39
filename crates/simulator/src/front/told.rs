//! Whatever is not known, as clients are told of it: three answers that must not look alike.

use bytes::Bytes;
use http::Request;
use serde_json::json;

use super::{Unserved, handle};
use crate::{Weather, World};

/// Status, body, and what it says to a server with an upstream.
fn answered(
    headers: &[(&str, &str)],
    scope: &str,
    body: String,
) -> (u16, String, Option<Unserved>) {
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/{scope}/aws4_request");
    let mut request = Request::builder()
        .method("POST")
        .uri("https://aws.invalid/")
        .header("authorization", authorization);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    told(request.body(Bytes::from(body)).expect("a request"))
}

fn told(request: Request<Bytes>) -> (u16, String, Option<Unserved>) {
    let mut world = World::new("123456789012", "us-east-1", 7, Weather::Calm, 0);
    let reply = handle(&mut world, request).expect("a reply");
    let unserved = reply.extensions().get::<Unserved>().copied();
    let text = String::from_utf8_lossy(reply.body()).into_owned();
    (reply.status().as_u16(), text, unserved)
}

fn json_call(
    scope: &str,
    target: &str,
    body: serde_json::Value,
) -> (u16, String, Option<Unserved>) {
    answered(&[("x-amz-target", target)], scope, body.to_string())
}

fn query_call(scope: &str, body: &str) -> (u16, String, Option<Unserved>) {
    answered(&[], scope, body.to_owned())
}

#[test]
fn what_is_not_known_is_told_apart() {
    let ecs = |operation: &str| format!("AmazonEC2ContainerServiceV20141113.{operation}");
    for ((status, text, unserved), expected) in [
        // Unknown to AWS.
        (
            json_call("ecs", &ecs("UpdateServices"), json!({})),
            (400, "UnknownOperationException", Some(Unserved::Operation)),
        ),
        (
            query_call("sns", "Action=PublishAll&Version=2010-03-31"),
            (
                400,
                "<Code>InvalidAction</Code><Message>Could not find operation PublishAll for version 2010-03-31</Message>",
                Some(Unserved::Operation),
            ),
        ),
        (
            json_call("ecs", &ecs("ListClusters"), json!({ "colour": "red" })),
            (200, "clusterArns", None),
        ),
        (
            query_call(
                "sts",
                "Action=GetCallerIdentity&Version=2011-06-15&Colour=red",
            ),
            (200, "GetCallerIdentityResult", None),
        ),
        // Known to AWS, not to us.
        (
            json_call("ecs", &ecs("ExecuteCommand"), json!({})),
            (
                501,
                "the simulator does not implement ecs.ExecuteCommand",
                None,
            ),
        ),
        (
            query_call(
                "rds",
                "Action=CreateDBInstance&DBInstanceIdentifier=a&DBInstanceClass=db.t4g.micro&Engine=postgres\
                 &DBSecurityGroups.DBSecurityGroupName.1=x",
            ),
            (
                501,
                "<Code>NotImplemented</Code><Message>the simulator does not implement member DBSecurityGroups of \
                 rds.CreateDBInstance</Message>",
                Some(Unserved::Member),
            ),
        ),
        // Refused by AWS.
        (
            json_call(
                "logs",
                "Logs_20140328.CreateLogGroup",
                json!({ "logGroupName": "a b" }),
            ),
            (
                400,
                "1 validation error detected: Value 'a b' at 'logGroupName'",
                None,
            ),
        ),
        (
            json_call(
                "ecr",
                "AmazonEC2ContainerRegistry_V20150921.PutLifecyclePolicy",
                json!({ "repositoryName": "a/b", "lifecyclePolicyText": "x".repeat(30_721) }),
            ),
            (
                400,
                "Member must have length less than or equal to 30720",
                None,
            ),
        ),
        (
            json_call(
                "events",
                "AWSEvents.PutRule",
                json!({ "Name": "r", "EventPattern": "{}", "Description": "x".repeat(513) }),
            ),
            (
                400,
                "'description' failed to satisfy constraint: Member must have length less than or equal to 512",
                None,
            ),
        ),
        (
            query_call(
                "monitoring",
                &format!(
                    "Action=PutMetricAlarm&AlarmName=a&EvaluationPeriods=1&ComparisonOperator=GreaterThanThreshold\
                 &AlarmDescription={}",
                    "x".repeat(1_025)
                ),
            ),
            (
                400,
                "'alarmDescription' failed to satisfy constraint: Member must have length less than or equal to 1024",
                None,
            ),
        ),
        (
            json_call(
                "ecs",
                &ecs("UpdateService"),
                json!({ "service": "s", "desiredCount": "two" }),
            ),
            (400, "STRING_VALUE cannot be converted to Integer", None),
        ),
    ] {
        assert_eq!((status, unserved), (expected.0, expected.2), "{text}");
        assert!(text.contains(expected.1), "{text}");
    }
}

/// What is not set: as Terraform writes it.
#[test]
fn an_empty_text_is_nothing_where_aws_takes_it_for_nothing() {
    let group = "Action=CreateTargetGroup&Version=2015-12-01&Name=web&Protocol=HTTP&Port=80&VpcId=vpc-1&TargetType=ip&ProtocolVersion=&Tags.member.1.Key=team&Tags.member.1.Value=";
    let (status, body, _) = query_call("elasticloadbalancing", group);
    assert_eq!(status, 200, "{body}");
    assert!(
        body.contains("<ProtocolVersion>HTTP1</ProtocolVersion>"),
        "{body}"
    );
    let topic = "Action=Publish&Version=2010-03-31&TopicArn=arn:aws:sns:sa-east-1:123456789012:none&Message=";
    let (status, body, _) = query_call("sns", topic);
    assert_eq!(status, 400, "{body}");
}

fn rest_call(method: &str, path: &str, body: &str) -> (u16, String, Option<Unserved>) {
    let authorization =
        "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/cloudfront/aws4_request";
    let request = Request::builder()
        .method(method)
        .uri(format!("https://aws.invalid/2020-05-31/{path}"))
        .header("authorization", authorization);
    let request = request.body(Bytes::from(body.to_owned()));
    told(request.expect("a request"))
}

#[test]
fn cloudfront_tells_as_its_model_does() {
    let invalidation = "distribution/E1/invalidation";
    let batch = |inner: &str| {
        format!(
            "<InvalidationBatch>{inner}<CallerReference>a</CallerReference></InvalidationBatch>"
        )
    };
    let paths = "<Paths><Quantity>1</Quantity><Items><Path>/a</Path></Items></Paths>";
    for ((method, path, body), expected) in [
        (
            (
                "POST",
                invalidation,
                batch("<Paths><Quantity>two</Quantity><Items/></Paths>"),
            ),
            (
                400,
                "<Code>MalformedInput</Code><Message>two is not a valid integer</Message>",
                None,
            ),
        ),
        (
            ("POST", invalidation, batch("")),
            (
                400,
                "<Code>MalformedXML</Code><Message>1 validation error detected: Value null at 'invalidationBatch.paths' failed to \
                 satisfy constraint: Member must not be null</Message>",
                None,
            ),
        ),
        (
            ("POST", invalidation, "<InvalidationBatch>".to_owned()),
            (400, "<Code>MalformedXML</Code>", None),
        ),
        (
            ("POST", invalidation, batch(&format!("{paths}<Colour/>"))),
            (404, "<Code>NoSuchDistribution</Code>", None),
        ),
        (
            ("GET", "key-group", String::new()),
            (
                501,
                "the simulator does not implement cloudfront.ListKeyGroups",
                None,
            ),
        ),
        (
            ("GET", "colours", String::new()),
            (
                400,
                "<Code>UnknownOperationException</Code>",
                Some(Unserved::Operation),
            ),
        ),
    ] {
        let (status, text, unserved) = rest_call(method, path, &body);
        assert_eq!((status, unserved), (expected.0, expected.2), "{text}");
        assert!(text.contains(expected.1), "{text}");
    }
}
