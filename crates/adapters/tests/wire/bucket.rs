//! A small S3 bucket: objects with headers, conditional writes, listing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::scripted::{Answer, Asked, Aws};

/// Body and headers by key.
pub(crate) type Objects = Arc<Mutex<BTreeMap<String, (Vec<u8>, BTreeMap<String, String>)>>>;

const KEPT: [&str; 3] = ["content-type", "cache-control", "x-amz-meta-sha256"];

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

pub(crate) fn body(objects: &Objects, key: &str) -> String {
    String::from_utf8(objects.lock().unwrap()[key].0.clone()).unwrap()
}

fn answer(objects: &Objects, asked: &Asked) -> Answer {
    let (method, path) = asked.operation.split_once(' ').unwrap();
    let key = path.trim_start_matches('/');
    let mut objects = objects.lock().unwrap();
    match method {
        "GET" if asked.query.contains("list-type=2") => {
            let contents: String = objects
                .keys()
                .map(|key| format!("<Contents><Key>{key}</Key></Contents>"))
                .collect();
            let body = format!(
                "<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>"
            );
            Answer::Raw(200, Vec::new(), body.into_bytes())
        }
        "GET" | "HEAD" => match objects.get(key) {
            None if method == "HEAD" => Answer::Raw(404, Vec::new(), Vec::new()),
            None => error(404, "NoSuchKey"),
            Some((body, headers)) => {
                let kept = KEPT
                    .iter()
                    .filter_map(|name| Some((*name, headers.get(*name)?.clone())))
                    .collect();
                Answer::Raw(
                    200,
                    kept,
                    if method == "GET" {
                        body.clone()
                    } else {
                        Vec::new()
                    },
                )
            }
        },
        "PUT" if asked.headers.contains_key("if-none-match") && objects.contains_key(key) => {
            error(412, "PreconditionFailed")
        }
        "PUT" => {
            objects.insert(key.to_owned(), (asked.body.clone(), asked.headers.clone()));
            Answer::Raw(200, Vec::new(), Vec::new())
        }
        "DELETE" => {
            objects.remove(key);
            Answer::Raw(204, Vec::new(), Vec::new())
        }
        other => panic!("{other} {path}"),
    }
}

fn error(status: u16, code: &str) -> Answer {
    Answer::Raw(
        status,
        Vec::new(),
        format!("<Error><Code>{code}</Code><Message>m</Message></Error>").into_bytes(),
    )
}
