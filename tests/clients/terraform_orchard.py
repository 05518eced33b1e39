"""Terraform builds orchard's stack; `backstay deploy` and `rollback` move its services and what starts its jobs; Terraform sees nothing to change.

Fails on any difference. Against the simulator at `BACKSTAY_SIMULATOR` (it must forward to moto and run fast), else it starts both. The provider
comes from the mirror in `TERRAFORM_PLUGINS`.
"""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from terraform import ACCOUNT, BACKSTAY, REGION, Terraform, client, control, serve, step

HERE = pathlib.Path(__file__).resolve().parent
FIXTURE = HERE.parent.parent / "fixtures/orchard"
# A machine that stands still for a second must not be a release that is late.
SPEED = "60x"
OLD, NEW = "a1b2c3d", "2f9c1e7"
URLS = ('url = "https://www.', 'url = "https://office.')
SITES = ("orchard-market-staging", "orchard-office-staging")


def main():
    with contextlib.ExitStack() as stack:
        url = os.environ.get("BACKSTAY_SIMULATOR") or serve(stack, SPEED)
        directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="backstay-orchard-")))
        play(Terraform(directory, url, FIXTURE / "terraform"), directory, url)


def play(terraform, directory, url):
    terraform.variables = {"region": REGION, "scheduler_role": f"arn:aws:iam::{ACCOUNT}:role/orchard-scheduler"}
    terraform("init", "-input=false")

    step("everything")
    terraform.apply(None)
    terraform.is_clean(None)

    step("what a pipeline and a person have done: images, parameters")
    for tag in (OLD, NEW):
        for name in ("web", "worker"):
            control(url, "POST", "images", {"repository": f"orchard/{name}", "tags": [tag], "platforms": ["linux/arm64"]})
    parameters = client(url, "ssm")
    for name in ("database-url", "datadog", "smtp"):
        parameters.put_parameter(Name=f"/orchard/staging/{name}", Value="set by hand", Type="SecureString")

    balancer = client(url, "elbv2").describe_load_balancers(Names=["orchard-staging"])["LoadBalancers"][0]
    app = App(directory, url, balancer["DNSName"])
    for version in (OLD, NEW):
        step(f"Backstay deploys {version}, and Terraform sees nothing to change")
        app("deploy", "staging", "--version", version)
        assert_started(url, 2 if version == OLD else 3)
        terraform.is_clean(None)

    step("back to the release before")
    app("rollback", "staging")
    assert_started(url, 2)
    terraform.is_clean(None)

    step("nothing is left")
    for bucket in SITES:
        empty(client(url, "s3"), bucket)
    terraform.destroy(None)
    assert terraform("state", "list") == "", "the state is not empty"
    print("terraform: orchard was built, deployed, rolled back and taken away; every plan was empty")


class App:
    """The fixture as a team would have it, pointed at the simulator."""

    def __init__(self, directory, url, host):
        self.directory = directory / "app"
        shutil.copytree(FIXTURE, self.directory, ignore=shutil.ignore_patterns("terraform", ".backstay"))
        file = self.directory / "backstay.toml"
        text = file.read_text()
        head, _, rest = text.partition("[environments.staging]")
        own = f'[environments.staging]\nsimulator = "{url}"'
        rest = rest.replace("211100000002", ACCOUNT, 1).replace("eu-central-1", REGION, 1)
        # A world that no blueprint made knows no content of other people's registries: the workers' images are in ECR here.
        rest = rest.replace("ghcr.io/orchard-farm/worker", "orchard/worker")
        for definition in self.directory.glob("definitions/*.json"):
            document = json.loads(definition.read_text())
            for container in document["containerDefinitions"]:
                container.pop("repositoryCredentials", None)
            definition.write_text(json.dumps(document))
        # Nobody has given the load balancer another name, nor a certificate.
        rest = rest.replace("{{ environment }}.orchard.example", host).replace("https://{{ host }}", "http://{{ host }}")
        # There is no CDN in this stack: the buckets alone are witnesses. Nobody has said that nginx answers with the app's version.
        absent = ("distribution = ", "json = ", *URLS)
        there = [line for line in (head + own + rest).splitlines() if not line.startswith(absent)]
        file.write_text("\n".join(there))

    def __call__(self, *arguments):
        command = [BACKSTAY, "--app", str(self.directory), *arguments]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=900)
        print(f"  backstay {arguments[0]}: {ended.returncode}", flush=True)
        if ended.returncode != 0:
            sys.exit(f"backstay {' '.join(arguments)} ended with {ended.returncode}\n{ended.stdout}\n{ended.stderr}")
        return ended.stdout


def assert_started(url, revision):
    """What starts the jobs, as a foreign client reads it: the revision, and all that Terraform has written."""
    schedule = client(url, "scheduler").get_schedule(Name="orchard-staging-harvest-report")
    rule = client(url, "events").describe_rule(Name="orchard-staging-price-import")
    targets = client(url, "events").list_targets_by_rule(Rule="orchard-staging-price-import")["Targets"]
    starts = [schedule["Target"]["EcsParameters"]["TaskDefinitionArn"], targets[0]["EcsParameters"]["TaskDefinitionArn"]]
    assert all(arn.endswith(f":{revision}") for arn in starts), starts
    assert schedule["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 10}, schedule
    assert json.loads(schedule["Target"]["Input"])["containerOverrides"][0]["name"] == "report", schedule
    assert rule["State"] == "DISABLED", rule


def empty(s3, bucket):
    keys = [{"Key": one["Key"]} for one in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    if keys:
        s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})


if __name__ == "__main__":
    main()
