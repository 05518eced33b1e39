//! Live tasks and evidence: every page, the right targets, the right cause.

use backstay_domain::DefinitionRef;
use backstay_domain::observation::{StopCause, TargetState, TaskState};
use backstay_domain::ports::Services;
use serde_json::{Value, json};

use crate::scripted::{Answer, Asked, Aws, locator};
use crate::watch::service;

fn task(number: usize, definition: &str) -> Value {
    json!({"taskArn": format!("arn:task/c/{number}"), "taskDefinitionArn": definition, "lastStatus": "RUNNING",
        "desiredStatus": "RUNNING", "startedBy": "ecs-svc/2",
        "attachments": [{"type": "ElasticNetworkInterface", "details": [{"name": "privateIPv4Address", "value": format!("10.0.0.{number}")}]}],
        "containers": [{"name": "web", "imageDigest": format!("sha256:{}", "a".repeat(64))}]})
}

fn balanced() -> Value {
    let mut service = service("web", "ecs-svc/2", "sd-2");
    service["loadBalancers"] =
        json!([{"targetGroupArn": "tg", "containerName": "web", "containerPort": 80}]);
    service
}

fn health(rows: &[(&str, &str)]) -> Answer {
    let members: String = rows
        .iter()
        .map(|(address, state)| {
            let reason = if *state == "healthy" {
                ""
            } else {
                "<Description>Health checks failed with these codes: [503]</Description>"
            };
            format!(
                "<member><Target><Id>{address}</Id><Port>80</Port></Target>\
                <TargetHealth><State>{state}</State>{reason}</TargetHealth></member>"
            )
        })
        .collect();
    let body = format!(
        "<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>{members}\
        </TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>"
    );
    Answer::Raw(200, Vec::new(), body.into_bytes())
}

/// Two pages of 100 and 20 tasks.
fn listed(asked: &Asked) -> Answer {
    let (from, to, next) = if asked.json()["nextToken"].is_null() {
        (1, 100, json!("more"))
    } else {
        (101, 120, Value::Null)
    };
    let arns: Vec<String> = (from..=to)
        .map(|number| format!("arn:task/c/{number}"))
        .collect();
    Answer::Json(json!({"taskArns": arns, "nextToken": next}))
}

fn described(asked: &Asked) -> Answer {
    let arns = asked.json()["tasks"].as_array().unwrap().clone();
    let number = |arn: &Value| {
        arn.as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap()
            .parse()
            .unwrap()
    };
    let tasks: Vec<Value> = arns
        .iter()
        .map(|arn| task(number(arn), "arn:td/web:2"))
        .collect();
    Answer::Json(json!({"tasks": tasks}))
}

#[tokio::test]
async fn every_page_of_tasks_is_read_and_matched_to_its_targets() {
    let aws = Aws::new(|asked| match asked.operation.as_str() {
        "DescribeServices" => Answer::Json(json!({"services": [balanced()]})),
        "ListTasks" => listed(asked),
        "DescribeTasks" => described(asked),
        "DescribeTargetHealth" => health(&[("10.0.0.1", "healthy"), ("10.0.0.2", "unhealthy")]),
        other => panic!("{other}"),
    });
    let view = aws.cloud().tasks(&locator("c", "web")).await.unwrap();
    assert_eq!((view.desired, view.tasks.len()), (2, 120));
    assert_eq!(
        (
            aws.count("ListTasks"),
            aws.count("DescribeTasks"),
            aws.count("DescribeTargetHealth")
        ),
        (2, 2, 1)
    );
    let first = &view.tasks[0];
    assert_eq!(
        (first.running, first.target.clone(), first.digests.len()),
        (TaskState::Running, TargetState::Healthy, 1)
    );
    let second = "unhealthy: Health checks failed with these codes: [503]";
    assert_eq!(
        view.tasks[1].target,
        TargetState::Unhealthy(second.to_owned())
    );
    assert_eq!(
        view.tasks[2].target,
        TargetState::Unhealthy("not registered".to_owned())
    );
}

#[tokio::test]
async fn a_service_without_a_balancer_costs_no_call_to_one() {
    let aws = Aws::new(|asked| match asked.operation.as_str() {
        "DescribeServices" => {
            Answer::Json(json!({"services": [service("web", "ecs-svc/2", "sd-2")]}))
        }
        "ListTasks" => Answer::Json(json!({"taskArns": ["arn:task/c/1"]})),
        "DescribeTasks" => described(asked),
        other => panic!("{other}"),
    });
    let view = aws.cloud().tasks(&locator("c", "web")).await.unwrap();
    assert_eq!(view.tasks[0].target, TargetState::NotBalanced);
}

fn ended(
    number: usize,
    definition: &str,
    at: f64,
    code: &str,
    reason: &str,
    exit: Option<i32>,
) -> Value {
    let mut task = task(number, definition);
    task["lastStatus"] = json!("STOPPED");
    task["desiredStatus"] = json!("STOPPED");
    task["stoppedAt"] = json!(at);
    task["stopCode"] = json!(code);
    task["stoppedReason"] = json!(reason);
    task["containers"][0]["exitCode"] = json!(exit);
    task
}

fn troubled(asked: &Asked) -> Answer {
    let running = asked.json_or_null()["desiredStatus"] == json!("RUNNING");
    match asked.operation.as_str() {
        "DescribeServices" => {
            let mut service = balanced();
            service["events"] = json!([{"id": "e1", "createdAt": 2000.0, "message":
                "(service web) was unable to place a task. Reason: Capacity is unavailable at this time."}]);
            Answer::Json(json!({"services": [service]}))
        }
        "ListTasks" if running => {
            Answer::Json(json!({"taskArns": ["arn:task/c/1", "arn:task/c/2"]}))
        }
        "ListTasks" => {
            Answer::Json(json!({"taskArns": ["arn:task/c/7", "arn:task/c/8", "arn:task/c/9"]}))
        }
        "DescribeTasks" if asked.text().contains("arn:task/c/7") => Answer::Json(json!({"tasks": [
            ended(7, "arn:td/web:2", 1500.0, "ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group tg)", Some(137)),
            ended(8, "arn:td/web:2", 1600.5, "EssentialContainerExited", "Essential container in task exited", Some(3)),
            ended(9, "arn:td/web:1", 1700.0, "ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/2)", Some(0))]})),
        "DescribeTasks" => described(asked),
        "DescribeTargetHealth" => health(&[("10.0.0.1", "healthy"), ("10.0.0.2", "unhealthy")]),
        "DescribeTaskDefinition" => Answer::Json(
            json!({"taskDefinition": {"containerDefinitions": [{"name": "web",
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g", "awslogs-stream-prefix": "p"}}}]}}),
        ),
        "GetLogEvents" => Answer::Json(
            json!({"events": [{"message": "boot\n"}, {"message": "KeyError: DATABASE_URL"}]}),
        ),
        other => panic!("{other}"),
    }
}

impl Asked {
    fn json_or_null(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

#[tokio::test]
async fn evidence_is_of_one_definition_newest_first_with_causes_and_a_log() {
    let aws = Aws::new(troubled);
    let definition = DefinitionRef::parse("arn:td/web:2").unwrap();
    let evidence = aws
        .cloud()
        .evidence(&locator("c", "web"), &definition)
        .await
        .unwrap();
    let stopped: Vec<(&str, &StopCause)> = evidence
        .stopped
        .iter()
        .map(|s| (s.task.as_str(), &s.cause))
        .collect();
    assert_eq!(
        stopped,
        [
            ("arn:task/c/8", &StopCause::Exited(3)),
            ("arn:task/c/7", &StopCause::TargetCheck),
            ("event/e1", &StopCause::NoCapacity),
        ]
    );
    assert!(
        evidence
            .stopped
            .iter()
            .all(|s| s.rollout.as_ref().unwrap().as_str() == "ecs-svc/2")
    );
    assert_eq!(
        evidence.stopped[0].stopped_at.unwrap().to_string(),
        "1970-01-01T00:26:40.5Z"
    );
    assert_eq!(
        evidence
            .unhealthy
            .iter()
            .map(|u| u.task.as_str())
            .collect::<Vec<_>>(),
        ["arn:task/c/2"]
    );
    assert_eq!(evidence.log, ["boot", "KeyError: DATABASE_URL"]);
    let log = aws.asked("GetLogEvents")[0].json();
    assert_eq!(
        (&log["logStreamName"], &log["limit"]),
        (&json!("p/web/8"), &json!(20))
    );
}

#[tokio::test]
async fn evidence_without_a_log_is_still_evidence() {
    let aws = Aws::new(|asked| match asked.operation.as_str() {
        "GetLogEvents" => Answer::Error(400, "AccessDeniedException"),
        _ => troubled(asked),
    });
    let definition = DefinitionRef::parse("arn:td/web:2").unwrap();
    let evidence = aws
        .cloud()
        .evidence(&locator("c", "web"), &definition)
        .await
        .unwrap();
    assert_eq!((evidence.stopped.len(), evidence.log.len()), (3, 0));
}
