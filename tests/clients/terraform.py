"""Terraform builds cat-house, sees nothing to change, changes it, sees nothing to change, and takes it away again.

Fails on any difference. Against the simulator at `BACKSTAY_SIMULATOR` (it must forward to moto and run fast, or the waits
are as long as AWS's), else it starts both itself: the program in `BACKSTAY` (default: the debug build) and the `moto_server`
beside this Python. The provider comes from the mirror in `TERRAFORM_PLUGINS`, never from a registry.
"""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3
import botocore.config

HERE = pathlib.Path(__file__).resolve().parent
FIXTURE = HERE.parent.parent / "fixtures/cat-house/terraform"
PLUGINS = os.environ.get("TERRAFORM_PLUGINS", "/opt/tf-plugins")
BACKSTAY = os.environ.get("BACKSTAY", str(HERE.parent.parent / "target/debug/backstay"))
SPEED = "300x"
# An access key of twelve digits is an account, here moto's only one.
ACCOUNT = "123456789012"
REGION = "sa-east-1"
SERVICES = ("auth-service", "catalog-service", "installation-service", "proxy-service")

# What a loopback address needs and the fixture, which is for AWS, does not say.
OVERRIDE = """
provider "aws" {
  s3_use_path_style           = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
}
"""
CLI = """
provider_installation {
  filesystem_mirror {
    path = "%s"
  }
}
disable_checkpoint = true
"""


def main():
    with contextlib.ExitStack() as stack:
        url = os.environ.get("BACKSTAY_SIMULATOR") or serve(stack)
        directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="backstay-terraform-")))
        play(Terraform(directory, url), url)


def play(terraform, url):
    terraform("init", "-input=false")
    before = resources(url)

    step("the registry and the secrets, so that a pipeline can push and someone can set the values")
    first = ("-target=aws_ecr_repository.service", "-target=aws_secretsmanager_secret.service")
    terraform.apply("a1b2c3d", *first)
    for service in SERVICES:
        push(url, service, "a1b2c3d")
        push(url, service, "2f9c1e7")
    secrets = client(url, "secretsmanager")
    for name in ("database-url", "jwt-secret", "encryption-key"):
        secrets.put_secret_value(SecretId=f"cat-house/staging/{name}", SecretString="set by hand")

    step("everything")
    terraform.apply("a1b2c3d")
    terraform.is_clean("a1b2c3d")
    assert_live(url, "a1b2c3d")

    step("a release, other thresholds, another priority, other retention")
    services = json.loads(json.loads(terraform("console", text="jsonencode(var.services)\n", image_tag="a1b2c3d")))
    services["proxy-service"]["priority"] = 25
    terraform.variables = {
        "alarm_threshold": 5,
        "log_retention_days": 90,
        "services": services,
    }
    terraform.apply("2f9c1e7")
    terraform.is_clean("2f9c1e7")
    assert_live(url, "2f9c1e7")

    step("nothing is left")
    terraform.destroy("2f9c1e7")
    assert terraform("state", "list") == "", "the state is not empty"
    after = resources(url)
    assert after == before, f"left behind: { {name: after[name] for name in after if after[name] != before[name]} }"
    print("terraform: built, changed and taken away; every plan after an apply was empty")


class Terraform:
    """The command, in a copy of the fixture."""

    def __init__(self, directory, url, fixture=FIXTURE):
        self.directory = directory / fixture.parent.name
        shutil.copytree(fixture, self.directory, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        (self.directory / "loopback_override.tf").write_text(OVERRIDE)
        (directory / "cli.tfrc").write_text(CLI % PLUGINS)
        self.variables = {}
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))},
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "TF_CLI_CONFIG_FILE": str(directory / "cli.tfrc"),
            "TF_IN_AUTOMATION": "1",
        }
        if log := os.environ.get("TERRAFORM_LOG"):
            self.environment |= {"TF_LOG_PROVIDER": "DEBUG", "TF_LOG_PATH": log}

    def __call__(self, *arguments, statuses=(0,), text=None, image_tag=None):
        environment = dict(self.environment)
        if image_tag:
            environment["TF_VAR_image_tag"] = image_tag
        for name, value in self.variables.items():
            environment[f"TF_VAR_{name}"] = value if isinstance(value, str) else json.dumps(value)
        command = ["terraform", f"-chdir={self.directory}", *arguments]
        begun = time.monotonic()
        ended = subprocess.run(command, env=environment, input=text, capture_output=True, text=True, timeout=1500)
        print(f"  terraform {arguments[0]}: {ended.returncode} in {time.monotonic() - begun:.0f} s", flush=True)
        if ended.returncode not in statuses:
            sys.exit(f"terraform {' '.join(arguments)} ended with {ended.returncode}\n{ended.stdout}\n{ended.stderr}")
        return ended.stdout

    def apply(self, tag, *arguments):
        self("apply", "-auto-approve", "-input=false", "-no-color", *arguments, image_tag=tag)

    def destroy(self, tag):
        self("destroy", "-auto-approve", "-input=false", "-no-color", image_tag=tag)

    def is_clean(self, tag):
        """A plan has nothing to do: status 2 would be a difference."""
        self("plan", "-detailed-exitcode", "-input=false", "-no-color", image_tag=tag)


def serve(stack, speed=SPEED):
    """Starts moto and the simulator before it; both end with the test."""
    moto = free_port()
    # The roles attach a policy of AWS's own.
    start(stack, ["env", "MOTO_IAM_LOAD_MANAGED_POLICIES=true", beside("moto_server"), "-p", str(moto)], subprocess.DEVNULL)
    wait_for(moto)
    options = ["--port", "0", "--time", speed, "--upstream", f"http://127.0.0.1:{moto}"]
    simulator = start(stack, [BACKSTAY, "simulator", "serve", *options], subprocess.PIPE)
    line = simulator.stdout.readline()
    assert "http://" in line, f"the simulator says {line!r}"
    return line.split()[-1]


def start(stack, command, output):
    process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, text=True)
    stack.callback(process.wait, 10)
    stack.callback(process.terminate)
    return process


def beside(program):
    """A program of the environment that this Python is of."""
    return str(pathlib.Path(sys.executable).with_name(program))


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_for(port):
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit(f"nobody listens at port {port}")


def control(url, method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/_backstay/{path}?account={ACCOUNT}&region={REGION}", data=data, method=method)
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.load(reply)


def push(url, service, tag):
    control(url, "POST", "images", {"repository": f"cat-house/{service}", "tags": [tag]})


def assert_live(url, tag):
    """Every service runs the release, healthy, on a single revision."""
    live = control(url, "GET", "picture")["services"]
    assert len(live) == len(SERVICES), live
    for name, service in live.items():
        assert service["healthy"] == service["desired"] == service["running"], f"{name} with {tag}: {service}"
        assert len(service["running_task_definitions"]) == 1, f"{name} with {tag}: {service}"


def client(url, service):
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="test",
        config=botocore.config.Config(s3={"addressing_style": "path"}),
    )


def resources(url):
    """What there is, by kind and name."""
    elb, logs, alarms = client(url, "elbv2"), client(url, "logs"), client(url, "cloudwatch")
    return {
        "load balancers": [one["LoadBalancerName"] for one in elb.describe_load_balancers()["LoadBalancers"]],
        "target groups": [one["TargetGroupName"] for one in elb.describe_target_groups()["TargetGroups"]],
        "clusters": client(url, "ecs").list_clusters()["clusterArns"],
        "repositories": [one["repositoryName"] for one in client(url, "ecr").describe_repositories()["repositories"]],
        "buckets": [one["Name"] for one in client(url, "s3").list_buckets()["Buckets"]],
        "log groups": [one["logGroupName"] for one in logs.describe_log_groups()["logGroups"]],
        "secrets": [one["Name"] for one in client(url, "secretsmanager").list_secrets()["SecretList"]],
        "topics": [one["TopicArn"] for one in client(url, "sns").list_topics()["Topics"]],
        "alarms": [one["AlarmName"] for one in alarms.describe_alarms()["MetricAlarms"]],
        "dashboards": [one["DashboardName"] for one in alarms.list_dashboards()["DashboardEntries"]],
        "distributions": [one["Id"] for one in client(url, "cloudfront").list_distributions()["DistributionList"].get("Items", [])],
        "roles": [one["RoleName"] for one in client(url, "iam").list_roles()["Roles"]],
        "networks": [one["VpcId"] for one in client(url, "ec2").describe_vpcs()["Vpcs"]],
    }


def step(what):
    print(what, flush=True)


if __name__ == "__main__":
    main()
