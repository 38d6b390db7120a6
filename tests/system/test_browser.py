"""The browser gets the address as one argument, or the person gets it to copy."""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.core.errors import InvalidRequest
from manager.system import browser
from manager.system.browser import (
    NotOpened,
    Opened,
    check_openable,
    open_in_browser,
    open_in_browser_async,
)

URL = "https://login.example/authorize?state=canary&x=%3B$(id)&y=a;b&redirect_uri=http%3A%2F%2F"
_PROGRAM = """#!{python}
import json, os, sys
json.dump([sys.argv, dict(os.environ)], open({report!r}, "w"))
{then}
"""


def _program(folder: Path, name: str, then: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    report = str(folder / f"{name}.json")
    path.write_text(_PROGRAM.format(python=sys.executable, report=report, then=then))
    path.chmod(0o700)
    return path


def _told(folder: Path, name: str) -> tuple[list[str], dict[str, str]]:
    arguments, environ = json.loads((folder / f"{name}.json").read_text())
    return arguments, environ


def _environ(folder: Path, **more: str) -> dict[str, str]:
    return {"PATH": str(folder), "DISPLAY": ":77", **more}


def test_one_argument_without_a_shell(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    program = _program(tmp_path, "xdg-open")
    environ = _environ(tmp_path, PYTHONPATH="/tmp", LD_PRELOAD="x", HOME="/home/ada")
    assert open_in_browser(URL, environ) == Opened("xdg-open")
    arguments, seen = _told(tmp_path, "xdg-open")
    assert arguments == [str(program), URL]
    assert seen["HOME"] == "/home/ada"
    assert not {"PYTHONPATH", "LD_PRELOAD", "BROWSER"} & seen.keys()
    assert "canary" not in caplog.text


def test_gio_where_xdg_open_is_missing(tmp_path: Path) -> None:
    program = _program(tmp_path, "gio")
    assert open_in_browser("https://a.example", _environ(tmp_path)) == Opened("gio")
    assert _told(tmp_path, "gio")[0] == [str(program), "open", "https://a.example"]


def test_the_named_browser_comes_first_and_needs_no_display(tmp_path: Path) -> None:
    program = _program(tmp_path, "mine")
    environ = {"PATH": str(tmp_path), "BROWSER": f"missing:mine -x %s:{program}"}
    assert open_in_browser("https://a.example", environ) == Opened("mine")
    arguments, seen = _told(tmp_path, "mine")
    assert arguments == [str(program), "https://a.example"]
    assert "BROWSER" not in seen


@pytest.mark.parametrize("named", ["touch {}; true", "sh -c 'touch {}'", "$(touch {})", "%s"])
def test_a_browser_for_a_shell_is_not_run(tmp_path: Path, named: str) -> None:
    mark = tmp_path / "mark"
    environ = {"PATH": os.environ["PATH"], "BROWSER": named.format(mark)}
    assert isinstance(open_in_browser("https://a.example", environ), NotOpened)
    assert not mark.exists()


def test_no_display(tmp_path: Path) -> None:
    _program(tmp_path, "xdg-open")
    outcome = open_in_browser("https://a.example", {"PATH": str(tmp_path)})
    assert isinstance(outcome, NotOpened)
    assert "display" in outcome.message
    assert "Copy the link" in outcome.hint


def test_nothing_that_opens(tmp_path: Path) -> None:
    outcome = open_in_browser("https://a.example", _environ(tmp_path))
    assert isinstance(outcome, NotOpened)
    assert "xdg-utils" in outcome.hint


def test_a_starter_that_fails(tmp_path: Path) -> None:
    _program(tmp_path, "xdg-open", then="sys.exit(3)")
    outcome = open_in_browser("https://a.example/?canary", _environ(tmp_path))
    assert isinstance(outcome, NotOpened)
    assert "canary" not in outcome.message + outcome.hint


def test_a_program_that_does_not_run(tmp_path: Path) -> None:
    (tmp_path / "xdg-open").write_text("#!/nowhere\n")
    (tmp_path / "xdg-open").chmod(0o700)
    assert isinstance(open_in_browser("https://a.example", _environ(tmp_path)), NotOpened)


def test_a_browser_that_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "_PATIENCE", 0.2)
    then = f"open({str(tmp_path / 'wait')!r}).read()"
    os.mkfifo(tmp_path / "wait")
    _program(tmp_path, "xdg-open", then=then)
    assert open_in_browser("https://a.example", _environ(tmp_path)) == Opened("xdg-open")
    (tmp_path / "wait").write_text("")


@pytest.mark.anyio
async def test_beside_the_loop(tmp_path: Path) -> None:
    _program(tmp_path, "xdg-open")
    environ = _environ(tmp_path)
    assert await open_in_browser_async("https://a.example", environ) == Opened("xdg-open")


def test_a_refused_address_is_not_for_the_person_to_open(tmp_path: Path) -> None:
    _program(tmp_path, "xdg-open")
    outcome = open_in_browser("file:///etc/passwd", _environ(tmp_path))
    assert isinstance(outcome, NotOpened)
    assert "Do not open it" in outcome.hint
    assert not (tmp_path / "xdg-open.json").exists()


@pytest.mark.parametrize(
    "url", ["https://a.example/?x=%22", "http://127.0.0.1:9/x", "http://[::1]/"]
)
def test_openable(url: str) -> None:
    check_openable(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "--version",
        "a.example",
        "http://a.example/",
        "ftp://a.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "HTTPS:\\\\a.example",
        "https://",
        "https://user:canary@a.example/",
        "https://a.example/\n--flag",
        "https://a.example/\x00",
        "https://a.example/\x7f",
        "https://a.example/ b",
        'https://a.example/"',
        "https://a.example/`id`",
        "https://a.example/\u202e",
        "https://a.example:99999/",
        "https://a.example/" + "x" * 20_000,
    ],
)
def test_not_openable(url: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check_openable(url)
    assert "canary" not in caught.value.message + caught.value.hint


@given(st.text())
def test_any_text_is_refused_or_an_address(text: str) -> None:
    for url in (text, "https://a.example/" + text):
        try:
            check_openable(url)
        except InvalidRequest:
            continue
        assert url.isascii()
        assert url.startswith(("https://", "http://"))
