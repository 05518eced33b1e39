//! A task definition is surveyed as it was answered, members and all.

use backstay_domain::ports::Services;
use backstay_domain::survey::DefinitionState;
use serde_json::{Value, json};

use crate::scripted::{Answer, Aws, locator};

fn service(name: &str) -> Value {
    json!({"serviceName": name, "serviceArn": format!("arn:service/c/{name}"), "status": "ACTIVE",
        "deployments": [{"id": "ecs-svc/2", "status": "PRIMARY", "taskDefinition": "arn:td/web:2",
            "rolloutState": "COMPLETED"}]})
}

#[tokio::test]
async fn the_whole_document_is_kept_and_whether_it_is_active() {
    for (status, expected) in [
        ("ACTIVE", DefinitionState::Active),
        ("INACTIVE", DefinitionState::Inactive),
        ("DELETE_IN_PROGRESS", DefinitionState::Inactive),
    ] {
        let aws = Aws::new(move |asked| match asked.operation.as_str() {
            "DescribeServices" => Answer::Json(json!({"services": [service("web")]})),
            "DescribeTaskDefinition" => {
                Answer::Json(json!({"taskDefinition": {"family": "web", "status": status,
                    "memberOfTomorrow": {"deep": [1]}, "containerDefinitions": [{"name": "web"}]}}))
            }
            other => panic!("{other}"),
        });
        let found = aws.cloud().survey(&[locator("c", "web")]).await.unwrap();
        let live = found.into_values().next().unwrap();
        assert_eq!(live.definition_state, expected, "{status}");
        let kept = &live.document.document["memberOfTomorrow"];
        assert_eq!(*kept, json!({"deep": [1]}));
    }
}
