//! Tasks: running, stopped, started and told to stop; their targets and their logs.

use std::collections::{BTreeMap, BTreeSet};

use backstay_domain::app::{Capacity, PublicAddress, TaskNetwork};
use backstay_domain::definition::Definition;
use backstay_domain::observation::TargetState;
use backstay_domain::ports::{JobAnswer, JobRequest, Jobs, Services};
use backstay_domain::{DefinitionRef, IdempotencyKey, TaskId};
use serde_json::{Value, json};

use super::{Recorded, hold, nothing, of, replay, shop};
use crate::scripted::{Answer, Asked, Aws, locator};

fn request(container: &str) -> JobRequest {
    JobRequest {
        cluster: "c".to_owned(),
        definition: DefinitionRef::parse("arn:td/web:2").unwrap(),
        container: container.to_owned(),
        command: Vec::new(),
        network: TaskNetwork {
            subnets: vec!["subnet-1".to_owned()],
            security_groups: Vec::new(),
            public_address: PublicAddress::Disabled,
        },
        capacity: Capacity::Kind("FARGATE".to_owned()),
        key: IdempotencyKey::parse("d-1-up").unwrap(),
        started_by: "d-1".to_owned(),
        answer: JobAnswer::ExitCode,
    }
}

/// Every address that a task's interface has, as its answer says.
fn addresses(recorded: &Recorded) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for task in recorded.json()["tasks"].as_array().unwrap() {
        for attachment in task["attachments"].as_array().unwrap() {
            for detail in attachment["details"].as_array().unwrap() {
                if detail["name"] == "privateIPv4Address" {
                    found.insert(detail["value"].as_str().unwrap().to_owned());
                }
            }
        }
    }
    found
}

fn healthy(addresses: &BTreeSet<String>) -> Answer {
    let member = |address: &String| {
        format!(
            "<member><Target><Id>{address}</Id><Port>80</Port></Target><TargetHealth><State>healthy</State></TargetHealth></member>"
        )
    };
    let members: String = addresses.iter().map(member).collect();
    let body = format!(
        "<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>{members}\
        </TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>"
    );
    Answer::Raw(200, Vec::new(), body.into_bytes())
}

fn around(recorded: &Recorded) -> Aws {
    let healthy_ones = addresses(recorded);
    replay(&[recorded], move |asked| match asked.operation.as_str() {
        "DescribeServices" => Answer::Json(shop()),
        "ListTasks" => Answer::Json(json!({"taskArns": ["arn:task/c/1"]})),
        "DescribeTargetHealth" => healthy(&healthy_ones),
        "DescribeTaskDefinition" => Answer::Json(json!({"taskDefinition": {}})),
        other => panic!("{other}"),
    })
}

#[tokio::test]
async fn live_tasks_are_seen_with_their_targets() {
    let mut came = BTreeMap::new();
    for recorded in of("DescribeTasks") {
        let view = around(&recorded).cloud().tasks(&locator("c", "web")).await;
        let seen = view.unwrap().tasks.into_iter().map(|task| {
            let definition = task.definition.short();
            format!(
                "{:?} {definition} {:?}, {} digests",
                task.running,
                task.target,
                task.digests.len()
            )
        });
        let line = seen.collect::<Vec<_>>().join("; ");
        came.insert(recorded.name, line.replace('"', "'"));
    }
    hold(
        "DescribeTasks",
        came,
        &[
            ("2018-fargate", "Running shop-web:1 Healthy, 0 digests"),
            (
                "2021-ec2-bridge",
                "Running console-sample-app-static2:1 Unhealthy('its address is not known yet'), 0 digests",
            ),
            (
                "2021-fargate",
                "Running webserver:2 Healthy, 0 digests; Running webserver:2 Healthy, 0 digests",
            ),
            (
                "2022-stopped-by-balancer",
                "Stopping shop-web:26 Healthy, 1 digests",
            ),
            (
                "2024-stopped-by-user",
                "Stopping Example:3 Healthy, 1 digests",
            ),
            ("2025-fargate", "Running webserver:5 Healthy, 2 digests"),
        ],
    );
}

#[tokio::test]
async fn stopped_tasks_are_evidence_and_others_are_none() {
    let mut came = BTreeMap::new();
    for recorded in of("DescribeTasks") {
        let definition = recorded.json()["tasks"][0]["taskDefinitionArn"].clone();
        let definition = DefinitionRef::parse(definition.as_str().unwrap()).unwrap();
        let cloud = around(&recorded).cloud();
        let evidence = cloud.evidence(&locator("c", "web"), &definition).await;
        let told = evidence.unwrap().stopped.into_iter().map(|stopped| {
            let at = stopped
                .stopped_at
                .map(|at| at.to_string())
                .unwrap_or_default();
            let rollout = stopped.rollout.is_some();
            format!(
                "{:?} at {at}: {} (of a rollout: {rollout})",
                stopped.cause, stopped.end
            )
        });
        came.insert(recorded.name, told.collect::<Vec<_>>().join("; "));
    }
    hold(
        "DescribeTasks",
        came,
        &[
            ("2018-fargate", ""),
            ("2021-ec2-bridge", ""),
            ("2021-fargate", ""),
            (
                "2022-stopped-by-balancer",
                "TargetCheck at 2022-08-08T05:07:23.184Z: Task failed ELB health checks in (target-group shop-web); web: exit code 143 (of a rollout: true)",
            ),
            (
                "2024-stopped-by-user",
                "ByUser at 2024-11-13T21:23:11.984Z: Task stopped by user (of a rollout: true)",
            ),
            ("2025-fargate", ""),
        ],
    );
}

#[tokio::test]
async fn a_job_is_judged_by_its_container() {
    let mut came = BTreeMap::new();
    for recorded in of("DescribeTasks") {
        let task = recorded.json()["tasks"][0].clone();
        let container = task["containers"][0]["name"].as_str().unwrap().to_owned();
        let id = TaskId::parse(task["taskArn"].as_str().unwrap()).unwrap();
        let looked = around(&recorded)
            .cloud()
            .look(&request(&container), &id)
            .await;
        let line = format!("{:?}", looked.unwrap().state).replace('"', "'");
        came.insert(recorded.name, line);
    }
    hold(
        "DescribeTasks",
        came,
        &[
            ("2018-fargate", "Running"),
            ("2021-ec2-bridge", "Running"),
            ("2021-fargate", "Running"),
            (
                "2022-stopped-by-balancer",
                "Killed('Task failed ELB health checks in (target-group shop-web); web: exit code 143')",
            ),
            ("2024-stopped-by-user", "Killed('Task stopped by user')"),
            ("2025-fargate", "Running"),
        ],
    );
}

#[tokio::test]
async fn listed_tasks_are_described() {
    for recorded in of("ListTasks") {
        let arns = recorded.json()["taskArns"].clone();
        let aws = replay(&[&recorded], |asked| match asked.operation.as_str() {
            "DescribeTasks" => Answer::Json(json!({"tasks": []})),
            _ => nothing(asked),
        });
        let migration = Definition::new(json!({"family": "migrate"}));
        aws.cloud().running("c", &migration).await.unwrap();
        assert_eq!(aws.asked("DescribeTasks")[0].json()["tasks"], arns);
    }
}

#[tokio::test]
async fn what_was_started_and_what_was_not() {
    let mut came = BTreeMap::new();
    for recorded in of("RunTask") {
        let started = replay(&[&recorded], nothing)
            .cloud()
            .start(&request("web"))
            .await;
        let line = match started {
            Ok(task) => {
                assert_eq!(json!(task.as_str()), recorded.json()["tasks"][0]["taskArn"]);
                "started".to_owned()
            }
            Err(failure) => format!("{:?} {:?}: {failure}", failure.kind, failure.effect),
        };
        came.insert(recorded.name, line);
    }
    let expected = [
        (
            "2016-no-room",
            "Throttled None: ecs.RunTask: no task was started: RESOURCE:MEMORY",
        ),
        ("2023-ec2", "started"),
        ("2025-fargate-volume", "started"),
    ];
    hold("RunTask", came, &expected);
}

#[tokio::test]
async fn a_task_that_is_told_to_stop_is_told() {
    for recorded in of("StopTask") {
        let id = TaskId::parse("arn:task/c/1").unwrap();
        let stopped = replay(&[&recorded], nothing)
            .cloud()
            .stop(&request("web"), &id, "late")
            .await;
        assert_eq!(stopped, Ok(()), "{}", recorded.name);
    }
}

/// Between two tags of an XML text, in order.
fn between<'t>(text: &'t str, tag: &str) -> Vec<&'t str> {
    let open = format!("<{tag}>");
    let parts = text.split(open.as_str()).skip(1);
    parts.map(|part| part.split('<').next().unwrap()).collect()
}

/// A task whose address is that of a target: instances have none, so their ids stand in for one.
fn at(id: &str) -> Value {
    json!({"tasks": [{"taskArn": "arn:task/c/1", "taskDefinitionArn": "arn:td/web:2", "lastStatus": "RUNNING",
        "attachments": [{"details": [{"name": "privateIPv4Address", "value": id}]}]}]})
}

#[tokio::test]
async fn targets_are_found_by_address_and_port() {
    let mut came = BTreeMap::new();
    for recorded in of("DescribeTargetHealth") {
        let text = recorded.text();
        let ports = between(&text, "Port");
        let mut lines = Vec::new();
        for (id, port) in between(&text, "Id").into_iter().zip(ports) {
            let (task, mut service) = (at(id), shop());
            service["services"][0]["loadBalancers"][0]["containerPort"] =
                json!(port.parse::<i32>().unwrap());
            let aws = replay(&[&recorded], move |asked| match asked.operation.as_str() {
                "DescribeServices" => Answer::Json(service.clone()),
                "ListTasks" => Answer::Json(json!({"taskArns": ["arn:task/c/1"]})),
                "DescribeTasks" => Answer::Json(task.clone()),
                _ => nothing(asked),
            });
            let view = aws.cloud().tasks(&locator("c", "web")).await.unwrap();
            lines.push(match &view.tasks[0].target {
                TargetState::Unhealthy(why) => format!("{port} {why}"),
                other => format!("{port} {other:?}"),
            });
        }
        came.insert(recorded.name, lines.join("; "));
    }
    hold(
        "DescribeTargetHealth",
        came,
        &[
            ("2016-healthy-instances", "80 Healthy; 80 Healthy"),
            (
                "draining",
                "4000 Healthy; 4000 draining: Target deregistration is in progress",
            ),
            (
                "states",
                "80 unused: Target group is not configured to receive traffic from the load balancer; 81 initial: Target registration is in progress; 82 unhealthy: Connection to target timed out",
            ),
        ],
    );
}

fn ended(asked: &Asked) -> Answer {
    match asked.operation.as_str() {
        "DescribeTasks" => Answer::Json(
            json!({"tasks": [{"taskArn": "arn:task/c/1", "lastStatus": "STOPPED",
            "stopCode": "EssentialContainerExited", "startedAt": 1.0, "containers": [{"name": "web", "exitCode": 0}]}]}),
        ),
        "DescribeTaskDefinition" => Answer::Json(
            json!({"taskDefinition": {"containerDefinitions": [{"name": "web",
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g", "awslogs-stream-prefix": "p"}}}]}}),
        ),
        other => panic!("{other}"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_log_is_read_line_by_line() {
    let mut came = BTreeMap::new();
    for recorded in of("GetLogEvents") {
        let id = TaskId::parse("arn:task/c/1").unwrap();
        let view = replay(&[&recorded], ended)
            .cloud()
            .look(&request("web"), &id)
            .await;
        let view = view.unwrap();
        assert_eq!(view.unread, None);
        came.insert(recorded.name, view.log.join("|").replace('\t', "→"));
    }
    hold(
        "GetLogEvents",
        came,
        &[
            (
                "2015-three",
                "Example Event 1|Example Event 1|Example Event 2",
            ),
            (
                "2019-lambda",
                "START RequestId: 4ce9340a-b765-490f-ad8a-02ab3415e2bf Version: $LATEST|REPORT RequestId: 4ce9340a-b765-490f-ad8a-02ab3415e2bf→Duration: 26.73 ms→Billed Duration: 27 ms →Memory Size: 128 MB→Max Memory Used: 75 MB",
            ),
            ("2025-end", "Example Event 2|Example Event 3"),
        ],
    );
}
