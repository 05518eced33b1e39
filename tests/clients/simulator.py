"""boto3 clients of a running simulator whose every reply is held against the model, and its control API.

A script of a test imports this, plays, and calls `done()`: it fails when any reply was not as botocore's model says.
`BACKSTAY_SIMULATOR` is the simulator's URL; its time is manual, and whoever sleeps lets it pass (`virtual/sitecustomize.py`).
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request

import boto3
import botocore.config

import model

URL = os.environ["BACKSTAY_SIMULATOR"]
REGION = os.environ.get("AWS_DEFAULT_REGION", "sa-east-1")

_problems = []
_replies = 0
_operations = set()


def client(service, **options):
    """A client as anyone would make it, but for where it calls."""
    settings = {"retries": {"max_attempts": 3, "mode": "standard"}, "s3": {"addressing_style": "path"}}
    protocol = options.pop("protocol", None)
    session = boto3.Session()
    if protocol:
        _speak(session, service, protocol)
    made = session.client(
        service,
        endpoint_url=URL,
        region_name=options.pop("region", REGION),
        aws_access_key_id=options.pop("key", "AKIDCLIENTTESTS"),
        aws_secret_access_key="secret",
        config=botocore.config.Config(**settings, **options.pop("config", {})),
        **options,
    )
    made.meta.events.register("before-parse", _check)
    return made


def _speak(session, service, protocol):
    """Chooses one of a service's protocols: botocore itself prefers the first it knows."""
    loader = session._loader
    load = loader.load_service_model

    def loaded(service_name, type_name, api_version=None):
        found = load(service_name, type_name, api_version)
        if service_name == service and type_name == "service-2":
            metadata = {**found["metadata"], "protocol": protocol, "protocols": [protocol]}
            if protocol == "json":
                metadata["jsonVersion"] = "1.0"
                metadata["targetPrefix"] = metadata.get("targetPrefix", "GraniteServiceVersion20100801")
            found = {**found, "metadata": metadata}
        return found

    loader.load_service_model = loaded


def _check(operation_model, response_dict, **_):
    global _replies
    _replies += 1
    service = operation_model.service_model.service_name
    _operations.add(f"{service}.{operation_model.name}")
    body = response_dict["body"]
    if hasattr(body, "read") or operation_model.has_streaming_output:
        return
    found = model.problems_of(operation_model, response_dict["status_code"], response_dict["headers"], body)
    _problems.extend(f"{service}.{operation_model.name}: {problem}" for problem in found)


def control(method, path, body=None):
    """A call of the control API."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}/_backstay/{path}", data=data, method=method)
    with urllib.request.urlopen(request, timeout=120) as reply:
        return json.load(reply)


def advance(seconds):
    """Lets so many virtual seconds pass."""
    return control("POST", "advance", {"by_ms": round(seconds * 1000)})


def until(condition, what, seconds=7200, step=5):
    """Lets time pass until the condition holds, and gives what it gave."""
    for _ in range(int(seconds / step)):
        found = condition()
        if found:
            return found
        advance(step)
    raise AssertionError(f"{what}: not within {seconds} virtual seconds")


def refused(code, call, **arguments):
    """The call is refused with this code; gives the message."""
    try:
        call(**arguments)
    except Exception as error:  # botocore makes its exception classes at run time
        found = getattr(error, "response", {}).get("Error", {})
        assert found.get("Code") == code, f"expected {code}, found {error}"
        return found.get("Message")
    raise AssertionError(f"expected {code}, found no refusal")


def done():
    """The end of a script: how much was checked, and what was wrong."""
    for problem in sorted(set(_problems)):
        print(f"model: {problem}", file=sys.stderr)
    print(f"{_replies} replies of {len(_operations)} operations held against botocore's model")
    sys.exit(1 if _problems else 0)


assert time.sleep.__module__ == "sitecustomize", "PYTHONPATH must begin with tests/clients/virtual"
