//! Requests of the REST-XML services, which no model gives a body.

use super::Pool;
use super::requests::{Draft, signed};
use super::script::Script;

/// Method, path, `header|value`, body. `{pool}` is a text of an earlier reply.
const S3: [(&str, &str, &str, &str); 46] = [
    ("GET", "/", "", ""),
    ("PUT", "/state", "", ""),
    ("HEAD", "/assets", "", ""),
    ("DELETE", "/state", "", ""),
    ("GET", "/assets?location", "", ""),
    (
        "GET",
        "/assets?list-type=2&prefix=i&delimiter=%2F&max-keys=1&start-after=a",
        "",
        "",
    ),
    (
        "GET",
        "/assets?list-type=2&continuation-token=aW5kZXg%3D&encoding-type=url",
        "",
        "",
    ),
    ("GET", "/assets?versioning", "", ""),
    ("GET", "/assets/index.html", "range|bytes=0-3", ""),
    ("GET", "/assets/index.html", "if-none-match|\"x\"", ""),
    (
        "HEAD",
        "/assets/index.html",
        "if-modified-since|Thu, 01 Jan 2026 00:00:00 GMT",
        "",
    ),
    ("PUT", "/assets/a/b%20c", "content-type|text/plain", "hello"),
    (
        "PUT",
        "/assets/a",
        "content-md5|XUFAKrxLKna5cZ2REBfFkg==",
        "hello",
    ),
    ("PUT", "/assets/a", "x-amz-checksum-crc32|AAAAAA==", "hello"),
    ("PUT", "/assets/a", "if-none-match|*", "hello"),
    (
        "PUT",
        "/assets/c",
        "x-amz-content-sha256|STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
    ),
    (
        "PUT",
        "/assets/c",
        "x-amz-content-sha256|STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "5;chunk-signature=00\r\nhello\r\n0;chunk-signature=00\r\n\r\n",
    ),
    (
        "PUT",
        "/assets/copy",
        "x-amz-copy-source|/assets/index.html",
        "",
    ),
    ("DELETE", "/assets/a", "", ""),
    (
        "POST",
        "/assets?delete",
        "",
        "<Delete><Object><Key>a</Key></Object><Quiet>true</Quiet></Delete>",
    ),
    ("POST", "/assets/big?uploads", "", ""),
    ("PUT", "/assets/big?partNumber=1&uploadId=x", "", "part"),
    ("POST", "/assets/big?uploads", "", ""),
    (
        "PUT",
        "/assets/big?partNumber=1&uploadId={pool}",
        "",
        "part",
    ),
    (
        "PUT",
        "/assets/big?partNumber=2&uploadId={pool}",
        "x-amz-copy-source|/assets/index.html",
        "",
    ),
    (
        "GET",
        "/assets/big?uploadId={pool}&max-parts=1&part-number-marker=1",
        "",
        "",
    ),
    (
        "POST",
        "/assets/big?uploadId={pool}",
        "",
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{pool}</ETag></Part></CompleteMultipartUpload>",
    ),
    ("DELETE", "/assets/big?uploadId={pool}", "", ""),
    (
        "GET",
        "/assets?uploads&max-uploads=1&key-marker=a&upload-id-marker=b",
        "",
        "",
    ),
    (
        "PUT",
        "/assets?versioning",
        "",
        "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
    ),
    (
        "GET",
        "/assets?versions&max-keys=1&key-marker=index.html&version-id-marker={pool}",
        "",
        "",
    ),
    ("GET", "/assets/index.html?versionId={pool}", "", ""),
    ("DELETE", "/assets/index.html?versionId={pool}", "", ""),
    (
        "PUT",
        "/assets/index.html?tagging",
        "",
        "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>",
    ),
    ("GET", "/assets/index.html?tagging", "", ""),
    ("DELETE", "/assets/index.html?tagging", "", ""),
    ("GET", "/assets/index.html?acl", "", ""),
    (
        "GET",
        "/assets/index.html?attributes",
        "x-amz-object-attributes|ETag,Checksum,ObjectParts",
        "",
    ),
    ("GET", "/assets/index.html?partNumber=1", "", ""),
    (
        "GET",
        "/assets/index.html",
        "range|bytes=-18446744073709551615",
        "",
    ),
    ("PUT", "/assets?policy", "", "{}"),
    ("GET", "/assets?policy", "", ""),
    (
        "PUT",
        "/assets?cors",
        "",
        "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>",
    ),
    (
        "PUT",
        "/assets?lifecycle",
        "",
        "<LifecycleConfiguration><Rule><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>",
    ),
    ("GET", "/assets?acl", "", ""),
    ("GET", "/assets?marker=a&max-keys=1", "", ""),
];

pub(super) fn of_s3(script: &mut Script<'_>, pool: &Pool) -> Draft {
    let (method, uri, header, body) = *script.one(&S3);
    let mut headers = signed("s3", Vec::new());
    if let Some((name, value)) = header.split_once('|') {
        headers.push((name, value.to_owned()));
    }
    Draft {
        method: method.to_owned(),
        uri: uri.replace("{pool}", &pool.one(script)),
        headers,
        body: body.replace("{pool}", &pool.one(script)).into(),
    }
}

const CLOUDFRONT: [(&str, &str, &str); 6] = [
    ("GET", "/2020-05-31/distribution/E2ABCDEFGHIJKL", ""),
    ("GET", "/2020-05-31/distribution", ""),
    ("GET", "/2020-05-31/distribution/E2ABCDEFGHIJKL/config", ""),
    (
        "GET",
        "/2020-05-31/distribution/E2ABCDEFGHIJKL/invalidation?MaxItems=1&Marker=I1",
        "",
    ),
    (
        "GET",
        "/2020-05-31/distribution/E2ABCDEFGHIJKL/invalidation/I1",
        "",
    ),
    (
        "POST",
        "/2020-05-31/distribution/E2ABCDEFGHIJKL/invalidation",
        "<InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Paths><Quantity>1</Quantity><Items>\
         <Path>/*</Path></Items></Paths><CallerReference>a</CallerReference></InvalidationBatch>",
    ),
];

pub(super) fn of_cloudfront(script: &mut Script<'_>) -> Draft {
    let (method, uri, body) = *script.one(&CLOUDFRONT);
    Draft {
        method: method.to_owned(),
        uri: uri.to_owned(),
        headers: signed("cloudfront", Vec::new()),
        body: body.into(),
    }
}
