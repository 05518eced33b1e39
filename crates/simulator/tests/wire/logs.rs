//! CloudWatch Logs: ingestion delay, paging, prefixes.

use std::time::Duration;

use backstay_simulator::Cloud;

use crate::support::{client, cloud};

const GROUP: &str = "/ecs/cat-house";

async fn written(cloud: &Cloud, lines: usize) {
    cloud.with_world(|world| world.create_log_group(GROUP));
    for line in 0..lines {
        cloud.with_world(|world| world.write_log(GROUP, "api/auth/1", &format!("line {line}")));
        cloud.time().sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_appears_after_its_first_line_is_ingested() {
    let cloud = cloud();
    let logs = client!(aws_sdk_cloudwatchlogs, cloud);
    written(&cloud, 1).await;
    let read = || {
        logs.get_log_events()
            .log_group_name(GROUP)
            .log_stream_name("api/auth/1")
            .start_from_head(true)
    };
    let error = read().send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
    cloud.time().sleep(Duration::from_secs(1)).await;
    assert_eq!(read().send().await.unwrap().events().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_end_is_the_same_token_twice() {
    let cloud = cloud();
    let logs = client!(aws_sdk_cloudwatchlogs, cloud);
    written(&cloud, 5).await;
    cloud.time().sleep(Duration::from_secs(1)).await;
    let (mut token, mut seen) = (None::<String>, Vec::new());
    loop {
        let request = logs
            .get_log_events()
            .log_group_name(GROUP)
            .log_stream_name("api/auth/1")
            .limit(2);
        let page = request
            .start_from_head(true)
            .set_next_token(token.clone())
            .send()
            .await
            .unwrap();
        seen.extend(
            page.events()
                .iter()
                .map(|event| event.message().unwrap().to_owned()),
        );
        let next = page.next_forward_token().map(str::to_owned);
        if next == token {
            break;
        }
        token = next;
    }
    assert_eq!(seen, ["line 0", "line 1", "line 2", "line 3", "line 4"]);
    let last = logs
        .get_log_events()
        .log_group_name(GROUP)
        .log_stream_name("api/auth/1")
        .limit(2)
        .send()
        .await
        .unwrap();
    assert_eq!(last.events()[0].message(), Some("line 3"));
}

#[tokio::test(start_paused = true)]
async fn a_filter_reads_many_streams_by_prefix_and_words() {
    let cloud = cloud();
    let logs = client!(aws_sdk_cloudwatchlogs, cloud);
    written(&cloud, 3).await;
    cloud.with_world(|world| world.write_log(GROUP, "api/auth/2", "line 1 again"));
    cloud.with_world(|world| world.write_log(GROUP, "job/migrate/9", "line 1 of a job"));
    cloud.time().sleep(Duration::from_secs(1)).await;
    let request = logs
        .filter_log_events()
        .log_group_name(GROUP)
        .log_stream_name_prefix("api/");
    let found = request.filter_pattern("\"line\" 1").send().await.unwrap();
    let messages: Vec<&str> = found
        .events()
        .iter()
        .filter_map(|event| event.message())
        .collect();
    assert_eq!(messages, ["line 1", "line 1 again"]);
    let streams = logs
        .describe_log_streams()
        .log_group_name(GROUP)
        .send()
        .await
        .unwrap();
    assert_eq!(streams.log_streams().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn groups_are_made_once_and_keep_their_retention() {
    let cloud = cloud();
    let logs = client!(aws_sdk_cloudwatchlogs, cloud);
    logs.create_log_group()
        .log_group_name("/a")
        .send()
        .await
        .unwrap();
    let error = logs
        .create_log_group()
        .log_group_name("/a")
        .send()
        .await
        .unwrap_err();
    assert!(
        error
            .into_service_error()
            .is_resource_already_exists_exception()
    );
    logs.put_retention_policy()
        .log_group_name("/a")
        .retention_in_days(14)
        .send()
        .await
        .unwrap();
    let groups = logs
        .describe_log_groups()
        .log_group_name_prefix("/a")
        .send()
        .await
        .unwrap();
    assert_eq!(groups.log_groups()[0].retention_in_days(), Some(14));
}
