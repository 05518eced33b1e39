//! What LocalStack's answers, recorded on AWS (`localstack-core` 4.0.0, `tests/aws/services/s3`), say of S3.

use rstest::rstest;

use super::{Stage, header};
use crate::front::{Service, ask};

fn text(reply: &http::Response<bytes::Bytes>) -> String {
    String::from_utf8_lossy(reply.body()).into_owned()
}

/// A bucket `cats` with the object `a` in it.
fn cats() -> Stage {
    let mut stage = super::cats();
    assert_eq!(stage.told("PUT", "/cats/a", &[], "x"), "200");
    stage
}

/// The request of a row: status, code and a part of what is told.
#[rstest]
#[case::owner_no_account("GET", "/cats?policy", &[("x-amz-expected-bucket-owner", "abcd")], "", "400 InvalidBucketOwnerAWSAccountID", "must be an AWS Account ID... [abcd]")]
#[case::another_owner("GET", "/cats/a", &[("x-amz-expected-bucket-owner", "210987654321")], "", "403 AccessDenied", "Access Denied")]
#[case::no_checksum("PUT", "/cats/b", &[("x-amz-checksum-sha256", "dGVzdA==")], "x", "400 InvalidRequest", "Value for x-amz-checksum-sha256 header is invalid.")]
#[case::another_checksum("PUT", "/cats/b", &[("x-amz-checksum-crc32", "AAAAAA==")], "x", "400 BadDigest", "The CRC32 you specified did not match the calculated checksum.")]
#[case::two_checksums("PUT", "/cats/b", &[("x-amz-checksum-crc32", "AAAAAA=="), ("x-amz-checksum-sha1", "AAAA")], "x", "400 InvalidRequest", "Expecting a single x-amz-checksum- header.")]
#[case::no_md5("PUT", "/cats/b", &[("content-md5", "MTIz")], "x", "400 InvalidDigest", "<Content-MD5>MTIz</Content-MD5>")]
#[case::unversioned("GET", "/cats/a?versionId=HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD", &[], "", "400 InvalidArgument", "<ArgumentName>versionId</ArgumentName><ArgumentValue>HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD</ArgumentValue>")]
#[case::delete_unversioned("DELETE", "/cats/a?versionId=HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD", &[], "", "400 InvalidArgument", "Invalid version id specified")]
#[case::range_and_part("GET", "/cats/a?partNumber=1", &[("range", "bytes=0-0")], "", "400 InvalidRequest", "Cannot specify both Range header and partNumber query parameter")]
#[case::no_part("GET", "/cats/a?partNumber=2", &[], "", "416 InvalidPartNumber", "<ActualPartCount>1</ActualPartCount><PartNumberRequested>2</PartNumberRequested>")]
#[case::nothing_to_bypass("DELETE", "/cats/a", &[("x-amz-bypass-governance-retention", "true")], "", "400 InvalidArgument", "<ArgumentName>x-amz-bypass-governance-retention</ArgumentName>")]
#[case::tag_twice("PUT", "/cats/b", &[("x-amz-tagging", "a=1&a=2")], "x", "400 InvalidArgument", "<ArgumentValue>a=1&amp;a=2</ArgumentValue>")]
#[case::tag_with_comma("PUT", "/cats/a?tagging", &[], "<Tagging><TagSet><Tag><Key>a,b</Key><Value>1</Value></Tag></TagSet></Tagging>", "400 InvalidTag", "<TagKey>a,b</TagKey>")]
#[case::no_versioning("PUT", "/cats?versioning", &[], "<VersioningConfiguration><Status>enabled</Status></VersioningConfiguration>", "400 MalformedXML", "did not validate against our published schema")]
#[case::no_upload("POST", "/cats/a?uploadId=fakeid", &[], "<CompleteMultipartUpload/>", "404 NoSuchUpload", "<UploadId>fakeid</UploadId>")]
#[case::no_class("PUT", "/cats/b", &[("x-amz-storage-class", "OUTPOSTS")], "x", "400 InvalidStorageClass", "<StorageClassRequested>OUTPOSTS</StorageClassRequested>")]
fn is_refused(
    #[case] method: &str,
    #[case] path: &str,
    #[case] headers: &[(&str, &str)],
    #[case] body: &str,
    #[case] expected: &str,
    #[case] told: &str,
) {
    let mut stage = cats();
    assert_eq!(stage.told(method, path, headers, body), expected);
    let reply = text(&stage.ask(method, path, headers, body));
    assert!(reply.contains(told), "{reply}");
}

fn upload(stage: &mut Stage) -> String {
    let begun = text(&stage.ask("POST", "/cats/big?uploads", &[], ""));
    let id = begun.split_once("<UploadId>").map_or("", |(_, rest)| rest);
    id.split_once("</UploadId>")
        .map_or("", |(id, _)| id)
        .to_owned()
}

#[test]
fn an_upload_without_parts_is_not_completed() {
    let mut stage = cats();
    let path = format!("/cats/big?uploadId={}", upload(&mut stage));
    let reply = stage.ask("POST", &path, &[], "<CompleteMultipartUpload/>");
    assert!(text(&reply).contains("You must specify at least one part"));
}

#[test]
fn a_delete_marker_takes_no_acl_and_has_no_tags() {
    let mut stage = cats();
    let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    stage.ask("PUT", "/cats?versioning", &[], enabled);
    stage.ask("DELETE", "/cats/a", &[], "");
    let acl = [("x-amz-acl", "private")];
    assert_eq!(stage.told("GET", "/cats/a?acl", &[], ""), "404 NoSuchKey");
    assert_eq!(
        stage.told("PUT", "/cats/a?acl", &acl, ""),
        "405 MethodNotAllowed"
    );
    assert_eq!(
        stage.told("GET", "/cats/a?tagging", &[], ""),
        "405 MethodNotAllowed"
    );
}

#[test]
fn a_time_to_come_is_no_condition() {
    let mut stage = cats();
    let later = [("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT")];
    assert_eq!(stage.told("GET", "/cats/a", &later, ""), "200");
}

#[test]
fn versions_that_are_not_there_are_told_to_who_deletes_many() {
    let mut stage = cats();
    let one = "<Delete><Object><Key>a</Key><VersionId>HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD</VersionId></Object></Delete>";
    let reply = text(&stage.ask("POST", "/cats?delete", &[], one));
    assert!(reply.contains("<Code>NoSuchVersion</Code>"), "{reply}");
    assert_eq!(stage.told("GET", "/cats/a", &[], ""), "200");
}

#[test]
fn every_answer_says_which_machine_gave_it() {
    let mut stage = cats();
    let reply = stage.ask("GET", "/cats/none", &[], "");
    let id = header(&reply, "x-amz-id-2");
    assert_eq!(
        (id.len(), header(&reply, "server").as_str()),
        (76, "AmazonS3")
    );
    assert!(text(&reply).contains(&format!("<HostId>{id}</HostId>")));
}

fn received(stage: &mut Stage) -> Vec<serde_json::Value> {
    let input = serde_json::json!({
        "QueueUrl": "http://x/123456789012/heard", "MaxNumberOfMessages": 10,
    });
    let answer = ask(&mut stage.0, Service::Sqs, "ReceiveMessage", &input).unwrap();
    let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
    let bodies = messages.iter().map(|it| it["Body"].as_str().unwrap());
    bodies.map(|it| serde_json::from_str(it).unwrap()).collect()
}

/// `cats` tells the queue `heard` of some of what happens.
fn telling(events: &str, filter: &str) -> Stage {
    let mut stage = cats();
    let input = serde_json::json!({ "QueueName": "heard" });
    ask(&mut stage.0, Service::Sqs, "CreateQueue", &input).unwrap();
    let events = events.split(' ').map(|it| format!("<Event>{it}</Event>"));
    let events: String = events.collect();
    let document = format!(
        "<NotificationConfiguration><QueueConfiguration><Id>mine</Id><Queue>arn:aws:sqs:us-east-1:123456789012:heard</Queue>{events}\
         {filter}</QueueConfiguration></NotificationConfiguration>"
    );
    assert_eq!(
        stage.told("PUT", "/cats?notification", &[], &document),
        "200"
    );
    let first = received(&mut stage);
    assert_eq!(
        (&first[0]["Event"], &first[0]["Bucket"]),
        (&"s3:TestEvent".into(), &"cats".into())
    );
    stage
}

#[test]
fn a_queue_hears_of_what_was_made_and_removed() {
    let mut stage = telling("s3:ObjectCreated:* s3:ObjectRemoved:Delete", "");
    stage.told("PUT", "/cats/a%40b%20c/d", &[], "four");
    stage.told("DELETE", "/cats/a%40b%20c/d", &[], "");
    stage.told(
        "PUT",
        "/cats/a?tagging",
        &[],
        "<Tagging><TagSet/></Tagging>",
    );
    let heard = received(&mut stage);
    let told: Vec<_> = heard
        .iter()
        .map(|it| {
            let record = &it["Records"][0];
            let object = &record["s3"]["object"];
            format!(
                "{} {} {} {} {}",
                record["eventName"],
                record["s3"]["configurationId"],
                object["key"],
                object["size"],
                object["eTag"]
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            r#""ObjectCreated:Put" "mine" "a%40b+c/d" 4 "8cbad96aced40b3838dd9f07f6ef5772""#,
            r#""ObjectRemoved:Delete" "mine" "a%40b+c/d" null null"#,
        ]
    );
}

#[test]
fn of_what_is_still_there_no_queue_hears_that_it_was_removed() {
    let mut stage = telling("s3:ObjectRemoved:*", "");
    let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    stage.told("PUT", "/cats?versioning", &[], enabled);
    let put = |stage: &mut Stage| {
        header(
            &stage.ask("PUT", "/cats/it's.txt", &[], "x"),
            "x-amz-version-id",
        )
    };
    put(&mut stage);
    let second = put(&mut stage);
    // Of a version that is not there it is said that it is refused.
    let none = "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD";
    let object = |version: &str| {
        format!("<Object><Key>it's.txt</Key><VersionId>{version}</VersionId></Object>")
    };
    let many = format!("<Delete>{}{}</Delete>", object(none), object(&second));
    let reply = text(&stage.ask("POST", "/cats?delete", &[], &many));
    assert!(reply.contains("<Code>NoSuchVersion</Code>"), "{reply}");
    let heard = received(&mut stage);
    let objects = heard
        .iter()
        .map(|it| it["Records"][0]["s3"]["object"]["versionId"].clone());
    let objects: Vec<_> = objects.collect();
    assert_eq!(objects, [second.as_str()]);
}

#[test]
fn a_filter_lets_through_what_begins_and_ends_as_it_says() {
    let rules = "<FilterRule><Name>prefix</Name><Value>in/</Value></FilterRule><FilterRule><Name>SUFFIX</Name><Value>.txt</Value></FilterRule>";
    let mut stage = telling(
        "s3:ObjectCreated:Put",
        &format!("<Filter><S3Key>{rules}</S3Key></Filter>"),
    );
    for key in ["in/a.txt", "in/a.png", "a.txt"] {
        stage.told("PUT", &format!("/cats/{key}"), &[], "x");
    }
    let heard = received(&mut stage);
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0]["Records"][0]["s3"]["object"]["key"], "in/a.txt");
    let kept = text(&stage.ask("GET", "/cats?notification", &[], ""));
    assert!(kept.contains("<Name>Prefix</Name>") && kept.contains("<Name>Suffix</Name>"));
}

#[test]
fn the_bus_hears_of_every_object_of_a_bucket_that_says_so() {
    let mut stage = cats();
    let world = &mut stage.0;
    for (service, operation, input) in [
        (
            Service::Sqs,
            "CreateQueue",
            serde_json::json!({ "QueueName": "heard" }),
        ),
        (
            Service::Events,
            "PutRule",
            serde_json::json!({ "Name": "objects", "EventPattern": r#"{"source":["aws.s3"]}"# }),
        ),
        (
            Service::Events,
            "PutTargets",
            serde_json::json!({ "Rule": "objects", "Targets": [{ "Id": "1", "Arn": "arn:aws:sqs:us-east-1:123456789012:heard" }] }),
        ),
    ] {
        ask(world, service, operation, &input).unwrap();
    }
    let document =
        "<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>";
    stage.told("PUT", "/cats?notification", &[], document);
    stage.told("PUT", "/cats/new", &[], "four");
    stage.told("DELETE", "/cats/new", &[], "");
    let now_ms = stage.0.now_ms + 60_000;
    stage.0.advance(now_ms);
    let heard = received(&mut stage);
    let kinds: Vec<_> = heard
        .iter()
        .map(|it| it["detail-type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["Object Created", "Object Deleted"]);
    assert_eq!(heard[0]["detail"]["object"]["size"], 4);
    assert_eq!(heard[1]["detail"]["deletion-type"], "Permanently Deleted");
    assert_eq!(heard[0]["resources"][0], "arn:aws:s3:::cats");
}

#[rstest]
#[case::nowhere(
    "arn:aws:sqs:us-east-1:123456789012:none",
    "<ArgumentName1>arn:aws:sqs:us-east-1:123456789012:none</ArgumentName1><ArgumentValue1>The destination queue does not exist</ArgumentValue1>"
)]
#[case::no_arn(
    "none",
    "The ARN could not be parsed</Message><ArgumentName>Queue</ArgumentName><ArgumentValue>none</ArgumentValue>"
)]
fn a_bucket_tells_only_who_is_there(#[case] arn: &str, #[case] words: &str) {
    let mut stage = cats();
    let document = format!(
        "<NotificationConfiguration><QueueConfiguration><Queue>{arn}</Queue><Event>s3:ObjectCreated:*</Event></QueueConfiguration>\
         </NotificationConfiguration>"
    );
    let told = text(&stage.ask("PUT", "/cats?notification", &[], &document));
    assert!(told.contains(words), "{told}");
}

#[rstest]
#[case::by_days(
    "<Prefix>a</Prefix>",
    "<Days>7</Days>",
    Some("Fri, 09 Jan 2026 00:00:00 GMT")
)]
#[case::by_date(
    "<Prefix/>",
    "<Date>2027-01-01T00:00:00Z</Date>",
    Some("Fri, 01 Jan 2027 00:00:00 GMT")
)]
#[case::of_others("<Prefix>b</Prefix>", "<Days>7</Days>", None)]
#[case::of_larger_ones(
    "<ObjectSizeGreaterThan>9</ObjectSizeGreaterThan>",
    "<Days>7</Days>",
    None
)]
fn an_object_tells_when_it_expires(
    #[case] filter: &str,
    #[case] when: &str,
    #[case] date: Option<&str>,
) {
    let mut stage = cats();
    let rule = format!(
        "<LifecycleConfiguration><Rule><ID>mine</ID><Filter>{filter}</Filter><Status>Enabled</Status><Expiration>{when}</Expiration></Rule>\
         </LifecycleConfiguration>"
    );
    assert_eq!(stage.told("PUT", "/cats?lifecycle", &[], &rule), "200");
    stage.0.advance(stage.0.now_ms + 1_000);
    stage.told("PUT", "/cats/a", &[], "x");
    let told = date.map(|it| format!("expiry-date=\"{it}\", rule-id=\"mine\""));
    let reply = stage.ask("HEAD", "/cats/a", &[], "");
    let found = reply.headers().get("x-amz-expiration");
    assert_eq!(found.map(|it| it.to_str().unwrap()), told.as_deref());
}
