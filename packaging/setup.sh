#!/bin/sh
# Sets this checkout up: Debian's packages that are missing, and a virtual environment in .venv with
# the locked Python packages. Says what it installs and why; does nothing where nothing is missing.
#
#   sh packaging/setup.sh         what a person needs to run Account Manager
#   sh packaging/setup.sh test    what the checks and tests need besides
#
# Exit status: 0 all there; 2 unknown argument; 3 packages are missing that only an administrator can
# install (the command is printed); 4 no Python 3.11 or later; any other: of the step that failed.
set -eu
cd "$(dirname "$0")/.."
. packaging/debian_packages.sh
. packaging/python_environment.sh

size=${1:-run}
case $size in
    run)
        install_debian_packages packaging/debian/run.txt
        make_python_environment requirements-lock.txt
        ;;
    test)
        . packaging/test_parts.sh
        . packaging/sdk_environments.sh
        browser=$(browser_packages)
        # shellcheck disable=SC2086 # no list at all where there is a browser
        install_debian_packages packaging/debian/run.txt packaging/debian/test.txt $browser
        make_python_environment requirements-dev-lock.txt
        install_openid_provider
        install_sdk_environments
        install_browser
        ;;
    *)
        echo "setup.sh: unknown argument '$size'. Use: sh packaging/setup.sh [run|test]" >&2
        exit 2
        ;;
esac
