# shellcheck shell=sh
# Sourced by setup.sh: Debian's packages that are missing.

# missing_packages LIST...: the names in these lists that are not installed, one a line
missing_packages() {
    names=$(sed -e '/^#/d' -e '/^$/d' -e 's/ .*//' "$@")
    # shellcheck disable=SC2086 # one word a package is meant
    installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $names 2>/dev/null || true)
    for name in $names; do
        echo "$installed" | grep -qx "$name installed" || echo "$name"
    done
}

# install_debian_packages LIST...
# Installs what is missing: as root directly, otherwise through sudo, which may ask for a password.
# Returns 3, having printed the one command, where neither is possible.
install_debian_packages() {
    if ! command -v dpkg-query >/dev/null; then
        echo "This system has no Debian packages. Account Manager needs their like:" >&2
        sed -e '/^#/d' -e 's/^/  /' "$@" >&2
        return 0
    fi
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0

    echo "Debian packages to install:"
    for name in $missing; do
        sed -n -e "s/^\\($name \\)/  \\1/p" "$@"
    done
    command="apt-get install --yes --no-install-recommends $(echo "$missing" | tr '\n' ' ')"
    command=${command% }
    if [ "$(id -u)" -eq 0 ]; then
        administrator=
    elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        administrator=sudo
        echo "sudo is used for these packages alone."
    else
        echo "Nobody here may install packages. Ask an administrator to run this, then start again:" >&2
        echo "  sudo $command" >&2
        return 3
    fi
    # A machine's package list may be old or not there at all; a failure shows in the next command.
    DEBIAN_FRONTEND=noninteractive $administrator apt-get update -q >/dev/null 2>&1 || true
    # shellcheck disable=SC2086 # one word a package is meant
    $administrator env DEBIAN_FRONTEND=noninteractive $command -q </dev/null
}
