"""Writes seeds.json from botocore's own service models: an input of every operation the simulator knows, least and whole.

    python seeds.py > seeds.json      (needs botocore)

An operation counts as known when its name stands in quotes somewhere in the simulator's sources.
"""

import json
import re
import sys
from pathlib import Path

import botocore.session

SERVICES = {
    "ecs": "ecs", "ecr": "ecr", "logs": "logs", "secretsmanager": "secretsmanager", "ssm": "ssm", "events": "events",
    "codedeploy": "codedeploy", "cloudwatch": "monitoring", "sns": "sns", "rds": "rds", "sts": "sts",
    "elbv2": "elasticloadbalancing",
}
# Rooms that are about to be.
ALSO = {
    "codedeploy": ".*", "secretsmanager": ".*", "sns": ".*(Topic|Topics|Publish|Subscribe|Subscriptions).*",
    "ssm": ".*Parameter.*|.*TagsTo.*|.*TagsFrom.*|ListTags.*", "events": ".*(Rule|Target|Event|EventBus|Archive).*",
    "rds": "(Create|Delete|Describe|Modify|Restore).*(DBInstance|DBSnapshot|DBInstances|DBSnapshots|PointInTime).*|.*Tags.*",
    "logs": ".*(LogGroup|LogStream|LogEvents|Retention|Query|Filter).*",
}
SOURCES = [Path(path) for path in sys.argv[1:]] or [Path(__file__).parents[2]]
ARN = "arn:aws:ecs:sa-east-1:123456789012:"
ELB = "arn:aws:elasticloadbalancing:sa-east-1:123456789012:"
# What the world of the fuzzer has, by the end of a member's name.
KNOWN = [
    ("cluster", "main"), ("clusters", "main"), ("taskdefinition", "web:1"), ("family", "web"), ("service", "web"), ("services", "web"),
    ("repositoryname", "web"), ("repositorynames", "web"), ("imagetag", "v1"), ("loggroupname", "/ecs/web"),
    ("targetgrouparn", ELB + "targetgroup/web/1"), ("loadbalancerarn", ELB + "loadbalancer/app/front/1"),
    ("resourcearn", ARN + "service/main/web"), ("image", "123456789012.dkr.ecr.sa-east-1.amazonaws.com/web:v1"),
    ("containername", "web"), ("imagemanifest", "{}"), ("policytext", "{}"), ("eventpattern", '{"source":["aws.ecs"]}'),
    ("memory", "512"), ("cpu", "256"), ("arn", ARN + "service/main/web"), ("token", "1"), ("starttime", 1), ("name", "web"),
]


def value(shape, name, depth, whole):
    kind = shape.type_name
    if kind == "structure":
        required = set(shape.required_members)
        return {
            member: value(inner, member, depth + 1, whole)
            for member, inner in shape.members.items()
            if member in required or (whole and depth < 4)
        }
    if kind == "list":
        return [value(shape.member, name, depth + 1, whole)] if depth < 6 else []
    if kind == "map":
        return {"key": value(shape.value, name, depth + 1, whole)} if depth < 6 else {}
    if kind == "string":
        if getattr(shape, "enum", None):
            return shape.enum[0]
        return next((str(known) for end, known in KNOWN if name.lower().endswith(end)), "web")
    return {"boolean": True, "timestamp": 1_800_000_000, "blob": "eA==", "double": 1.5, "float": 1.5}.get(kind, 1)


def main():
    text = "".join(path.read_text() for source in SOURCES for path in source.rglob("*.rs"))
    known = set(re.findall(r'"([A-Z][A-Za-z]+)"', text))
    session, seeds = botocore.session.get_session(), []
    for service, scope in SERVICES.items():
        model = session.get_service_model(service)
        for operation in model.operation_names:
            if operation not in known and not re.fullmatch(ALSO.get(service, "-"), operation):
                continue
            shape = model.operation_model(operation).input_shape
            for whole in (False, True):
                given = value(shape, operation, 0, whole) if shape else {}
                seeds.append([scope, model.metadata.get("targetPrefix", ""), operation, given])
    print("[\n" + ",\n".join(json.dumps(seed, separators=(",", ":")) for seed in seeds) + "\n]")


main()
