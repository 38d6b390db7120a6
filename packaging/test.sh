#!/bin/sh
# Sets up what the checks and tests need, and runs every one of them.
#
#   sh packaging/test.sh          everything, 60 minutes at most on two cores
#   sh packaging/test.sh quick    without the tests marked "whole", 10 minutes at most
#
# Every step runs, also after one has failed. Exit status: 0 all passed, 1 a step failed, 2 unknown
# argument; see setup.sh for what may go wrong before the first step. Screenshots of the tests are kept
# in .artifacts.
set -eu
cd "$(dirname "$0")/.."

case ${1:-whole} in
    whole) selection= ;;
    quick) selection='not whole' ;;
    *)
        echo "test.sh: unknown argument '$1'. Use: sh packaging/test.sh [quick]" >&2
        exit 2
        ;;
esac

started=$(date +%s)
sh packaging/setup.sh test
echo "Set up in $(($(date +%s) - started)) s"

# Short, because a socket's path may have 107 characters.
home=$(mktemp -d /tmp/account-manager-test.XXXXXX)
trap 'rm -rf "$home"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p .artifacts

# in_clean_environment COMMAND...: with nothing of the developer's own settings, desktop and accounts
in_clean_environment() {
    env -i HOME="$home" PATH="$PWD/.venv/bin:$PATH" LANG=C.UTF-8 TERM="${TERM:-dumb}" CI="${CI:-}" \
        USER="$(id -un)" LOGNAME="$(id -un)" "$@" </dev/null
}

results=
failed=0

# step NAME COMMAND...
step() {
    name=$1
    shift
    echo
    echo "== $name"
    began=$(date +%s)
    if in_clean_environment "$@"; then
        verdict=passed
    else
        verdict=FAILED
        failed=1
    fi
    results="$results$(printf '%-14s %s in %s s' "$name" "$verdict" "$(($(date +%s) - began))")
"
}

step lint ruff check manager tests
step format ruff format --check manager tests
step types mypy
step layers lint-imports
step scripts shellcheck -x packaging/*.sh
if [ -n "$selection" ]; then
    step tests pytest -q --durations=10 -m "$selection"
else
    step tests pytest -q --durations=10
fi

echo
printf '%s' "$results"
echo "In all: $(($(date +%s) - started)) s"
exit $failed
