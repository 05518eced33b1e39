"""Answers recorded from AWS against the served simulator: LocalStack's own tests and snapshots, and how many of them agree.

    python3 tests/clients/outside/recorded.py --backstay target/debug/backstay [--out DIR] [--python PYTHON] [SERVICE ...]

A test marked `aws_validated` was run on AWS, and its `*.snapshot.json` is what AWS said. The tests are LocalStack's and stay outside of this
repository: they are unpacked from the sdist that PyPI has. `recorded.txt` says of those that fail whose ground they stand on; README.md says the rest.
"""

import argparse
import concurrent.futures
import fnmatch
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile

from run import causes, free_port, until_up

# The last sdist that has the tests in it: November 2024.
VERSION = "4.0.0"
WANTS = (
    f"localstack-core[base-runtime]=={VERSION} localstack-snapshot moto==5.0.20 responses pyyaml jinja2 crontab jsonpatch cbor2<5.7 "
    "boto3==1.35.63 botocore==1.35.63 pytest pytest-httpserver pytest-timeout deepdiff httpx[http2] json5"
).split()
# Served here, as boto3 names them.
SERVED = "s3 sns logs cloudwatch secretsmanager events sqs sqs-query ssm sts ecs elbv2 rds ecr cloudfront codedeploy scheduler application-autoscaling".split()
SERVICES = "s3 sns logs cloudwatch secretsmanager events sqs ssm sts".split()
HERE = pathlib.Path(__file__).parent
CAUSES = HERE / "recorded.txt"


def prepared(into):
    """The tests with our conftest, and a Python that has what they import; both fetched from PyPI unless they are there."""
    into.mkdir(parents=True, exist_ok=True)
    python, tests = into / "venv/bin/python", into / f"localstack_core-{VERSION}"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(into / "venv")], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *WANTS], check=True)
    if not tests.exists():
        want = ["download", f"localstack-core=={VERSION}", "--no-deps", "--no-binary", "localstack-core", "-d", str(into)]
        subprocess.run([str(python), "-m", "pip", *want], check=True)
        with tarfile.open(into / f"localstack_core-{VERSION}.tar.gz") as archive:
            archive.extractall(into, filter="data")
    shutil.copy(HERE / "recorded/conftest.py", tests / "tests/conftest.py")
    (tests / "tests/aws/conftest.py").unlink(missing_ok=True)
    return python.absolute(), tests.resolve()


def play(service, python, tests, arguments):
    """One service's tests with a simulator of their own; their lines."""
    out = arguments.out / f"{service}.jsonl"
    out.unlink(missing_ok=True)
    port = free_port()
    with open(arguments.out / f"{service}.log", "w", encoding="utf-8") as log:
        said = {"stdout": log, "stderr": subprocess.STDOUT}
        serve = ["simulator", "serve", "--port", str(port), "--web-ports", "off", "--no-throttle"]
        cloud = subprocess.Popen([arguments.backstay, *serve, *arguments.serve], **said)
        try:
            until_up(f"http://127.0.0.1:{port}/_backstay/health", cloud)
            env = os.environ | {
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
                "GATEWAY_LISTEN": f"127.0.0.1:{port}",
                "OUTSIDE_OUT": str(out.resolve()),
                "OUTSIDE_STRICT": "1" if arguments.strict else "0",
                "TEST_DISABLE_RETRIES_AND_TIMEOUTS": "1",
                "LOCALSTACK_INTERNAL_TEST_RUN": "1",
            }
            which = [f"tests/aws/services/{service}"] + (["-k", arguments.k] if arguments.k else [])
            options = ["-q", "--timeout=40", "--color=no", "-p", "no:cacheprovider", "-m", "aws_validated", "--continue-on-collection-errors"]
            subprocess.run([str(python), "-m", "pytest", *options, *which], cwd=tests, env=env, **said)
        finally:
            cloud.terminate()
            cloud.wait()
    return [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []


def cause(service, line, known):
    """Whose ground a test stands on that did not pass: `own` ours; else why it is not counted."""
    if line["outcome"] == "skipped":
        return "skipped"
    name = line["test"].removeprefix("tests/aws/services/")
    for test, what, fails, _ in known:
        if fnmatch.fnmatchcase(name, test.replace("[", "[[]")) and fails.search(line["why"]):
            return what
    missing = [one for one in line["asked"] if is_missing(line, one)]
    if any(one["service"] not in SERVED for one in missing):
        return "other-service"
    return "not-simulated" if missing else "own"


def is_missing(line, one):
    """Whether an answer says that something is not simulated, in the phase that failed: a fixture that cleans up moves nothing.

    AWS has a 501 of its own, in other words. Runs before the phases were noted have clean-up where archives are listed, but in the tests of archives.
    """
    if one["status"] != 501 or not one["message"].startswith("the simulator "):
        return False
    if "phase" in one:
        return one["phase"] == line["broken"]
    return one["operation"] != "ListArchives" or "/test_archive_and_replay.py" in line["test"]


def table(results):
    """Tests and answers per service: all of them, and those that need nothing we do not have."""
    known = list(causes(CAUSES))
    columns = ["skipped", "other-service", "not-simulated", "aws-changed", "localstack"]
    head = ["service", "tests", "passed", "own ground", "passed there", "", "answers", "same", "on own ground", "same there", ""]
    print("| " + " | ".join(head + columns) + " |")
    print("| --- " * (len(head) + len(columns)) + "|")
    total, left = [0] * (8 + len(columns)), []
    for service, lines in results.items():
        row = [0] * len(total)
        for line in lines:
            passed = line["outcome"] == "passed"
            what = "own" if passed else cause(service, line, known)
            if what in columns:
                row[8 + columns.index(what)] += 1
            if what == "skipped":
                continue
            own = what == "own"
            same = sum(one["same"] for one in line["answers"])
            row[:8] = [a + b for a, b in zip(row, [1, passed, own, own and passed, line["recorded"], same, own and line["recorded"], own and same])]
            if not passed:
                left.append((what, line))
        total = [a + b for a, b in zip(total, row)]
        print(told(service, row))
    print(told("all", total))
    return left


def told(name, row):
    def share(a, b):
        return f"{100 * a / b:.0f} %" if b else "-"

    cells = [name, *row[:4], share(row[3], row[2]), *row[4:8], share(row[7], row[6]), *row[8:]]
    return "| " + " | ".join(map(str, cells)) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backstay", default="target/debug/backstay")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("target/outside/recorded"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--serve", nargs="*", default=[], help="more arguments of `simulator serve`")
    parser.add_argument("--strict", action="store_true", help="compare what LocalStack itself leaves out, too")
    parser.add_argument("--read", action="store_true", help="only read what the last run wrote")
    parser.add_argument("--left", action="store_true", help="tell what fails, and what differs")
    parser.add_argument("-k", help="as pytest's")
    parser.add_argument("services", nargs="*", default=SERVICES)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.read:
        there = {service: arguments.out / f"{service}.jsonl" for service in arguments.services}
        results = {service: [json.loads(one) for one in file.read_text().splitlines()] for service, file in there.items() if file.exists()}
    else:
        python, tests = prepared(arguments.out)
        arguments.backstay = str(pathlib.Path(arguments.backstay).resolve())
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            done = pool.map(lambda service: play(service, python, tests, arguments), arguments.services)
            results = dict(zip(arguments.services, done))
    for what, line in table(results):
        if arguments.left:
            print(f"[{what}] {line['test'].removeprefix('tests/aws/services/')}\n    {line['why']}")
            for one in line["answers"]:
                if not one["same"]:
                    print(f"    {one['key']}: " + one["differs"].replace("\n", "\n        "))


if __name__ == "__main__":
    main()
