#!/bin/sh
# An image of LocalStack under the public one's name: pulled where a registry can be reached, else made here of Debian and PyPI.
# Nothing is done when it is there. BACKSTAY_DEBIAN_MIRROR names another mirror than deb.debian.org. mmdebstrap is used where it is
# installed, else unpacked from Debian's package: it is one script.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
image=localstack/localstack:4.14
mirror=${BACKSTAY_DEBIAN_MIRROR:-http://deb.debian.org/debian}
log=${1:?a file for what the tools say}

say() { printf 'localstack-image: %s\n' "$*" >&2; }

fail() {
    [ ! -s "$log" ] || tail -n 15 "$log" | sed 's/^/    /' >&2
    printf 'error: %s\n' "$1" >&2
    shift
    for hint in "$@"; do printf 'hint: %s\n' "$hint" >&2; done
    exit 1
}

: >"$log"
command -v docker >/dev/null || fail "there is no docker here, and LocalStack's image is one of Docker's" \
    "install it, or use LocalStack as a process: ./dev --tool localstack"
docker version >>"$log" 2>&1 || fail "no Docker engine answers" \
    "start it, or use LocalStack as a process: ./dev --tool localstack"
docker image inspect "$image" >/dev/null 2>&1 && exit
# With a look-up that fails at once where there is no registry; a slow one is given a quarter of an hour.
say "pulling $image"
if timeout 900 docker pull --quiet "$image" >>"$log" 2>&1; then exit; fi

PATH=$PATH:$here/../../.tools/mmdebstrap/usr/bin
command -v mmdebstrap >/dev/null || "$here/../../dev" --tool mmdebstrap >>"$log" 2>&1 ||
    fail "no registry gives $image, and without mmdebstrap it cannot be made here" \
        "apt install mmdebstrap, or load the image by other means: docker load" "the whole log is in $log"
work=$(mktemp -d)
builder=backstay-localstack-$$
trap 'docker rm --force "$builder" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT INT TERM
say "no registry gives it: making it of Debian trixie and PyPI (once, two to five minutes)"
mmdebstrap --quiet --variant=apt --include=python3,python3-venv,ca-certificates \
    trixie "$work/rootfs.tar" "$mirror" >>"$log" 2>&1 ||
    fail "mmdebstrap could not make Debian trixie from $mirror" "BACKSTAY_DEBIAN_MIRROR names another mirror" \
        "the whole log is in $log"
base=$(docker import "$work/rootfs.tar" 2>>"$log") || fail "docker could not import Debian" "the whole log is in $log"
rm "$work/rootfs.tar"

# The host's way to PyPI: its certificates, its settings of pip, its proxy. None of them stays in the image.
set -- --network host --volume "$here/requirements.txt:/requirements.txt:ro"
for file in /etc/ssl/certs/ca-certificates.crt /etc/pip.conf; do
    [ ! -f "$file" ] || set -- "$@" --volume "$file:$file:ro"
done
for file in "${HOME:-/root}/.config/pip/pip.conf" "${HOME:-/root}/.pip/pip.conf"; do
    [ ! -f "$file" ] || set -- "$@" --volume "$file:/root/.config/pip/pip.conf:ro"
done
for name in PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_TRUSTED_HOST http_proxy https_proxy no_proxy \
    HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    set -- "$@" --env "$name"
done
docker run --name "$builder" "$@" "$base" sh -ec '
    python3 -m venv /opt/localstack
    /opt/localstack/bin/pip install --disable-pip-version-check --no-cache-dir --no-deps --quiet --requirement /requirements.txt
' >>"$log" 2>&1 || fail "LocalStack could not be installed from PyPI" "the whole log is in $log"
docker commit --change 'EXPOSE 4566' \
    --change 'ENV GATEWAY_LISTEN=0.0.0.0:4566 DISABLE_EVENTS=1 SKIP_SSL_CERT_DOWNLOAD=1' \
    --change 'CMD ["/opt/localstack/bin/python", "-m", "localstack.runtime.main"]' \
    "$builder" "$image" >>"$log" 2>&1 || fail "docker could not keep the image" "the whole log is in $log"
say "$image is there"
