#!/usr/bin/env bash
# Counts the instructions of one deployment, which are the same however busy the machine is: eleven deployments less one, a tenth of that.
# valgrind knows no instructions for SHA-256, so that hashes cost a sixth of its count, and a hundredth on the machine: they are told apart.
set -euo pipefail
deployments=$1
shift
out=$(mktemp -d)
trap 'rm -r "$out"' EXIT
for times in 1 11; do
    valgrind --tool=callgrind --callgrind-out-file="$out/$times" "$deployments" "$times" "$@" 2> "$out/said" || { cat "$out/said" >&2; exit 1; }
    callgrind_annotate --auto=no --threshold=100 "$out/$times" 2> "$out/said" | tr -d , | awk '
        /PROGRAM TOTALS/ { all = $1 }
        /sha2::sha256/ { hashed += $1 }
        END { print all, hashed }' > "$out/$times.sum"
done
paste -d " " "$out/1.sum" "$out/11.sum" | awk '{
    all = ($3 - $1) / 10; hashed = ($4 - $2) / 10
    printf "%.1f million instructions a deployment, %.1f of them SHA-256 without its instructions\n", all / 1e6, hashed / 1e6
}'
