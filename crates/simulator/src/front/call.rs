//! Which API a request calls: the service from its signing scope, the operation from the service's protocol.

use backstay_aws_model::model;
use bytes::Bytes;
use http::Request;

use crate::front::service::{Protocol, Service};
use crate::front::sqs_query;
use crate::wire::{self, Form, Scope, host};

/// One API call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) service: Service,
    pub(crate) protocol: Protocol,
    pub(crate) operation: String,
}

impl Call {
    /// Reads service and operation off a request; the error names what is unknown.
    pub(crate) fn recognise(request: &Request<Bytes>) -> Result<Self, String> {
        let service = Self::service_of(request).or_else(|unknown| {
            // A signed request has said what it is for.
            let version = service_of_version(request).filter(|_| Scope::of(request).is_none());
            version.ok_or(unknown)
        })?;
        let protocol = protocol(service, request);
        let operation = operation(service, protocol, request).ok_or_else(|| {
            format!(
                "{} operation {} {}",
                service.name(),
                request.method(),
                request.uri().path()
            )
        })?;
        Ok(Self {
            service,
            protocol,
            operation,
        })
    }

    /// Which service a request is for, by its head alone; the error names the one that is unknown.
    pub(crate) fn service_of<B>(request: &Request<B>) -> Result<Service, String> {
        let scope = Scope::of(request);
        match scope.as_ref().and_then(Scope::service) {
            Some(scope) => Service::from_scope(scope).ok_or_else(|| scope.to_owned()),
            None => service_of_target(request)
                .or_else(|| service_of_host(host(request)))
                .ok_or_else(|| format!("host {:?}", host(request))),
        }
    }

    /// For example `ecs.UpdateService`.
    pub(crate) fn name(&self) -> String {
        format!("{}.{}", self.service.name(), self.operation)
    }

    /// Whether it only reads.
    pub(crate) fn is_read(&self) -> bool {
        super::is_read(&self.operation)
    }
}

/// What an unsigned request's protocol says: the API named by X-Amz-Target, or by the path of a CBOR request.
fn service_of_target<B>(request: &Request<B>) -> Option<Service> {
    if let Some((api, _)) = cbor_path(request) {
        return Service::from_target(api);
    }
    let target = request.headers().get("x-amz-target")?.to_str().ok()?;
    let (api, _) = target.split_once('.')?;
    Service::from_target(api)
}

/// API and operation of `/service/API/operation/OPERATION` (Smithy RPC v2).
fn cbor_path<B>(request: &Request<B>) -> Option<(&str, &str)> {
    if request.headers().get("smithy-protocol")? != "rpc-v2-cbor" {
        return None;
    }
    let path = request.uri().path().strip_prefix("/service/")?;
    path.split_once("/operation/")
}

/// What a request speaks: CloudWatch and CodeDeploy understand more than one protocol ([MODEL]).
fn protocol(service: Service, request: &Request<Bytes>) -> Protocol {
    match service.usual_protocol() {
        // It answers who asks as before 2023, too (LocalStack's `test_sqs[sqs_query]`, recorded on AWS [OBS]).
        _ if service == Service::Sqs && !request.headers().contains_key("x-amz-target") => {
            Protocol::Query
        }
        usual if !service.speaks_cbor() => usual,
        _ if cbor_path(request).is_some() => Protocol::Cbor,
        Protocol::Query if request.headers().contains_key("x-amz-target") => Protocol::Json10,
        usual => usual,
    }
}

fn service_of_host(host: &str) -> Option<Service> {
    host.split('.').find_map(Service::from_scope)
}

/// An unsigned query (AssumeRoleWithWebIdentity has no signature) says which API it is for by that API's version.
fn service_of_version(request: &Request<Bytes>) -> Option<Service> {
    Service::from_version(Form::parse(request.body()).text("Version")?)
}

fn operation(service: Service, protocol: Protocol, request: &Request<Bytes>) -> Option<String> {
    match protocol {
        Protocol::Json10 | Protocol::Json11 => {
            let target = request.headers().get("x-amz-target")?.to_str().ok()?;
            Some(target.rsplit('.').next()?.to_owned())
        }
        Protocol::Cbor => cbor_path(request).map(|(_, operation)| operation.to_owned()),
        Protocol::Query if service == Service::Sqs => {
            let action = sqs_query::form_of(request)
                .text("Action")
                .map(str::to_owned);
            Some(action.unwrap_or_else(|| "Unsaid".to_owned()))
        }
        Protocol::Query => Form::parse(request.body())
            .text("Action")
            .map(str::to_owned),
        Protocol::RestXml if service == Service::S3 => {
            Some(crate::services::s3::operation(request))
        }
        Protocol::RestJson | Protocol::RestXml => {
            let route = model(service.name()).and_then(|model| wire::route(model, request));
            let path = || format!("{} {}", request.method(), request.uri().path());
            Some(route.map_or_else(path, |route| route.operation.clone()))
        }
    }
}

#[cfg(test)]
mod tests {
    use http::header::AUTHORIZATION;

    use http::header::HOST;

    use super::*;

    fn recognised(
        uri: &str,
        authorization: Option<&str>,
        body: &'static str,
    ) -> Result<String, String> {
        let mut request = Request::builder()
            .method("POST")
            .uri(uri)
            .header("x-amz-target", "Elsewhere_20141113.UpdateService");
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let request = request.body(Bytes::from_static(body.as_bytes())).unwrap();
        Call::recognise(&request).map(|call| call.name())
    }

    #[test]
    fn an_unsigned_call_is_known_by_its_target() {
        let request = Request::builder().uri("http://127.0.0.1:4577/").header(
            "x-amz-target",
            "AmazonEC2ContainerRegistry_V20150921.DescribeImages",
        );
        let call = Call::recognise(&request.body(Bytes::new()).unwrap());
        assert_eq!(call.unwrap().name(), "ecr.DescribeImages");
    }

    #[test]
    fn an_unsigned_query_is_known_by_its_version() {
        let web_identity = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15";
        for (body, expected) in [
            (web_identity, Ok("sts.AssumeRoleWithWebIdentity".to_owned())),
            (
                "Action=X&Version=1999-01-01",
                Err("host \"127.0.0.1\"".to_owned()),
            ),
        ] {
            let request = Request::builder().uri("http://127.0.0.1:4577/");
            let request = request.header(HOST, "127.0.0.1:4577");
            let request = request.body(Bytes::from_static(body.as_bytes())).unwrap();
            let call = Call::recognise(&request);
            assert_eq!(call.map(|call| call.name()), expected, "{body}");
        }
    }

    #[test]
    fn the_signing_scope_wins_and_the_host_is_the_fallback() {
        let signed = |scope: &str| {
            format!("AWS4-HMAC-SHA256 Credential=AKID/{scope}/aws4_request, SignedHeaders=host")
        };
        let elsewhere = "http://127.0.0.1:4566/";
        let query = "Action=DescribeRules&Version=2015-12-01";
        for (uri, authorization, body, expected) in [
            (
                elsewhere,
                Some(signed("20260101/sa-east-1/ecs")),
                "{}",
                Ok("ecs.UpdateService"),
            ),
            (
                elsewhere,
                Some(signed("20260101/sa-east-1/elasticloadbalancing")),
                query,
                Ok("elbv2.DescribeRules"),
            ),
            (elsewhere, Some(signed("20260101/s3")), "", Ok("s3.Other")),
            (
                elsewhere,
                Some(signed("20260101/sa-east-1/monitoring")),
                "",
                Ok("cloudwatch.UpdateService"),
            ),
            (
                elsewhere,
                Some(signed("20260101/sa-east-1/kinesis")),
                "{}",
                Err("kinesis"),
            ),
            (
                "https://ecs.sa-east-1.amazonaws.com/",
                None,
                "{}",
                Ok("ecs.UpdateService"),
            ),
            (elsewhere, None, "{}", Err("host \"127.0.0.1\"")),
        ] {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(
                recognised(uri, authorization.as_deref(), body),
                expected,
                "{uri} {authorization:?}"
            );
        }
    }
}
