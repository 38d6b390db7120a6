# shellcheck shell=sh
# Sourced by setup.sh: the virtual environment with the locked packages.

environment=.venv

# suits PYTHON: is it 3.11 or later, and can it make a virtual environment?
suits() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# find_python: prints the first Python that suits
find_python() {
    for candidate in python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11; do
        if suits "$candidate"; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

# make_python_environment LOCK
# Makes the environment if there is none that works, and installs the locked packages and this checkout
# into it. A stamp holds what was installed, so that a second call is quick. Returns 4 without a Python.
make_python_environment() {
    lock=$1
    if ! suits "$environment/bin/python"; then
        python=$(find_python) || {
            install_debian_packages packaging/debian/python.txt || return $?
            python=$(find_python)
        } || {
            echo "Account Manager needs Python 3.11 or later, and this system has none. Install it, then start again." >&2
            return 4
        }
        echo "Making a virtual environment in $environment"
        "$python" -m venv --clear "$environment"
    fi

    stamp=$environment/installed-$lock
    wanted=$(cat "$lock" pyproject.toml | sha256sum)
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
        return 0
    fi
    echo "Installing the Python packages of $lock into $environment"
    # An environment that another tool made may have come without pip.
    "$environment/bin/python" -m pip --version >/dev/null 2>&1 ||
        "$environment/bin/python" -m ensurepip >/dev/null
    locked_pip install --require-hashes -r "$lock"
    locked_pip install --no-deps --no-build-isolation -e .
    echo "$wanted" > "$stamp"
}

locked_pip() {
    "$environment/bin/python" -m pip --disable-pip-version-check --quiet "$@"
}
