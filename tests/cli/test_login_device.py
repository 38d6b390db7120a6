"""Signing in with a code on another device: what a person sees at a terminal and in a pipe."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

import pytest

from tests.cli.test_login import agent, requests
from tests.real_parts.terminal import Terminal

__all__ = ["agent"]
LOGIN = [sys.executable, "-m", "manager", "login", "https://id.example"]
CODE = "WDJB-MJHT"
ADDRESS = "https://id.example/device"


@pytest.fixture
def device(agent: object, monkeypatch: pytest.MonkeyPatch) -> object:
    """An agent whose server has device codes, too; this process counts as headless."""
    monkeypatch.setenv("ACCOUNT_MANAGER_HEADLESS", "1")
    agent.probe["sign_in_methods"] = ["browser", "device"]
    agent.begun = {
        "sign_in": "s1",
        "method": "device",
        "server": {"url": "https://id.example", "name": "Example"},
        "provider": "oidc",
        "provider_name": "OpenID Connect",
        "user_code": CODE,
        "verification_uri": ADDRESS,
        "verification_uri_complete": f"{ADDRESS}?user_code={CODE}",
        "expires_at": int(time.time()) + 600,
    }
    return agent


def terminal(*options: str, columns: int = 100, **environ: str) -> Terminal:
    environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **environ}
    return Terminal([*LOGIN, *options], environment, columns=columns)


def test_it_is_chosen_where_no_browser_can_open(device: object, run: Callable) -> None:
    device.ended.set()
    done = run("login", "https://id.example")
    assert done.returncode == 0
    assert requests(device, "sign_in.begin")[0]["method"] == "device"
    (why,) = done.stderr.splitlines()
    assert why.startswith("No browser can open here (ACCOUNT_MANAGER_HEADLESS says so), so ")
    assert "--method browser" in why


def test_a_pipe_gets_plain_text(device: object, run: Callable) -> None:
    device.ended.set()
    out = run("login", "https://id.example", "--method", "device").stdout
    assert CODE in out
    assert ADDRESS in out
    assert "\x1b" not in out
    assert not set("▀▄█") & set(out)
    assert "Enter only a code that you started yourself" in out
    assert "10 minutes" in out


def test_a_terminal_gets_a_qr_code_with_code_and_address_beside_it(device: object) -> None:
    with terminal("--method", "device") as screen:
        screen.sees("scan this with a phone")
        picture = screen.sees(ADDRESS)
        assert picture.count("▀") > 50
        screen.sees(CODE)
        screen.sees("Enter only a code that you started yourself")
        screen.sees("left")
        device.ended.set()
        screen.sees("Signed in as person1@id.example")
        assert screen.ends() == 0


@pytest.mark.parametrize(
    ("columns", "environ"),
    [(30, {}), (100, {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}), (100, {"TERM": "dumb"})],
    ids=["narrow", "not UTF-8", "dumb"],
)
def test_a_terminal_that_cannot_show_one_gets_the_code_alone(device, columns, environ) -> None:
    with terminal("--method", "device", columns=columns, **environ) as screen:
        screen.sees(CODE)
        device.ended.set()
        assert screen.ends() == 0
        assert not set("▀▄█") & set(screen.shown)
        assert ADDRESS in screen.shown


def test_ctrl_c_cancels_it(device: object) -> None:
    with terminal() as screen:
        screen.sees("left")
        assert device.waiting.wait(30)
        screen.presses(b"\x03")
        assert screen.ends() == 130
        assert "Traceback" not in screen.shown
    assert requests(device, "sign_in.cancel")[0]["sign_in"] == "s1"
    device.gone = True
    device.ended.set()


def test_an_address_that_is_none_makes_no_qr_code(device: object) -> None:
    device.begun["verification_uri_complete"] = "javascript:alert(1)"
    with terminal() as screen:
        screen.sees(CODE)
        device.ended.set()
        assert screen.ends() == 0
        assert "▀" not in screen.shown
