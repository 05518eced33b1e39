//! Requests and answers of REST services, that speak XML or JSON: the members of a shape lie in path, query, headers and body.

use backstay_aws_model::model::{Kind, Location, Member, Structure};
use backstay_aws_model::route::Route;
use backstay_aws_model::{Model, ShapeId};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Map, Value};

use super::markup::{Element, NoXml};
use super::unshaped::{Manner, Unfit, scalar, unshaped};
use super::{Xml, json, shaped};
use crate::ApiError;

/// A request, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct RestRequest {
    labels: Vec<(String, String)>,
    query: Vec<(String, String)>,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    body: Bytes,
}

/// What a request cannot be read as.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    /// Its body is no XML document.
    #[error(transparent)]
    Markup(#[from] NoXml),
    /// A value is of another type.
    #[error(transparent)]
    Value(#[from] Unfit),
}

/// The operation that a request is for.
pub(crate) fn route<'m>(model: &'m Model, request: &Request<Bytes>) -> Option<&'m Route> {
    let (method, uri) = (request.method().as_str(), request.uri());
    model.routed(method, uri.path(), &query(request))
}

fn query(request: &Request<Bytes>) -> Vec<(String, String)> {
    let query = request.uri().query().unwrap_or_default();
    let members = url::form_urlencoded::parse(query.as_bytes());
    members.into_owned().collect()
}

impl RestRequest {
    pub(crate) fn of(request: &Request<Bytes>, route: &Route) -> Self {
        let decoded = |text: &str| {
            let decoded = percent_encoding::percent_decode_str(text);
            decoded.decode_utf8_lossy().into_owned()
        };
        let labels = route.labels(request.uri().path());
        let headers = request.headers().iter();
        Self {
            labels: labels
                .map(|(name, text)| (name.to_owned(), decoded(text)))
                .collect(),
            query: query(request),
            headers: headers
                .filter_map(|(name, value)| {
                    Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
                })
                .collect(),
            body: request.body().clone(),
        }
    }

    /// The input that it is.
    pub(crate) fn input(&self, model: &Model, shape: ShapeId) -> Result<Value, Malformed> {
        let mut input = Map::new();
        let Kind::Structure(structure) = &model.shape(shape).kind else {
            return Ok(Value::Object(input));
        };
        if let Some(member) = payload(structure) {
            if let Some(value) = self.payload(model, member)? {
                input.insert(member.name.clone(), value);
            }
        } else if !self.body.is_empty() && has_body(structure) {
            let root = Element::parse(&self.body)?;
            if let Value::Object(members) = unshaped(model, shape, &root, Manner::Request)? {
                input.extend(members);
            }
        }
        for member in structure.members() {
            if let Some(text) = self.outside(member) {
                input.insert(member.name.clone(), scalar(model, member.shape, text)?);
            }
        }
        Ok(Value::Object(input))
    }

    /// The input that it is where the body is JSON: as it was written, for its shape to hold it.
    pub(crate) fn json_input(&self, model: &Model, shape: ShapeId) -> Result<Value, ApiError> {
        let mut input = match json::body(&self.body)? {
            Value::Object(members) => members,
            other => return Ok(other),
        };
        let Kind::Structure(structure) = &model.shape(shape).kind else {
            return Ok(Value::Object(input));
        };
        for member in structure.members() {
            if let Kind::List(_) = &model.shape(member.shape).kind
                && member.location == Location::Query
            {
                let given = self
                    .query
                    .iter()
                    .filter(|(name, _)| name == member.wire_name());
                let given: Vec<Value> = given.map(|(_, text)| Value::from(text.as_str())).collect();
                if !given.is_empty() {
                    input.insert(member.name.clone(), Value::Array(given));
                }
                continue;
            }
            if let Some(text) = self.outside(member) {
                let value = scalar(model, member.shape, text).map_err(|error| {
                    ApiError::client("SerializationException", error.to_string())
                })?;
                input.insert(member.name.clone(), value);
            }
        }
        Ok(Value::Object(input))
    }

    /// What stands outside of the body.
    fn outside(&self, member: &Member) -> Option<&str> {
        let name = member.wire_name();
        let (from, name) = match member.location {
            Location::Path => (&self.labels, name.to_owned()),
            Location::Query => (&self.query, name.to_owned()),
            Location::Header => (&self.headers, name.to_ascii_lowercase()),
            Location::Headers | Location::Attribute | Location::Body => return None,
        };
        let found = from.iter().find(|(its, _)| *its == name);
        found.map(|(_, text)| text.as_str())
    }

    fn payload(&self, model: &Model, member: &Member) -> Result<Option<Value>, Malformed> {
        if self.body.is_empty() {
            return Ok(None);
        }
        let root = Element::parse(&self.body)?;
        let value = unshaped(model, member.shape, &root, Manner::Request)?;
        Ok(Some(value))
    }
}

/// An answer, taken apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct RestAnswer {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: RestBody,
}

/// What an answer's body is.
#[derive(Clone, Debug, Default)]
pub(crate) enum RestBody {
    #[default]
    Nothing,
    /// A root element and what is in it.
    Document(String, Xml),
    /// Whatever its headers say.
    Bytes(Bytes),
}

impl RestAnswer {
    /// An answer by its shape.
    pub(crate) fn of(model: &Model, shape: ShapeId, answer: &Value) -> Self {
        let Kind::Structure(structure) = &model.shape(shape).kind else {
            return Self::default();
        };
        let given = |member: &Member| answer.get(&member.name).filter(|value| !value.is_null());
        let in_header = structure.in_order();
        let in_header = in_header.filter(|member| member.location == Location::Header);
        let headers = in_header.filter_map(|member| {
            let text = match given(member)? {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            Some((member.wire_name().to_owned(), text))
        });
        let body = payload(structure).and_then(|member| {
            let value = given(member)?;
            Some(match &model.shape(member.shape).kind {
                Kind::Blob(_) => {
                    let coded = value.as_str().unwrap_or_default();
                    RestBody::Bytes(STANDARD.decode(coded).unwrap_or_default().into())
                }
                _ => {
                    let inside = shaped(model, member.shape, value);
                    RestBody::Document(member.wire_name().to_owned(), inside)
                }
            })
        });
        Self {
            headers: headers.collect(),
            body: body.unwrap_or_default(),
        }
    }
}

/// The answer that a response is: what the shape does not know of its body is there, too.
pub(crate) fn reply_of(
    model: &Model,
    shape: ShapeId,
    response: &Response<Bytes>,
) -> Result<Value, Malformed> {
    let mut answer = Map::new();
    let Kind::Structure(structure) = &model.shape(shape).kind else {
        return Ok(Value::Object(answer));
    };
    for member in structure.members() {
        if member.location == Location::Header
            && let Some(given) = response.headers().get(member.wire_name())
        {
            let text = String::from_utf8_lossy(given.as_bytes());
            answer.insert(member.name.clone(), scalar(model, member.shape, &text)?);
        }
    }
    let body = response.body();
    match payload(structure) {
        _ if body.is_empty() => {}
        Some(member) => {
            let value = match &model.shape(member.shape).kind {
                Kind::Structure(_) => {
                    unshaped(model, member.shape, &Element::parse(body)?, Manner::Reply)?
                }
                // Any bytes are such a body.
                Kind::Blob(_) => Value::from(""),
                _ => Value::from(String::from_utf8_lossy(body)),
            };
            answer.insert(member.name.clone(), value);
        }
        None => {
            let root = Element::parse(body)?;
            if let Value::Object(members) = unshaped(model, shape, &root, Manner::Reply)? {
                answer.extend(members);
            }
        }
    }
    Ok(Value::Object(answer))
}

fn has_body(structure: &Structure) -> bool {
    let mut members = structure.members().iter();
    members.any(|member| member.location == Location::Body)
}

fn payload(structure: &Structure) -> Option<&Member> {
    structure.member(structure.payload.as_deref()?)
}

#[cfg(test)]
mod tests {
    use backstay_aws_model::{Known, model};
    use serde_json::json;

    use super::*;

    fn read(method: &str, target: &str, body: &'static str) -> (String, Result<Value, String>) {
        let model = model("cloudfront").expect("a model");
        let request = Request::builder()
            .method(method)
            .uri(format!("https://aws.invalid/2020-05-31/{target}"))
            .header("If-Match", "E1")
            .body(Bytes::from_static(body.as_bytes()))
            .expect("a request");
        let route = route(model, &request).expect("a route");
        let Known::Served(operation) = model.operation(&route.operation) else {
            panic!("{} is not served", route.operation);
        };
        let shape = operation.input.expect("an input");
        let input = RestRequest::of(&request, route).input(model, shape);
        (
            route.operation.clone(),
            input.map_err(|error| error.to_string()),
        )
    }

    #[test]
    fn a_request_is_put_together() {
        let tags = "<Tags><Items><Tag><Key>a</Key><Value>b</Value></Tag></Items></Tags>";
        for (method, target, body, operation, expected) in [
            (
                "DELETE",
                "distribution/E%2F1",
                "",
                "DeleteDistribution",
                json!({ "Id": "E/1", "IfMatch": "E1" }),
            ),
            (
                "POST",
                "tagging?Operation=Tag&Resource=arn%3Aa",
                tags,
                "TagResource",
                json!({ "Tags": { "Items": [{ "Key": "a", "Value": "b" }] }, "Resource": "arn:a" }),
            ),
            (
                "PUT",
                "function/f",
                "<UpdateFunctionRequest><FunctionCode>YQ==</FunctionCode><Name>g</Name></UpdateFunctionRequest>",
                "UpdateFunction",
                json!({ "FunctionCode": "YQ==", "IfMatch": "E1", "Name": "f" }),
            ),
            ("POST", "distribution", "", "CreateDistribution", json!({})),
        ] {
            let (found, input) = read(method, target, body);
            assert_eq!((found.as_str(), input), (operation, Ok(expected)));
        }
        let (_, broken) = read("POST", "distribution", "<DistributionConfig>");
        assert!(broken.is_err());
    }

    #[test]
    fn an_answer_is_taken_apart() {
        let model = model("cloudfront").expect("a model");
        let taken = |operation: &str, answer: &Value| {
            let Known::Served(operation) = model.operation(operation) else {
                panic!("{operation} is not served");
            };
            let answer = RestAnswer::of(model, operation.output.expect("an output"), answer);
            let body = match answer.body {
                RestBody::Nothing => "-".to_owned(),
                RestBody::Document(root, inside) => inside.bare(&root),
                RestBody::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            };
            let last = body.lines().last().unwrap_or_default().to_owned();
            (answer.headers, last)
        };
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let invalidation = json!({ "Location": "there", "Invalidation": {
            "Status": "InProgress", "Id": "I1", "InvalidationBatch": {
                "CallerReference": "r", "Paths": { "Items": ["/a"], "Quantity": 1 } } } });
        assert_eq!(
            taken("CreateInvalidation", &invalidation),
            (
                vec![header("Location", "there")],
                "<Invalidation><Id>I1</Id><Status>InProgress</Status><InvalidationBatch><Paths><Quantity>1</Quantity><Items>\
                 <Path>/a</Path></Items></Paths><CallerReference>r</CallerReference></InvalidationBatch></Invalidation>"
                    .to_owned()
            )
        );
        let function = json!({ "FunctionCode": "YQ==", "ContentType": "application/octet-stream", "ETag": "E1" });
        assert_eq!(
            taken("GetFunction", &function),
            (
                vec![
                    header("ETag", "E1"),
                    header("Content-Type", "application/octet-stream")
                ],
                "a".to_owned()
            )
        );
    }
}
