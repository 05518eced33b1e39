#!/usr/bin/env bash
# Installs moto and ministack, at versions that do not change by themselves, and measures the simulator beside them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
home=${CARGO_TARGET_DIR:-$here/../../target}/bench-simulator
if [ ! -x "$home/bin/python" ] || ! cmp -s "$here/requirements.txt" "$home/requirements.txt"; then
    python3 -m venv "$home"
    "$home/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$home/requirements.txt"
fi
exec "$home/bin/python" "$here/simulator.py" "$@"
