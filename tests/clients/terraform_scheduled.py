"""Terraform builds a stack with Auto Scaling, schedules and queues, sees nothing to change, changes it, and takes it away again.

Fails on any difference. The simulator alone answers: nothing is forwarded. Against the one at `BACKSTAY_SIMULATOR`, else it starts the
program in `BACKSTAY`. The provider comes from the mirror in `TERRAFORM_PLUGINS`.
"""

import contextlib
import os
import pathlib
import subprocess
import tempfile

from terraform import BACKSTAY, SPEED, Terraform, client, control, start, step

HERE = pathlib.Path(__file__).resolve().parent
FIXTURE = HERE.parent.parent / "fixtures/scheduled/terraform"
TAG = "v1"


def main():
    with contextlib.ExitStack() as stack:
        url = os.environ.get("BACKSTAY_SIMULATOR") or serve(stack)
        directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="backstay-terraform-")))
        play(Terraform(directory, url, FIXTURE), url)


def play(terraform, url):
    terraform("init", "-input=false")
    before = resources(url)

    step("everything")
    control(url, "POST", "images", {"repository": "depot/app", "tags": [TAG]})
    terraform("import", "-input=false", "aws_ecr_repository.app", "depot/app")
    terraform.apply(None)
    terraform.is_clean(None)

    step("other thresholds, times and bounds")
    terraform.variables = {"cpu_target": 45, "nightly": "cron(15 4 * * ? *)", "most": 9}
    terraform.apply(None)
    terraform.is_clean(None)
    names = [one["AlarmName"] for one in client(url, "cloudwatch").describe_alarms()["MetricAlarms"]]
    tracking = [name for name in names if name.startswith("TargetTracking-service/depot/web-Alarm")]
    # Two of the one, one of the other that must not scale in.
    assert len(tracking) == 3, names

    step("three days pass: the service follows Monday, and the jobs have run")
    scaling = client(url, "application-autoscaling")
    control(url, "POST", "advance", {"by_ms": 72 * 3_600_000})
    terraform.is_clean(None)
    activities = scaling.describe_scaling_activities(ServiceNamespace="ecs")["ScalingActivities"]
    causes = [one["Cause"] for one in activities]
    assert any("morning" in cause or "evening" in cause for cause in causes) or not weekday(url), causes
    started = {one["startedBy"] for one in tasks(url) if one.get("startedBy")}
    assert "events-rule/depot-hourly" in started, started

    step("nothing is left")
    terraform.destroy(None)
    assert terraform("state", "list") == "", "the state is not empty"
    after = resources(url)
    assert after == before, f"left behind: { {name: after[name] for name in after if after[name] != before[name]} }"
    print("terraform: a scheduled stack was built, changed and taken away; every plan after an apply was empty")


def weekday(url):
    """Whether a working day of São Paulo was among the last 24 hours."""
    import datetime

    now = datetime.datetime.fromtimestamp(control(url, "GET", "now")["now_ms"] / 1000, datetime.timezone.utc)
    return any((now - datetime.timedelta(hours=hours)).weekday() < 5 for hours in (3, 27))


def tasks(url):
    ecs = client(url, "ecs")
    arns = [arn for status in ("RUNNING", "STOPPED") for arn in ecs.list_tasks(cluster="depot", desiredStatus=status)["taskArns"]]
    return ecs.describe_tasks(cluster="depot", tasks=arns)["tasks"] if arns else []


def resources(url):
    """What there is, by kind and name."""
    scaling, scheduler = client(url, "application-autoscaling"), client(url, "scheduler")
    return {
        "clusters": client(url, "ecs").list_clusters()["clusterArns"],
        "targets": [one["ResourceId"] for one in scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]],
        "policies": [one["PolicyName"] for one in scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]],
        "alarms": [one["AlarmName"] for one in client(url, "cloudwatch").describe_alarms()["MetricAlarms"]],
        "schedules": [one["Name"] for one in scheduler.list_schedules()["Schedules"]],
        "groups": [one["Name"] for one in scheduler.list_schedule_groups()["ScheduleGroups"]],
        "rules": [one["Name"] for one in client(url, "events").list_rules()["Rules"]],
        "queues": client(url, "sqs").list_queues().get("QueueUrls", []),
        "topics": [one["TopicArn"] for one in client(url, "sns").list_topics()["Topics"]],
    }


def serve(stack):
    # A scheduled action that is due between an apply and its plan would be a difference, as it is on AWS. After Friday evening in
    # São Paulo the next one is due on Monday: twelve minutes of this machine's time.
    begins = ["--start", "2026-01-09T23:05:00Z"]
    simulator = start(stack, [BACKSTAY, "simulator", "serve", "--port", "0", "--time", SPEED, *begins], subprocess.PIPE)
    line = simulator.stdout.readline()
    assert "http://" in line, f"the simulator says {line!r}"
    return line.split()[-1]


if __name__ == "__main__":
    main()
