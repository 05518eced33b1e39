# Every command anyone needs. `./dev RECIPE` installs what is missing and runs a recipe of this file.

set positional-arguments

export PATH := justfile_directory() / ".tools/bin" + ":" + env("PATH")
export CARGO_TARGET_DIR := env("CARGO_TARGET_DIR", justfile_directory() / "target")

# What deploy, plan, status and rehearse work on: the directory of a backstay.toml.
app := env("BACKSTAY_APP", justfile_directory() / "fixtures/cat-house")
backstay := CARGO_TARGET_DIR / "debug/backstay"

# A person wants the first failures, a machine all of them.
nextest_profile := if env("CI", "") == "" { "default" } else { "ci" }

[private]
default:
    @"{{ just_executable() }}" --justfile "{{ justfile() }}" --list --unsorted

# deploy a release, for example: ./dev deploy staging --version 2f9c1e7
[no-cd, no-exit-message]
deploy ENV *ARGS: build
    @"{{ backstay }}" deploy --app "{{ app }}" "$@"

# show what a deployment would do, and whether it could be taken back
[no-cd, no-exit-message]
plan ENV *ARGS: build
    @"{{ backstay }}" plan --app "{{ app }}" "$@"

# show what is live in an environment, and what proves it
[no-cd, no-exit-message]
status ENV *ARGS: build
    @"{{ backstay }}" status --app "{{ app }}" "$@"

# go back to the last proven release, or any earlier one: ./dev rollback staging --to 2f9c1e7
[no-cd, no-exit-message]
rollback ENV *ARGS: build
    @"{{ backstay }}" rollback --app "{{ app }}" "$@"

# any other command: ./dev backstay history staging, ./dev backstay resume
[no-cd, no-exit-message]
backstay *ARGS: build
    @"{{ backstay }}" --app "{{ app }}" "$@"

# deploy to the simulated cloud, in virtual time, with whatever may go wrong
[no-cd, no-exit-message]
rehearse *ARGS: build
    @"{{ backstay }}" rehearse --app "{{ app }}" "$@"

# format, lint: what an editor would underline
[no-exit-message]
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# run the tests, all of them or those that match: ./dev test, ./dev test -p backstay-domain, ./dev test rollback
[no-exit-message]
test *ARGS: (_tool "cargo-nextest")
    #!/usr/bin/env bash
    set -uo pipefail
    [ $# -gt 0 ] || "{{ just_executable() }}" --justfile "{{ justfile() }}" _doc-tests || exit
    # Every test of the laws runs in a process of its own and leaves its number of cases in a file.
    counts="$CARGO_TARGET_DIR/tmp/laws" skips="$CARGO_TARGET_DIR/tmp/skips"
    rm -rf "$counts" "$skips" target/tmp/model-inputs
    cargo nextest run --profile "{{ nextest_profile }}" "$@"
    tests=$?
    [ ! -d "$skips" ] || for skip in "$skips"/*; do printf 'skipped: %s (%s)\n' "${skip##*/}" "$(cat "$skip")"; done
    [ ! -d "$counts" ] || cat "$counts"/* | awk '{ cases += $1 } END { printf "laws: %d cases played over %d tests\n", cases, NR }'
    [ ! -f target/tmp/model-inputs ] || printf 'inputs made of AWS'"'"'s model: %s\n' "$(cat target/tmp/model-inputs)"
    exit "$tests"

# deploy to LocalStack's free services and ours: in a container where a Docker engine is, else in a process; or at BACKSTAY_LOCALSTACK
[no-exit-message]
test-localstack *ARGS: (_tool "cargo-nextest")
    #!/usr/bin/env bash
    set -uo pipefail
    if [ -z "${BACKSTAY_LOCALSTACK:-}" ]; then
        # What cannot be had is a skip that is counted, with what was said here.
        if docker version >/dev/null 2>&1; then
            "{{ justfile_directory() }}/dev" --tool localstack-image || "{{ justfile_directory() }}/dev" --tool localstack || true
        else
            "{{ justfile_directory() }}/dev" --tool localstack || true
        fi
    fi
    cargo build --quiet {{ shared }} --bin with-localstack || exit
    skips="$CARGO_TARGET_DIR/tmp/skips"
    rm -rf "$skips"
    "$CARGO_TARGET_DIR/debug/with-localstack" cargo nextest run --workspace --profile "{{ nextest_profile }}" \
        --ignore-default-filter -E '{{ localstack_tests }}' "$@"
    tests=$?
    [ ! -d "$skips" ] || for skip in "$skips"/*; do printf 'skipped: %s (%s)\n' "${skip##*/}" "$(cat "$skip")"; done
    exit "$tests"

# 200 requests a second from outside while releases come and go: how many failed, and the 99th percentile
[no-exit-message]
test-load *ARGS: (_tool "cargo-nextest")
    #!/usr/bin/env bash
    set -uo pipefail
    # What cannot be had is a skip that is counted.
    "{{ justfile_directory() }}/dev" --tool hey || true
    cargo build --quiet {{ shared }} --bin service || exit
    skips="$CARGO_TARGET_DIR/tmp/skips" load="$CARGO_TARGET_DIR/tmp/load"
    rm -rf "$skips" "$load"
    cargo nextest run --workspace --profile "{{ nextest_profile }}" --ignore-default-filter --test-threads 1 \
        -E "package(backstay-load) & ${BACKSTAY_LOAD:-all()}" "$@"
    tests=$?
    [ ! -d "$skips" ] || for skip in "$skips"/*; do printf 'skipped: %s (%s)\n' "${skip##*/}" "$(cat "$skip")"; done
    [ ! -d "$load" ] || for score in "$load"/*; do printf 'load: %s: %s\n' "${score##*/}" "$(cat "$score")"; done
    exit "$tests"

# Of the state's tests, those that are made in every place: LocalStack's S3 is one.
localstack_tests := "package(backstay-localstack) | (package(backstay-e2e) & binary(state) & test(/^(contract|journal|lease|ledger|schema)::/))"

# scenarios whose tasks run for real: as local programs, and as containers where a Docker engine is; migrations on a PostgreSQL
[no-exit-message]
test-containers *ARGS: (_tool "cargo-nextest")
    #!/usr/bin/env bash
    set -uo pipefail
    # What cannot be had is a skip that is counted, with what was said here.
    for tool in alembic postgres; do "{{ justfile_directory() }}/dev" --tool "$tool" || true; done
    if docker version >/dev/null 2>&1; then "{{ justfile_directory() }}/dev" --tool base-image || true; fi
    cargo build --quiet {{ shared }} --bin backstay --bin service || exit
    skips="$CARGO_TARGET_DIR/tmp/skips" played="$CARGO_TARGET_DIR/tmp/containers"
    rm -rf "$skips" "$played"
    # They wait for programs most of the time.
    cargo nextest run --workspace --profile "{{ nextest_profile }}" --ignore-default-filter --test-threads 3 \
        -E "package(backstay-containers) & ${BACKSTAY_CONTAINERS:-all()}" "$@"
    tests=$?
    skipped=0
    [ ! -d "$skips" ] || for skip in "$skips"/*; do
        printf 'skipped: %s (%s)\n' "${skip##*/}" "$(cat "$skip")"
        skipped=$((skipped + 1))
    done
    [ ! -d "$played" ] || cat "$played"/* | awk -v skipped="$skipped" '
        { sent[$1] += $2; failed[$1] += $3; played[$1]++ }
        END { for (stage in sent) printf "%s: %d scenarios played, %d requests sent, %d failed\n", stage, played[stage], sent[stage], failed[stage]
              printf "containers: %d skipped\n", skipped }'
    exit "$tests"

# what continuous integration runs, and nothing else
[no-exit-message]
ci:
    #!/usr/bin/env bash
    # Cheap stages first. Clippy and rustdoc share the metadata of the dependencies; the tests need their code and
    # compile them once more. (One build for both would need clippy's driver as a wrapper, whose interface is private.)
    set -euo pipefail
    run() {
        printf '\n── %s (%d min %02d s)\n' "$1" $((SECONDS / 60)) $((SECONDS % 60))
        "{{ just_executable() }}" --justfile "{{ justfile() }}" "$1"
    }
    for tool in clients alembic; do "{{ just_executable() }}" --justfile "{{ justfile() }}" _tool "$tool"; done
    export BACKSTAY_CLIENTS=required
    # Where Debian's packages cannot be had, the tests with a database are counted skips.
    if "{{ just_executable() }}" --justfile "{{ justfile() }}" _tool postgres; then export BACKSTAY_DATABASE=required; fi
    # Where it cannot be had, the tests that build with BuildKit are counted skips.
    if docker version >/dev/null 2>&1; then "{{ just_executable() }}" --justfile "{{ justfile() }}" _tool buildx || true; fi
    # Where Debian's package cannot be had, the tests with a real registry are counted skips.
    "{{ just_executable() }}" --justfile "{{ justfile() }}" _tool registry || true
    # Waits for the network most of the time; where it fails, the stage says so once more.
    # One after the other: both unpack mmdebstrap where it is missing.
    if docker version >/dev/null 2>&1; then
        for image in localstack-image base-image; do
            nice "{{ just_executable() }}" --justfile "{{ justfile() }}" _tool "$image" || true
        done &
    fi
    run deny
    run check
    run docs
    run test
    wait
    # Real programs take real time: of each kind one or two here, all of them with `./dev test-containers` and `./dev test-load`.
    BACKSTAY_CONTAINERS='test(/everything_is_good|half_way|of_a_service|crash.*Process|killed_and_resumed.*Process|goes_away/)' \
        run test-containers
    run test-localstack
    BACKSTAY_LOAD='test(/a_delay_shorter|a_good_deployment/)' run test-load

# check licences, sources and bans of the dependencies
[no-exit-message]
deny: (_tool "cargo-deny")
    @cargo deny --workspace check --hide-inclusion-graph bans licenses sources
    @{{ if env("BACKSTAY_DENY_ADVISORIES", "") == "1" { "cargo deny --workspace check advisories" } else { "echo 'skipped: advisories (needs the RustSec database; runs with BACKSTAY_DENY_ADVISORIES=1)'" } }}

# accept what the scenarios and snapshots show now; read the diff before you commit it
[no-exit-message]
bless *ARGS: (_tool "cargo-nextest") (_tool "cargo-insta")
    #!/usr/bin/env bash
    set -uo pipefail
    BACKSTAY_BLESS=1 INSTA_UPDATE=new INSTA_FORCE_PASS=1 cargo nextest run --no-fail-fast "$@"
    tests=$?
    cargo insta accept --all || exit
    git status --short || true
    exit "$tests"

# change the code in small ways and see whether a test notices, all in one build: ./dev mutants decide/back (docs/mutants.md)
[no-exit-message]
mutants FILTER="" *SLOW: (_tool "cargo-mutants")
    cargo build --quiet --package backstay-mutants
    nice -n 19 "$CARGO_TARGET_DIR/debug/backstay-mutants" "$CARGO_TARGET_DIR/mutants/schema" "$@"

# the same, built one by one, for what cannot stand behind a switch: ./dev mutants-shard 0/40 is the first of forty shards
[no-exit-message]
mutants-shard SHARD="0/1" *ARGS: (_tool "cargo-nextest") (_tool "cargo-mutants")
    @mkdir -p "$CARGO_TARGET_DIR/mutants"
    @shift; cargo mutants --shard "{{ SHARD }}" --output "$CARGO_TARGET_DIR/mutants" "$@"

# measure: what a deployment costs on one core, and one deployment's virtual time beside the usual script's
[no-exit-message]
bench *ARGS:
    cargo build --release --workspace --bin backstay
    cargo bench -p backstay-e2e "$@"
    tests/bench/measure.sh deployment --backstay "$CARGO_TARGET_DIR/release/backstay" --out "$CARGO_TARGET_DIR/bench-deployment.json"

# count the instructions of a deployment (valgrind), as often as one likes: ./dev bench-instructions catalog-service=unhealthy
[no-exit-message]
bench-instructions *ARGS:
    CARGO_PROFILE_RELEASE_STRIP=none cargo build --release -p backstay-e2e --example deployments
    tests/bench/instructions.sh "$CARGO_TARGET_DIR/release/examples/deployments" "$@"

# measure the simulator beside moto and ministack: start, requests per second, memory
[no-exit-message]
bench-simulator *ARGS:
    cargo build --release --workspace --bin backstay
    cargo build --release -p backstay-simulator --example load
    tests/bench/measure.sh simulator --backstay "$CARGO_TARGET_DIR/release/backstay" --load "$CARGO_TARGET_DIR/release/examples/load" --out "$CARGO_TARGET_DIR/bench-simulator.json" "$@"

# measure a frontend's deployment beside `aws s3 sync` and `s5cmd`: time, requests, memory
[no-exit-message]
bench-frontend *ARGS:
    cargo build --release --workspace --bin backstay
    tests/bench/measure.sh frontend --backstay "$CARGO_TARGET_DIR/release/backstay" --out "$CARGO_TARGET_DIR/bench-frontend.json" "$@"

# search for requests that break the simulator, for so many seconds (nextest would stop a test after two minutes)
[no-exit-message]
fuzz-simulator SECONDS="600":
    BACKSTAY_FUZZ_SECONDS={{ SECONDS }} nice -n 19 cargo test -p backstay-simulator --lib fuzz -- --nocapture
    BACKSTAY_FUZZ_SECONDS={{ SECONDS }} nice -n 19 cargo test -p backstay-simulator --test server malformed -- --nocapture

# explore every history of a deployment, up to the long bounds (`just test` explores the short ones); or those that are named
[no-exit-message]
model *BOUNDS:
    cargo run --quiet --release -p backstay-model -- "$@"

# format everything
fmt:
    cargo fmt --all

# build the documentation of the code; broken links are errors
[no-exit-message]
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# build the `backstay` binary
[no-exit-message]
build:
    @{{ if path_exists(backstay) == "true" { "true" } else { "echo 'building backstay: the first time takes some minutes' >&2" } }}
    @cargo build {{ if path_exists(backstay) == "true" { "--quiet" } else { "" } }} {{ shared }}

# Cargo picks the features of the dependencies by what is built. With one test target beside the binary they are those
# of `just test`, and the AWS SDK is compiled once for both instead of twice (some minutes on two cores).
shared := "--manifest-path " + quote(justfile_directory() / "Cargo.toml") + " --workspace --bin backstay --test problems"

[private, no-exit-message]
_doc-tests:
    #!/usr/bin/env bash
    # One line instead of a report per crate; the whole report when something fails.
    set -uo pipefail
    report=$(cargo test --workspace --doc) || { printf '%s\n' "$report"; exit 1; }
    printf '%s\n' "$report" | awk '/^test result/ { passed += $4 } END { printf "doc tests: %d passed\n", passed }'

[private]
_tool NAME:
    @"{{ justfile_directory() }}/dev" --tool "{{ NAME }}"
