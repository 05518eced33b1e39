"""Python imports this before anything else: whoever sleeps lets the simulated cloud's time pass instead of their own.

The aws CLI and boto3 are otherwise as they are. Only processes that are told where the simulator is are affected.
"""

import json
import os
import time
import urllib.request

_simulator = os.environ.get("BACKSTAY_SIMULATOR")


def _sleep(seconds):
    body = json.dumps({"by_ms": max(1, round(seconds * 1000))}).encode()
    request = urllib.request.Request(_simulator + "/_backstay/advance", data=body, method="POST")
    urllib.request.urlopen(request, timeout=60).read()


if _simulator and os.environ.get("BACKSTAY_VIRTUAL_SLEEP") == "1":
    time.sleep = _sleep
