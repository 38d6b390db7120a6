#!/bin/sh
# Sets up what is missing and runs the main job against a practice server on this machine: sign in, keep
# the account in the keychain, hand a valid token to a sample connector. With a display it opens the
# window; without one it does the same in the terminal and ends with exit status 0.
#
#   sh packaging/try.sh
#
# Where the session has no bus or no keychain it makes both for itself, in a temporary home, and clears
# them away afterwards. Exit status: see setup.sh; then that of the demo.
set -eu
cd "$(dirname "$0")/.."
sh packaging/setup.sh run

# has_keychain: does this session have a keychain, or know how to start one?
has_keychain() {
    [ -n "${DBUS_SESSION_BUS_ADDRESS:-}" ] || [ -S "${XDG_RUNTIME_DIR:-/nonexistent}/bus" ] || return 1
    for method in ListNames ListActivatableNames; do
        timeout 5 dbus-send --session --print-reply --dest=org.freedesktop.DBus \
            /org/freedesktop/DBus "org.freedesktop.DBus.$method" 2>/dev/null |
            grep -q '"org.freedesktop.secrets"' && return 0
    done
    return 1
}

demo=$PWD/.venv/bin/account-manager
if has_keychain; then
    exec "$demo" demo "$@"
fi

echo "This session has no keychain: using one of its own, in a temporary home."
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
mkdir -m 700 "$home/run"

# What the display needs still points at the person's own places.
[ -z "${DISPLAY:-}" ] || export XAUTHORITY="${XAUTHORITY:-$HOME/.Xauthority}"
case ${WAYLAND_DISPLAY:-} in
    '' | /*) ;;
    *) export WAYLAND_DISPLAY="${XDG_RUNTIME_DIR:-/nonexistent}/$WAYLAND_DISPLAY" ;;
esac
export HOME="$home" XDG_RUNTIME_DIR="$home/run"
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_CACHE_HOME DBUS_SESSION_BUS_ADDRESS

# The keychain of a temporary home guards practice accounts alone, so its password is no secret.
# In the background, because a shell hears of a signal only while it waits: the demo is told, ends what
# it has started, and only then does its session end.
# shellcheck disable=SC2016 # the inner shell expands these
(
    trap '' HUP # a closed terminal would end the session before its bus
    exec dbus-run-session -- sh -c '
        printf practice | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 || exit
        echo $$ > "$HOME/demo"
        exec "$@"
    ' try "$demo" demo "$@"
) &
session=$!

# told SIGNAL STATUS: pass it on to the demo, wait for its end, and end
told() {
    trap '' INT TERM HUP
    [ ! -s "$home/demo" ] || kill -s "$1" "$(cat "$home/demo")" 2>/dev/null || true
    wait "$session" || true
    exit "$2"
}
trap 'told INT 130' INT
trap 'told TERM 143' TERM
trap 'told HUP 129' HUP

wait "$session"
