//! Get, Put and Delete of a bucket's settings.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use s3s::S3Error;

use super::buckets::Versioning;
use super::naming::{has, place};
use super::settings::{Absent, ROWS, Row, Setting};
use super::state::S3;
use super::{lock, policy};
use crate::ApiError;
use crate::base::here::Here;

const TRANSITION_SIZE: &str = "x-amz-transition-default-minimum-object-size";
const USUAL_TRANSITION_SIZE: &str = "all_storage_classes_128K";

/// Serves a call about a setting of a bucket; `None` when the (path style) request is another one.
pub(super) fn serve(
    here: &mut Here<'_, S3>,
    request: &Request<Bytes>,
) -> Option<Result<Response<Bytes>, ApiError>> {
    let query = request.uri().query()?;
    let (bucket, key) = place(request.uri().path());
    if bucket.is_empty() || !key.is_empty() {
        return None;
    }
    if has(query, "policyStatus") && request.method() == Method::GET {
        return Some(status(here, bucket));
    }
    let row = ROWS.iter().find(|row| has(query, row.query))?;
    match *request.method() {
        Method::GET => Some(get(here, bucket, row)),
        Method::PUT => Some(put(here, bucket, row, request)),
        Method::DELETE if row.deletable.is_some() => Some(delete(here, bucket, row)),
        _ => None,
    }
}

fn get(here: &Here<'_, S3>, bucket: &str, row: &Row) -> Result<Response<Bytes>, ApiError> {
    let text = current(here, bucket, row)?;
    if row.setting == Setting::Policy {
        return Ok(reply(200, "application/json", text));
    }
    let mut response = reply(200, "application/xml", document(&text));
    if row.setting == Setting::Lifecycle {
        let made = here.own.made.get(bucket);
        let size = made.and_then(|made| made.settings.get(&Setting::TransitionSize));
        tell_size(&mut response, size.map_or(USUAL_TRANSITION_SIZE, |it| it));
    }
    Ok(response)
}

/// What a bucket's setting is now.
fn current(here: &Here<'_, S3>, bucket: &str, row: &Row) -> Result<String, ApiError> {
    exists(here, bucket)?;
    let made = here.own.made.get(bucket);
    if let Some(text) = made.and_then(|made| made.settings.get(&row.setting)) {
        return Ok(text.clone());
    }
    let error = |code: &'static str, message: &str| ApiError {
        code,
        message: message.to_owned(),
        status: 404,
    };
    match row.absent {
        Absent::Document(text) => Ok(text.to_owned()),
        Absent::Error(code, message) => Err(error(code, message)),
        Absent::DocumentAtFirst(text, code, message) => {
            match made.is_some_and(|made| made.removed.contains(&row.setting)) {
                true => Err(error(code, message)),
                false => Ok(text.to_owned()),
            }
        }
    }
}

fn put(
    here: &mut Here<'_, S3>,
    bucket: &str,
    row: &Row,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    exists(here, bucket)?;
    if request.body().is_empty() && row.setting != Setting::Policy {
        // (moto's `test_put_object_lock_misconfiguration`, aws_verified [OBS])
        return Err(ApiError::client(
            "MissingRequestBodyError",
            "Request Body is empty",
        ));
    }
    let text = match (row.read)(request.body()) {
        Ok(text) => text,
        Err(error) => return told(error),
    };
    if row.setting == Setting::Policy {
        policy::may_be_put(&text, bucket, here, blocks_public_policy(here, bucket))?;
    }
    if row.setting == Setting::Replication && versioning(here, bucket) != Versioning::Enabled {
        return Err(ApiError::client(
            "InvalidRequest",
            "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
        ));
    }
    if row.setting == Setting::ObjectLock {
        lock::may_be_configured(here.own, bucket, &text).map_err(refused)?;
    }
    let made = here.own.made.entry(bucket.to_owned()).or_default();
    if row.setting == Setting::Tagging && !text.contains("<Tag>") {
        // No tags are no set of tags (moto's `test_get_bucket_tagging`, aws_verified [OBS]).
        made.settings.remove(&row.setting);
    } else {
        made.settings.insert(row.setting, text);
    }
    made.removed.retain(|removed| *removed != row.setting);
    let mut response = reply(row.put_status, "application/xml", String::new());
    if row.setting == Setting::Lifecycle {
        let asked = request.headers().get(TRANSITION_SIZE);
        let size = asked.and_then(|size| size.to_str().ok());
        let size = size.unwrap_or(USUAL_TRANSITION_SIZE);
        made.settings
            .insert(Setting::TransitionSize, size.to_owned());
        tell_size(&mut response, size);
    }
    Ok(response)
}

fn delete(here: &mut Here<'_, S3>, bucket: &str, row: &Row) -> Result<Response<Bytes>, ApiError> {
    exists(here, bucket)?;
    let made = here.own.made.entry(bucket.to_owned()).or_default();
    made.settings.remove(&row.setting);
    if !made.removed.contains(&row.setting) {
        made.removed.push(row.setting);
    }
    Ok(reply(204, "application/xml", String::new()))
}

fn versioning(here: &Here<'_, S3>, bucket: &str) -> Versioning {
    let made = here.own.made.get(bucket);
    made.map(|made| made.versioning).unwrap_or_default()
}

/// GetBucketPolicyStatus.
fn status(here: &Here<'_, S3>, bucket: &str) -> Result<Response<Bytes>, ApiError> {
    let row = ROWS.iter().find(|row| row.setting == Setting::Policy);
    let text = row.map_or_else(|| Ok(String::new()), |row| current(here, bucket, row))?;
    let public = policy::is_public(&text);
    let xml = format!("<PolicyStatus><IsPublic>{public}</IsPublic></PolicyStatus>");
    Ok(reply(200, "application/xml", document(&xml)))
}

fn blocks_public_policy(here: &Here<'_, S3>, bucket: &str) -> bool {
    let row = ROWS
        .iter()
        .find(|row| row.setting == Setting::PublicAccessBlock);
    let text = row.and_then(|row| current(here, bucket, row).ok());
    text.is_some_and(|text| text.contains("<BlockPublicPolicy>true"))
}

fn exists(here: &Here<'_, S3>, bucket: &str) -> Result<(), ApiError> {
    here.own.bucket(bucket).map(|_| ()).map_err(|_| ApiError {
        code: "NoSuchBucket",
        message: "The specified bucket does not exist".to_owned(),
        status: 404,
    })
}

/// An error that carries members is a reply of its own: they go with its headers.
fn told(error: S3Error) -> Result<Response<Bytes>, ApiError> {
    let carried = error.headers().cloned();
    let error = refused(error);
    let Some(headers) = carried else {
        return Err(error);
    };
    let (code, message) = (error.code, &error.message);
    let text = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}");
    let mut response = reply(error.status, "application/xml", text);
    response.headers_mut().extend(headers);
    Ok(response)
}

/// What is refused besides malformed documents.
fn refused(error: S3Error) -> ApiError {
    let (code, status) = match error.code().as_str() {
        "MalformedPolicy" => ("MalformedPolicy", 400),
        "InvalidArgument" => ("InvalidArgument", 400),
        "InvalidTag" => ("InvalidTag", 400),
        "InvalidRequest" => ("InvalidRequest", 400),
        "InvalidBucketState" => ("InvalidBucketState", 409),
        _ => ("MalformedXML", 400),
    };
    ApiError {
        code,
        message: error.message().unwrap_or_default().to_owned(),
        status,
    }
}

/// The stored text with its declaration and namespace.
fn document(text: &str) -> String {
    let namespace = "http://s3.amazonaws.com/doc/2006-03-01/";
    let with_namespace = match text.find(['>', '/', ' ']) {
        Some(end) => format!("{} xmlns=\"{namespace}\"{}", &text[..end], &text[end..]),
        None => text.to_owned(),
    };
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{with_namespace}")
}

fn tell_size(response: &mut Response<Bytes>, size: &str) {
    if let Ok(size) = HeaderValue::from_str(size) {
        response.headers_mut().insert(TRANSITION_SIZE, size);
    }
}

fn reply(status: u16, content_type: &'static str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    response
        .headers_mut()
        .insert("content-type", HeaderValue::from_static(content_type));
    response
}
