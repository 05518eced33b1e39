"""On PYTHONPATH of a client: whatever it waits for passes on the simulator's clock at once, and costs nobody any time.

Waiters of botocore (`aws ecs wait …`) sleep between two looks. The simulator of `--time manual` is told to go on by as much instead.
"""

import json
import os
import time
import urllib.request


def advance(seconds):
    body = json.dumps({"by_ms": round(seconds * 1000)}).encode()
    request = urllib.request.Request(os.environ["SIMULATOR"] + "/_backstay/advance", body, {"content-type": "application/json"})
    urllib.request.urlopen(request).read()


if "SIMULATOR" in os.environ:
    time.sleep = advance
