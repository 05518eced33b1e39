"""What LocalStack's tests are given instead of their own conftest: clients of the served simulator, and who answered what.

`recorded.py` puts this file over `tests/conftest.py` in an unpacked sdist. A line of JSON per test goes to `OUTSIDE_OUT`: how it ended, what it
asked, and of each answer that was recorded on AWS whether ours is the same.
"""

import copy
import json
import os
import re
import socket
import sys
from unittest import mock

import pytest
from botocore.endpoint import Endpoint
from localstack_snapshot.snapshots import SnapshotAssertionError, SnapshotSession
from localstack_snapshot.snapshots.prototype import SnapshotMatchResult
from localstack_snapshot.snapshots.transformer import RegexTransformer

# Tests that deploy with the CDK need CloudFormation, and fail; their files hold others.
sys.modules.setdefault("aws_cdk", mock.MagicMock())

pytest_plugins = [
    "localstack.testing.pytest.fixtures",
    "localstack.testing.pytest.marking",
    "localstack_snapshot.pytest.snapshot",
]

# Services whose answers were recorded with the older set of transformers.
OLD_TRANSFORMERS = ("cloudwatch", "events", "logs", "s3", "secretsmanager", "sns", "sqs")
STRICT = os.environ.get("OUTSIDE_STRICT") == "1"
asked = []
# Which part of a test asks: its setup, its call or its teardown.
phase = "setup"

# Names of buckets and queues in front of the host are this machine's, too; there is no resolver that knows them.
resolve = socket.getaddrinfo


def resolve_here(host, *arguments, **named):
    name = host.decode() if isinstance(host, bytes) else host
    here = isinstance(name, str) and name.endswith((".localhost", ".localstack.cloud"))
    return resolve("127.0.0.1" if here else host, *arguments, **named)


socket.getaddrinfo = resolve_here
make_request = Endpoint.make_request


def noted(self, operation_model, request_dict):
    response, parsed = make_request(self, operation_model, request_dict)
    error = parsed.get("Error", {}) if response.status_code >= 300 else {}
    asked.append({
        "phase": phase,
        "service": operation_model.service_model.service_name,
        "operation": operation_model.name,
        "status": response.status_code,
        "code": error.get("Code", ""),
        "message": error.get("Message", "")[:400],
    })
    return response, parsed


Endpoint.make_request = noted


@pytest.fixture(scope="session")
def aws_session():
    from localstack.testing.aws.util import base_aws_session

    return base_aws_session()


@pytest.fixture(scope="session")
def aws_client_factory(aws_session):
    from localstack.testing.aws.util import base_aws_client_factory

    return base_aws_client_factory(aws_session)


@pytest.fixture(scope="session")
def aws_client(aws_client_factory):
    from localstack.testing.aws.util import base_testing_aws_client

    return base_testing_aws_client(aws_client_factory)


@pytest.fixture(scope="session")
def secondary_aws_session():
    from localstack.testing.aws.util import secondary_aws_session

    return secondary_aws_session()


@pytest.fixture(scope="session")
def secondary_aws_client_factory(secondary_aws_session):
    from localstack.testing.aws.util import base_aws_client_factory

    return base_aws_client_factory(secondary_aws_session)


@pytest.fixture(scope="session")
def secondary_aws_client(secondary_aws_client_factory):
    from localstack.testing.aws.util import base_testing_aws_client

    return base_testing_aws_client(secondary_aws_client_factory)


@pytest.fixture
def snapshot(request, _snapshot_session, account_id, region_name):
    from localstack.testing.snapshots import transformer_utility as known

    _snapshot_session.transform = known.TransformerUtility
    for pattern, word in ((account_id, "1" * 12), (region_name, "<region>"), ("arn:aws:", "arn:<partition>:")):
        _snapshot_session.add_transformer(RegexTransformer(pattern, word), priority=2)
    old = any(f"tests/aws/services/{service}" in request.fspath.dirname for service in OLD_TRANSFORMERS)
    basic = known.SNAPSHOT_BASIC_TRANSFORMER if old else known.SNAPSHOT_BASIC_TRANSFORMER_NEW
    _snapshot_session.add_transformer(basic, priority=2)
    return _snapshot_session


def told(result):
    return {"key": result.key, "same": bool(result), "differs": "" if result else str(result.result.pretty())[:1500]}


assert_all = SnapshotSession._assert_all

# What AWS tells otherwise since November 2024, or what depends on who asks; both sides are compared without it.
# DisplayName is gone since November 2025, every object has a CRC64NVME since December 2024 (S3's release notes [DOC]); locked objects are refused in
# longer words (moto, aws_verified [OBS]); messages of SQS have 1 MiB since August 2025 (release notes [DOC]); the caller is a user of LocalStack's
# account; headers that are ours.
GONE = {"DisplayName", "ChecksumType", "ChecksumCRC64NVME", "TransitionDefaultMinimumObjectSize"}
GONE |= {"x-amz-checksum-crc64nvme", "x-amz-checksum-type", "x-backstay-served-by", "x-amzn-requestid"}


LONGER = {"Access Denied because object protected by object lock.": "Access Denied"}


def level(value):
    if isinstance(value, list):
        return [level(one) for one in value]
    if isinstance(value, str):
        return LONGER.get(value, value)
    if not isinstance(value, dict):
        return value
    kept = {name: level(inner) for name, inner in value.items() if name not in GONE}
    if isinstance(kept.get("Headers"), dict):
        kept["Headers"] = {name.lower(): inner for name, inner in kept["Headers"].items()}
    if kept.get("ChecksumAlgorithm") in (["CRC64NVME"], "CRC64NVME"):
        del kept["ChecksumAlgorithm"]
    if kept.get("Checksum") == {}:
        del kept["Checksum"]
    if kept.get("MaximumMessageSize") in ("262144", "1048576"):
        kept["MaximumMessageSize"] = "<usual>"
    if "SubscriptionPrincipal" in kept:
        kept["SubscriptionPrincipal"] = "<principal>"
    return kept


def of_root(recorded):
    """A recording in which the caller is no user of IAM: the names behind that user's are counted one lower."""
    text = json.dumps(recorded)
    user = re.search(r'"SubscriptionPrincipal": "[^"]*:user/<resource:(\d+)>"', text)
    if not user:
        return recorded
    lower = lambda it: f"<resource:{int(it[1]) - (int(it[1]) > int(user[1]))}>"
    return json.loads(re.sub(r"<resource:(\d+)>", lower, text))


def noting(self, verify_test_case=True, skip_verification_paths=None):
    """As it is, but it keeps what was compared; strictly: what LocalStack does not answer as AWS does counts as well."""
    if STRICT:
        verify_test_case, skip_verification_paths = True, []
    self.recorded_state = level(of_root(self.recorded_state))
    self.observed_state = level(self.observed_state)
    try:
        results = assert_all(self, verify_test_case, skip_verification_paths)
    except SnapshotAssertionError as error:
        self.compared = [told(one) for one in error.result]
        raise
    self.compared = [told(one) for one in results]
    return results


SnapshotSession._assert_all = noting


def compared(item):
    """Which answers agree, and how many were recorded; of a test that broke off those that it had until then."""
    session = getattr(item, "funcargs", {}).get("snapshot")
    if session is None or not session.recorded_state:
        return [], 0
    if hasattr(session, "compared"):
        return session.compared, len(session.recorded_state)
    try:
        seen = session._transform(copy.deepcopy(level(session.observed_state)))
        known = level(of_root(session.recorded_state))
        return [told(SnapshotMatchResult(known[key], seen[key], key=key)) for key in seen if key in known], len(known)
    except Exception:
        return [], len(session.recorded_state)


def pytest_runtest_logstart(nodeid, location):
    turn_to("setup")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    turn_to("call")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item, nextitem):
    turn_to("teardown")


def turn_to(name):
    global phase
    phase = name


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item, nextitem):
    asked.clear()
    item.outcomes, item.answers = {}, ([], 0)
    yield
    phases = item.outcomes
    broken = next((name for name, it in phases.items() if it["outcome"] == "failed"), None)
    failed = phases.get(broken)
    skipped = any(it["outcome"] == "skipped" for it in phases.values())
    answers, recorded = item.answers
    line = {
        "test": item.nodeid,
        "outcome": "failed" if failed else "skipped" if skipped else "passed",
        "verified": item.get_closest_marker("aws_validated") is not None,
        "why": failed["why"] if failed else "",
        "broken": broken,
        "asked": list(asked),
        "recorded": recorded,
        "answers": answers,
    }
    with open(os.environ["OUTSIDE_OUT"], "a", encoding="utf-8") as out:
        out.write(json.dumps(line) + "\n")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when == "call":
        item.answers = compared(item)
    why = ""
    if call.excinfo is not None:
        entry = next((e for e in reversed(call.excinfo.traceback) if "/tests/" in str(e.path)), call.excinfo.traceback[-1])
        why = f"{entry.path.name}:{entry.lineno + 1}: {str(entry.statement).strip()[:300]} => {call.excinfo.exconly()[:900]}"
        why = " ".join(why.split())
    item.outcomes[report.when] = {"outcome": report.outcome, "why": why}
