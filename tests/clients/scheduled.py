"""boto3 and what happens by itself: Application Auto Scaling, EventBridge Scheduler, rules with a schedule, SQS, Object Lock."""

import datetime
import json
import threading

from simulator import advance, client, control, done, refused

scaling = client("application-autoscaling")
scheduler = client("scheduler")
events = client("events")
sqs = client("sqs")
ecs = client("ecs")
s3 = client("s3")
watch = client("cloudwatch")

CLUSTER = ecs.list_clusters()["clusterArns"][0]
NAME = CLUSTER.rsplit("/")[-1]
SERVICE = next(arn for arn in ecs.list_services(cluster=NAME)["serviceArns"] if "auth" in arn).rsplit("/")[-1]
PLACE = {"ServiceNamespace": "ecs", "ResourceId": f"service/{NAME}/{SERVICE}", "ScalableDimension": "ecs:service:DesiredCount"}
ROLE = "arn:aws:iam::123456789012:role/tests"


def described():
    return ecs.describe_services(cluster=NAME, services=[SERVICE])["services"][0]


# Application Auto Scaling
before = described()["desiredCount"]
arn = scaling.register_scalable_target(**PLACE, MinCapacity=before, MaxCapacity=before + 4, Tags={"team": "cats"})["ScalableTargetARN"]
scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[PLACE["ResourceId"]])
scaling.tag_resource(ResourceARN=arn, Tags={"stage": "tests"})
scaling.untag_resource(ResourceARN=arn, TagKeys=["team"])
assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"stage": "tests"}
policy = scaling.put_scaling_policy(
    **PLACE,
    PolicyName="cpu",
    PolicyType="TargetTrackingScaling",
    TargetTrackingScalingPolicyConfiguration={
        "TargetValue": 50.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
    },
)
names = [alarm["AlarmName"] for alarm in policy["Alarms"]]
assert len(watch.describe_alarms(AlarmNames=names)["MetricAlarms"]) == 2
control("POST", "utilization", {"cluster": NAME, "service": SERVICE, "cpu": {"each": 100.0}})
advance(600)
after = described()
assert after["desiredCount"] > before, after["desiredCount"]
activities = scaling.describe_scaling_activities(ServiceNamespace="ecs", IncludeNotScaledActivities=True)["ScalingActivities"]
assert any("triggered policy cpu" in one["Cause"] for one in activities), activities
scaling.put_scheduled_action(
    **PLACE,
    ScheduledActionName="night",
    Schedule="cron(0 22 * * ? *)",
    Timezone="America/Sao_Paulo",
    ScalableTargetAction={"MinCapacity": 1, "MaxCapacity": before},
)
scaling.describe_scheduled_actions(ServiceNamespace="ecs")
scaling.describe_scaling_policies(ServiceNamespace="ecs")
scaling.delete_scheduled_action(**PLACE, ScheduledActionName="night")
scaling.delete_scaling_policy(**PLACE, PolicyName="cpu")
assert watch.describe_alarms(AlarmNames=names)["MetricAlarms"] == []
scaling.deregister_scalable_target(**PLACE)
refused("ObjectNotFoundException", scaling.deregister_scalable_target, **PLACE)

# SQS
dead = sqs.create_queue(QueueName="tests-dead")["QueueUrl"]
dead_arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
queue = sqs.create_queue(
    QueueName="tests-jobs",
    Attributes={"VisibilityTimeout": "60", "RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 3})},
    tags={"team": "cats"},
)["QueueUrl"]
assert sqs.get_queue_url(QueueName="tests-jobs")["QueueUrl"] == queue
sqs.send_message(QueueUrl=queue, MessageBody="one", MessageAttributes={"kind": {"DataType": "String", "StringValue": "cat"}})
sqs.send_message_batch(QueueUrl=queue, Entries=[{"Id": "a", "MessageBody": "two"}, {"Id": "b", "MessageBody": "three"}])
got = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"], AttributeNames=["All"])["Messages"]
assert [message["Body"] for message in got] == ["one", "two", "three"], got
sqs.delete_message(QueueUrl=queue, ReceiptHandle=got[0]["ReceiptHandle"])
sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=got[1]["ReceiptHandle"], VisibilityTimeout=0)
entries = [{"Id": "c", "ReceiptHandle": got[2]["ReceiptHandle"], "VisibilityTimeout": 5}]
sqs.change_message_visibility_batch(QueueUrl=queue, Entries=entries)
sqs.delete_message_batch(QueueUrl=queue, Entries=[{"Id": "c", "ReceiptHandle": got[2]["ReceiptHandle"]}])
sqs.tag_queue(QueueUrl=queue, Tags={"stage": "tests"})
sqs.untag_queue(QueueUrl=queue, TagKeys=["team"])
assert sqs.list_queue_tags(QueueUrl=queue)["Tags"] == {"stage": "tests"}
assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [queue]
sqs.set_queue_attributes(QueueUrl=queue, Attributes={"DelaySeconds": "0"})
sqs.list_queues(QueueNamePrefix="tests-")
sqs.purge_queue(QueueUrl=queue)
refused("AWS.SimpleQueueService.NonExistentQueue", sqs.get_queue_url, QueueName="tests-none")
queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]["QueueArn"]

# EventBridge Scheduler, and rules
group = scheduler.create_schedule_group(Name="tests", Tags=[{"Key": "team", "Value": "cats"}])["ScheduleGroupArn"]
scheduler.tag_resource(ResourceArn=group, Tags=[{"Key": "stage", "Value": "tests"}])
scheduler.untag_resource(ResourceArn=group, TagKeys=["team"])
scheduler.list_tags_for_resource(ResourceArn=group)
given = {
    "Name": "often",
    "GroupName": "tests",
    "ScheduleExpression": "rate(5 minutes)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": queue_arn, "RoleArn": ROLE, "Input": "by schedule"},
}
scheduler.create_schedule(**given)
scheduler.get_schedule(Name="often", GroupName="tests")
scheduler.update_schedule(**{**given, "ScheduleExpression": "rate(10 minutes)"})
scheduler.list_schedules(GroupName="tests", State="ENABLED")
scheduler.get_schedule_group(Name="tests")
scheduler.list_schedule_groups(NamePrefix="t")
events.put_rule(Name="tests-hourly", ScheduleExpression="rate(1 hour)")
events.put_targets(Rule="tests-hourly", Targets=[{"Id": "q", "Arn": queue_arn, "Input": json.dumps("by rule")}])
advance(3_700)
bodies = set()
while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
    bodies |= {message["Body"] for message in messages}
assert bodies == {"by schedule", '"by rule"'}, bodies
# A long poll waits for the cloud's time, which somebody else has to let pass.
threading.Timer(0.5, advance, [2]).start()
assert "Messages" not in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1)
scheduler.delete_schedule(Name="often", GroupName="tests")
refused("ResourceNotFoundException", scheduler.get_schedule, Name="often", GroupName="tests")
scheduler.delete_schedule_group(Name="tests")
events.remove_targets(Rule="tests-hourly", Ids=["q"])
events.delete_rule(Name="tests-hourly")
sqs.delete_queue(QueueUrl=queue)

# Object Lock
s3.create_bucket(Bucket="tests-vault", ObjectLockEnabledForBucket=True, CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
now = datetime.datetime.fromtimestamp(control("GET", "now")["now_ms"] / 1000, datetime.timezone.utc)
until = now + datetime.timedelta(days=1)
kept = s3.put_object(Bucket="tests-vault", Key="a", Body=b"x", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)["VersionId"]
refused("AccessDenied", s3.delete_object, Bucket="tests-vault", Key="a", VersionId=kept)
s3.put_object_legal_hold(Bucket="tests-vault", Key="a", LegalHold={"Status": "ON"})
assert s3.get_object_legal_hold(Bucket="tests-vault", Key="a")["LegalHold"]["Status"] == "ON"
s3.put_object_legal_hold(Bucket="tests-vault", Key="a", LegalHold={"Status": "OFF"})
s3.put_object_retention(Bucket="tests-vault", Key="a", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
assert s3.get_object_retention(Bucket="tests-vault", Key="a")["Retention"]["Mode"] == "GOVERNANCE"
s3.delete_object(Bucket="tests-vault", Key="a", VersionId=kept, BypassGovernanceRetention=True)
rule = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}}
s3.put_object_lock_configuration(Bucket="tests-vault", ObjectLockConfiguration=rule)
s3.get_object_lock_configuration(Bucket="tests-vault")

done()
