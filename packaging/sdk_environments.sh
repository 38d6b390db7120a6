# shellcheck shell=sh
# Sourced by setup.sh, after python_environment.sh and test_parts.sh: the SDKs that account holders use,
# unmodified from the index, each in a virtual environment of its own. The tests put this checkout's
# smallest size beside them.

# install_sdk_environments: one below .build/sdk for every lock in packaging/sdk
install_sdk_environments() {
    for lock in packaging/sdk/*.txt; do
        name=$(basename "$lock" .txt)
        into=${parts:?}/sdk/$name
        wanted=$(sha256sum <"$lock")
        if [ -f "$into/installed" ] && [ "$(cat "$into/installed")" = "$wanted" ]; then
            continue
        fi
        echo "Installing $name into $into: the tests run it with accounts of practice servers"
        "${environment:?}/bin/python" -m venv --clear --without-pip "$into"
        locked_pip --python "$into/bin/python" install --require-hashes -r "$lock"
        echo "$wanted" >"$into/installed"
    done
}
