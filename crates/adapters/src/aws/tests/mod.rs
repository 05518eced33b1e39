//! The adapters against the SDK's operations: typed replies and errors in a sequence (`aws-smithy-mocks`), what is called with
//! what, and how often. What is about the wire (codes, bodies, headers, signatures) is in `tests/wire`.

mod anchors;
mod caller;
mod failures;
mod images;
mod invalidations;
mod jobs;
mod live;
mod pushing;
mod refusals;
mod rollouts;
mod survey;
mod values;
mod watch;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_ecs::operation::describe_services::DescribeServicesOutput;
use aws_sdk_ecs::types::{
    Deployment, DeploymentRolloutState, Service, ServiceDeployment,
    ServiceDeploymentCircuitBreaker, ServiceDeploymentRollbackMonitorsStatus,
    ServiceDeploymentStatus, ServiceRevisionSummary,
};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_mocks::{MockResponseInterceptor, Rule, RuleMode, create_mock_http_client};
use aws_smithy_types::DateTime;
use aws_smithy_types::error::ErrorMetadata;
use backstay_domain::app::{Capacity, PublicAddress, ServiceLocator, TaskNetwork};
use backstay_domain::ports::{Follow, JobAnswer, JobRequest};
use backstay_domain::{DefinitionRef, IdempotencyKey, RolloutHandle, ServiceName, TaskId};

use super::AwsCloud;

/// What every client has: nothing of the machine's own configuration, and three attempts.
pub(super) fn config() -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("sa-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "id", "key", None, None, "test",
        )))
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .sleep_impl(TokioSleep::new())
        .http_client(create_mock_http_client())
        .build()
}

/// The first rule that fits an input and has an answer left gives it. An input that no rule fits fails the test.
pub(super) fn rules(rules: &[&Rule]) -> MockResponseInterceptor {
    let none = MockResponseInterceptor::new().rule_mode(RuleMode::MatchAny);
    rules.iter().fold(none, |all, rule| all.with_rule(rule))
}

/// A client of one service that answers by rules.
macro_rules! mocked {
    ($sdk:ident, $rules:expr) => {
        $sdk::Client::from_conf(
            $sdk::config::Builder::from(&$crate::aws::tests::config())
                .interceptor($crate::aws::tests::rules($rules))
                .build(),
        )
    };
}
use mocked;

/// A cloud whose ECS answers by rules. Nobody else answers at all.
fn ecs(rules: &[&Rule]) -> AwsCloud<()> {
    AwsCloud {
        ecs: mocked!(aws_sdk_ecs, rules),
        ..AwsCloud::new(&config(), (), ".".into())
    }
}

/// A rule that always gives this reply.
macro_rules! always {
    ($sdk:ident, $operation:ident, $reply:expr) => {
        aws_smithy_mocks::mock!($sdk::Client::$operation)
            .sequence()
            .output(move || $reply)
            .repeatedly()
            .build()
    };
}
use always;

/// A rule that always refuses, with this code.
macro_rules! refused {
    ($sdk:ident, $operation:ident, $error:ident, $code:expr) => {{
        let code: &'static str = $code;
        aws_smithy_mocks::mock!($sdk::Client::$operation)
            .sequence()
            .error(move || {
                $sdk::operation::$operation::$error::generic($crate::aws::tests::coded(code))
            })
            .repeatedly()
            .build()
    }};
}
use refused;

/// What an error says of itself on the wire.
pub(super) fn coded(code: &'static str) -> ErrorMetadata {
    ErrorMetadata::builder()
        .code(code)
        .message("because")
        .build()
}

fn locator(name: &str) -> ServiceLocator {
    ServiceLocator {
        name: ServiceName::parse(name).unwrap(),
        cluster: "c".to_owned(),
        cluster_name: name.to_owned(),
    }
}

fn handle(text: &str) -> RolloutHandle {
    RolloutHandle::parse(text).unwrap()
}

fn definition(text: &str) -> DefinitionRef {
    DefinitionRef::parse(text).unwrap()
}

fn task_id(text: &str) -> TaskId {
    TaskId::parse(text).unwrap()
}

fn follow(name: &str, rollout: Option<&str>) -> Follow {
    Follow {
        locator: locator(name),
        rollout: rollout.map(handle),
    }
}

/// The newest deployment of a service: on its way since the moment 1000.
fn newest(id: &str) -> aws_sdk_ecs::types::builders::DeploymentBuilder {
    Deployment::builder()
        .id(id)
        .status("PRIMARY")
        .task_definition("arn:td/web:2")
        .rollout_state(DeploymentRolloutState::InProgress)
        .created_at(DateTime::from_secs(1000))
        .running_count(1)
}

/// A service that wants two tasks and has them, with its newest deployment and the record that belongs to it.
fn service(name: &str, id: &str, record: &str) -> aws_sdk_ecs::types::builders::ServiceBuilder {
    Service::builder()
        .service_name(name)
        .service_arn(format!("arn:service/c/{name}"))
        .status("ACTIVE")
        .desired_count(2)
        .running_count(2)
        .current_service_deployment(record)
        .deployments(newest(id).build())
}

/// A record whose target revision ends in `digits`.
fn record(arn: &str, digits: &str, status: &str) -> ServiceDeployment {
    let target = ServiceRevisionSummary::builder()
        .arn(format!("arn:service-revision/c/web/{digits}"))
        .running_task_count(1)
        .build();
    let breaker = ServiceDeploymentCircuitBreaker::builder()
        .status(ServiceDeploymentRollbackMonitorsStatus::Monitoring)
        .threshold(3)
        .build();
    ServiceDeployment::builder()
        .service_deployment_arn(arn)
        .status(ServiceDeploymentStatus::from(status))
        .target_service_revision(target)
        .deployment_circuit_breaker(breaker)
        .build()
}

/// One service, whatever is asked.
fn described(id: &'static str, arn: &'static str) -> Rule {
    always!(
        aws_sdk_ecs,
        describe_services,
        DescribeServicesOutput::builder()
            .services(service("web", id, arn).build())
            .build()
    )
}

/// A migration to run.
pub(super) fn job() -> JobRequest {
    JobRequest {
        cluster: "c".to_owned(),
        definition: definition("arn:td/migrate:1"),
        container: "migrate".to_owned(),
        command: Vec::new(),
        network: TaskNetwork {
            subnets: Vec::new(),
            security_groups: Vec::new(),
            public_address: PublicAddress::Disabled,
        },
        capacity: Capacity::Kind("FARGATE".to_owned()),
        key: IdempotencyKey::parse("d-1-up").unwrap(),
        started_by: "d-1".to_owned(),
        answer: JobAnswer::ExitCode,
    }
}
