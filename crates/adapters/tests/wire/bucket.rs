//! A small S3 bucket: objects with headers, conditional writes, listing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::scripted::{Answer, Asked, Aws};

/// Body and headers by key.
pub(crate) type Objects = Arc<Mutex<BTreeMap<String, (Vec<u8>, BTreeMap<String, String>)>>>;

const KEPT: [&str; 6] = [
    "content-type",
    "cache-control",
    "content-language",
    "x-amz-meta-sha256",
    "x-amz-meta-owner",
    "x-amz-server-side-encryption",
];

/// An AWS whose S3 has these objects.
pub(crate) fn s3(objects: &Objects) -> Aws {
    let objects = Arc::clone(objects);
    Aws::new(move |asked| answer(&objects, asked))
}

pub(crate) fn keys(objects: &Objects) -> Vec<String> {
    objects.lock().unwrap().keys().cloned().collect()
}

pub(crate) fn header(objects: &Objects, key: &str, name: &str) -> String {
    objects.lock().unwrap()[key]
        .1
        .get(name)
        .cloned()
        .unwrap_or_default()
}

pub(crate) fn put(objects: &Objects, key: &str, body: &str, content_type: &str) {
    let headers = BTreeMap::from([("content-type".to_owned(), content_type.to_owned())]);
    objects
        .lock()
        .unwrap()
        .insert(key.to_owned(), (body.as_bytes().to_vec(), headers));
}

/// Gives an object a header more.
pub(crate) fn set(objects: &Objects, key: &str, name: &str, value: &str) {
    let mut objects = objects.lock().unwrap();
    let (_, headers) = objects.get_mut(key).unwrap();
    headers.insert(name.to_owned(), value.to_owned());
}

pub(crate) fn body(objects: &Objects, key: &str) -> String {
    String::from_utf8(objects.lock().unwrap()[key].0.clone()).unwrap()
}

fn answer(objects: &Objects, asked: &Asked) -> Answer {
    let (method, path) = asked.operation.split_once(' ').unwrap();
    let key = decoded(path.trim_start_matches('/'));
    let mut objects = objects.lock().unwrap();
    match method {
        "HEAD" if key.is_empty() => Answer::Raw(
            200,
            vec![("x-amz-bucket-region", "sa-east-1".to_owned())],
            Vec::new(),
        ),
        "GET" if asked.query.contains("list-type=2") => {
            let (prefix, delimiter) = (asked.parameter("prefix"), asked.parameter("delimiter"));
            let listed = objects.iter().filter(|(key, _)| key.starts_with(&prefix));
            let listed = listed.filter(|(key, _)| {
                delimiter.is_empty() || !key[prefix.len()..].contains(&delimiter)
            });
            let contents: String = listed
                .map(|(key, (body, headers))| {
                    let usual = || body.len().to_string();
                    let size = headers.get("x-test-size").cloned().unwrap_or_else(usual);
                    let etag = etag(body, headers);
                    format!(
                        "<Contents><Key>{key}</Key><Size>{size}</Size><ETag>&quot;{etag}&quot;</ETag></Contents>"
                    )
                })
                .collect();
            let body = format!(
                "<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>"
            );
            Answer::Raw(200, Vec::new(), body.into_bytes())
        }
        "GET" if asked.query.contains("acl") => error(403, "AccessDenied"),
        "GET" | "HEAD" => match objects.get(&key) {
            None if method == "HEAD" => Answer::Raw(404, Vec::new(), Vec::new()),
            None => error(404, "NoSuchKey"),
            Some((body, headers)) => {
                let mut kept: Vec<(&'static str, String)> = KEPT
                    .iter()
                    .filter_map(|name| Some((*name, headers.get(*name)?.clone())))
                    .collect();
                kept.push(("etag", format!("\"{}\"", etag(body, headers))));
                kept.push(("content-length", body.len().to_string()));
                let body = if method == "GET" {
                    body.clone()
                } else {
                    Vec::new()
                };
                Answer::Raw(200, kept, body)
            }
        },
        "PUT" if asked.headers.contains_key("x-amz-copy-source") => {
            let source = decoded(&asked.headers["x-amz-copy-source"]);
            let source = source.strip_prefix("bucket/").unwrap();
            let (body, headers) = objects[source].clone();
            if asked.headers.get("x-amz-copy-source-if-match")
                != Some(&format!("\"{}\"", etag(&body, &headers)))
            {
                return error(412, "PreconditionFailed");
            }
            assert_eq!(asked.headers["x-amz-metadata-directive"], "REPLACE");
            objects.insert(key, (body, asked.headers.clone()));
            let body = "<CopyObjectResult><ETag>&quot;x&quot;</ETag></CopyObjectResult>";
            Answer::Raw(200, Vec::new(), body.as_bytes().to_vec())
        }
        "POST" if asked.query.contains("delete") => {
            let body = asked.text();
            for part in body.split("<Key>").skip(1) {
                objects.remove(part.split("</Key>").next().unwrap());
            }
            Answer::Raw(200, Vec::new(), b"<DeleteResult></DeleteResult>".to_vec())
        }
        "PUT" if asked.headers.contains_key("if-none-match") && objects.contains_key(&key) => {
            error(412, "PreconditionFailed")
        }
        "PUT" => {
            objects.insert(key, (asked.body.clone(), asked.headers.clone()));
            Answer::Raw(200, Vec::new(), Vec::new())
        }
        "DELETE" => {
            objects.remove(&key);
            Answer::Raw(204, Vec::new(), Vec::new())
        }
        other => panic!("{other} {path}"),
    }
}

/// The MD5 of the bytes, unless a test says otherwise: `x-test-etag`.
fn etag(body: &[u8], headers: &BTreeMap<String, String>) -> String {
    let md5 = || {
        let digest = md5::Digest::finalize(md5::Digest::chain_update(md5::Md5::default(), body));
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    headers.get("x-test-etag").cloned().unwrap_or_else(md5)
}

pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let pair = [rest.next().unwrap(), rest.next().unwrap()];
                let pair = String::from_utf8(pair.to_vec()).unwrap();
                bytes.push(u8::from_str_radix(&pair, 16).unwrap());
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn error(status: u16, code: &str) -> Answer {
    Answer::Raw(
        status,
        Vec::new(),
        format!("<Error><Code>{code}</Code><Message>m</Message></Error>").into_bytes(),
    )
}
