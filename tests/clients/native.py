"""boto3 and ECS's own canary deployments: two target groups, weights on a rule, a hook, a pause, and a way back."""

from simulator import advance, client, control, done, refused

ecs = client("ecs")
elbv2 = client("elbv2")
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-0aaaaaaaaaaaaaaa1"]}}
ROLE = "arn:aws:iam::123456789012:role/ecs"
HOOK = "arn:aws:lambda:sa-east-1:123456789012:function:check"

cluster = ecs.create_cluster(clusterName="tests-native")["cluster"]["clusterName"]
groups = [
    elbv2.create_target_group(
        Name=f"tests-native-{colour}", Protocol="HTTP", Port=80, VpcId="vpc-0aaaaaaaaaaaaaaa1", TargetType="ip", HealthCheckPath="/health"
    )["TargetGroups"][0]["TargetGroupArn"]
    for colour in ("blue", "green")
]
balancer = elbv2.create_load_balancer(Name="tests-native", Subnets=["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"])
listener = elbv2.create_listener(
    LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
    Protocol="HTTP",
    Port=80,
    DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
)["Listeners"][0]["ListenerArn"]


def rule(priority, path):
    weighted = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in zip(groups, (1, 0))]
    made = elbv2.create_rule(
        ListenerArn=listener,
        Priority=priority,
        Conditions=[{"Field": "path-pattern", "Values": [path]}],
        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": weighted}}],
    )
    return made["Rules"][0]["RuleArn"]


test, production = rule(1, "/preview/*"), rule(2, "/*")


def revision():
    container = {"name": "web", "image": "public.ecr.aws/nginx/nginx@sha256:" + "a" * 64, "portMappings": [{"containerPort": 80}]}
    return ecs.register_task_definition(
        family="tests-native",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        executionRoleArn="arn:aws:iam::123456789012:role/execution",
        containerDefinitions=[container],
    )["taskDefinition"]["taskDefinitionArn"]


advanced = {
    "alternateTargetGroupArn": groups[1],
    "productionListenerRule": production,
    "testListenerRule": test,
    "roleArn": ROLE,
}
ecs.create_service(
    cluster=cluster,
    serviceName="web",
    taskDefinition=revision(),
    desiredCount=2,
    launchType="FARGATE",
    networkConfiguration=NETWORK,
    loadBalancers=[
        {"targetGroupArn": groups[0], "containerName": "web", "containerPort": 80, "advancedConfiguration": advanced}
    ],
    deploymentConfiguration={
        "strategy": "CANARY",
        "bakeTimeInMinutes": 1,
        "canaryConfiguration": {"canaryPercent": 10, "canaryBakeTimeInMinutes": 2},
        "lifecycleHooks": [
            {
                "targetType": "PAUSE",
                "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
                "timeoutConfiguration": {"timeoutInMinutes": 60, "action": "ROLLBACK"},
            },
            {"hookTargetArn": HOOK, "roleArn": ROLE, "lifecycleStages": ["PRE_SCALE_UP"]},
        ],
    },
)


def weights(arn):
    [found] = elbv2.describe_rules(RuleArns=[arn])["Rules"]
    given = {one["TargetGroupArn"]: one["Weight"] for one in found["Actions"][0]["ForwardConfig"]["TargetGroups"]}
    return tuple(round(100 * given[arn] / sum(given.values())) for arn in groups)


def play():
    """Looks every 5 s until the deployment has ended, and lets a pause go on. Gives its record, stages and weights."""
    stages, seen = [], []
    for _ in range(1000):
        [service] = ecs.describe_services(cluster=cluster, services=["web"])["services"]
        [record] = ecs.describe_service_deployments(serviceDeploymentArns=[service["currentServiceDeployment"]])["serviceDeployments"]
        ecs.describe_service_revisions(serviceRevisionArns=[record["targetServiceRevision"]["arn"]])
        stage = record.get("lifecycleStage")
        stages += [stage] if stage and stage not in stages else []
        seen += [weights(production)] if weights(production) not in seen else []
        for hook in record.get("lifecycleHookDetails", []):
            if hook["status"] == "AWAITING_ACTION":
                wrong = hook["hookId"] + "x"
                refused("InvalidParameterException", ecs.continue_service_deployment, serviceDeploymentArn=record["serviceDeploymentArn"], hookId=wrong)
                ecs.continue_service_deployment(
                    serviceDeploymentArn=record["serviceDeploymentArn"], hookId=hook["hookId"], action="CONTINUE"
                )
        if record.get("finishedAt"):
            return record, stages, seen
        advance(5)
    raise AssertionError(f"it never ends: {record}")


record, *_ = play()
assert record["status"] == "SUCCESSFUL", record
first = weights(production)
assert sorted(first) == [0, 100], first

# The next one moves a tenth, then everything, to the other group.
ecs.update_service(cluster=cluster, service="web", taskDefinition=revision())
record, stages, seen = play()
assert record["status"] == "SUCCESSFUL", record
# PRE_SCALE_UP is over before anybody looks.
order = "SCALE_UP TEST_TRAFFIC_SHIFT POST_TEST_TRAFFIC_SHIFT PRODUCTION_TRAFFIC_SHIFT BAKE_TIME CLEAN_UP".split()
assert [stage for stage in stages if stage in order] == order, stages
canary = tuple(abs(share - 10) for share in first)
assert seen == [first, canary, tuple(reversed(first))], seen

# A hook that fails takes the next one back, and the weights are as they were.
control("POST", "faults", {"where": "hook", "service": "web", "stage": "PRE_SCALE_UP", "answers": ["failed"]})
before, [service] = weights(production), ecs.describe_services(cluster=cluster, services=["web"])["services"]
ecs.update_service(cluster=cluster, service="web", taskDefinition=revision())
record, *_ = play()
assert record["status"] == "ROLLBACK_SUCCESSFUL", record
assert "PRE_SCALE_UP lifecycle hook(s) failed" in record["statusReason"], record["statusReason"]
[after] = ecs.describe_services(cluster=cluster, services=["web"])["services"]
assert (weights(production), after["taskDefinition"]) == (before, service["taskDefinition"])

done()
