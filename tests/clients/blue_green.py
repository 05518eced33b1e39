"""boto3 and CodeDeploy, in CBOR and in JSON: an ECS service that moves from blue to green, back by itself, and by hand."""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from botocore.exceptions import WaiterError

from simulator import URL, advance, client, control, done, refused, until

ecs = client("ecs")
elbv2 = client("elbv2")
cloudwatch = client("cloudwatch")
for tag in ("one", "two", "three"):
    control("POST", "images", {"repository": "tests-blue-green", "tags": [tag]})
registry = "123456789012.dkr.ecr." + ecs.meta.region_name + ".amazonaws.com/tests-blue-green:"
cluster = ecs.create_cluster(clusterName="tests-blue-green")["cluster"]["clusterName"]
network = {"awsvpcConfiguration": {"subnets": ["subnet-0aaaaaaaaaaaaaaa1"], "assignPublicIp": "ENABLED"}}


def definition(tag):
    return {
        "family": "tests-blue-green",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "containerDefinitions": [{"name": "web", "image": registry + tag, "portMappings": [{"containerPort": 8000}]}],
    }


def revision(tag):
    return ecs.register_task_definition(**definition(tag))["taskDefinition"]["taskDefinitionArn"]


def never(waiter, **arguments):
    try:
        waiter.wait(**arguments)
    except WaiterError as error:
        assert "Max attempts exceeded" in str(error), error
        return
    raise AssertionError(f"{waiter.name} found what it waits for")


def aws_ecs_deploy(name):
    appspec = """
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: "it is filled in"
        LoadBalancerInfo:
          ContainerName: web
          ContainerPort: 8000
"""
    keys = {"AWS_ACCESS_KEY_ID": "AKIDCLIENTTESTS", "AWS_SECRET_ACCESS_KEY": "secret"}
    environment = {**os.environ, **keys, "AWS_ENDPOINT_URL": URL, "AWS_DEFAULT_REGION": ecs.meta.region_name}
    with tempfile.TemporaryDirectory() as directory:
        files = pathlib.Path(directory)
        (files / "appspec.yaml").write_text(appspec)
        (files / "definition.json").write_text(json.dumps(definition("two")))
        command = f"""ecs deploy --cluster {cluster} --service {name} --task-definition {files}/definition.json
            --codedeploy-appspec {files}/appspec.yaml --codedeploy-application {name} --codedeploy-deployment-group group"""
        aws = pathlib.Path(sys.executable).with_name("aws")
        ended = subprocess.run([aws, *command.split()], env=environment, capture_output=True, text=True, timeout=100)
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
    assert "Successfully deployed" in ended.stdout, ended.stdout


def play(codedeploy, name):
    """One service of its own for each protocol."""
    subnets = ["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"]
    balancer = elbv2.create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]

    def group(colour):
        made = elbv2.create_target_group(
            Name=f"{name}-{colour}", Protocol="HTTP", Port=8000, VpcId="vpc-0aaaaaaaaaaaaaaa1", TargetType="ip", HealthCheckPath="/health"
        )
        return made["TargetGroups"][0]["TargetGroupArn"]

    def listener(port, forward_to):
        action = {"Type": "forward", "TargetGroupArn": forward_to}
        made = elbv2.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=port, DefaultActions=[action])
        return made["Listeners"][0]["ListenerArn"]

    blue, green = group("blue"), group("green")
    production, test = listener(80, blue), listener(8080, green)

    def weights():
        [found] = elbv2.describe_listeners(ListenerArns=[production])["Listeners"]
        return [one["Weight"] for one in found["DefaultActions"][0]["ForwardConfig"]["TargetGroups"]]

    # The service, its application and its group.
    ecs.create_service(
        cluster=cluster,
        serviceName=name,
        taskDefinition=revision("one"),
        desiredCount=2,
        launchType="FARGATE",
        deploymentController={"type": "CODE_DEPLOY"},
        loadBalancers=[{"targetGroupArn": blue, "containerName": "web", "containerPort": 8000}],
        networkConfiguration=network,
    )

    def sets():
        return ecs.describe_task_sets(cluster=cluster, service=name)["taskSets"]

    until(lambda: sets()[0]["stabilityStatus"] == "STEADY_STATE", "the first task set", 600)
    codedeploy.create_application(applicationName=name, computePlatform="ECS", tags=[{"Key": "team", "Value": "cats"}])
    codedeploy.create_deployment_group(
        applicationName=name,
        deploymentGroupName="group",
        serviceRoleArn="arn:aws:iam::123456789012:role/deploy",
        deploymentConfigName="CodeDeployDefault.ECSCanary10Percent5Minutes",
        ecsServices=[{"serviceName": name, "clusterName": cluster}],
        deploymentStyle={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        blueGreenDeploymentConfiguration={
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 5},
            "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0},
        },
        loadBalancerInfo={
            "targetGroupPairInfoList": [
                {
                    "targetGroups": [{"name": f"{name}-blue"}, {"name": f"{name}-green"}],
                    "prodTrafficRoute": {"listenerArns": [production]},
                    "testTrafficRoute": {"listenerArns": [test]},
                }
            ]
        },
        autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]},
        alarmConfiguration={"enabled": True, "alarms": [{"name": f"{name}-errors"}]},
    )
    assert weights() == [100, 0]
    cloudwatch.put_metric_alarm(
        AlarmName=f"{name}-errors",
        Namespace="Tests",
        MetricName=name,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    of_group = {"applicationName": name, "deploymentGroupName": "group"}

    def deploy(tag, **more):
        content = json.dumps(
            {
                "version": 0.0,
                "Resources": [
                    {
                        "TargetService": {
                            "Type": "AWS::ECS::Service",
                            "Properties": {
                                "TaskDefinition": revision(tag),
                                "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 8000},
                            },
                        }
                    }
                ],
                "Hooks": [{"AfterAllowTestTraffic": "tests-probe"}],
            }
        )
        digest = hashlib.sha256(content.encode()).hexdigest()
        made = codedeploy.create_deployment(
            **of_group,
            revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": content, "sha256": digest}},
            **more,
        )
        return made["deploymentId"]

    def info(deployment):
        return codedeploy.get_deployment(deploymentId=deployment)["deploymentInfo"]

    def target(deployment):
        [found] = codedeploy.list_deployment_targets(deploymentId=deployment)["targetIds"]
        assert found == f"{cluster}:{name}"
        return codedeploy.get_deployment_target(deploymentId=deployment, targetId=found)["deploymentTarget"]["ecsTarget"]

    def events(deployment):
        return {one["lifecycleEventName"]: one["status"] for one in target(deployment)["lifecycleEvents"]}

    # From blue to green: good long before it is Succeeded.
    first = deploy("two", description="two")
    assert info(first)["status"] == "Created" and "deploymentOverview" not in info(first)
    refused("DeploymentNotStartedException", codedeploy.list_deployment_targets, deploymentId=first)
    message = refused("DeploymentLimitExceededException", deploy, tag="two")
    assert message == f"The Deployment Group 'group' already has an active Deployment '{first}'", message
    until(lambda: weights() == [90, 10], "the canary", 900)
    assert {one["taskSetLabel"]: one["trafficWeight"] for one in target(first)["taskSetsInfo"]} == {"Green": 10.0, "Blue": 90.0}
    until(lambda: events(first)["AfterAllowTraffic"] == "Succeeded", "all events", 900)
    assert info(first)["status"] == "InProgress" and weights() == [0, 100]
    codedeploy.get_waiter("deployment_successful").wait(deploymentId=first)
    assert info(first)["deploymentOverview"]["Succeeded"] == 1
    assert sets()[0]["externalId"] == first and sets()[0]["status"] == "PRIMARY"
    [service] = ecs.describe_services(cluster=cluster, services=[name])["services"]
    assert service["deployments"] == [] and service["deploymentController"] == {"type": "CODE_DEPLOY"}
    refused("InvalidParameterException", ecs.update_service, cluster=cluster, service=name, forceNewDeployment=True)

    # An alarm in the middle of the shift: Stopped, and another deployment takes it back.
    second = deploy("three")
    until(lambda: weights() == [10, 90], "the canary", 900)
    cloudwatch.set_alarm_state(AlarmName=f"{name}-errors", StateValue="ALARM", StateReason="tests")
    until(lambda: info(second)["status"] == "Stopped", "the alarm", 60)
    stopped = info(second)
    assert stopped["errorInformation"]["code"] == "ALARM_ACTIVE"
    rollback = stopped["rollbackInfo"]["rollbackDeploymentId"]
    codedeploy.get_waiter("deployment_successful").wait(deploymentId=rollback)
    assert info(rollback)["creator"] == "codeDeployRollback" and weights() == [0, 100]
    assert events(second)["AllowTraffic"] == "Failed" and events(second)["AfterAllowTraffic"] == "Skipped"
    cloudwatch.set_alarm_state(AlarmName=f"{name}-errors", StateValue="OK", StateReason="tests")

    # Ready, and nobody wants it.
    codedeploy.update_deployment_group(
        applicationName=name,
        currentDeploymentGroupName="group",
        blueGreenDeploymentConfiguration={
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 60},
            "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 30},
        },
        deploymentConfigName="CodeDeployDefault.ECSAllAtOnce",
    )
    third = deploy("three")
    until(lambda: info(third)["status"] == "Ready", "it is ready", 900)
    reply = codedeploy.stop_deployment(deploymentId=third, autoRollbackEnabled=True)
    assert reply["status"] == "Succeeded", reply
    rollback = info(third)["rollbackInfo"]["rollbackDeploymentId"]
    until(lambda: info(rollback)["status"] == "Succeeded", "the rollback", 120)
    fourth = deploy("three")
    until(lambda: info(fourth)["status"] == "Ready", "it is ready", 900)
    codedeploy.continue_deployment(deploymentId=fourth, deploymentWaitType="READY_WAIT")
    until(lambda: target(fourth)["status"] == "Succeeded", "the wait for termination", 300)
    # A good deployment that its own waiter gives up on, after half an hour; and one that never sees what it waits for.
    never(codedeploy.get_waiter("deployment_successful"), deploymentId=fourth)
    assert events(fourth)["AfterAllowTraffic"] == "Succeeded"
    never(ecs.get_waiter("services_stable"), cluster=cluster, services=[name], WaiterConfig={"MaxAttempts": 5})
    codedeploy.continue_deployment(deploymentId=fourth, deploymentWaitType="TERMINATION_WAIT")
    advance(1)
    assert info(fourth)["status"] == "Succeeded"

    # A hook that is answered from outside.
    codedeploy.update_deployment_group(
        applicationName=name,
        currentDeploymentGroupName="group",
        blueGreenDeploymentConfiguration={
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 5},
            "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0},
        },
    )
    control("POST", "faults", {"where": "function", "function": "tests-probe", "answer": "wait"})
    fifth = deploy("one")
    until(lambda: info(fifth).get("startTime") and events(fifth)["AfterAllowTestTraffic"] == "InProgress", "the hook", 900)
    execution = {"deploymentId": fifth, "lifecycleEventHookExecutionId": f"{fifth}/AfterAllowTestTraffic"}
    refused("InvalidLifecycleEventHookExecutionStatusException", codedeploy.put_lifecycle_event_hook_execution_status, **execution, status="Skipped")
    codedeploy.put_lifecycle_event_hook_execution_status(**execution, status="Failed")
    until(lambda: info(fifth)["status"] == "Failed", "the hook's failure", 60)
    assert info(fifth)["errorInformation"]["code"] == "HOOK_EXECUTION_FAILURE"
    control("DELETE", "faults")
    rollback = info(fifth)["rollbackInfo"]["rollbackDeploymentId"]
    until(lambda: info(rollback)["status"] == "Succeeded", "the rollback", 120)

    # As the CLI does it: it registers, deploys, and waits until blue is gone.
    aws_ecs_deploy(name)
    assert ecs.describe_services(cluster=cluster, services=[name])["services"][0]["taskDefinition"] == sets()[0]["taskDefinition"]

    # The rest of the API.
    listed = codedeploy.list_deployments(**of_group, includeOnlyStatuses=["Succeeded"])["deployments"]
    assert fourth in listed and listed.index(fourth) > 0 and first in listed and second not in listed
    codedeploy.batch_get_deployments(deploymentIds=[first, second])
    codedeploy.batch_get_deployment_targets(deploymentId=first, targetIds=[f"{cluster}:{name}"])
    found = codedeploy.get_deployment_group(**of_group)["deploymentGroupInfo"]
    assert found["lastSuccessfulDeployment"]["deploymentId"] == listed[0]
    codedeploy.batch_get_deployment_groups(applicationName=name, deploymentGroupNames=["group", "other"])
    codedeploy.list_deployment_groups(applicationName=name)
    assert name in codedeploy.list_applications()["applications"]
    codedeploy.get_application(applicationName=name)
    codedeploy.batch_get_applications(applicationNames=[name])
    own = f"{name}-config"
    routing = {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 20, "linearInterval": 2}}
    codedeploy.create_deployment_config(deploymentConfigName=own, computePlatform="ECS", trafficRoutingConfig=routing)
    config = codedeploy.get_deployment_config(deploymentConfigName=own)["deploymentConfigInfo"]
    assert config["trafficRoutingConfig"] == routing, config
    codedeploy.get_deployment_config(deploymentConfigName="CodeDeployDefault.ECSAllAtOnce")
    assert own in codedeploy.list_deployment_configs()["deploymentConfigsList"]
    codedeploy.delete_deployment_config(deploymentConfigName=own)
    arn = f"arn:aws:codedeploy:{codedeploy.meta.region_name}:123456789012:application:{name}"
    codedeploy.tag_resource(ResourceArn=arn, Tags=[{"Key": "more", "Value": "yes"}])
    codedeploy.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert codedeploy.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "more", "Value": "yes"}]
    refused("ApplicationDoesNotExistException", codedeploy.get_application, applicationName="nowhere")
    refused("DeploymentDoesNotExistException", codedeploy.get_deployment, deploymentId="d-NOWHERE12")
    codedeploy.delete_deployment_group(**of_group)
    codedeploy.delete_application(applicationName=name)
    ecs.delete_service(cluster=cluster, service=name, force=True)


play(client("codedeploy"), "tests-cbor")
play(client("codedeploy", protocol="json"), "tests-json")
assert control("GET", "violations")["violations"] == []
done()
