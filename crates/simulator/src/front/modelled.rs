//! A call between the wire and its service: its input is read and checked by AWS's model, its answer is held against it.

use backstay_aws_model::check::check;
use backstay_aws_model::fit::{Mistyped, fit};
use backstay_aws_model::form::{Empty, form};
use backstay_aws_model::habits::habits;
use backstay_aws_model::hold::faults;
use backstay_aws_model::{Known, Model, Operation, model};
use bytes::Bytes;
use http::header::USER_AGENT;
use http::{Request, Response};
use serde_json::{Map, Value};

use super::{Call, Protocol, Service};
use crate::base::error::{UNREAD, UNSERVED_MEMBER};
use crate::base::here::here;
use crate::base::not_implemented;
use crate::wire::{Form, Malformed, RestRequest, mark, reply_of};
use crate::{ApiError, World};

/// What serves a service's operations.
pub(super) type Serve = fn(&mut World, &str, &Value) -> Result<Value, ApiError>;

/// An input as it came.
#[derive(Debug)]
pub(super) enum Written {
    /// JSON or CBOR.
    Tree(Value),
    /// The pairs of a form.
    Form(Form),
    /// Path, query, headers and XML.
    Rest(RestRequest),
    /// Path, query, headers and JSON.
    RestJson(RestRequest),
}

/// An operation that is served here, with the model that it is of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Modelled {
    service: Service,
    pub(super) model: &'static Model,
    pub(super) operation: &'static Operation,
}

impl Modelled {
    /// What AWS and we know of a call's operation.
    pub(super) fn of(call: &Call) -> Result<Self, ApiError> {
        let model = model(call.service.name())
            .ok_or_else(|| not_implemented(&format!("the model of {}", call.service.name())))?;
        match model.operation(&call.operation) {
            Known::Served(operation) => Ok(Self {
                service: call.service,
                model,
                operation,
            }),
            Known::NotServed => Err(not_implemented(&call.name())),
            Known::Unknown => Err(unknown_operation(call)),
        }
    }

    /// The input: values of the right types, without what AWS does not know, and as the model has it.
    pub(super) fn read(&self, written: Written) -> Result<Value, ApiError> {
        let Some(shape) = self.operation.input else {
            return Ok(Value::Object(Map::new()));
        };
        let habits = habits(self.service.name());
        let input = match written {
            Written::Tree(mut value) => {
                fit(self.model, shape, &mut value)
                    .map_err(|Mistyped(text)| ApiError::client("SerializationException", text))?;
                value
            }
            Written::Form(pairs) => {
                let empty = habits.map_or(Empty::Text, |habits| habits.empty);
                form(self.model, shape, pairs.pairs(), empty)
                    .map_err(|Mistyped(text)| ApiError::client("MalformedInput", text))?
            }
            Written::Rest(request) => request.input(self.model, shape).map_err(malformed)?,
            Written::RestJson(request) => {
                let mut value = request.json_input(self.model, shape)?;
                fit(self.model, shape, &mut value)
                    .map_err(|Mistyped(text)| ApiError::client("SerializationException", text))?;
                value
            }
        };
        let violations = check(self.model, shape, &input);
        if violations.is_empty() {
            return Ok(input);
        }
        let refusal = habits.and_then(|habits| habits.refusal(violations));
        match refusal {
            Some(refusal) => Err(ApiError::client(refusal.code, refusal.message)),
            None => Ok(input),
        }
    }

    /// In debug builds a reply that is not as the model has it is a bug of ours.
    pub(super) fn hold(&self, operation: &str, answer: &Value) {
        if !cfg!(debug_assertions) {
            return;
        }
        let Some(shape) = self.operation.output else {
            return;
        };
        let mut found = faults(self.model, shape, &mark::to_json(answer.clone()));
        if self.service == Service::Sqs {
            // Of many messages a list without items is not told, whatever the model requires (recorded on AWS by LocalStack [OBS]).
            found.retain(|it| !it.ends_with(" lacks Failed") && !it.ends_with(" lacks Successful"));
        }
        let service = self.service.name();
        debug_assert!(
            found.is_empty(),
            "the reply of {service}.{operation} is not as AWS models it:\n{}\n{answer}",
            found.join("\n")
        );
    }
}

/// The root of its body is the member itself (the trait `s3UnwrappedXmlOutput` of S3's Smithy model [MODEL]).
const UNWRAPPED: &str = "GetBucketLocation";

/// They give back what was put, and S3 takes values that it does not model (LocalStack's `test_filter_rules_case_insensitive`,
/// `test_put_bucket_logging_accept_wrong_grants`, recorded on AWS [OBS]).
const GIVEN_BACK: [&str; 2] = ["GetBucketNotificationConfiguration", "GetBucketLogging"];

/// In debug builds a reply of S3, which a library writes, that is not as the model has it is a bug of ours. What fails has no shape.
pub(super) fn hold_s3(call: &Call, request: &Request<Bytes>, response: &Response<Bytes>) {
    let operation = call.operation.as_str();
    let is_other = operation == UNWRAPPED || GIVEN_BACK.contains(&operation);
    if !cfg!(debug_assertions) || !response.status().is_success() || is_other {
        return;
    }
    // Requests of S3 are not checked by the table, and replies repeat them: only an SDK's are known to be well formed.
    let agent = request.headers().get(USER_AGENT);
    let agent = agent.and_then(|agent| agent.to_str().ok());
    if !agent.is_some_and(|agent| agent.contains("aws-sdk") || agent.contains("Boto")) {
        return;
    }
    let Ok(modelled) = Modelled::of(call) else {
        return;
    };
    let Some(shape) = modelled.operation.output else {
        return;
    };
    match reply_of(modelled.model, shape, response) {
        Ok(answer) => modelled.hold(&call.operation, &answer),
        Err(error) => debug_assert!(false, "the reply of s3.{}: {error}", call.operation),
    }
}

/// CloudFront's code where its parser stops is MalformedInput (`Unexpected list element termination`, aws/aws-sdk-ruby#1954); that it
/// is the one for a value of another type is inferred [INF], the one for a body that is no XML is from memory [MEM]. A list without
/// items, of which that text told, is taken: Terraform writes it.
fn malformed(error: Malformed) -> ApiError {
    let code = match error {
        Malformed::Markup(_) => "MalformedXML",
        Malformed::Value(_) => "MalformedInput",
    };
    ApiError::client(code, error.to_string())
}

/// AWS has no such operation: 400, in the words of the protocol.
fn unknown_operation(call: &Call) -> ApiError {
    match call.protocol {
        Protocol::Json10
        | Protocol::Json11
        | Protocol::Cbor
        | Protocol::RestJson
        | Protocol::RestXml => ApiError::client(
            UNKNOWN_OPERATIONS[0],
            "The requested operation is not recognized by the service.",
        ),
        // LocalStack's `test_invalid_action_raises_exception`, recorded on AWS [OBS].
        Protocol::Query if call.service == Service::Sqs => ApiError::client(
            UNKNOWN_OPERATIONS[1],
            format!(
                "The action {} is not valid for this endpoint.",
                call.operation
            ),
        ),
        Protocol::Query => {
            let version = call.service.namespace().trim_end_matches('/');
            let version = version.rsplit('/').next().unwrap_or_default();
            let operation = &call.operation;
            ApiError::client(
                UNKNOWN_OPERATIONS[1],
                format!("Could not find operation {operation} for version {version}"),
            )
        }
    }
}

/// The codes of operations that AWS does not have.
pub(super) const UNKNOWN_OPERATIONS: [&str; 2] = ["UnknownOperationException", "InvalidAction"];

/// What a service could not read of an input that is as AWS's model has it: a member or a value that AWS knows and we do not.
pub(super) fn told(call: &Call, error: ApiError) -> ApiError {
    if error.code != UNREAD {
        return error;
    }
    let quoted = |before: &str| {
        let (_, rest) = error.message.split_once(before)?;
        Some(rest.split_once('`')?.0)
    };
    let name = call.name();
    if let Some(member) = quoted("unknown field `") {
        return unserved(&format!("member {member} of {name}"));
    }
    if let Some(value) = quoted("unknown variant `") {
        return unserved(&format!("value {value} in {name}"));
    }
    if let Some(member) = quoted("missing field `") {
        let code = habits(call.service.name()).map_or("ValidationException", |habits| habits.code);
        // In the words of AWS's common error MissingParameter: its model does not ask for this member, or we would not be here.
        return ApiError::client(
            code,
            format!("The request must contain the parameter {member}."),
        );
    }
    ApiError::client("SerializationException", "Unexpected field type")
}

fn unserved(what: &str) -> ApiError {
    ApiError {
        code: UNSERVED_MEMBER,
        ..not_implemented(what)
    }
}

/// What serves a service that is read by its model.
pub(super) fn serve_of(service: Service) -> Option<Serve> {
    Some(match service {
        Service::Ecs => crate::services::ecs::call,
        Service::Ecr => |world, operation, input| {
            crate::services::ecr::call(&mut here!(world.ecr), operation, input)
        },
        Service::Logs => |world, operation, input| {
            crate::services::logs::call(&mut here!(world.logs), operation, input)
        },
        Service::SecretsManager => |world, operation, input| {
            crate::services::secretsmanager::call(
                &mut here!(world.secretsmanager),
                operation,
                input,
            )
        },
        Service::Ssm => |world, operation, input| world.parameters(operation, input),
        Service::Events => |world, operation, input| {
            let served = crate::services::events::call(&mut here!(world.events), operation, input);
            world.carry_events();
            served
        },
        Service::AutoScaling => |world, operation, input| world.autoscaling(operation, input),
        Service::CodeDeploy => crate::services::codedeploy::call,
        Service::CloudWatch => |world, operation, input| {
            world.tell_hosts();
            let mut here = here!(world.cloudwatch);
            let served = crate::services::cloudwatch::call(&mut here, operation, input);
            world.carry_alarms();
            served
        },
        Service::Elb => |world, operation, input| {
            let served = crate::services::elb::api::call(&mut here!(world.elb), operation, input);
            world.carry_targets();
            served
        },
        Service::Scheduler => |world, operation, input| {
            crate::services::scheduler::call(&mut here!(world.scheduler), operation, input)
        },
        Service::Sns => |world, operation, input| world.topics(operation, input),
        Service::Sqs => |world, operation, input| {
            crate::services::sqs::call(&mut here!(world.sqs), operation, input)
        },
        Service::Rds => |world, operation, input| {
            crate::services::rds::call(&mut here!(world.rds), operation, input)
        },
        Service::Sts => |world, operation, input| {
            crate::services::sts::call(&mut here!(world), operation, input)
        },
        Service::CloudFront => |world, operation, input| {
            crate::services::cloudfront::call(&mut here!(world.cloudfront), operation, input)
        },
        Service::S3 => return None,
    })
}

/// One call without a wire: what the world itself, and whoever tests a service, asks of it.
pub(crate) fn ask(
    world: &mut World,
    service: Service,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    asked(world, service, operation, Written::Tree(input.clone()))
}

pub(super) fn asked(
    world: &mut World,
    service: Service,
    operation: &str,
    written: Written,
) -> Result<Value, ApiError> {
    let call = Call {
        service,
        protocol: service.usual_protocol(),
        operation: operation.to_owned(),
    };
    let modelled = Modelled::of(&call)?;
    let input = modelled.read(written)?;
    let serve = serve_of(service).ok_or_else(|| not_implemented(&call.name()))?;
    let answer = serve(world, operation, &input).map_err(|error| told(&call, error))?;
    modelled.hold(operation, &answer);
    Ok(mark::to_json(answer))
}
