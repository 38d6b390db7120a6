#!/bin/sh
# Writes all lock files anew from pyproject.toml: every package of every size with its hashes, for
# Python 3.11 and later, on every platform. Run it after a change of dependencies; add --upgrade to
# take newer releases.
#
#   requirements-lock.txt      what a person runs: all sizes, and what builds the package
#   requirements-dev-lock.txt  the same, and what checks and tests need
#   packaging/sdk/*.txt        each SDK that the tests run beside us, in an environment of its own
set -eu
cd "$(dirname "$0")/.."

if ! uv=$(command -v uv); then
    python3 -m venv .build/lock
    .build/lock/bin/python -m pip install --quiet uv
    uv=.build/lock/bin/uv
fi

# What builds the package is locked too, so that an install from the lock asks for nothing else.
# hatchling asks for editables when it builds an editable install.
build=$(mktemp)
trap 'rm -f "$build"' EXIT
printf '%s\n' 'hatchling>=1.27' editables > "$build"

# compile OUTPUT ARGUMENTS...: what to lock, and options of uv
compile() {
    output=$1
    shift
    # The index and the folders that one machine is set up with have no place in a lock.
    UV_NO_CONFIG=1 "$uv" pip compile --quiet --universal --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
        --custom-compile-command 'sh packaging/lock.sh' --output-file "$output" "$@"
    echo "$output: $(grep -c '==' "$output") packages"
}

compile requirements-lock.txt --extra desktop pyproject.toml "$build" "$@"
compile requirements-dev-lock.txt --extra desktop --group dev pyproject.toml "$build" "$@"

for sdk in specklepy mesh-sdk foxnose-sdk; do
    echo "$sdk" > "$build"
    compile "packaging/sdk/$sdk.txt" "$build" "$@"
done
