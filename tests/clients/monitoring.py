"""boto3 and CloudWatch in all three protocols, RDS snapshots in time, EventBridge."""

import datetime
import json

from simulator import advance, client, control, done, refused, until

sns = client("sns")
rds = client("rds")
events = client("events")
logs = client("logs")


def now():
    return datetime.datetime.fromtimestamp(control("GET", "now")["now_ms"] / 1000, datetime.timezone.utc)


# CloudWatch says the same in CBOR, JSON and query.
topic = sns.create_topic(Name="tests-alarms")["TopicArn"]
alarms = {}
for protocol in ("smithy-rpc-v2-cbor", "json", "query"):
    cloudwatch = client("cloudwatch", protocol=protocol)
    name = f"tests-{protocol}"
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="Tests",
        MetricName="Errors",
        Dimensions=[{"Name": "Protocol", "Value": protocol}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=2.5,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[topic],
    )

    def state():
        [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return alarm["StateValue"]

    assert state() == "INSUFFICIENT_DATA"
    until(lambda: state() == "OK", "no data is not breaching", 600)
    data = {"MetricName": "Errors", "Dimensions": [{"Name": "Protocol", "Value": protocol}]}
    cloudwatch.put_metric_data(Namespace="Tests", MetricData=[{**data, "Value": 4.5, "Unit": "Count"}])
    until(lambda: state() == "ALARM", "the alarm", 600)
    history = cloudwatch.describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    assert {"StateUpdate", "Action"} <= {item["HistoryItemType"] for item in history}, history
    start = now() - datetime.timedelta(hours=1)
    statistics = cloudwatch.get_metric_statistics(
        Namespace="Tests",
        MetricName="Errors",
        Dimensions=data["Dimensions"],
        StartTime=start,
        EndTime=now(),
        Period=60,
        Statistics=["Sum", "Maximum"],
    )
    assert [point["Sum"] for point in statistics["Datapoints"]] == [4.5], statistics
    stat = {"Metric": {"Namespace": "Tests", **data}, "Period": 60, "Stat": "Sum"}
    found = cloudwatch.get_metric_data(MetricDataQueries=[{"Id": "a", "MetricStat": stat}], StartTime=start, EndTime=now())
    assert found["MetricDataResults"][0]["Values"] == [4.5], found
    assert len(cloudwatch.list_metrics(Namespace="Tests", MetricName="Errors")["Metrics"]) >= 1
    widget = {"type": "text", "x": 0, "y": 0, "width": 6, "height": 3, "properties": {"markdown": "# cats"}}
    cloudwatch.put_dashboard(DashboardName=name, DashboardBody=json.dumps({"widgets": [widget]}))
    assert "cats" in cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]
    cloudwatch.list_dashboards()
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="by hand")
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    alarms[protocol] = {key: value for key, value in alarm.items() if not key.startswith("State") and "Timestamp" not in key}
    cloudwatch.disable_alarm_actions(AlarmNames=[name])
    cloudwatch.enable_alarm_actions(AlarmNames=[name])
    cloudwatch.put_composite_alarm(AlarmName=f"{name}-all", AlarmRule=f'ALARM("{name}")')
    assert cloudwatch.describe_alarms(AlarmNames=[f"{name}-all"])["MetricAlarms"] == []
    assert len(cloudwatch.describe_alarms(AlarmNames=[f"{name}-all"], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]) == 1
    cloudwatch.tag_resource(ResourceARN=alarm["AlarmArn"], Tags=[{"Key": "team", "Value": "cats"}])
    assert cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"] == [{"Key": "team", "Value": "cats"}]
    refused("ResourceNotFound", cloudwatch.get_dashboard, DashboardName="nowhere")
    refused("ResourceNotFound", cloudwatch.set_alarm_state, AlarmName="nowhere", StateValue="OK", StateReason="x")
    cloudwatch.delete_dashboards(DashboardNames=[name])
    cloudwatch.delete_alarms(AlarmNames=[f"{name}-all"])
    cloudwatch.delete_alarms(AlarmNames=[name])

# RDS: the anchor before a migration.
rds.create_db_instance(
    DBInstanceIdentifier="tests",
    Engine="postgres",
    DBInstanceClass="db.t4g.micro",
    AllocatedStorage=20,
    MasterUsername="cats",
    MasterUserPassword="not-a-secret",
    BackupRetentionPeriod=7,
)
refused("InvalidDBInstanceState", rds.create_db_snapshot, DBInstanceIdentifier="tests", DBSnapshotIdentifier="early")
rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier="tests")
rds.create_db_snapshot(DBInstanceIdentifier="tests", DBSnapshotIdentifier="before")
refused("DBSnapshotAlreadyExists", rds.create_db_snapshot, DBInstanceIdentifier="tests", DBSnapshotIdentifier="before")
[snapshot] = rds.describe_db_snapshots(DBSnapshotIdentifier="before")["DBSnapshots"]
assert snapshot["Status"] == "creating" and snapshot["PercentProgress"] < 100
rds.get_waiter("db_snapshot_available").wait(DBSnapshotIdentifier="before")
rds.get_waiter("db_snapshot_completed").wait(DBSnapshotIdentifier="before")
[instance] = rds.describe_db_instances(DBInstanceIdentifier="tests")["DBInstances"]
advance(600)
[later] = rds.describe_db_instances(DBInstanceIdentifier="tests")["DBInstances"]
assert later["LatestRestorableTime"] > instance["LatestRestorableTime"]
rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="restored", DBSnapshotIdentifier="before")
rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier="restored")
rds.delete_db_instance(DBInstanceIdentifier="restored", SkipFinalSnapshot=True)
rds.get_waiter("db_instance_deleted").wait(DBInstanceIdentifier="restored")
refused("DBInstanceNotFound", rds.describe_db_instances, DBInstanceIdentifier="restored")
refused("DBSnapshotNotFound", rds.describe_db_snapshots, DBSnapshotIdentifier="nowhere")

# EventBridge: a deployment tells.
logs.create_log_group(logGroupName="/aws/events/tests")
group = logs.describe_log_groups(logGroupNamePrefix="/aws/events/tests")["logGroups"][0]["arn"].removesuffix(":*")
pattern = {"source": ["aws.ecs"], "detail-type": ["ECS Deployment State Change"]}
events.put_rule(Name="deployments", EventPattern=json.dumps(pattern))
failed = events.put_targets(Rule="deployments", Targets=[{"Id": "1", "Arn": group}, {"Id": "2", "Arn": topic}])
assert failed["FailedEntryCount"] == 0
events.list_targets_by_rule(Rule="deployments")
events.describe_rule(Name="deployments")
events.list_rules()
ecs = client("ecs")
cluster = ecs.list_clusters()["clusterArns"][0]
service = ecs.list_services(cluster=cluster)["serviceArns"][0]
ecs.update_service(cluster=cluster, service=service, forceNewDeployment=True)
ecs.get_waiter("services_stable").wait(cluster=cluster, services=[service])
advance(30)
told = [json.loads(event["message"]) for event in logs.filter_log_events(logGroupName="/aws/events/tests")["events"]]
names = [event["detail"]["eventName"] for event in told]
assert names[0] == "SERVICE_DEPLOYMENT_IN_PROGRESS" and names[-1] == "SERVICE_DEPLOYMENT_COMPLETED", names
assert told[0]["resources"] == [service], told[0]
entry = {"Source": "tests", "DetailType": "Cat Fed", "Detail": json.dumps({"cat": 1})}
assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0
assert events.test_event_pattern(EventPattern=json.dumps({"source": ["tests"]}), Event=json.dumps(told[0]))["Result"] is False
refused("ResourceNotFoundException", events.describe_rule, Name="nowhere")
events.remove_targets(Rule="deployments", Ids=["1", "2"])
events.delete_rule(Name="deployments")

done()
