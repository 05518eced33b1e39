"""The aws CLI as people type it: a deployment that ECS rolled back is green for it, as on AWS."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from simulator import URL, until

AWS = pathlib.Path(sys.executable).with_name("aws")
ENVIRONMENT = {
    **os.environ,
    "AWS_ACCESS_KEY_ID": "AKIDCLIENTTESTS",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_ENDPOINT_URL": URL,
    "AWS_PAGER": "",
}


def aws(*arguments, status=0):
    """One command; its output as JSON where it is JSON."""
    ended = subprocess.run([AWS, *arguments], env=ENVIRONMENT, capture_output=True, text=True, timeout=100)
    assert ended.returncode == status, f"aws {arguments} ended with {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
    try:
        return json.loads(ended.stdout)
    except ValueError:
        return ended.stdout + ended.stderr


cluster = aws("ecs", "list-clusters")["clusterArns"][0].split("/")[-1]
services = aws("ecs", "list-services", "--cluster", cluster)["serviceArns"]
described = aws("ecs", "describe-services", "--cluster", cluster, "--services", *services)["services"]
service = next(one for one in described if one["loadBalancers"])
name, definition = service["serviceName"], service["taskDefinition"]
known = aws("ecs", "describe-task-definition", "--task-definition", definition)["taskDefinition"]

# A release whose image nobody pushed: ECS takes it back, and `wait services-stable` says nothing.
for computed in (
    "taskDefinitionArn revision status requiresAttributes compatibilities registeredAt registeredBy deregisteredAt".split()
):
    known.pop(computed, None)
image = known["containerDefinitions"][0]["image"].split("@")[0].rsplit(":", 1)[0]
known["containerDefinitions"][0]["image"] = image + ":never-pushed"
broken = aws("ecs", "register-task-definition", "--cli-input-json", json.dumps(known))["taskDefinition"]["taskDefinitionArn"]
breaker = "deploymentCircuitBreaker={enable=true,rollback=true}"
at = ("--cluster", cluster, "--service", name)
aws("ecs", "update-service", *at, "--task-definition", broken, "--deployment-configuration", breaker)
newest = aws("ecs", "list-service-deployments", *at)["serviceDeployments"][0]["serviceDeploymentArn"]


def record():
    found = aws("ecs", "describe-service-deployments", "--service-deployment-arns", newest)
    return found["serviceDeployments"][0]


until(lambda: record()["status"] == "ROLLBACK_SUCCESSFUL", "the rollback", step=60)
assert aws("ecs", "wait", "services-stable", "--cluster", cluster, "--services", name) == ""
[now] = aws("ecs", "describe-services", "--cluster", cluster, "--services", name)["services"]
assert now["taskDefinition"] == definition, "falsely green: the broken release is not what runs"

# Waiters that need time to pass.
task = aws("ecs", "list-tasks", "--cluster", cluster, "--service-name", name)["taskArns"][0]
aws("ecs", "stop-task", "--cluster", cluster, "--task", task, "--reason", "by hand")
aws("ecs", "wait", "tasks-stopped", "--cluster", cluster, "--tasks", task)
[stopped] = aws("ecs", "describe-tasks", "--cluster", cluster, "--tasks", task)["tasks"]
assert stopped["lastStatus"] == "STOPPED"
aws("ecs", "update-service", *at, "--force-new-deployment")
aws("ecs", "wait", "services-stable", "--cluster", cluster, "--services", name)

# A frontend.
with tempfile.TemporaryDirectory() as directory:
    web = pathlib.Path(directory)
    (web / "assets").mkdir()
    (web / "index.html").write_text("<html>two</html>")
    (web / "assets" / "app-1.js").write_text("one()")
    (web / "assets" / "large.bin").write_bytes(bytes(range(256)) * 40_000)
    for file in web.rglob("*.*"):
        # Virtual time is not this machine's: `sync` would find every file newer than its object.
        os.utime(file, (0, 0))
    aws("s3", "mb", "s3://frontend-of-tests")
    said = aws("s3", "sync", directory, "s3://frontend-of-tests", "--cache-control", "no-cache")
    assert said.count("upload:") == 3, said
    (web / "assets" / "app-1.js").unlink()
    said = aws("s3", "sync", directory, "s3://frontend-of-tests", "--delete", "--exclude", "*.bin")
    assert "delete: s3://frontend-of-tests/assets/app-1.js" in said, said
    assert aws("s3", "sync", directory, "s3://frontend-of-tests").strip() == ""
    aws("s3", "cp", "s3://frontend-of-tests/assets/large.bin", str(web / "back.bin"))
    assert (web / "back.bin").read_bytes() == bytes(range(256)) * 40_000
    aws("s3", "rb", "s3://frontend-of-tests", "--force")
distribution = aws("cloudfront", "list-distributions")["DistributionList"]["Items"][0]["Id"]
made = aws("cloudfront", "create-invalidation", "--distribution-id", distribution, "--paths", "/index.html")["Invalidation"]
assert made["Status"] == "InProgress"
aws("cloudfront", "wait", "invalidation-completed", "--distribution-id", distribution, "--id", made["Id"])

# What is wrong is said in AWS's words.
said = aws("ecs", "update-service", "--cluster", cluster, "--service", "nowhere", status=255)
assert "(ServiceNotFoundException)" in said, said
said = aws("ecs", "describe-services", "--cluster", "nowhere", "--services", name, status=255)
assert "(ClusterNotFoundException)" in said, said
