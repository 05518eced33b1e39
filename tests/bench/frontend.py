"""A frontend's deployment beside `aws s3 sync` and `s5cmd sync`: the same files, the same simulated S3 over loopback, in one run.

    frontend.py --backstay BINARY --out FILE [--files N] [--bytes N] [--rounds N]

Each tool puts the build into an empty bucket, `--rounds` times, in turn. Ours is the whole command `backstay deploy`: it plans,
keeps a journal, uploads, moves the page and proves what is in the bucket. Then the same build again, one changed page, one new
asset. Requests are those that the simulator counted. Run by `just bench-frontend`.
"""

import argparse
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

REGION = "eu-west-1"
ACCOUNT = "111122223333"

# What is promised: issue 14, judgement 5.
TARGETS = [
    ("2 times as fast as s5cmd", "times_s5cmd", ">=", 2),
    ("8 times as fast as the aws CLI", "times_aws", ">=", 8),
    ("unchanged: fewer than 10 requests", "unchanged_requests", "<", 10),
    ("another version of the same files: fewer than 10 requests", "same_files_requests", "<", 10),
    ("one changed page: fewer than 15 requests", "changed_page_requests", "<", 15),
    ("one new asset: fewer than 15 requests", "new_asset_requests", "<", 15),
    ("peak memory below 64 MB", "peak_mb", "<", 64),
    ("peak memory with a file of 256 MB below 64 MB", "peak_large_mb", "<", 64),
    ("peak memory with four times the files below 64 MB", "peak_many_mb", "<", 64),
]


def main():
    arguments = parsed()
    tools = Path(sys.executable).parent
    with tempfile.TemporaryDirectory(prefix="bench-frontend-") as scratch, Simulator(arguments.backstay) as simulator:
        scratch = Path(scratch)
        app = App(arguments.backstay, simulator, scratch / "app")
        app.build(arguments.files, arguments.bytes)
        dist = str(app.dist)
        contenders = {
            "aws": lambda bucket: [str(tools / "aws"), "s3", "sync", dist, f"s3://{bucket}", "--only-show-errors"],
            "s5cmd": lambda bucket: [str(tools / "s5cmd"), "--log", "error", "sync", f"{dist}/", f"s3://{bucket}/"],
        }
        took = {name: [] for name in [*contenders, "backstay"]}
        figures = {}
        for round_number in range(arguments.rounds):
            for name, command in contenders.items():
                bucket = simulator.bucket(f"{name}-{round_number}")
                took[name].append(run(command(bucket), simulator.environment())["seconds"])
                assert simulator.objects(bucket) == arguments.files, name
            app.begin(simulator.bucket(f"backstay-{round_number}"))
            first = app.deploy("v1")
            took["backstay"].append(first["seconds"])
            figures["peak_mb"] = max(figures.get("peak_mb", 0), first["peak_mb"])
            print({name: round(all[-1], 2) for name, all in took.items()}, file=sys.stderr)
        seconds = {name: statistics.median(all) for name, all in took.items()}
        figures |= {f"{name}_s": value for name, value in seconds.items()}
        figures["times_s5cmd"] = seconds["s5cmd"] / seconds["backstay"]
        figures["times_aws"] = seconds["aws"] / seconds["backstay"]
        with Counter(simulator.port) as counter:
            app.simulator_at(counter.endpoint)
            figures |= again(app, counter)
            app.simulator_at(simulator.endpoint)
        figures |= sizes(app, simulator, arguments)
    result = {"figures": {name: round(value, 2) for name, value in figures.items()}, "targets": judged(figures)}
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=2) + "\n")
    for name, value in result["figures"].items():
        print(f"{name:>24}  {value}")
    for target in result["targets"]:
        print(f"{target['verdict']:4}  {target['name']}: {target['found']}")
    print(f"\n{arguments.out}")
    return 0 if all(target["verdict"] == "PASS" for target in result["targets"]) else 1


def again(app, counter):
    """What costs little, once it is there."""
    figures = {}
    steps = {
        "unchanged": ("v1", lambda: None),
        "same_files": ("v2", lambda: None),
        "changed_page": ("v3", lambda: app.write("index.html", b"<html>three</html>")),
        "new_asset": ("v4", lambda: app.write("assets/0/added-0a1b2c3d.js", b"added")),
        "new_asset_and_page": ("v5", lambda: (app.write("assets/0/more-4e5f6a7b.js", b"more"), app.write("index.html", b"<html>five</html>"))),
    }
    for name, (version, change) in steps.items():
        change()
        counter.seen.clear()
        figures[f"{name}_s"] = app.deploy(version)["seconds"]
        figures[f"{name}_requests"] = len(counter.seen)
        print(f"{name}: {', '.join(counter.seen)}", file=sys.stderr)
    return figures


def sizes(app, simulator, arguments):
    """Peak memory whatever the size: of one file, of the number of files."""
    app.empty()
    app.write("index.html", b"<html></html>")
    with (app.dist / "film.mp4").open("wb") as film:
        for _ in range(256):
            film.write(os.urandom(1 << 20))
    app.begin(simulator.bucket("large"))
    large = app.deploy("v1")["peak_mb"]
    app.empty()
    app.build(4 * arguments.files, arguments.bytes)
    app.begin(simulator.bucket("many"))
    return {"peak_large_mb": large, "peak_many_mb": app.deploy("v1")["peak_mb"]}


class App:
    """An app that is nothing but a frontend."""

    def __init__(self, backstay, simulator, directory):
        self.backstay, self.simulator, self.directory = backstay, simulator, directory
        self.dist = directory / "dist"

    def build(self, files, size):
        """Random bytes under names with hashes, a few folders, sizes as bundles have them: the same in every run."""
        chance = random.Random(14)
        weights = [chance.lognormvariate(0, 1) for _ in range(files - 1)]
        scale = size / sum(weights)
        self.write("index.html", b"<html>one</html>")
        for number, weight in enumerate(weights):
            body = chance.randbytes(max(1, int(weight * scale)))
            self.write(f"assets/{number % 5}/chunk-{number:05}-{chance.getrandbits(32):08x}.js", body)

    def write(self, path, body):
        place = self.dist / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(body)

    def empty(self):
        subprocess.run(["rm", "-rf", str(self.dist)], check=True)

    def begin(self, bucket):
        """Nothing is recorded yet, and the bucket is another one."""
        subprocess.run(["rm", "-rf", str(self.directory / ".backstay")], check=True)
        self.bucket = bucket
        self.simulator_at(self.simulator.endpoint)

    def simulator_at(self, endpoint):
        (self.directory / "backstay.toml").write_text(f"""app = "site"

[environments.bench]
cloud = "simulated"
simulator = "{endpoint}"
region = "{REGION}"
account = "{ACCOUNT}"
cluster = "none"

[frontend]
directory = "dist"
bucket = "{self.bucket}"
""")

    def deploy(self, version):
        return run([self.backstay, "deploy", "bench", "--version", version, "--app", str(self.directory)], os.environ)


class Counter:
    """Stands between a client and the simulator and counts requests: every one but those of the control API."""

    def __init__(self, port):
        self.behind, self.seen = port, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.behind))
            threading.Thread(target=self.carry, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self.carry, args=(server, client, False), daemon=True).start()

    def carry(self, source, to, counted):
        """A request's head comes in one piece over loopback, at the beginning of what is read."""
        try:
            while piece := source.recv(1 << 16):
                head = re.match(rb"([A-Z]+) (/\S*) HTTP/1.1\r\n", piece) if counted else None
                if head and not head[2].startswith(b"/_backstay/"):
                    self.seen.append(f"{head[1].decode()} {head[2].decode()[:60]}")
                to.sendall(piece)
        except OSError:
            pass
        for end in (source, to):
            end.close()


class Simulator:
    """`backstay simulator serve`, empty."""

    def __init__(self, backstay):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        command = [backstay, "simulator", "serve", "--port", str(self.port), "--web-ports", "off", "--no-throttle"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        self.process.stdout.readline()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    def environment(self):
        return {
            **os.environ, "AWS_ENDPOINT_URL": self.endpoint, "S3_ENDPOINT_URL": self.endpoint, "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "test",
        }

    def bucket(self, name):
        run([str(Path(sys.executable).parent / "aws"), "s3", "mb", f"s3://bench-{name}"], self.environment())
        return f"bench-{name}"

    def objects(self, bucket):
        listed = [str(Path(sys.executable).parent / "s5cmd"), "ls", f"s3://{bucket}/*"]
        return len(subprocess.run(listed, env=self.environment(), check=True, capture_output=True).stdout.splitlines())


def run(command, environment):
    """How long it took, and the most memory that it had."""
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{said.read().decode()}")
    return {"seconds": seconds, "peak_mb": usage.ru_maxrss / 1024}


def judged(figures):
    def verdict(found, sign, bound):
        return "PASS" if (found >= bound if sign == ">=" else found < bound) else "FAIL"

    return [
        {"name": name, "found": round(figures[key], 2), "verdict": verdict(figures[key], sign, bound)}
        for name, key, sign, bound in TARGETS
    ]


def parsed():
    parser = argparse.ArgumentParser()
    parser.add_argument("--backstay", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--bytes", type=int, default=60_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
