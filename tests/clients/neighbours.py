"""boto3 and what a deployment merely calls: ECR, Secrets Manager, SSM, Logs, SNS, STS."""

import hashlib
import json
import urllib.request

from simulator import advance, client, control, done, refused, until

ecr = client("ecr")
secrets = client("secretsmanager")
ssm = client("ssm")
logs = client("logs")
sns = client("sns")
sts = client("sts")
DAY = 86_400

# STS
assert sts.get_caller_identity()["Account"].isdigit()
role = sts.assume_role(RoleArn="arn:aws:iam::210987654321:role/deployer", RoleSessionName="tests")["Credentials"]
there = client("sts", key=role["AccessKeyId"]).get_caller_identity()
assert there["Account"] == "210987654321", there

# ECR
made = ecr.create_repository(
    repositoryName="tests/api",
    imageTagMutability="IMMUTABLE",
    imageScanningConfiguration={"scanOnPush": True},
    tags=[{"Key": "team", "Value": "cats"}],
)["repository"]
refused("RepositoryAlreadyExistsException", ecr.create_repository, repositoryName="tests/api")


def layer(text):
    """Uploads a layer as `docker push` does; a layer that is there is not uploaded again."""
    digest = "sha256:" + hashlib.sha256(text).hexdigest()
    known = ecr.batch_check_layer_availability(repositoryName="tests/api", layerDigests=[digest])["layers"][0]
    if known["layerAvailability"] == "UNAVAILABLE":
        upload = ecr.initiate_layer_upload(repositoryName="tests/api")["uploadId"]
        part = {"partFirstByte": 0, "partLastByte": len(text) - 1, "layerPartBlob": text}
        ecr.upload_layer_part(repositoryName="tests/api", uploadId=upload, **part)
        ecr.complete_layer_upload(repositoryName="tests/api", uploadId=upload, layerDigests=[digest])
    return {"size": len(text), "digest": digest}


def push(tag, text):
    config = layer(b'{"os":"linux","architecture":"amd64"}')
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {"mediaType": "application/vnd.docker.container.image.v1+json", **config},
        "layers": [{"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", **layer(text.encode())}],
    }
    return ecr.put_image(repositoryName="tests/api", imageTag=tag, imageManifest=json.dumps(manifest))["image"]["imageId"]


digest = push("1", "a")["imageDigest"]
refused("ImageTagAlreadyExistsException", push, tag="1", text="b")
described = ecr.describe_images(repositoryName="tests/api", imageIds=[{"imageTag": "1"}])["imageDetails"][0]
assert described["imageDigest"] == digest
ecr.list_tags_for_resource(resourceArn=made["repositoryArn"])
ecr.put_image_tag_mutability(repositoryName="tests/api", imageTagMutability="MUTABLE")
policy = {
    "rules": [
        {
            "rulePriority": 1,
            "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1},
            "action": {"type": "expire"},
        }
    ]
}
ecr.put_lifecycle_policy(repositoryName="tests/api", lifecyclePolicyText=json.dumps(policy))
ecr.get_lifecycle_policy(repositoryName="tests/api")
push("2", "c")
until(lambda: len(ecr.list_images(repositoryName="tests/api")["imageIds"]) == 1, "the lifecycle policy expires", 3 * DAY, 3600)
ecr.get_authorization_token()
ecr.put_account_setting(name="BLOB_MOUNTING", value="ENABLED")
assert ecr.get_account_setting(name="BLOB_MOUNTING")["value"] == "ENABLED"
kept = layer(b"c")["digest"]
url = ecr.get_download_url_for_layer(repositoryName="tests/api", layerDigest=kept)["downloadUrl"]
with urllib.request.urlopen(url) as fetched:
    assert fetched.read() == b"c"
assert ecr.list_image_referrers(repositoryName="tests/api", subjectId={"imageDigest": digest})["referrers"] == []
ecr.delete_repository(repositoryName="tests/api", force=True)
refused("RepositoryNotFoundException", ecr.list_images, repositoryName="tests/api")

# Secrets Manager
arn = secrets.create_secret(Name="tests/database", SecretString="one", Tags=[{"Key": "team", "Value": "cats"}])["ARN"]
refused("ResourceExistsException", secrets.create_secret, Name="tests/database", SecretString="x")
first = secrets.get_secret_value(SecretId=arn)["VersionId"]
secrets.put_secret_value(SecretId="tests/database", SecretString="two")
assert secrets.get_secret_value(SecretId="tests/database")["SecretString"] == "two"
previous = secrets.get_secret_value(SecretId="tests/database", VersionStage="AWSPREVIOUS")
assert (previous["SecretString"], previous["VersionId"]) == ("one", first)
secrets.describe_secret(SecretId=arn)
secrets.list_secret_version_ids(SecretId=arn)
secrets.list_secrets()
secrets.get_resource_policy(SecretId=arn)
secrets.delete_secret(SecretId=arn, RecoveryWindowInDays=7)
refused("InvalidRequestException", secrets.get_secret_value, SecretId=arn)
secrets.restore_secret(SecretId=arn)
secrets.delete_secret(SecretId=arn, RecoveryWindowInDays=7)
advance(8 * DAY)
refused("ResourceNotFoundException", secrets.get_secret_value, SecretId=arn)

# SSM
ssm.put_parameter(Name="/tests/url", Value="one", Type="String")
refused("ParameterAlreadyExists", ssm.put_parameter, Name="/tests/url", Value="two", Type="String")
assert ssm.put_parameter(Name="/tests/url", Value="two", Type="String", Overwrite=True)["Version"] == 2
assert ssm.get_parameter(Name="/tests/url:1")["Parameter"]["Value"] == "one"
ssm.put_parameter(Name="/tests/key", Value="hidden", Type="SecureString")
assert ssm.get_parameter(Name="/tests/key")["Parameter"]["Value"] != "hidden"
assert ssm.get_parameter(Name="/tests/key", WithDecryption=True)["Parameter"]["Value"] == "hidden"
assert len(ssm.get_parameters_by_path(Path="/tests")["Parameters"]) == 2
assert ssm.get_parameters(Names=["/tests/url", "/nowhere"])["InvalidParameters"] == ["/nowhere"]
ssm.get_parameter_history(Name="/tests/url")
ssm.describe_parameters()
ssm.delete_parameters(Names=["/tests/url", "/tests/key"])
refused("ParameterNotFound", ssm.get_parameter, Name="/tests/url")

# Logs
logs.create_log_group(logGroupName="/tests/app")
refused("ResourceAlreadyExistsException", logs.create_log_group, logGroupName="/tests/app")
logs.put_retention_policy(logGroupName="/tests/app", retentionInDays=1)
logs.create_log_stream(logGroupName="/tests/app", logStreamName="one")
now_ms = control("GET", "now")["now_ms"]
events = [{"timestamp": now_ms - 1000, "message": "started"}, {"timestamp": now_ms, "message": "ERROR: broken"}]
logs.put_log_events(logGroupName="/tests/app", logStreamName="one", logEvents=events)
advance(30)
found = logs.filter_log_events(logGroupName="/tests/app", filterPattern="ERROR")["events"]
assert [event["message"] for event in found] == ["ERROR: broken"], found
page = logs.get_log_events(logGroupName="/tests/app", logStreamName="one", startFromHead=True)
again = logs.get_log_events(logGroupName="/tests/app", logStreamName="one", startFromHead=True, nextToken=page["nextForwardToken"])
assert len(page["events"]) == 2 and again["nextForwardToken"] == page["nextForwardToken"]
logs.describe_log_streams(logGroupName="/tests/app", orderBy="LastEventTime", descending=True)
logs.describe_log_groups(logGroupNamePrefix="/tests")
advance(3 * DAY)
assert logs.filter_log_events(logGroupName="/tests/app")["events"] == []
logs.delete_log_group(logGroupName="/tests/app")
refused("ResourceNotFoundException", logs.get_log_events, logGroupName="/tests/app", logStreamName="one")

# SNS
topic = sns.create_topic(Name="tests-alarms", Tags=[{"Key": "team", "Value": "cats"}])["TopicArn"]
assert sns.create_topic(Name="tests-alarms")["TopicArn"] == topic
subscription = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="cats@example.com", ReturnSubscriptionArn=True)
sns.get_topic_attributes(TopicArn=topic)
sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="Cats")
sns.list_subscriptions_by_topic(TopicArn=topic)
sns.list_topics()
sns.publish(TopicArn=topic, Subject="s", Message="m")
sns.list_tags_for_resource(ResourceArn=topic)
sns.delete_topic(TopicArn=topic)
refused("NotFound", sns.get_topic_attributes, TopicArn=topic)

done()
