//! Watching: the right record, the API budget, and reads that never go back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use backstay_domain::observation::{PrimaryState, RolloutStatus, ServiceView, Trouble};
use backstay_domain::ports::{Follow, Services};
use backstay_domain::{RolloutHandle, ServiceName};
use serde_json::{Value, json};

use crate::scripted::{Answer, Asked, Aws, locator};

/// A service whose newest rollout is `primary` and whose present record is `current`.
pub(crate) fn service(name: &str, primary: &str, current: &str) -> Value {
    json!({"serviceName": name, "serviceArn": format!("arn:service/c/{name}"), "status": "ACTIVE",
        "desiredCount": 2, "runningCount": 2, "pendingCount": 0, "currentServiceDeployment": current,
        "deployments": [{"id": primary, "status": "PRIMARY", "taskDefinition": "arn:td/web:2",
            "rolloutState": "IN_PROGRESS", "createdAt": 1000.5, "runningCount": 1, "failedTasks": 0}],
        "events": []})
}

/// A record whose target revision ends in `digits`.
pub(crate) fn record(arn: &str, digits: &str, status: &str) -> Value {
    json!({"serviceDeploymentArn": arn, "status": status,
        "targetServiceRevision": {"arn": format!("arn:service-revision/c/web/{digits}"), "runningTaskCount": 1},
        "deploymentCircuitBreaker": {"status": "MONITORING", "failureCount": 0, "threshold": 3}})
}

fn follow(cluster: &str, name: &str, rollout: Option<&str>) -> Follow {
    let rollout = rollout.map(|handle| RolloutHandle::parse(handle).unwrap());
    Follow {
        locator: locator(cluster, name),
        rollout,
    }
}

fn names(asked: &Asked, member: &str) -> Vec<String> {
    asked.json()[member]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_budget_is_per_batch() {
    let aws = Aws::new(|asked| match asked.operation.as_str() {
        "DescribeServices" => {
            let services = names(asked, "services").into_iter().map(|name| {
                let number = &name[1..];
                service(&name, &format!("ecs-svc/{number}"), &format!("sd-{number}"))
            });
            Answer::Json(json!({"services": services.collect::<Vec<_>>(), "failures": []}))
        }
        "DescribeServiceDeployments" => {
            let records = names(asked, "serviceDeploymentArns");
            let records = records
                .iter()
                .map(|arn| record(arn, &arn[3..], "IN_PROGRESS"));
            Answer::Json(json!({"serviceDeployments": records.collect::<Vec<_>>()}))
        }
        other => panic!("{other}"),
    });
    let mut follows: Vec<Follow> = (0..25)
        .map(|n| {
            follow(
                if n < 12 { "one" } else { "two" },
                &format!("s{n}"),
                Some(&format!("ecs-svc/{n}")),
            )
        })
        .collect();
    follows.push(follow("two", "s99", None));
    let views = aws.cloud().watch(&follows).await.unwrap();
    assert_eq!(views.len(), 26);
    assert!(
        views
            .values()
            .filter_map(|v| v.followed.as_ref())
            .all(|f| f.status == RolloutStatus::InProgress)
    );
    assert_eq!(aws.count("DescribeServices"), 4, "12 and 14 services");
    assert_eq!(
        aws.count("DescribeServiceDeployments"),
        2,
        "25 records, clusters mixed"
    );
    let described = aws
        .asked("DescribeServiceDeployments")
        .iter()
        .map(|a| names(a, "serviceDeploymentArns").len())
        .sum::<usize>();
    assert_eq!(
        described, 25,
        "a service that is not followed costs no record"
    );
}

#[tokio::test]
async fn a_service_is_seen_whole() {
    let aws = Aws::new(|asked| match asked.operation.as_str() {
        "DescribeServices" => {
            let mut seen = service("web", "ecs-svc/2", "sd-2");
            seen["events"] = json!(
                (0..8)
                    .map(
                        |n| json!({"id": n.to_string(), "createdAt": 1100.0 - f64::from(n),
                "message": format!("(service web) (task {n}) failed container health checks.")})
                    )
                    .collect::<Vec<_>>()
            );
            Answer::Json(json!({"services": [seen]}))
        }
        "DescribeServiceDeployments" => {
            let mut seen = record("sd-2", "2", "ROLLBACK_IN_PROGRESS");
            seen["statusReason"] = json!(
                "Service deployment rolled back because the circuit breaker threshold was exceeded."
            );
            seen["deploymentCircuitBreaker"] =
                json!({"status": "TRIGGERED", "failureCount": 3, "threshold": 3});
            Answer::Json(json!({"serviceDeployments": [seen]}))
        }
        other => panic!("{other}"),
    });
    let mut views = aws
        .cloud()
        .watch(&[follow("c", "web", Some("ecs-svc/2"))])
        .await
        .unwrap();
    let view = views.remove(&ServiceName::parse("web").unwrap()).unwrap();
    let followed = view.followed.clone().unwrap();
    assert_eq!(
        (view.desired, view.running, view.primary.as_str()),
        (2, 2, "ecs-svc/2")
    );
    assert_eq!(
        (view.primary_state, view.trouble),
        (PrimaryState::InProgress, Trouble::Suspected)
    );
    assert_eq!(
        (followed.status, followed.failures, followed.running),
        (RolloutStatus::RollingBack, (3, Some(3)), 1)
    );
    assert!(
        followed
            .reason
            .unwrap()
            .starts_with("Service deployment rolled back")
    );
    assert_eq!(view.messages.len(), 5);
    assert_eq!(
        view.messages[0],
        "(service web) (task 0) failed container health checks."
    );
}

/// Looks `looks` times at a service whose answers depend on the look.
async fn look(aws: &Aws, rollout: Option<&str>, looks: usize) -> Vec<ServiceView> {
    let cloud = aws.cloud();
    let mut seen = Vec::new();
    for _ in 0..looks {
        seen.extend(
            cloud
                .watch(&[follow("c", "web", rollout)])
                .await
                .unwrap()
                .into_values(),
        );
    }
    seen
}

fn statuses(views: &[ServiceView]) -> Vec<RolloutStatus> {
    views
        .iter()
        .map(|view| view.followed.as_ref().unwrap().status.clone())
        .collect()
}

#[tokio::test]
async fn a_superseded_rollout_is_found_in_the_list_and_then_by_its_record() {
    let aws = Aws::new(|asked| match asked.operation.as_str() {
        "DescribeServices" => {
            Answer::Json(json!({"services": [service("web", "ecs-svc/9", "sd-9")]}))
        }
        "DescribeServiceDeployments" => {
            let records = names(asked, "serviceDeploymentArns");
            let records = records.iter().map(|arn| {
                record(
                    arn,
                    &arn[3..],
                    if arn == "sd-2" {
                        "STOPPED"
                    } else {
                        "IN_PROGRESS"
                    },
                )
            });
            Answer::Json(json!({"serviceDeployments": records.collect::<Vec<_>>()}))
        }
        "ListServiceDeployments" => Answer::Json(json!({"serviceDeployments": [
            {"serviceDeploymentArn": "sd-9", "targetServiceRevisionArn": "arn:r/c/web/9", "status": "IN_PROGRESS"},
            {"serviceDeploymentArn": "sd-2", "targetServiceRevisionArn": "arn:r/c/web/2", "status": "STOP_REQUESTED"}]})),
        other => panic!("{other}"),
    });
    let views = look(&aws, Some("ecs-svc/2"), 3).await;
    assert_eq!(
        statuses(&views),
        [
            RolloutStatus::Stopping,
            RolloutStatus::Stopped,
            RolloutStatus::Stopped
        ]
    );
    assert_eq!(views[2].primary.as_str(), "ecs-svc/9");
    assert_eq!(aws.count("ListServiceDeployments"), 1);
    assert_eq!(
        aws.count("DescribeServiceDeployments"),
        2,
        "an ended rollout is not asked for again"
    );
}

#[tokio::test]
async fn without_any_record_the_service_itself_is_believed_by_id() {
    let aws = Aws::new(|asked| match asked.operation.as_str() {
        "DescribeServices" => {
            Answer::Json(json!({"services": [service("web", "ecs-svc/2", "sd-1")]}))
        }
        "DescribeServiceDeployments" => {
            Answer::Json(json!({"serviceDeployments": [record("sd-1", "1", "SUCCESSFUL")]}))
        }
        "ListServiceDeployments" => Answer::Json(json!({"serviceDeployments": []})),
        other => panic!("{other}"),
    });
    assert_eq!(
        statuses(&look(&aws, Some("ecs-svc/2"), 1).await),
        [RolloutStatus::InProgress],
        "not sd-1's success"
    );
    assert_eq!(
        statuses(&look(&aws, Some("ecs-svc/3"), 1).await),
        [RolloutStatus::NotVisible]
    );
}

#[tokio::test]
async fn stale_reads_do_not_turn_time_back() {
    let looks = Arc::new(AtomicUsize::new(0));
    let aws = Aws::new(move |asked| match asked.operation.as_str() {
        "DescribeServices" => {
            Answer::Json(json!({"services": [service("web", "ecs-svc/2", "sd-2")]}))
        }
        "DescribeServiceDeployments" => {
            let words = ["IN_PROGRESS", "PENDING", "SUCCESSFUL"];
            let word = words[looks.fetch_add(1, Ordering::SeqCst).min(2)];
            Answer::Json(json!({"serviceDeployments": [record("sd-2", "2", word)]}))
        }
        other => panic!("{other}"),
    });
    let seen = statuses(&look(&aws, Some("ecs-svc/2"), 4).await);
    use RolloutStatus::{InProgress, Succeeded};
    assert_eq!(seen, [InProgress, InProgress, Succeeded, Succeeded]);
}

#[tokio::test]
async fn services_that_do_not_exist_are_left_out() {
    let aws = Aws::new(|_| {
        Answer::Json(json!({"services": [], "failures": [{"arn": "x", "reason": "MISSING"}]}))
    });
    assert!(look(&aws, None, 1).await.is_empty());
    assert_eq!(aws.picture(), ["DescribeServices"]);
}

/// Finding 26: a service that was deleted, or that may not be looked at, blinds nobody else.
#[tokio::test(start_paused = true)]
async fn one_record_that_is_refused_does_not_hide_the_others() {
    for code in [
        "AccessDeniedException",
        "ServiceDeploymentNotFoundException",
        "InvalidParameterException",
    ] {
        let aws = Aws::new(move |asked| match asked.operation.as_str() {
            "DescribeServices" => {
                let services = names(asked, "services").into_iter().map(|name| {
                    let number = &name[1..];
                    service(&name, &format!("ecs-svc/{number}"), &format!("sd-{number}"))
                });
                Answer::Json(json!({"services": services.collect::<Vec<_>>(), "failures": []}))
            }
            "DescribeServiceDeployments" => {
                let arns = names(asked, "serviceDeploymentArns");
                if arns.iter().any(|arn| arn == "sd-2") {
                    return Answer::Error(400, code);
                }
                let records = arns.iter().map(|arn| record(arn, &arn[3..], "IN_PROGRESS"));
                Answer::Json(
                    json!({"serviceDeployments": records.collect::<Vec<_>>(), "failures": []}),
                )
            }
            "ListServiceDeployments" => Answer::Json(json!({"serviceDeployments": []})),
            other => panic!("{other}"),
        });
        let followed: Vec<Follow> = (1..4)
            .map(|number| {
                let rollout = format!("ecs-svc/{number}");
                follow("c", &format!("s{number}"), Some(&rollout))
            })
            .collect();
        let views = aws.cloud().watch(&followed).await.unwrap();
        let status = |name: &str| {
            let name = ServiceName::parse(name).unwrap();
            views[&name].followed.as_ref().unwrap().status.clone()
        };
        for seen in ["s1", "s3"] {
            assert_eq!(status(seen), RolloutStatus::InProgress, "{code}: {seen}");
        }
    }
}
