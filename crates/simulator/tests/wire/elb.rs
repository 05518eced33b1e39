//! ELBv2's XML as the SDK reads it.

use aws_sdk_elasticloadbalancingv2::types::{
    TargetDescription, TargetHealthReasonEnum, TargetHealthStateEnum,
};
use backstay_simulator::Cloud;

use crate::stage::{CLUSTER, cloud};
use crate::support::client;

async fn auth_group(elb: &aws_sdk_elasticloadbalancingv2::Client) -> String {
    let groups = elb
        .describe_target_groups()
        .names("auth")
        .send()
        .await
        .unwrap();
    groups.target_groups()[0]
        .target_group_arn()
        .unwrap()
        .to_owned()
}

fn elb(cloud: &Cloud) -> aws_sdk_elasticloadbalancingv2::Client {
    client!(aws_sdk_elasticloadbalancingv2, cloud)
}

#[tokio::test(start_paused = true)]
async fn target_health_of_all_and_of_some() {
    let cloud = cloud();
    let elb = elb(&cloud);
    let arn = auth_group(&elb).await;
    let all = elb
        .describe_target_health()
        .target_group_arn(&arn)
        .send()
        .await
        .unwrap();
    let all = all.target_health_descriptions();
    assert_eq!(all.len(), 2);
    for target in all {
        let health = target.target_health().unwrap();
        assert_eq!(
            (health.state(), health.reason()),
            (Some(&TargetHealthStateEnum::Healthy), None)
        );
    }
    let target = |id: &str| TargetDescription::builder().id(id).port(8000).build();
    let one = all[0].target().unwrap().id().unwrap();
    let some = elb
        .describe_target_health()
        .target_group_arn(&arn)
        .targets(target(one))
        .targets(target("10.9.9.9"));
    let some = some.send().await.unwrap();
    let [known, unknown] = some.target_health_descriptions() else {
        panic!("two targets")
    };
    assert_eq!(
        known.target_health().unwrap().state(),
        Some(&TargetHealthStateEnum::Healthy)
    );
    assert_eq!(
        unknown.target_health().unwrap().reason(),
        Some(&TargetHealthReasonEnum::NotRegistered)
    );
}

#[tokio::test(start_paused = true)]
async fn target_groups_by_name_arn_and_load_balancer() {
    let cloud = cloud();
    let elb = elb(&cloud);
    let arn = auth_group(&elb).await;
    let by_arn = elb
        .describe_target_groups()
        .target_group_arns(&arn)
        .send()
        .await
        .unwrap();
    let [group] = by_arn.target_groups() else {
        panic!("one group")
    };
    assert_eq!(
        (group.health_check_path(), group.unhealthy_threshold_count()),
        (Some("/health"), Some(2))
    );
    let balancer = group.load_balancer_arns()[0].clone();
    let by_balancer = elb
        .describe_target_groups()
        .load_balancer_arn(&balancer)
        .send()
        .await
        .unwrap();
    assert_eq!(by_balancer.target_groups().len(), 1);
    assert_eq!(
        elb.describe_target_groups()
            .send()
            .await
            .unwrap()
            .target_groups()
            .len(),
        2
    );
    let error = elb
        .describe_target_groups()
        .names("nobody")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_target_group_not_found_exception());
    let attributes = elb
        .describe_target_group_attributes()
        .target_group_arn(&arn)
        .send()
        .await
        .unwrap();
    let delay = attributes
        .attributes()
        .iter()
        .find(|it| it.key() == Some("deregistration_delay.timeout_seconds"));
    assert_eq!(delay.unwrap().value(), Some("30"));
}

#[tokio::test(start_paused = true)]
async fn a_listener_and_its_rules() {
    let cloud = cloud();
    let elb = elb(&cloud);
    let balancers = elb
        .describe_load_balancers()
        .names(CLUSTER)
        .send()
        .await
        .unwrap();
    let balancer = &balancers.load_balancers()[0];
    assert!(balancer.dns_name().unwrap().ends_with(".elb.amazonaws.com"));
    let listeners = elb
        .describe_listeners()
        .load_balancer_arn(balancer.load_balancer_arn().unwrap())
        .send()
        .await;
    let listeners = listeners.unwrap();
    let listener = listeners.listeners()[0].listener_arn().unwrap();
    let rules = elb
        .describe_rules()
        .listener_arn(listener)
        .send()
        .await
        .unwrap();
    let priorities: Vec<&str> = rules
        .rules()
        .iter()
        .filter_map(|rule| rule.priority())
        .collect();
    assert_eq!(priorities, ["1", "2", "default"]);
    let forward = &rules.rules()[0];
    assert_eq!(
        forward.conditions()[0]
            .path_pattern_config()
            .unwrap()
            .values(),
        ["/auth/*"]
    );
    let tuple = &forward.actions()[0]
        .forward_config()
        .unwrap()
        .target_groups()[0];
    assert_eq!(
        tuple.target_group_arn(),
        Some(auth_group(&elb).await.as_str())
    );
    let error = elb
        .describe_load_balancers()
        .names("nobody")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_load_balancer_not_found_exception());
}
