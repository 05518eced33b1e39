"""moto's own tests against the served simulator: who passes, and of those that do not, why.

    python3 tests/clients/outside/run.py --backstay target/debug/backstay [--sdist DIR] [--out DIR] [SUITE ...]

Needs `pip install 'moto[all,server]==5.2.1' pytest pytest-timeout freezegun`. The tests are moto's and stay outside of this
repository: they are unpacked from the sdist that PyPI has. What is not simulated is answered by moto (`--upstream`).
`causes.txt` says of tests that fail whose ground they stand on; CONTRIBUTING.md says how the table is read.
"""

import argparse
import concurrent.futures
import fnmatch
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tarfile
import time
import urllib.request

VERSION = "5.2.1"
SUITES = (
    "ecs elbv2 s3 cloudfront ecr secretsmanager ssm logs cloudwatch sns sqs rds codedeploy events scheduler "
    "applicationautoscaling sts"
).split()
OURS = {"applicationautoscaling": "application-autoscaling"}
# What takes minutes there takes minutes here: these suites wait for it, and look at no clock.
HURRIED = ("elbv2", "rds", "cloudfront", "ecs", "codedeploy")
HERE = pathlib.Path(__file__).parent
CAUSES = HERE / "causes.txt"


def sdist(into):
    """The directory of moto's sdist, fetched from PyPI unless it is there."""
    there = into / f"moto-{VERSION}"
    if not there.exists():
        into.mkdir(parents=True, exist_ok=True)
        want = ["download", f"moto=={VERSION}", "--no-deps", "--no-binary", "moto", "--no-build-isolation", "-d", str(into)]
        subprocess.run([sys.executable, "-m", "pip", *want], check=True)
        with tarfile.open(into / f"moto-{VERSION}.tar.gz") as archive:
            archive.extractall(into, filter="data")
    return there


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def until_up(url, process):
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit(f"{url}: the server ended with {process.returncode}")
        try:
            return urllib.request.urlopen(url, timeout=5)
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{url}: not up after a minute")


def play(suite, moto, arguments):
    """One suite with servers of its own; its lines."""
    out = arguments.out / f"{suite}.jsonl"
    out.unlink(missing_ok=True)
    port, beside = free_port(), free_port()
    log = open(arguments.out / f"{suite}.log", "w", encoding="utf-8")
    said = {"stdout": log, "stderr": subprocess.STDOUT}
    upstream = subprocess.Popen([sys.executable, "-m", "moto.server", "-p", str(beside)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    serve = ["simulator", "serve", "--port", str(port), "--web-ports", "off", "--no-throttle", "--upstream", f"http://127.0.0.1:{beside}"]
    if suite in HURRIED:
        serve += ["--time", "300x", "--start", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())]
    cloud = subprocess.Popen([arguments.backstay, *serve, *arguments.serve], **said)
    try:
        until_up(f"http://127.0.0.1:{beside}/moto-api/", upstream)
        until_up(f"http://127.0.0.1:{port}/_backstay/health", cloud)
        env = os.environ | {
            "TEST_SERVER_MODE": "true",
            "TEST_SERVER_MODE_ENDPOINT": f"http://127.0.0.1:{port}",
            "OUTSIDE_UPSTREAM": f"http://127.0.0.1:{beside}",
            "OUTSIDE_OUT": str(out.resolve()),
            "PYTHONPATH": f"{HERE.resolve()}:{moto}",
            "AWS_ACCESS_KEY_ID": "FOOBARKEY",
            "AWS_SECRET_ACCESS_KEY": "FOOBARSECRET",
            "AWS_DEFAULT_REGION": "us-east-1",
            "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
        }
        which = [f"tests/test_{suite}"] + (["-k", arguments.k] if arguments.k else [])
        options = ["-p", "watch", "-q", "-x" if arguments.x else "-q", "--timeout=60", "--color=no", "-p", "no:cacheprovider"]
        subprocess.run([sys.executable, "-m", "pytest", *options, *which], cwd=moto, env=env, **said)
    finally:
        for process in (cloud, upstream):
            process.terminate()
            process.wait()
        log.close()
    return [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []


def causes(file=CAUSES):
    """Lines `test | cause | how it fails | why it is so`: the test with `*`, how it fails as a regular expression."""
    for line in file.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            test, cause, fails, why = (part.strip() for part in line.split(" | ", 3))
            yield test, cause, re.compile(fails), why


def short(suite, test):
    return f"{suite}/{test.split(f'test_{suite}/')[-1].replace('.py', '')}"


def cause(suite, line, known):
    """Whose ground a test stands on: `own` ours; else why it is not counted."""
    service = OURS.get(suite, suite)
    asked = line["asked"]
    if line["outcome"] == "skipped":
        return "skipped", ""
    ours = [one for one in asked if one["service"] == service]
    if not any(not one["upstream"] for one in ours):
        return ("not-simulated" if ours else "nothing-asked"), ""
    if line["outcome"] == "failed":
        name = short(suite, line["test"])
        for test, what, fails, why in known:
            if fnmatch.fnmatchcase(name, test.replace("[", "[[]")) and fails.search(line["why"]):
                return what, why
    unserved = [one for one in ours if one["upstream"] or one["status"] == 501]
    if unserved:
        return "not-simulated", unserved[0]["operation"]
    missing = [one for one in asked if one["status"] == 501]
    if missing:
        return "other-service", f"{missing[0]['service']}.{missing[0]['operation']}"
    return "own", ""


def table(results):
    known = list(causes())
    columns = ["nothing-asked", "skipped", "other-service", "not-simulated", "aws-refuses"]
    head = ["suite", "tests", "passed", "own ground", "passed there", "", "verified", "passed", "on own ground", "passed there"]
    print("| " + " | ".join(head + columns) + " |")
    print("| --- " * (len(head) + len(columns)) + "|")
    total = [0] * (8 + len(columns))
    left = []
    for suite, lines in results.items():
        row = [0] * len(total)
        for line in lines:
            what, why = cause(suite, line, known)
            passed = line["outcome"] == "passed"
            row[0] += what not in ("nothing-asked", "skipped")
            row[1] += passed and what not in ("nothing-asked", "skipped")
            own = what == "own"
            row[2] += own
            row[3] += own and passed
            if line["verified"] and what not in ("nothing-asked", "skipped"):
                row[4] += 1
                row[5] += passed
                row[6] += own
                row[7] += own and passed
            if what in columns:
                row[8 + columns.index(what)] += 1
            if what == "own" and not passed:
                left.append((suite, line))
        total = [a + b for a, b in zip(total, row)]
        print(told(suite, row))
    print(told("all", total))
    return left


def told(name, row):
    share = f"{100 * row[3] / row[2]:.0f} %" if row[2] else "-"
    return "| " + " | ".join([name, *map(str, row[:4]), share, *map(str, row[4:])]) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backstay", default="target/debug/backstay")
    parser.add_argument("--sdist", type=pathlib.Path, help="where moto's sdist is unpacked")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("target/outside"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--serve", nargs="*", default=[], help="more arguments of `simulator serve`")
    parser.add_argument("--read", action="store_true", help="only read what the last run wrote")
    parser.add_argument("--left", action="store_true", help="tell what fails on own ground")
    parser.add_argument("-k", help="as pytest's")
    parser.add_argument("-x", action="store_true", help="stop at the first failure")
    parser.add_argument("suites", nargs="*", default=SUITES)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.read:
        there = {suite: arguments.out / f"{suite}.jsonl" for suite in arguments.suites}
        results = {suite: [json.loads(one) for one in file.read_text().splitlines()] for suite, file in there.items() if file.exists()}
    else:
        moto = (arguments.sdist or sdist(arguments.out)).resolve()
        arguments.backstay = str(pathlib.Path(arguments.backstay).resolve())
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            results = dict(zip(arguments.suites, pool.map(lambda suite: play(suite, moto, arguments), arguments.suites)))
    for suite, line in table(results):
        if arguments.left:
            print(f"{short(suite, line['test'])}{' VERIFIED' if line['verified'] else ''}\n    {line['why']}")


if __name__ == "__main__":
    main()
