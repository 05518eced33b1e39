"""A plugin of pytest: what each test asked of whom, and what came of it, as one line of JSON in the file `OUTSIDE_OUT`.

moto's tests in server mode ask `POST /moto-api/reset` between them; here that is the control API's reset, and the upstream's own.
"""

import json
import os
import time

import pytest
import requests
from botocore.endpoint import Endpoint
from moto.core.models import MockAWS, ServerModeMockAWS

HERE = os.environ["TEST_SERVER_MODE_ENDPOINT"]
UPSTREAM = os.environ["OUTSIDE_UPSTREAM"]
asked = []
failed_before = []


def reset(self):
    requests.post(f"{HERE}/_backstay/reset", timeout=30).raise_for_status()
    # The reset has taken time back to the server's start; a world that is hurried may be ahead, and stays so.
    requests.post(f"{HERE}/_backstay/advance", json={"to_ms": int(time.time() * 1000)}, timeout=30)
    requests.post(f"{UPSTREAM}/moto-api/reset", timeout=30).raise_for_status()


# Twelve digits of an access key's id are the account here; moto's tests take it for theirs.
FAKE_KEYS = {"AWS_ACCESS_KEY_ID": "123456789012", "AWS_SECRET_ACCESS_KEY": "FOOBARSECRET"}
ServerModeMockAWS.reset = reset
made = MockAWS.__init__


def with_our_keys(self, *arguments, **named):
    made(self, *arguments, **named)
    self._fake_creds = FAKE_KEYS


MockAWS.__init__ = with_our_keys
make_request = Endpoint.make_request


def noted(self, operation_model, request_dict):
    """Who answered: moto says so in `Server`."""
    response, parsed = make_request(self, operation_model, request_dict)
    upstream = "Werkzeug" in response.headers.get("server", "")
    error = parsed.get("Error", {}) if response.status_code >= 300 else {}
    asked.append({
        "service": operation_model.service_model.service_name,
        "operation": operation_model.name,
        "status": response.status_code,
        "upstream": upstream,
        "code": error.get("Code", ""),
        "message": error.get("Message", "")[:400],
    })
    return response, parsed


Endpoint.make_request = noted


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item, nextitem):
    asked.clear()
    item.outcomes = {}
    if failed_before:
        # It may have left its mock open, and then nobody resets any more.
        ServerModeMockAWS._nested_count = 0
        ServerModeMockAWS._mocks_active = False
        reset(None)
    failed_before.clear()
    yield
    phases = item.outcomes
    failed = next((phase for phase in phases.values() if phase["outcome"] == "failed"), None)
    if failed:
        failed_before.append(item.nodeid)
    skipped = any(phase["outcome"] == "skipped" for phase in phases.values())
    line = {
        "test": item.nodeid,
        "outcome": "failed" if failed else "skipped" if skipped else "passed",
        "verified": item.get_closest_marker("aws_verified") is not None,
        "why": failed["why"] if failed else "",
        "asked": list(asked),
    }
    with open(os.environ["OUTSIDE_OUT"], "a", encoding="utf-8") as out:
        out.write(json.dumps(line) + "\n")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    why = ""
    if call.excinfo is not None:
        entry = next((e for e in reversed(call.excinfo.traceback) if "/tests/" in str(e.path)), call.excinfo.traceback[-1])
        why = f"{entry.path.name}:{entry.lineno + 1}: {str(entry.statement).strip()[:300]} => {call.excinfo.exconly()[:900]}"
        why = " ".join(why.split())
    item.outcomes[report.when] = {"outcome": report.outcome, "why": why}
