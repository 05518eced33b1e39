//! How alarms come into their states.

use serde_json::{Value, json};

use super::{START_MS, done, pass, put_alarm, put_errors, refused, state, world};
use crate::front::Service;
use crate::services::cloudwatch::AlarmState;

#[test]
fn an_alarm_follows_its_metric() {
    let mut world = world();
    put_alarm(&mut world, "errors", json!({}));
    let (value, reason) = state(&mut world, "errors");
    assert_eq!(
        (value.as_str(), reason.as_str()),
        ("INSUFFICIENT_DATA", "Unchecked: Initial alarm creation")
    );
    pass(&mut world, 10);
    put_errors(&mut world, 4.0);
    put_errors(&mut world, 3.0);
    pass(&mut world, 49);
    assert_eq!(state(&mut world, "errors").0, "INSUFFICIENT_DATA");
    pass(&mut world, 1);
    let (value, reason) = state(&mut world, "errors");
    assert_eq!(value, "ALARM");
    assert_eq!(
        reason,
        "Threshold Crossed: 1 out of the last 1 datapoints [7.0 (01/01/26 00:00:00)] was greater than the threshold (5.0) \
         (minimum 1 datapoint for OK -> ALARM transition)."
    );
    put_errors(&mut world, 5.0);
    pass(&mut world, 60);
    assert_eq!(state(&mut world, "errors").0, "OK");
    // Two more periods are looked at before data counts as missing.
    pass(&mut world, 120);
    assert_eq!(state(&mut world, "errors").0, "OK");
    pass(&mut world, 60);
    assert_eq!(state(&mut world, "errors").0, "INSUFFICIENT_DATA");
    // Nothing can change it any more: nothing is planned.
    assert_eq!(world.next_event_ms(), None);
}

#[test]
fn two_of_three_datapoints() {
    let mut world = world();
    let changes = json!({ "EvaluationPeriods": 3, "DatapointsToAlarm": 2, "TreatMissingData": "notBreaching" });
    put_alarm(&mut world, "errors", changes);
    let mut states = Vec::new();
    for value in [9.0, 1.0, 9.0, 1.0, 1.0] {
        put_errors(&mut world, value);
        pass(&mut world, 60);
        states.push(state(&mut world, "errors").0);
    }
    assert_eq!(states, ["OK", "OK", "ALARM", "OK", "OK"]);
}

#[test]
fn missing_data_breaches_where_it_is_told_to() {
    let mut world = world();
    for (name, treat) in [
        ("silent", "breaching"),
        ("quiet", "notBreaching"),
        ("kept", "ignore"),
    ] {
        put_alarm(&mut world, name, json!({ "TreatMissingData": treat }));
    }
    pass(&mut world, 60);
    let (value, reason) = state(&mut world, "silent");
    assert_eq!(value, "ALARM");
    assert_eq!(
        reason,
        "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [Breaching]."
    );
    assert_eq!(state(&mut world, "quiet").0, "OK");
    assert_eq!(state(&mut world, "kept").0, "INSUFFICIENT_DATA");
}

#[test]
fn percentiles_and_expressions_are_compared() {
    let mut world = world();
    let changes = json!({
        "Statistic": null, "ExtendedStatistic": "p90", "MetricName": "Latency", "Threshold": 1.0,
    });
    put_alarm(&mut world, "slow", changes);
    let stat = |name: &str| json!({ "Metric": { "Namespace": "App", "MetricName": name }, "Period": 60, "Stat": "Sum" });
    let rate = json!({
        "AlarmName": "rate",
        "Metrics": [
            { "Id": "errors", "MetricStat": stat("Errors"), "ReturnData": false },
            { "Id": "requests", "MetricStat": stat("Requests"), "ReturnData": false },
            { "Id": "rate", "Expression": "100 * errors / requests" },
        ],
        "EvaluationPeriods": 1, "Threshold": 2.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    });
    done(&mut world, "PutMetricAlarm", rate.clone());
    let data = json!([
        { "MetricName": "Latency", "Values": [0.1, 2.0], "Counts": [8, 2] },
        { "MetricName": "Errors", "Value": 5.0 },
        { "MetricName": "Requests", "Value": 200.0 },
    ]);
    done(
        &mut world,
        "PutMetricData",
        json!({ "Namespace": "App", "MetricData": data }),
    );
    pass(&mut world, 60);
    assert_eq!(state(&mut world, "slow").0, "ALARM");
    let (value, reason) = state(&mut world, "rate");
    assert_eq!(value, "ALARM");
    assert!(reason.contains("[2.5 ("), "{reason}");
    let mut search = rate;
    search["Metrics"][2]["Expression"] = json!("SUM(METRICS())");
    let error = refused(&mut world, "PutMetricAlarm", search);
    assert!(error.message.contains("FILL"), "{}", error.message);
}

#[test]
fn a_state_that_was_set_lasts_until_the_next_evaluation() {
    let mut world = world();
    put_alarm(&mut world, "errors", json!({}));
    pass(&mut world, 90);
    let set = json!({ "AlarmName": "errors", "StateValue": "ALARM", "StateReason": "testing" });
    done(&mut world, "SetAlarmState", set);
    assert_eq!(
        state(&mut world, "errors"),
        ("ALARM".to_owned(), "testing".to_owned())
    );
    pass(&mut world, 29);
    assert_eq!(state(&mut world, "errors").0, "ALARM");
    pass(&mut world, 1);
    let (value, reason) = state(&mut world, "errors");
    assert_eq!(value, "INSUFFICIENT_DATA");
    assert_eq!(reason, "Insufficient Data: 1 datapoint was unknown.");
    let body = json!({ "AlarmName": "gone", "StateValue": "OK", "StateReason": "" });
    let error = refused(&mut world, "SetAlarmState", body);
    assert_eq!((error.code, error.status), ("ResourceNotFound", 404));
}

#[test]
fn a_fault_holds_an_alarm_in_its_state() {
    let mut world = world();
    put_alarm(&mut world, "errors", json!({}));
    world.set_alarm("errors", AlarmState::Alarm, "a fault");
    world.set_alarm("new", AlarmState::Ok, "a fault");
    put_errors(&mut world, 1.0);
    pass(&mut world, 600);
    assert_eq!(
        world.cloudwatch.alarm_state("errors"),
        Some(AlarmState::Alarm)
    );
    assert_eq!(world.cloudwatch.alarm_state("new"), Some(AlarmState::Ok));
    put_alarm(&mut world, "errors", json!({}));
    put_errors(&mut world, 1.0);
    pass(&mut world, 60);
    assert_eq!(state(&mut world, "errors").0, "OK");
}

#[test]
fn a_composite_alarm_follows_its_children() {
    let mut world = world();
    put_alarm(
        &mut world,
        "errors",
        json!({ "TreatMissingData": "notBreaching" }),
    );
    put_alarm(
        &mut world,
        "deploying",
        json!({ "MetricName": "Deploying" }),
    );
    let body = |rule: &str| json!({ "AlarmName": "both", "AlarmRule": rule });
    let error = refused(&mut world, "PutCompositeAlarm", body("ALARM(none)"));
    assert!(error.message.contains("[none]"), "{}", error.message);
    done(
        &mut world,
        "PutCompositeAlarm",
        body("ALARM(errors) AND NOT ALARM(deploying)"),
    );
    assert_eq!(state(&mut world, "both").0, "OK");
    put_errors(&mut world, 9.0);
    pass(&mut world, 60);
    let (value, reason) = state(&mut world, "both");
    assert_eq!(value, "ALARM");
    assert_eq!(
        reason,
        "arn:aws:cloudwatch:sa-east-1:123456789012:alarm:errors transitioned to ALARM at Thursday 01 January, 2026 00:01:00 UTC"
    );
    let error = refused(
        &mut world,
        "DeleteAlarms",
        json!({ "AlarmNames": ["errors"] }),
    );
    assert!(error.message.contains("depending on it"));
    // Without AlarmTypes only metric alarms are answered.
    let answer = done(
        &mut world,
        "DescribeAlarms",
        json!({ "AlarmNames": ["both", "errors"] }),
    );
    assert_eq!(answer["CompositeAlarms"], json!([]));
    assert_eq!(answer["MetricAlarms"][0]["AlarmName"], "errors");
    // A cycle ends.
    let cycle = json!({ "AlarmName": "a", "AlarmRule": "FALSE" });
    done(&mut world, "PutCompositeAlarm", cycle);
    let flips = json!({ "AlarmName": "b", "AlarmRule": "NOT ALARM(a)" });
    done(&mut world, "PutCompositeAlarm", flips);
    done(
        &mut world,
        "PutCompositeAlarm",
        json!({ "AlarmName": "a", "AlarmRule": "ALARM(b)" }),
    );
}

#[test]
fn a_change_is_written_down_and_told() {
    let mut world = world();
    let topic = "arn:aws:sns:sa-east-1:123456789012:alerts";
    crate::front::ask_form(&mut world, Service::Sns, "CreateTopic", "Name=alerts").unwrap();
    put_alarm(
        &mut world,
        "errors",
        json!({ "AlarmActions": [topic], "AlarmDescription": "too many" }),
    );
    put_errors(&mut world, 9.0);
    pass(&mut world, 60);
    let answer = done(
        &mut world,
        "DescribeAlarmHistory",
        json!({ "AlarmName": "errors" }),
    );
    let items = answer["AlarmHistoryItems"].as_array().unwrap();
    let summaries: Vec<&str> = items
        .iter()
        .map(|item| item["HistorySummary"].as_str().unwrap())
        .collect();
    assert_eq!(
        summaries,
        [
            "Successfully executed action arn:aws:sns:sa-east-1:123456789012:alerts",
            "Alarm updated from INSUFFICIENT_DATA to ALARM",
            "Alarm \"errors\" created",
        ]
    );
    let published = world.sns.published().next().unwrap();
    let message: Value = serde_json::from_str(&published.message).unwrap();
    assert_eq!(
        published.subject.as_deref(),
        Some("ALARM: \"errors\" in sa-east-1")
    );
    assert_eq!(message["NewStateValue"], "ALARM");
    assert_eq!(message["StateChangeTime"], "2026-01-01T00:01:00.000+0000");
    assert_eq!(message["Trigger"]["MetricName"], "Errors");
    let told = world.events.told.back().unwrap();
    assert_eq!(told.detail_type, "CloudWatch Alarm State Change");
    assert_eq!(told.at_ms, START_MS + 60_000);
    let detail = told.detail.tree();
    assert_eq!(detail["state"]["value"], "ALARM");
    assert_eq!(detail["previousState"]["value"], "INSUFFICIENT_DATA");
    assert_eq!(
        detail["configuration"]["metrics"][0]["metricStat"]["period"],
        60
    );
    done(
        &mut world,
        "DisableAlarmActions",
        json!({ "AlarmNames": ["errors"] }),
    );
    let set = json!({ "AlarmName": "errors", "StateValue": "OK", "StateReason": "x" });
    done(&mut world, "SetAlarmState", set.clone());
    done(
        &mut world,
        "SetAlarmState",
        json!({ "AlarmName": "errors", "StateValue": "ALARM", "StateReason": "x" }),
    );
    let body = json!({ "AlarmName": "errors", "HistoryItemType": "Action" });
    let answer = done(&mut world, "DescribeAlarmHistory", body);
    assert_eq!(
        answer["AlarmHistoryItems"].as_array().map(Vec::len),
        Some(1)
    );
}

#[test]
fn an_action_whose_topic_is_not_there_has_failed() {
    let mut world = world();
    let nobody = "arn:aws:sns:sa-east-1:123456789012:nobody";
    let scaling = "arn:aws:autoscaling:sa-east-1:123456789012:scalingPolicy:x";
    let function = "arn:aws:lambda:sa-east-1:123456789012:function:x";
    put_alarm(
        &mut world,
        "errors",
        json!({ "AlarmActions": [nobody, scaling, function] }),
    );
    let above =
        json!({ "AlarmName": "above", "AlarmRule": "ALARM(errors)", "AlarmActions": [nobody] });
    done(&mut world, "PutCompositeAlarm", above);
    put_errors(&mut world, 9.0);
    pass(&mut world, 60);
    let body =
        json!({ "AlarmTypes": ["MetricAlarm", "CompositeAlarm"], "ScanBy": "TimestampAscending" });
    let answer = done(&mut world, "DescribeAlarmHistory", body);
    let items = answer["AlarmHistoryItems"].as_array().unwrap();
    let summaries: Vec<&str> = items
        .iter()
        .filter(|item| item["HistoryItemType"] != "ConfigurationUpdate")
        .map(|item| item["HistorySummary"].as_str().unwrap())
        .collect();
    let failed = format!("Failed to execute action {nobody}");
    let no_policy = format!("Failed to execute action {scaling}");
    let not_done = format!("The simulator does not carry out action {function}");
    assert_eq!(
        summaries,
        [
            "Alarm updated from INSUFFICIENT_DATA to OK",
            "Alarm updated from INSUFFICIENT_DATA to ALARM",
            &failed,
            &no_policy,
            &not_done,
            "Alarm updated from OK to ALARM",
            &failed,
        ]
    );
    assert!(
        items[4]["HistoryData"]
            .as_str()
            .unwrap()
            .contains("\"Failed\"")
    );
}
