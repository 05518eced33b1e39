//! What an answer looks like in each protocol, errors included.

use backstay_aws_model::regions::is_arn_of;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, SERVER};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use crate::front::modelled::Modelled;
use crate::front::{Call, Protocol, Service, query_error, sqs_query};
use crate::wire::{RestAnswer, RestBody, Xml, cbor, http_date, mark, shaped};
use crate::{ApiError, Millis};

pub(crate) fn json(value: &Value) -> Response<Bytes> {
    // Twice as fast as its `Display`, and it cannot fail: the keys are strings.
    json_text(serde_json::to_vec(value).unwrap_or_default().into())
}

/// JSON that was written already.
pub(super) fn json_text(body: Bytes) -> Response<Bytes> {
    with_type(200, "application/x-amz-json-1.1", body)
}

/// An answer in the protocol of its call; it may have marks (`mark.rs`) where its service speaks more than one.
pub(super) fn answer(
    call: &Call,
    modelled: &Modelled,
    value: Value,
    request_id: &str,
) -> Response<Bytes> {
    match call.protocol {
        Protocol::Cbor => cbor(200, &value),
        Protocol::Json10 => {
            let body = serde_json::to_vec(&mark::to_json(value)).unwrap_or_default();
            with_type(200, "application/x-amz-json-1.0", body)
        }
        Protocol::RestJson => {
            let body = serde_json::to_vec(&value).unwrap_or_default();
            with_type(200, "application/json", body)
        }
        Protocol::Json11 if call.service.speaks_cbor() => json(&mark::to_json(value)),
        Protocol::Json11 => json(&value),
        Protocol::RestXml => rest(call, modelled, &value),
        Protocol::Query if call.service == Service::Sqs => {
            let result = sqs_query::output(&call.operation, &value);
            query(call.service, &call.operation, &result, request_id)
        }
        Protocol::Query => {
            let output = modelled.operation.output;
            let result = output.map(|shape| shaped(modelled.model, shape, &value));
            query(
                call.service,
                &call.operation,
                &result.unwrap_or_default(),
                request_id,
            )
        }
    }
}

fn cbor(status: u16, value: &Value) -> Response<Bytes> {
    let mut response = with_type(status, "application/cbor", cbor::encode(value));
    let headers = response.headers_mut();
    headers.insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
    response
}

/// An answer of a REST service: its shape says what is a header, and what the body is.
fn rest(call: &Call, modelled: &Modelled, value: &Value) -> Response<Bytes> {
    let output = modelled.operation.output;
    let answer = output.map(|shape| RestAnswer::of(modelled.model, shape, value));
    let answer = answer.unwrap_or_default();
    let mut response = Response::new(Bytes::new());
    match answer.body {
        RestBody::Nothing => {}
        RestBody::Bytes(bytes) => *response.body_mut() = bytes,
        RestBody::Document(root, inside) => {
            *response.body_mut() = inside.document(&root, call.service.namespace()).into();
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
        }
    }
    let route = modelled.model.route(&call.operation);
    let status = route.and_then(|route| route.status).unwrap_or(200);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// `<OperationResponse><OperationResult>...</OperationResult><ResponseMetadata/></OperationResponse>`.
fn query(service: Service, operation: &str, result: &Xml, request_id: &str) -> Response<Bytes> {
    let metadata = Xml::new().text("RequestId", request_id);
    let body = Xml::new()
        .nested(&format!("{operation}Result"), result)
        .nested("ResponseMetadata", &metadata);
    with_type(
        200,
        "text/xml",
        body.document(&format!("{operation}Response"), service.namespace()),
    )
}

/// An error in the shape of the service's protocol (ecs-semantics 0, [MODEL] [MEM]).
pub(super) fn error(call: &Call, error: &ApiError, request_id: &str) -> Response<Bytes> {
    let service = call.service;
    let json = || {
        // Secrets Manager's errors have it with a capital letter [MODEL].
        let message = match service {
            Service::SecretsManager => "Message",
            _ => "message",
        };
        let shape = query_error::shape(service, error.code);
        let mut members = json!({ "__type": shape, message: error.message });
        let named = conflicting(service, error);
        if !named.is_empty() {
            members["resourceIds"] = json!(named);
        }
        members
    };
    match call.protocol {
        Protocol::Json11 => {
            let body = json().to_string();
            return with_type(error.status, "application/x-amz-json-1.1", body);
        }
        Protocol::Json10 => {
            let body = json().to_string();
            let reply = with_type(error.status, "application/x-amz-json-1.0", body);
            return query_error::named(reply, service, error);
        }
        Protocol::Cbor => {
            return query_error::named(cbor(error.status, &json()), service, error);
        }
        // Its errors have `Message` with a capital letter, and their shape in a header [MODEL].
        Protocol::RestJson => {
            let body = json!({ "Message": error.message }).to_string();
            let mut reply = with_type(error.status, "application/json", body);
            let code = HeaderValue::from_static(error.code);
            reply.headers_mut().insert("x-amzn-errortype", code);
            return reply;
        }
        Protocol::Query | Protocol::RestXml => {}
    }
    let fault = fault(error);
    let words = |xml: Xml| xml.text("Code", error.code).text("Message", &error.message);
    if service == Service::S3 {
        // S3's errors have no namespace: with one the SDKs find no code in them [DOC].
        let inner = words(Xml::new()).text("RequestId", request_id);
        return with_type(error.status, "application/xml", inner.bare("Error"));
    }
    let inner = words(Xml::new().text("Type", fault));
    let whole = Xml::new()
        .nested("Error", &inner)
        .text("RequestId", request_id);
    let body = whole.document("ErrorResponse", service.namespace());
    with_type(error.status, "text/xml", body)
}

/// Whose fault it is.
pub(super) fn fault(error: &ApiError) -> &'static str {
    if error.status < 500 {
        "Sender"
    } else {
        "Receiver"
    }
}

/// What nobody here serves: 501, in the body of every protocol at once readable by a person.
pub(crate) fn unknown(message: &str) -> Response<Bytes> {
    let body = json!({ "__type": "NotImplemented", "message": message });
    with_type(501, "application/x-amz-json-1.1", body.to_string())
}

/// Every reply says which request it answers, for which S3 has a header of its own, and when.
pub(super) fn identify(
    mut response: Response<Bytes>,
    request_id: &str,
    now_ms: Millis,
) -> Response<Bytes> {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert("x-amz-request-id", value.clone());
        headers.insert("x-amzn-requestid", value);
    }
    headers.insert(DATE, http_date(now_ms));
    response
}

/// S3 says besides who has answered (LocalStack's `test_put_and_get_object_with_content_language_disposition` and its like, recorded on AWS
/// [OBS]).
pub(super) fn from_s3(mut response: Response<Bytes>, request_id: &str) -> Response<Bytes> {
    let headers = response.headers_mut();
    headers.insert(SERVER, HeaderValue::from_static("AmazonS3"));
    if let Ok(value) = HeaderValue::try_from(crate::services::s3::host_id(request_id)) {
        headers.insert("x-amz-id-2", value);
    }
    response
}

fn with_type(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// `resourceIds` of an ECS ConflictException: the tasks that its message names (C [MODEL]).
fn conflicting(service: Service, error: &ApiError) -> Vec<&str> {
    if service != Service::Ecs || error.code != "ConflictException" {
        return Vec::new();
    }
    let words = error.message.split([' ', ',']);
    words.filter(|word| is_arn_of(word, "ecs")).collect()
}
