//! The operations: what they answer and what they refuse.

use serde_json::{Value, json};

use super::{START_MS, done, pass, put_alarm, put_errors, refused, world};

#[test]
fn alarms_are_found_by_name_prefix_and_state_in_pages() {
    let mut world = world();
    for name in ["a1", "a2", "b1"] {
        put_alarm(&mut world, name, json!({}));
    }
    let set = json!({ "AlarmName": "a2", "StateValue": "OK", "StateReason": "x" });
    done(&mut world, "SetAlarmState", set);
    let mut names = |body: Value| -> Vec<String> {
        let answer = done(&mut world, "DescribeAlarms", body);
        let alarms = answer["MetricAlarms"].as_array().unwrap();
        let names = alarms
            .iter()
            .map(|alarm| alarm["AlarmName"].as_str().unwrap().to_owned());
        names.collect()
    };
    assert_eq!(names(json!({})), ["a1", "a2", "b1"]);
    assert_eq!(names(json!({ "AlarmNamePrefix": "a" })), ["a1", "a2"]);
    assert_eq!(names(json!({ "AlarmNames": ["b1", "none"] })), ["b1"]);
    assert_eq!(names(json!({ "StateValue": "OK" })), ["a2"]);
    assert_eq!(names(json!({ "MaxRecords": 2 })), ["a1", "a2"]);
    assert_eq!(names(json!({ "MaxRecords": 2, "NextToken": "2" })), ["b1"]);
    let many: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    let error = refused(&mut world, "DescribeAlarms", json!({ "AlarmNames": many }));
    assert_eq!(error.code, "ValidationError");
    let error = refused(&mut world, "DescribeAlarms", json!({ "NextToken": "x" }));
    assert_eq!(error.code, "InvalidNextToken");
}

#[test]
fn what_an_alarm_cannot_be_is_refused() {
    let mut world = world();
    for (changes, part) in [
        (json!({ "EvaluationWindow": {} }), "EvaluationWindow"),
        (
            json!({ "ComparisonOperator": "GreaterThanUpperThreshold" }),
            "compare by",
        ),
        (json!({ "Period": 45 }), "multiple of 60"),
        (json!({ "EvaluationPeriods": 0 }), "evaluationPeriods"),
        (
            json!({ "DatapointsToAlarm": 2 }),
            "less than or equal to evaluation periods",
        ),
        (
            json!({ "ExtendedStatistic": "p99" }),
            "cannot be used together",
        ),
        (json!({ "Statistic": "tm99" }), "'tm99' at 'statistic'"),
        (json!({ "TreatMissingData": "bad" }), "TreatMissingData"),
        (json!({ "AlarmActions": ["topic"] }), "Invalid arn syntax"),
        (
            json!({ "Period": 86_400, "EvaluationPeriods": 8 }),
            "more than a week",
        ),
        (
            json!({ "Period": 10, "EvaluationPeriods": 8_641 }),
            "more than a day",
        ),
        (json!({ "Threshold": null }), "threshold"),
        (json!({ "Threshold": "NaN" }), "STRING_VALUE"),
    ] {
        let mut alarm = json!({
            "AlarmName": "x", "Namespace": "App", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 5.0, "ComparisonOperator": "GreaterThanThreshold",
        });
        for (member, value) in changes.as_object().unwrap() {
            alarm[member] = value.clone();
        }
        let error = refused(&mut world, "PutMetricAlarm", alarm);
        assert!(error.message.contains(part), "{changes}: {}", error.message);
    }
    for operation in ["PutMetricStream", "PutAnomalyDetector", "PutLogAlarm"] {
        assert_eq!(refused(&mut world, operation, json!({})).status, 501);
    }
}

#[test]
fn statistics_by_period() {
    let mut world = world();
    put_errors(&mut world, 1.0);
    pass(&mut world, 60);
    put_errors(&mut world, 2.0);
    put_errors(&mut world, 4.0);
    pass(&mut world, 60);
    let seconds = |at_ms: u64| at_ms as f64 / 1_000.0;
    let between = json!({
        "Namespace": "App", "MetricName": "Errors", "Period": 60,
        "StartTime": seconds(START_MS), "EndTime": seconds(START_MS + 120_000),
        "Statistics": ["Sum", "Maximum"], "ExtendedStatistics": ["p50"],
    });
    let answer = done(&mut world, "GetMetricStatistics", between);
    let sums: Vec<f64> = answer["Datapoints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| point["Sum"].as_f64().unwrap())
        .collect();
    assert_eq!(sums, [1.0, 6.0]);
    let query = |id: &str, expression: Option<&str>| match expression {
        Some(expression) => json!({ "Id": id, "Expression": expression }),
        None => json!({ "Id": id, "MetricStat": {
            "Metric": { "Namespace": "App", "MetricName": "Errors" }, "Period": 60, "Stat": "Sum",
        } }),
    };
    let body = json!({
        "MetricDataQueries": [query("m", None), query("e", Some("m * 2"))],
        "StartTime": seconds(START_MS), "EndTime": seconds(START_MS + 120_000),
    });
    let answer = done(&mut world, "GetMetricData", body);
    // Newest first.
    assert_eq!(answer["MetricDataResults"][0]["Values"], json!([6.0, 1.0]));
    assert_eq!(answer["MetricDataResults"][1]["Values"], json!([12.0, 2.0]));
    let answer = done(&mut world, "ListMetrics", json!({ "Namespace": "App" }));
    assert_eq!(answer["Metrics"][0]["MetricName"], "Errors");
}

#[test]
fn one_wrong_datum_refuses_them_all() {
    let mut world = world();
    for (datum, code) in [
        (json!({ "MetricName": "m" }), "MissingParameter"),
        (
            json!({ "MetricName": "m", "Value": 1, "Values": [1] }),
            "InvalidParameterCombination",
        ),
        (
            json!({ "MetricName": "m", "Values": [1, 2], "Counts": [1] }),
            "InvalidParameterValue",
        ),
        (
            json!({ "MetricName": "m", "Value": 1, "Timestamp": 0 }),
            "InvalidParameterValue",
        ),
        (json!({ "Value": 1 }), "ValidationError"),
    ] {
        let data = json!([{ "MetricName": "good", "Value": 1 }, datum]);
        let body = json!({ "Namespace": "App", "MetricData": data });
        assert_eq!(
            refused(&mut world, "PutMetricData", body).code,
            code,
            "{datum}"
        );
    }
    let answer = done(&mut world, "ListMetrics", json!({}));
    assert_eq!(answer["Metrics"], json!([]));
}

#[test]
fn dashboards_are_checked_and_kept() {
    let mut world = world();
    let body = json!({ "widgets": [{ "type": "text", "width": 30 }] }).to_string();
    let put = json!({ "DashboardName": "main", "DashboardBody": body });
    let answer = done(&mut world, "PutDashboard", put);
    assert_eq!(
        answer["DashboardValidationMessages"][0]["DataPath"],
        "/widgets/0/width"
    );
    let answer = done(
        &mut world,
        "GetDashboard",
        json!({ "DashboardName": "main" }),
    );
    assert_eq!(answer["DashboardBody"], body.as_str());
    for body in ["{", "[]", "{}", r#"{"widgets": [{"type": "clock"}]}"#] {
        let put = json!({ "DashboardName": "x", "DashboardBody": body });
        let error = refused(&mut world, "PutDashboard", put);
        assert_eq!(error.code, "InvalidParameterInput", "{body}");
    }
    let both = json!({ "DashboardNames": ["main", "none"] });
    assert_eq!(
        refused(&mut world, "DeleteDashboards", both).code,
        "ResourceNotFound"
    );
    done(
        &mut world,
        "DeleteDashboards",
        json!({ "DashboardNames": ["main"] }),
    );
    let answer = done(&mut world, "ListDashboards", json!({}));
    assert_eq!(answer["DashboardEntries"], json!([]));
}

#[test]
fn deleting_names_what_was_not_there() {
    let mut world = world();
    put_alarm(
        &mut world,
        "a",
        json!({ "Tags": [{ "Key": "k", "Value": "v" }] }),
    );
    let arn = "arn:aws:cloudwatch:sa-east-1:123456789012:alarm:a";
    let answer = done(
        &mut world,
        "ListTagsForResource",
        json!({ "ResourceARN": arn }),
    );
    assert_eq!(answer["Tags"], json!([{ "Key": "k", "Value": "v" }]));
    let error = refused(
        &mut world,
        "DeleteAlarms",
        json!({ "AlarmNames": ["none", "a"] }),
    );
    assert_eq!(error.code, "ResourceNotFound");
    // The others are deleted all the same.
    let answer = done(&mut world, "DescribeAlarms", json!({}));
    assert_eq!(answer["MetricAlarms"], json!([]));
    let error = refused(
        &mut world,
        "ListTagsForResource",
        json!({ "ResourceARN": arn }),
    );
    assert_eq!(error.code, "ResourceNotFoundException");
}

#[test]
fn each_unit_has_a_datapoint_and_pages_are_counted_in_datapoints() {
    let mut world = world();
    let data = json!([
        { "MetricName": "m", "Value": 1.0, "Unit": "Seconds" },
        { "MetricName": "m", "Value": 5.0, "Unit": "Count" },
        { "MetricName": "m", "Value": 10.0 },
    ]);
    let data = json!({ "Namespace": "App", "MetricData": data });
    done(&mut world, "PutMetricData", data.clone());
    let (start, end) = (START_MS / 1_000 - 60, START_MS / 1_000 + 600);
    let asked = json!({ "Namespace": "App", "MetricName": "m", "StartTime": start, "EndTime": end, "Period": 60, "Statistics": ["Sum"] });
    let told = done(&mut world, "GetMetricStatistics", asked);
    assert_eq!(told["Datapoints"].as_array().map(Vec::len), Some(3));
    pass(&mut world, 120);
    done(&mut world, "PutMetricData", data);
    let stat =
        json!({ "Metric": { "Namespace": "App", "MetricName": "m" }, "Period": 60, "Stat": "Sum" });
    let queries = json!([{ "Id": "q", "MetricStat": stat }]);
    let mut asked = json!({ "MetricDataQueries": queries, "StartTime": start, "EndTime": end, "MaxDatapoints": 1 });
    let first = done(&mut world, "GetMetricData", asked.clone());
    let values = |answer: &Value| {
        answer["MetricDataResults"][0]["Values"]
            .as_array()
            .map(Vec::len)
    };
    assert_eq!(values(&first), Some(1));
    asked["NextToken"] = first["NextToken"].clone();
    let second = done(&mut world, "GetMetricData", asked);
    assert_eq!(
        (values(&second), second["NextToken"].is_null()),
        (Some(1), true)
    );
}
