"""boto3 and ECS: a release that works, one that ECS rolls back, and what `services_stable` says about both."""

from simulator import client, control, done, refused, until

ecs = client("ecs")
elbv2 = client("elbv2")
logs = client("logs")


def service_of(cluster, name):
    return ecs.describe_services(cluster=cluster, services=[name], include=["TAGS"])["services"][0]


def live_service():
    cluster = ecs.list_clusters()["clusterArns"][0].split("/")[-1]
    arns = ecs.list_services(cluster=cluster, maxResults=100)["serviceArns"]
    described = ecs.describe_services(cluster=cluster, services=arns[:10])
    assert not described["failures"]
    name = next(one["serviceName"] for one in described["services"] if one["loadBalancers"])
    return cluster, name


def new_revision(definition, image):
    known = ecs.describe_task_definition(taskDefinition=definition, include=["TAGS"])["taskDefinition"]
    members = (
        "family taskRoleArn executionRoleArn networkMode containerDefinitions volumes placementConstraints "
        "requiresCompatibilities cpu memory runtimePlatform ephemeralStorage"
    ).split()
    request = {name: known[name] for name in members if name in known}
    request["containerDefinitions"][0]["image"] = image
    return ecs.register_task_definition(**request)["taskDefinition"]["taskDefinitionArn"]


def record_of(cluster, service):
    listed = ecs.list_service_deployments(cluster=cluster, service=service)["serviceDeployments"]
    newest = max(listed, key=lambda one: one["createdAt"])
    arn = newest["serviceDeploymentArn"]
    record = ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]
    ecs.describe_service_revisions(serviceRevisionArns=[record["targetServiceRevision"]["arn"]])
    return record


cluster, name = live_service()
before = service_of(cluster, name)
definition = before["taskDefinition"]
repository = ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]
image = repository["containerDefinitions"][0]["image"].split("@")[0].rsplit(":", 1)[0]

# A forced deployment of what is live: SUCCESSFUL, and stable.
ecs.update_service(cluster=cluster, service=name, forceNewDeployment=True)
assert record_of(cluster, name)["status"] in ("PENDING", "IN_PROGRESS")
ecs.get_waiter("services_stable").wait(cluster=cluster, services=[name])
assert record_of(cluster, name)["status"] == "SUCCESSFUL"

# An image that is not there. The breaker takes it back, and the waiter is green all the same: on AWS too.
broken = new_revision(definition, f"{image}:never-pushed")
settings = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}, "maximumPercent": 200, "minimumHealthyPercent": 100}
ecs.update_service(cluster=cluster, service=name, taskDefinition=broken, deploymentConfiguration=settings)
until(lambda: record_of(cluster, name)["status"].startswith("ROLLBACK"), "the breaker trips")
stopped = ecs.list_tasks(cluster=cluster, serviceName=name, desiredStatus="STOPPED")["taskArns"]
reasons = {task["stoppedReason"].split(":")[0] for task in ecs.describe_tasks(cluster=cluster, tasks=stopped)["tasks"]}
assert "CannotPullContainerError" in reasons, reasons
until(lambda: record_of(cluster, name)["status"] == "ROLLBACK_SUCCESSFUL", "the rollback ends")
ecs.get_waiter("services_stable").wait(cluster=cluster, services=[name])
after = service_of(cluster, name)
assert after["taskDefinition"] == definition, after["taskDefinition"]
assert len(after["deployments"]) == 1
assert any("rolling back to deployment" in event["message"] for event in after["events"])

# What a task looks like, its target, its logs.
running = ecs.list_tasks(cluster=cluster, serviceName=name)["taskArns"]
tasks = ecs.describe_tasks(cluster=cluster, tasks=running, include=["TAGS"])["tasks"]
assert {task["lastStatus"] for task in tasks} == {"RUNNING"}
group = after["loadBalancers"][0]["targetGroupArn"]
elbv2.get_waiter("target_in_service").wait(TargetGroupArn=group)
elbv2.describe_target_groups(TargetGroupArns=[group])
elbv2.describe_target_group_attributes(TargetGroupArn=group)
for balancer in elbv2.describe_load_balancers()["LoadBalancers"]:
    for listener in elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]:
        elbv2.describe_rules(ListenerArn=listener["ListenerArn"])
for log_group in logs.describe_log_groups()["logGroups"]:
    logs.filter_log_events(logGroupName=log_group["logGroupName"], limit=10)

# Until somebody stops a task by hand, no service had too few.
assert control("GET", "violations")["violations"] == []

# A stopped task is replaced.
ecs.stop_task(cluster=cluster, task=running[0], reason="by hand")
ecs.get_waiter("tasks_stopped").wait(cluster=cluster, tasks=[running[0]])
[task] = ecs.describe_tasks(cluster=cluster, tasks=[running[0]])["tasks"]
assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "by hand")

# Errors have AWS's names.
refused("ClusterNotFoundException", ecs.describe_services, cluster="nowhere", services=["x"])
refused("ServiceNotFoundException", ecs.update_service, cluster=cluster, service="nowhere")
assert refused("ClientException", ecs.describe_task_definition, taskDefinition="nowhere") == "Unable to describe task definition."
missing = ecs.describe_services(cluster=cluster, services=["nowhere"])
assert missing["failures"][0]["reason"] == "MISSING"
assert ecs.describe_tasks(cluster=cluster, tasks=["0" * 32])["failures"][0]["reason"] == "MISSING"

done()
