"""The simulator's speed beside moto's and ministack's: the same world, requests, load and machine, in one run.

    simulator.py --backstay BINARY --load BINARY --out FILE [--only backstay,moto,ministack] [--seconds N]

The world is cat-house's, served by `backstay simulator serve`; what DescribeServices and PutObject touch of it is copied
into the other two through the API. Run by `just bench-simulator`.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

HERE = Path(__file__).resolve()
APP = HERE.parents[2] / "fixtures" / "cat-house"
REGION = "sa-east-1"
BODY = "x" * 1024
KEYS = 64
STARTS = 5

# What is promised: issue 4, judgement 3. (name, what is measured, at least or at most, how much)
TARGETS = [
    ("ready in under 50 ms", "backstay.start_ms", "<", 50),
    ("start: 30 times faster than moto", "start_times_moto", ">=", 30),
    ("DescribeServices at 8 connections: 20,000/s", "backstay.DescribeServices.8", ">=", 20_000),
    ("DescribeServices at 8 connections: 40 times moto", "DescribeServices_times_moto", ">=", 40),
    ("DescribeServices: 8 connections beat 1", "DescribeServices_8_to_1", ">", 1),
    ("PutObject of 1 KB at 8 connections: 9,000/s", "backstay.PutObject.8", ">=", 9_000),
    ("PutObject of 1 KB at 8 connections: 20 times moto", "PutObject_times_moto", ">=", 20),
    ("PutObject: 8 connections beat 1", "PutObject_8_to_1", ">", 1),
    ("resident memory below 30 MB", "backstay.resident_mb", "<", 30),
]


def main():
    arguments = parsed()
    bin_directory = Path(sys.executable).parent
    servers = {
        "backstay": lambda port: [
            *arguments.backstay.split(), *(arguments.serve or
            f"simulator serve --app {APP} --environment staging --no-throttle --port {{port}}").format(port=port).split(),
        ],
        "moto": lambda port: [str(bin_directory / "moto_server"), "--host", "127.0.0.1", "--port", str(port)],
        "ministack": lambda port: [str(bin_directory / "ministack")],
    }
    only = arguments.only.split(",")
    figures, wanted = {}, None
    for name in [name for name in servers if name in only]:
        print(f"measuring {name} …", file=sys.stderr)
        server = Server(name, servers[name], arguments)
        figures[name] = server.start_figures()
        with server.running() as running:
            wanted = prepare(running, wanted)
            figures[name].update(running.load_figures(wanted))
            figures[name]["resident_mb"] = running.resident_mb()
    result = {"servers": figures, "targets": judged(figures)}
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=2) + "\n")
    print(table(figures))
    for target in result["targets"]:
        print(f"{target['verdict']:4}  {target['name']}: {target['found']}")
    print(f"\n{arguments.out}")
    return 0 if all(target["verdict"] != "FAIL" for target in result["targets"]) else 1


def parsed():
    parser = argparse.ArgumentParser()
    parser.add_argument("--backstay", required=True)
    parser.add_argument("--serve", help="arguments of the server, instead of `simulator serve …`; {port} is its port")
    parser.add_argument("--load", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", default="backstay,moto,ministack")
    parser.add_argument("--seconds", type=float, default=4)
    return parser.parse_args()


class Server:
    """One of the three, started anew for every purpose."""

    def __init__(self, name, command, arguments):
        self.name, self.command, self.arguments = name, command, arguments
        self.process = self.port = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def running(self):
        """Starts it; how long the first answer took is in `start_ms`."""
        self.port = free_port()
        environment = {**os.environ, "GATEWAY_PORT": str(self.port), "LOG_LEVEL": "ERROR"}
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        started = time.perf_counter()
        self.process = subprocess.Popen(self.command(self.port), env=environment, **quiet)
        while not self.answers():
            if self.process.poll() is not None or time.perf_counter() - started > 60:
                raise SystemExit(f"{self.name} does not answer: {' '.join(self.command(self.port))}")
            time.sleep(0.0005)
        self.start_ms = (time.perf_counter() - started) * 1000
        return self

    def answers(self):
        """Whether it answers a call of the API: the same call for all."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=10) as line:
                line.sendall(request("POST", "/", "sts", self.port, "Action=GetCallerIdentity&Version=2011-06-15", {
                    "content-type": "application/x-www-form-urlencoded", "connection": "close",
                }).encode())
                return line.recv(12).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def start_figures(self):
        """The first start only warms the machine's caches."""
        starts = []
        for _ in range(STARTS + 1):
            with self.running() as running:
                starts.append(running.start_ms)
        return {"start_ms": round(statistics.median(starts[1:]), 1)}

    def client(self, service):
        return boto3.client(
            service, region_name=REGION, endpoint_url=f"http://127.0.0.1:{self.port}",
            aws_access_key_id="AKIASIMULATED0000000", aws_secret_access_key="secret",
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}),
        )

    def load_figures(self, wanted):
        files = {
            "DescribeServices": [request(
                "POST", "/", "ecs", self.port,
                json.dumps({"cluster": wanted["cluster"], "services": [service["serviceName"] for service in wanted["services"]]}),
                {"content-type": "application/x-amz-json-1.1",
                 "x-amz-target": "AmazonEC2ContainerServiceV20141113.DescribeServices"},
            )],
            "PutObject": [
                request("PUT", f"/{wanted['bucket']}/bench/{key}", "s3", self.port, BODY,
                        {"content-type": "text/plain", "x-amz-content-sha256": "UNSIGNED-PAYLOAD"})
                for key in range(KEYS)
            ],
        }
        figures = {}
        for operation, requests in files.items():
            file = self.arguments.out.parent / f"{operation}.requests.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(requests))
            figures[operation] = {}
            for connections in (1, 8):
                command = [self.arguments.load, f"127.0.0.1:{self.port}", str(file), str(connections), "1",
                           str(self.arguments.seconds)]
                loaded = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                if loaded["not_200"] or loaded["broken"] or not loaded["requests"]:
                    print(f"{self.name} {operation}: {loaded}", file=sys.stderr)
                figures[operation][str(connections)] = loaded
        return figures

    def resident_mb(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
        return round(int(kilobytes) / 1024, 1)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def request(method, path, service, port, body, headers):
    """A whole request with a plausible signature, which none of the three checks."""
    credential = f"AKIASIMULATED0000000/20260105/{REGION}/{service}/aws4_request"
    headers = {
        "host": f"127.0.0.1:{port}",
        "user-agent": "Boto3/1.44.5 md/Botocore#1.44.5",
        "x-amz-date": "20260105T090000Z",
        "authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}",
        "content-length": str(len(body)),
        **headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n{body}"


def prepare(server, wanted):
    """Makes the world of the first server that is measured, our own, in the others. Five services in all of them."""
    ecs, s3 = server.client("ecs"), server.client("s3")
    if wanted is None:
        wanted = world(ecs, s3)
    else:
        copy(ecs, s3, wanted, network(server.client("ec2")))
    if len(wanted["services"]) == 4:
        first = wanted["services"][0]
        fifth = {key: first[key] for key in ("taskDefinition", "desiredCount", "networkConfiguration") if key in first}
        wanted["services"].append({**fifth, "serviceName": "fifth-service", "loadBalancers": []})
    make_service(ecs, wanted["cluster"], wanted["services"][-1])
    names = [service["serviceName"] for service in wanted["services"]]
    described = ecs.describe_services(cluster=wanted["cluster"], services=names)
    assert len(described["services"]) == 5 and not described["failures"], described
    return wanted


def world(ecs, s3):
    cluster = ecs.describe_clusters(clusters=["cat-house-staging"])["clusters"][0]["clusterName"]
    arns = ecs.list_services(cluster=cluster)["serviceArns"]
    services = ecs.describe_services(cluster=cluster, services=arns)["services"]
    definitions = {
        service["taskDefinition"]: ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
        for service in services
    }
    bucket = s3.list_buckets()["Buckets"][0]["Name"]
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    objects = {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}
    return {"cluster": cluster, "services": services, "definitions": definitions, "bucket": bucket, "objects": objects}


def network(ec2):
    """A network of theirs: they look its ids up."""
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{part}.0/24")["Subnet"]["SubnetId"] for part in (1, 2)]
    group = ec2.create_security_group(VpcId=vpc, GroupName="bench", Description="bench")["GroupId"]
    return {"awsvpcConfiguration": {"subnets": subnets, "securityGroups": [group], "assignPublicIp": "DISABLED"}}


def copy(ecs, s3, wanted, network):
    ecs.create_cluster(clusterName=wanted["cluster"])
    members = ecs.meta.service_model.operation_model("RegisterTaskDefinition").input_shape.members
    for definition in wanted["definitions"].values():
        ecs.register_task_definition(**{key: value for key, value in definition.items() if key in members})
    for service in wanted["services"]:
        if service["serviceName"] != "fifth-service":
            make_service(ecs, wanted["cluster"], {**service, "networkConfiguration": network})
    wanted["services"][-1]["networkConfiguration"] = network
    s3.create_bucket(Bucket=wanted["bucket"], CreateBucketConfiguration={"LocationConstraint": REGION})
    for key, body in wanted["objects"].items():
        s3.put_object(Bucket=wanted["bucket"], Key=key, Body=body)


def make_service(ecs, cluster, service):
    kept = ("serviceName", "desiredCount", "networkConfiguration", "loadBalancers", "healthCheckGracePeriodSeconds")
    family = service["taskDefinition"].rsplit("/", 1)[-1].split(":")[0]
    request = {key: service[key] for key in kept if key in service}
    try:
        ecs.create_service(cluster=cluster, taskDefinition=family, launchType="FARGATE", **request)
    except ClientError as error:
        if "loadBalancers" not in request:
            raise
        print(f"{service['serviceName']} without its load balancer: {error}", file=sys.stderr)
        del request["loadBalancers"]
        request.pop("healthCheckGracePeriodSeconds", None)
        ecs.create_service(cluster=cluster, taskDefinition=family, launchType="FARGATE", **request)


def per_second(figures, name, operation, connections):
    return figures.get(name, {}).get(operation, {}).get(connections, {}).get("per_second")


def judged(figures):
    values = {"backstay.start_ms": figures.get("backstay", {}).get("start_ms"),
              "backstay.resident_mb": figures.get("backstay", {}).get("resident_mb")}
    for operation in ("DescribeServices", "PutObject"):
        one, eight = (per_second(figures, "backstay", operation, connections) for connections in ("1", "8"))
        theirs = per_second(figures, "moto", operation, "8")
        values[f"backstay.{operation}.8"] = eight
        values[f"{operation}_times_moto"] = round(eight / theirs, 1) if eight and theirs else None
        values[f"{operation}_8_to_1"] = round(eight / one, 2) if eight and one else None
    ours, theirs = (figures.get(name, {}).get("start_ms") for name in ("backstay", "moto"))
    values["start_times_moto"] = round(theirs / ours, 1) if ours and theirs else None
    return [{"name": name, "found": values[value], "verdict": verdict(values[value], sign, bound)}
            for name, value, sign, bound in TARGETS]


def verdict(found, sign, bound):
    if found is None:
        return "----"
    held = {"<": found < bound, ">": found > bound, ">=": found >= bound}[sign]
    return "PASS" if held else "FAIL"


def table(figures):
    rows = [("cold start to first answer, ms", lambda server: server["start_ms"])]
    for operation in ("DescribeServices", "PutObject"):
        for connections in ("1", "8"):
            of = lambda server, operation=operation, connections=connections: server[operation][connections]
            rows.append((f"{operation}, {connections} conn., per second", lambda server, of=of: of(server)["per_second"]))
            rows.append(("  p50 / p99, µs", lambda server, of=of: f"{of(server)['p50_us']} / {of(server)['p99_us']}"))
            rows.append(("  not 200 / broken", lambda server, of=of: f"{of(server)['not_200']} / {of(server)['broken']}"))
    rows.append(("resident memory after it, MB", lambda server: server["resident_mb"]))
    lines = [f"{'':36}" + "".join(f"{name:>18}" for name in figures)]
    for title, of in rows:
        lines.append(f"{title:36}" + "".join(f"{str(of(server)):>18}" for server in figures.values()))
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
