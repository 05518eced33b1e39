#!/bin/sh
# backstay-base:trixie: Debian with what cat-house's images need (curl, Alembic) and a PostgreSQL, for the stage `docker`.
# Nothing is done when it is there. BACKSTAY_DEBIAN_MIRROR names another mirror than deb.debian.org.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
image=backstay-base:trixie
mirror=${BACKSTAY_DEBIAN_MIRROR:-http://deb.debian.org/debian}
log=${1:?a file for what the tools say}

fail() {
    [ ! -s "$log" ] || tail -n 15 "$log" | sed 's/^/    /' >&2
    printf 'error: %s\n' "$1" >&2
    printf 'hint: %s\n' "$2" >&2
    exit 1
}

: >"$log"
docker version >>"$log" 2>&1 || fail "no Docker engine answers" "start it; without one the stage docker is counted skips"
docker image inspect "$image" >/dev/null 2>&1 && exit
"$here/../../dev" --tool mmdebstrap || exit
PATH=$PATH:$here/../../.tools/mmdebstrap/usr/bin
printf 'base-image: making %s of Debian (once, a minute or two)\n' "$image" >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
mmdebstrap --quiet --variant=apt --include=ca-certificates,curl,alembic,python3-psycopg,postgresql \
    trixie "$work/rootfs.tar" "$mirror" >>"$log" 2>&1 ||
    fail "mmdebstrap could not make Debian trixie from $mirror" "BACKSTAY_DEBIAN_MIRROR names another mirror; the whole log is in $log"
docker import "$work/rootfs.tar" "$image" >>"$log" 2>&1 || fail "docker could not import it" "the whole log is in $log"
