//! What moto's `aws_verified` tests and LocalStack's recorded answers say of S3, and what the documentation refuses.

use http::Response;
use rstest::rstest;

use super::{Stage, cats, header};

fn text(reply: &Response<bytes::Bytes>) -> String {
    String::from_utf8_lossy(reply.body()).into_owned()
}

const XML_TAGS: &str =
    "<Tagging><TagSet><Tag><Key>KEY</Key><Value>1</Value></Tag></TagSet></Tagging>";

/// A bucket `cats` with the object `a` in it, and the request of a row: status, code and a part of what is told.
#[rstest]
#[case::tag_of_aws("PUT", "/cats/b", &[("x-amz-tagging", "aws:a=1")], "", "400 InvalidTag", "Your TagKey cannot be prefixed with aws:")]
#[case::tags_of_aws("PUT", "/cats/a?tagging", &[], XML_TAGS, "400 InvalidTag", "Your TagKey cannot be prefixed with aws:")]
#[case::bucket_tag_of_aws("PUT", "/cats?tagging", &[], XML_TAGS, "400 InvalidTag", "System tags cannot be added/updated by requester")]
#[case::bucket_tag_twice("PUT", "/cats?tagging", &[], "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>a</Key><Value>2</Value></Tag></TagSet></Tagging>", "400 InvalidTag", "Cannot provide multiple Tags with the same key")]
#[case::no_body("PUT", "/cats?object-lock", &[], "", "400 MissingRequestBodyError", "Request Body is empty")]
#[case::copy_of_nothing("PUT", "/cats/b", &[("x-amz-copy-source", "/cats/none")], "", "404 NoSuchKey", "<Key>none</Key>")]
#[case::no_class("PUT", "/cats/b", &[("x-amz-storage-class", "STANDARD2")], "", "400 InvalidStorageClass", "The storage class you specified is not valid")]
#[case::part_number("PUT", "/cats/a?partNumber=0&uploadId={upload}", &[], "x", "400 InvalidArgument", "<ArgumentName>partNumber</ArgumentName><ArgumentValue>0</ArgumentValue>")]
#[case::no_method("PUT", "/cats?cors", &[], "<CORSConfiguration><CORSRule><AllowedMethod>NOTREAL</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>", "400 InvalidRequest", "Unsupported method is NOTREAL")]
#[case::no_status("PUT", "/cats?accelerate", &[], "<AccelerateConfiguration><Status>bad</Status></AccelerateConfiguration>", "400 MalformedXML", "")]
#[case::no_arn("PUT", "/cats?notification", &[], "<NotificationConfiguration><QueueConfiguration><Queue>arn:aws:{}:us-east-1:1:q</Queue><Event>s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>", "400 InvalidArgument", "The ARN is not well formed")]
#[case::two_ways("PUT", "/cats?lifecycle", &[], "<LifecycleConfiguration><Rule><Filter><Prefix>a</Prefix></Filter><Status>Enabled</Status><Expiration><Days>1</Days><ExpiredObjectDeleteMarker>false</ExpiredObjectDeleteMarker></Expiration></Rule></LifecycleConfiguration>", "400 MalformedXML", "")]
#[case::no_filter("PUT", "/cats?lifecycle", &[], "<LifecycleConfiguration><Rule><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>", "400 MalformedXML", "")]
#[case::unversioned("PUT", "/cats?replication", &[], "<ReplicationConfiguration><Role>r</Role><Rule><Status>Enabled</Status><Destination><Bucket>b</Bucket></Destination></Rule></ReplicationConfiguration>", "400 InvalidRequest", "Versioning must be 'Enabled'")]
#[case::another_partition("PUT", "/dogs", &[], "<CreateBucketConfiguration><LocationConstraint>nowhere</LocationConstraint></CreateBucketConfiguration>", "400 InvalidLocationConstraint", "")]
fn is_refused(
    #[case] method: &str,
    #[case] path: &str,
    #[case] headers: &[(&str, &str)],
    #[case] body: &str,
    #[case] expected: &str,
    #[case] told: &str,
) {
    let mut stage = cats();
    let begun = text(&stage.ask("POST", "/cats/a?uploads", &[], ""));
    let upload = begun.split_once("<UploadId>").map_or("", |(_, rest)| rest);
    let upload = upload.split_once("</UploadId>").map_or("", |(id, _)| id);
    let path = path.replace("{upload}", upload);
    let body = match path.contains("tagging") {
        true => body.replace("KEY", "aws:a"),
        false => body.to_owned(),
    };
    let answer = text(&stage.ask(method, &path, headers, &body));
    assert!(answer.contains(told), "{answer}");
    assert_eq!(
        stage.told(method, &path, headers, &body),
        expected,
        "{answer}"
    );
}

/// With both quotes, one or none, and one that is nobody's.
#[test]
fn an_etag_needs_no_quotes() {
    let mut stage = cats();
    let etag = header(&stage.ask("PUT", "/cats/a", &[], "1"), "etag");
    let bare = etag.trim_matches('"').to_owned();
    for asked in [
        etag.clone(),
        bare.clone(),
        format!("{bare}\""),
        format!("\"{bare}"),
    ] {
        assert_eq!(
            stage.told("PUT", "/cats/a", &[("if-match", &asked)], "1"),
            "200",
            "{asked}"
        );
    }
    assert_eq!(
        stage.told("PUT", "/cats/a", &[("if-match", "other")], "1"),
        "412 PreconditionFailed"
    );
    let source = ("x-amz-copy-source", "/cats/a");
    let unless = |etag| [source, ("x-amz-copy-source-if-none-match", etag)];
    assert_eq!(
        stage.told("PUT", "/cats/b", &unless("unknown etag"), ""),
        "200"
    );
    assert_eq!(
        stage.told("PUT", "/cats/b", &unless(&*bare), ""),
        "412 PreconditionFailed"
    );
    let unchanged = stage.ask("GET", "/cats/a", &[("if-none-match", &etag)], "");
    assert_eq!(
        (unchanged.status().as_u16(), header(&unchanged, "etag")),
        (304, etag)
    );
}

#[test]
fn a_bucket_of_us_east_1_is_made_again() {
    let mut stage = cats();
    assert_eq!(stage.told("PUT", "/cats/a", &[], "1"), "200");
    assert_eq!(stage.told("PUT", "/cats", &[], ""), "200");
    assert_eq!(stage.told("GET", "/cats/a", &[], ""), "200");
}

#[test]
fn buckets_are_listed_in_pages() {
    let mut stage = cats();
    for bucket in ["/dogs", "/eels"] {
        assert_eq!(stage.told("PUT", bucket, &[], ""), "200");
    }
    let first = text(&stage.ask("GET", "/?max-buckets=2", &[], ""));
    assert!(
        first.contains("<Name>dogs</Name>") && !first.contains("<Name>eels</Name>"),
        "{first}"
    );
    assert!(
        first.contains("<ContinuationToken>dogs</ContinuationToken>"),
        "{first}"
    );
    let next = text(&stage.ask("GET", "/?continuation-token=dogs", &[], ""));
    assert!(
        next.contains("<Name>eels</Name>") && !next.contains("dogs"),
        "{next}"
    );
    let elsewhere = text(&stage.ask("GET", "/?bucket-region=sa-east-1", &[], ""));
    assert!(!elsewhere.contains("<Name>"), "{elsewhere}");
}

#[test]
fn an_archived_object_is_not_read_and_not_copied() {
    let mut stage = cats();
    for class in ["GLACIER", "DEEP_ARCHIVE"] {
        assert_eq!(
            stage.told("PUT", "/cats/old", &[("x-amz-storage-class", class)], "1"),
            "200"
        );
        let read = text(&stage.ask("GET", "/cats/old", &[], ""));
        assert!(
            read.contains(&format!("<StorageClass>{class}</StorageClass>")),
            "{read}"
        );
        assert_eq!(
            stage.told("GET", "/cats/old", &[], ""),
            "403 InvalidObjectState"
        );
        assert_eq!(stage.told("HEAD", "/cats/old", &[], ""), "200");
        let copy = [("x-amz-copy-source", "/cats/old")];
        assert_eq!(
            stage.told("PUT", "/cats/new", &copy, ""),
            "403 ObjectNotInActiveTierError"
        );
        let begun = text(&stage.ask("POST", "/cats/new?uploads", &[], ""));
        let (_, id) = begun.split_once("<UploadId>").expect("an upload");
        let (id, _) = id.split_once("</UploadId>").expect("its id");
        let part = format!("/cats/new?partNumber=1&uploadId={id}");
        assert_eq!(
            stage.told("PUT", &part, &copy, ""),
            "403 ObjectNotInActiveTierError"
        );
        let nothing = [("x-amz-copy-source", "/cats/none")];
        let missing = text(&stage.ask("PUT", &part, &nothing, ""));
        assert!(missing.contains("<Key>none</Key>"), "{missing}");
    }
    let instant = [("x-amz-storage-class", "GLACIER_IR")];
    assert_eq!(stage.told("PUT", "/cats/old", &instant, "1"), "200");
    assert_eq!(stage.told("GET", "/cats/old", &[], ""), "200");
}

#[test]
fn no_tags_are_no_set_of_tags() {
    let mut stage = cats();
    let none = "<Tagging><TagSet></TagSet></Tagging>";
    assert_eq!(
        stage.told("PUT", "/cats?tagging", &[], &XML_TAGS.replace("KEY", "a")),
        "204"
    );
    assert_eq!(stage.told("GET", "/cats?tagging", &[], ""), "200");
    assert_eq!(stage.told("PUT", "/cats?tagging", &[], none), "204");
    assert_eq!(
        stage.told("GET", "/cats?tagging", &[], ""),
        "404 NoSuchTagSet"
    );
}

#[test]
fn heads_tell_what_they_are_about() {
    let mut stage = cats();
    let bucket = stage.ask("HEAD", "/cats", &[], "");
    assert_eq!(header(&bucket, "content-type"), "application/xml");
    let on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    assert_eq!(stage.told("PUT", "/cats?versioning", &[], on), "200");
    assert_eq!(stage.told("PUT", "/cats/a", &[], "1"), "200");
    let marker = header(&stage.ask("DELETE", "/cats/a", &[], ""), "x-amz-version-id");
    let hidden = stage.ask("HEAD", &format!("/cats/a?versionId={marker}"), &[], "");
    assert_eq!(
        (hidden.status().as_u16(), header(&hidden, "allow")),
        (405, "DELETE".to_owned())
    );
}

#[test]
fn attributes_tell_an_etag_without_quotes() {
    let mut stage = cats();
    let etag = header(&stage.ask("PUT", "/cats/a", &[], "1"), "etag");
    let asked = [("x-amz-object-attributes", "ETag")];
    let told = text(&stage.ask("GET", "/cats/a?attributes", &asked, ""));
    assert!(
        told.contains(&format!("<ETag>{}</ETag>", etag.trim_matches('"'))),
        "{told}"
    );
}

#[test]
fn versions_behind_the_beginning_of_a_key_are_grouped_all_the_same() {
    let mut stage = Stage::new();
    assert_eq!(stage.told("PUT", "/cats", &[], ""), "200");
    for key in ["k11-with-a", "k11-without", "k12-with-a"] {
        assert_eq!(stage.told("PUT", &format!("/cats/{key}"), &[], ""), "200");
    }
    let listed = text(&stage.ask(
        "GET",
        "/cats?versions&prefix=k1&delimiter=with-&key-marker=k11",
        &[],
        "",
    ));
    for prefix in ["k11-with-", "k12-with-"] {
        assert!(
            listed.contains(&format!("<CommonPrefixes><Prefix>{prefix}</Prefix>")),
            "{listed}"
        );
    }
    let rest = text(&stage.ask(
        "GET",
        "/cats?versions&prefix=k1&delimiter=with-&key-marker=k11-with-",
        &[],
        "",
    ));
    assert!(!rest.contains("<Prefix>k11-with-</Prefix>"), "{rest}");
    // A page that ends with a common prefix goes on behind it, with no version.
    let page = text(&stage.ask("GET", "/cats?versions&delimiter=with-&max-keys=1", &[], ""));
    assert!(
        page.contains("<NextKeyMarker>k11-with-</NextKeyMarker>"),
        "{page}"
    );
    assert!(!page.contains("NextVersionIdMarker"), "{page}");
}
