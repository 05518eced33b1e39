#!/usr/bin/env bash
# measure.sh simulator|frontend|deployment ARGS…: installs, at versions that do not change by themselves, what is measured beside ours, and measures.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
what=$1
shift
case $what in
simulator) kind=simulator requirements=$here/requirements.txt ;;
frontend | deployment) kind=frontend requirements=$here/requirements-frontend.txt ;;
*) echo "measure.sh simulator|frontend|deployment" >&2 && exit 2 ;;
esac
home=${CARGO_TARGET_DIR:-$here/../../target}/bench-$kind
if [ ! -x "$home/bin/python" ] || ! cmp -s "$requirements" "$home/requirements.txt"; then
    python3 -m venv "$home"
    "$home/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
    cp "$requirements" "$home/requirements.txt"
fi
exec "$home/bin/python" "$here/$what.py" "$@"
