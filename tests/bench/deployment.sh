#!/usr/bin/env bash
# Installs the aws CLI, at a version that does not change by itself, and deploys cat-house beside the usual script.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
home=${CARGO_TARGET_DIR:-$here/../../target}/bench-frontend
if [ ! -x "$home/bin/python" ] || ! cmp -s "$here/requirements-frontend.txt" "$home/requirements.txt"; then
    python3 -m venv "$home"
    "$home/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements-frontend.txt"
    cp "$here/requirements-frontend.txt" "$home/requirements.txt"
fi
exec "$home/bin/python" "$here/deployment.py" "$@"
