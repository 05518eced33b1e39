//! What each call makes of each kind of refusal: the kind, what the call may have done, and how often it was sent.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecs::operation::describe_services::DescribeServicesOutput;
use aws_sdk_ecs::operation::list_service_deployments::ListServiceDeploymentsOutput;
use aws_sdk_ecs::operation::list_tasks::ListTasksOutput;
use aws_sdk_ecs::types::{LoadBalancer, ServiceDeploymentBrief};
use backstay_domain::app::Frontend;
use backstay_domain::definition::Definition;
use backstay_domain::plan::Forget;
use backstay_domain::ports::{Effect, FailureKind, PortFailure, Renewal, RolloutRequest};
use backstay_domain::registered::Revisions;
use backstay_domain::{Repository, Version};
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::aws::logs::LogStream;

/// What a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Read,
    /// A change that is sent once.
    Once,
    /// A change that is the same when it is repeated.
    Repeated,
}

/// The calls, how often each may be sent, and the codes that one of them takes for an answer.
const CALLS: [(&str, Class, &[&str]); 18] = [
    ("ecs.DescribeServices", Class::Read, &[]),
    (
        "ecs.DescribeTaskDefinition",
        Class::Read,
        &["ClientException"],
    ),
    ("ecs.DescribeTasks", Class::Read, &[]),
    ("ecs.ListTasks", Class::Read, &[]),
    ("ecs.ListServiceDeployments", Class::Read, &[]),
    ("ecs.DescribeServiceDeployments", Class::Read, &[]),
    ("ecs.DescribeServiceRevisions", Class::Read, &[]),
    ("ecs.UpdateService", Class::Once, &[]),
    ("ecs.RegisterTaskDefinition", Class::Once, &[]),
    ("ecs.RunTask", Class::Once, &[]),
    (
        "ecs.StopTask",
        Class::Repeated,
        &["InvalidParameterException"],
    ),
    ("elbv2.DescribeTargetHealth", Class::Read, &[]),
    (
        "logs.GetLogEvents",
        Class::Read,
        &["ResourceNotFoundException"],
    ),
    (
        "ecr.BatchGetImage",
        Class::Read,
        &["RepositoryNotFoundException"],
    ),
    ("ecr.DescribeRepositories", Class::Read, &[]),
    ("cloudfront.CreateInvalidation", Class::Repeated, &[]),
    ("cloudfront.GetInvalidation", Class::Read, &[]),
    ("sts.GetCallerIdentity", Class::Read, &[]),
];

#[rstest]
#[case("ThrottlingException", FailureKind::Throttled)]
#[case("AccessDeniedException", FailureKind::Denied)]
#[case("ExpiredTokenException", FailureKind::Unauthenticated)]
#[case("ResourceNotFoundException", FailureKind::NotFound)]
#[case("RepositoryNotFoundException", FailureKind::NotFound)]
#[case("ConflictException", FailureKind::Conflict)]
#[case("ServerException", FailureKind::Unavailable)]
#[case("InvalidParameterException", FailureKind::Rejected)]
#[case("ClientException", FailureKind::Rejected)]
#[tokio::test(start_paused = true)]
async fn every_call_and_every_kind(#[case] code: &'static str, #[case] kind: FailureKind) {
    for (operation, class, answers) in CALLS {
        let (asked, sent) = ask(operation, code).await;
        if answers.contains(&code) {
            assert_eq!((asked, sent), (Ok(()), 1), "{operation} {code}");
            continue;
        }
        let failure = asked.expect_err(operation);
        let passing = matches!(kind, FailureKind::Throttled | FailureKind::Unavailable);
        let effect = match class {
            Class::Once if kind == FailureKind::Unavailable => Effect::Unknown,
            Class::Repeated if passing => Effect::Unknown,
            Class::Read | Class::Once | Class::Repeated => Effect::None,
        };
        assert_eq!(
            (failure.kind, failure.effect, failure.operation.as_str()),
            (kind, effect, operation),
            "{code}"
        );
        assert_eq!(failure.message, format!("{code}: because"));
        let attempts = match class {
            Class::Read | Class::Repeated if kind == FailureKind::Throttled => 3,
            Class::Read | Class::Once | Class::Repeated => 1,
        };
        assert_eq!(sent, attempts, "{operation} {code}");
    }
}

/// One call that is refused with a code, and how often it was sent.
async fn ask(operation: &str, code: &'static str) -> (Result<(), PortFailure>, usize) {
    let refused = refusal(operation, code);
    let others = [&described(), &unregistered(), &listed(), &tasks()];
    let ecs = [[&refused].as_slice(), &others].concat();
    let cloud = AwsCloud {
        ecs: mocked!(aws_sdk_ecs, &ecs),
        balancers: mocked!(aws_sdk_elasticloadbalancingv2, &[&refused]),
        logs: mocked!(aws_sdk_cloudwatchlogs, &[&refused]),
        ecr: mocked!(aws_sdk_ecr, &[&refused, &images()]),
        cloudfront: mocked!(aws_sdk_cloudfront, &[&refused]),
        sts: mocked!(aws_sdk_sts, &[&refused]),
        ..AwsCloud::new(&config(), (), ".".into())
    };
    let asked = call(&cloud, operation).await;
    (asked, refused.num_calls())
}

async fn call(cloud: &AwsCloud<()>, operation: &str) -> Result<(), PortFailure> {
    let web = locator("web");
    match operation {
        "ecs.DescribeServices" => cloud.watch_services(&[follow("web", None)]).await.map(drop),
        "ecs.DescribeTaskDefinition" => cloud.read_definition("web").await.map(drop),
        "ecs.DescribeTasks" => cloud.describe_tasks("c", &[]).await.map(drop),
        "ecs.ListTasks" => cloud.live_tasks(&web).await.map(drop),
        "ecs.ListServiceDeployments" | "ecs.DescribeServiceRevisions" => {
            cloud.survey_services(&[web]).await.map(drop)
        }
        "ecs.DescribeServiceDeployments" => {
            let followed = [follow("web", Some("ecs-svc/2"))];
            cloud.watch_services(&followed).await.map(drop)
        }
        "ecs.UpdateService" => {
            let request = RolloutRequest {
                locator: web,
                definition: definition("arn:td/web:2"),
                desired: None,
                renewal: Renewal::IfChanged,
            };
            cloud.update_service(&request).await.map(drop)
        }
        "ecs.RegisterTaskDefinition" => {
            let wanted = Definition::new(json!({"family": "web"}));
            let known = Revisions::default();
            cloud.register_definition(&wanted, &known).await.map(drop)
        }
        "ecs.RunTask" => cloud.run_task(&job()).await.map(drop),
        "ecs.StopTask" => cloud.stop_task(&job(), &task_id("t"), "late").await,
        "elbv2.DescribeTargetHealth" => {
            let newest = definition("arn:td/web:2");
            cloud.gather_evidence(&web, &newest).await.map(drop)
        }
        "logs.GetLogEvents" => {
            let options = json!({"awslogs-group": "g", "awslogs-stream-prefix": "p"});
            let container = json!({"name": "web",
                "logConfiguration": {"logDriver": "awslogs", "options": options}});
            let document = json!({"containerDefinitions": [container]});
            let stream = LogStream::of(&document, "web", &task_id("t")).unwrap();
            cloud.last_lines(&stream, 5).await.map(drop)
        }
        "ecr.BatchGetImage" | "ecr.DescribeRepositories" => {
            let repositories = BTreeSet::from([Repository::parse("app/web").unwrap()]);
            let version = Version::parse("v1").unwrap();
            cloud
                .resolve_images(&repositories, &version)
                .await
                .map(drop)
        }
        "cloudfront.CreateInvalidation" => {
            let all = Forget {
                files: Vec::new(),
                folders: vec![String::new()],
            };
            let key = IdempotencyKey::parse("d-1").unwrap();
            let created = cloud.create_invalidation(&frontend(), &all, &key).await;
            created.map(drop)
        }
        "cloudfront.GetInvalidation" => {
            let looked = cloud.look_at_invalidation(&frontend(), "I1").await;
            looked.map(drop)
        }
        "sts.GetCallerIdentity" => cloud.who_is_asking().await.map(drop),
        other => panic!("nobody calls {other}"),
    }
}

/// A rule that refuses one call.
fn refusal(operation: &str, code: &'static str) -> Rule {
    macro_rules! of {
        ($sdk:ident, $operation:ident, $error:ident) => {
            refused!($sdk, $operation, $error, code)
        };
    }
    match operation {
        "ecs.DescribeServices" => of!(aws_sdk_ecs, describe_services, DescribeServicesError),
        "ecs.DescribeTaskDefinition" => of!(
            aws_sdk_ecs,
            describe_task_definition,
            DescribeTaskDefinitionError
        ),
        "ecs.DescribeTasks" => of!(aws_sdk_ecs, describe_tasks, DescribeTasksError),
        "ecs.ListTasks" => of!(aws_sdk_ecs, list_tasks, ListTasksError),
        "ecs.ListServiceDeployments" => of!(
            aws_sdk_ecs,
            list_service_deployments,
            ListServiceDeploymentsError
        ),
        "ecs.DescribeServiceDeployments" => of!(
            aws_sdk_ecs,
            describe_service_deployments,
            DescribeServiceDeploymentsError
        ),
        "ecs.DescribeServiceRevisions" => of!(
            aws_sdk_ecs,
            describe_service_revisions,
            DescribeServiceRevisionsError
        ),
        "ecs.UpdateService" => of!(aws_sdk_ecs, update_service, UpdateServiceError),
        "ecs.RegisterTaskDefinition" => of!(
            aws_sdk_ecs,
            register_task_definition,
            RegisterTaskDefinitionError
        ),
        "ecs.RunTask" => of!(aws_sdk_ecs, run_task, RunTaskError),
        "ecs.StopTask" => of!(aws_sdk_ecs, stop_task, StopTaskError),
        "elbv2.DescribeTargetHealth" => of!(
            aws_sdk_elasticloadbalancingv2,
            describe_target_health,
            DescribeTargetHealthError
        ),
        "logs.GetLogEvents" => of!(aws_sdk_cloudwatchlogs, get_log_events, GetLogEventsError),
        "ecr.BatchGetImage" => of!(aws_sdk_ecr, batch_get_image, BatchGetImageError),
        "ecr.DescribeRepositories" => of!(
            aws_sdk_ecr,
            describe_repositories,
            DescribeRepositoriesError
        ),
        "cloudfront.CreateInvalidation" => of!(
            aws_sdk_cloudfront,
            create_invalidation,
            CreateInvalidationError
        ),
        "cloudfront.GetInvalidation" => {
            of!(aws_sdk_cloudfront, get_invalidation, GetInvalidationError)
        }
        "sts.GetCallerIdentity" => {
            of!(aws_sdk_sts, get_caller_identity, GetCallerIdentityError)
        }
        other => panic!("nobody calls {other}"),
    }
}

fn described() -> Rule {
    let balancer = LoadBalancer::builder()
        .target_group_arn("tg")
        .container_port(80);
    let web = service("web", "ecs-svc/2", "sd-2").load_balancers(balancer.build());
    let web = web.build();
    always!(
        aws_sdk_ecs,
        describe_services,
        DescribeServicesOutput::builder()
            .services(web.clone())
            .build()
    )
}

fn listed() -> Rule {
    let completed = ServiceDeploymentBrief::builder().target_service_revision_arn("sr-1");
    let completed = completed.build();
    always!(
        aws_sdk_ecs,
        list_service_deployments,
        ListServiceDeploymentsOutput::builder()
            .service_deployments(completed.clone())
            .build()
    )
}

/// Nothing is registered yet.
fn unregistered() -> Rule {
    refusal("ecs.DescribeTaskDefinition", "ClientException")
}

fn tasks() -> Rule {
    let none = ListTasksOutput::builder().build();
    always!(aws_sdk_ecs, list_tasks, none.clone())
}

fn images() -> Rule {
    use aws_sdk_ecr::operation::batch_get_image::BatchGetImageOutput;
    use aws_sdk_ecr::types::{Image, ImageIdentifier};
    let id = ImageIdentifier::builder().image_digest(format!("sha256:{}", "a".repeat(64)));
    let image = Image::builder().image_id(id.build()).build();
    always!(
        aws_sdk_ecr,
        batch_get_image,
        BatchGetImageOutput::builder().images(image.clone()).build()
    )
}

fn frontend() -> Frontend {
    Frontend {
        directory: "dist".to_owned(),
        bucket: "bucket".to_owned(),
        prefix: String::new(),
        distribution: Some("E1".to_owned()),
        url: None,
        mutable: Vec::new(),
        region: None,
        media_types: BTreeMap::new(),
    }
}
