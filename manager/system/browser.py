"""Open an address in the person's own browser: without a shell, without a trace in a log."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from manager.core.errors import InvalidRequest
from manager.core.server_address import origin

from .hardening import is_poisoned

_PATIENCE = 3.0
"""Seconds after which a starter that still runs counts as success: where no desktop environment
is, xdg-open stays for as long as the browser that it started."""
_LONGEST = 16_384
_NOT_IN_A_URL = frozenset("\"<>\\^`{|}'")
_STARTERS = (("xdg-open",), ("gio", "open"))
_COPY = "Copy the link into a browser."


@dataclass(frozen=True, slots=True)
class Opened:
    """`program` was started with the address, and did not say that it failed."""

    program: str


@dataclass(frozen=True, slots=True)
class NotOpened:
    """A sentence and what to do instead."""

    message: str
    hint: str = _COPY


BrowserOutcome = Opened | NotOpened


def check_openable(url: str) -> None:
    """Raises InvalidRequest for anything that is no https address (http on this machine excepted)
    of visible ASCII without user name, quotes and shell characters that no URL holds (RFC 3986)."""
    if len(url) > _LONGEST or not all("!" <= character <= "~" for character in url):
        raise InvalidRequest("This address cannot be opened: it holds what no address may hold.")
    if not _NOT_IN_A_URL.isdisjoint(url):
        raise InvalidRequest("This address cannot be opened: it holds what no address may hold.")
    if not url.startswith(("https://", "http://")):
        raise InvalidRequest("Only https addresses are opened.")
    origin(url)


async def open_in_browser_async(
    url: str, environ: Mapping[str, str] = os.environ
) -> BrowserOutcome:
    """`open_in_browser` beside the loop."""
    return await asyncio.to_thread(open_in_browser, url, environ)


def open_in_browser(url: str, environ: Mapping[str, str] = os.environ) -> BrowserOutcome:
    """Start the system's browser; returns within about 3 s. What `check_openable` refuses
    is NotOpened too: the front doors know no error of ours."""
    try:
        check_openable(url)
    except InvalidRequest as refused:
        return NotOpened(refused.message, "Do not open it yourself; tell the server's operator.")
    if sys.platform == "win32":  # not run yet on that system
        os.startfile(url)  # noqa: S606  # ShellExecute: no command line is parsed
        return Opened("ShellExecute")
    if sys.platform == "darwin":  # not run yet on that system
        return _start(("/usr/bin/open",), url, environ)
    named = _named_browser(environ)
    if named:
        return _start((named,), url, environ)
    if not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return NotOpened("There is no display that a browser could open on.")
    for starter in _STARTERS:
        program = shutil.which(starter[0], path=environ.get("PATH"))
        if program:
            return _start((program, *starter[1:]), url, environ)
    return NotOpened(
        "No program was found that opens the browser.", _COPY + " Or install xdg-utils."
    )


def _named_browser(environ: Mapping[str, str]) -> str | None:
    """The first program in $BROWSER that is here. Only a program: what else people put there
    (arguments, `%s`) is for a shell, and none is ever asked. It counts without a display too:
    editors that work on another machine set it to a program that opens the near browser."""
    for candidate in environ.get("BROWSER", "").split(":"):
        program = shutil.which(candidate, path=environ.get("PATH")) if candidate else None
        if program:
            return program
    return None


def _start(command: tuple[str, ...], url: str, environ: Mapping[str, str]) -> BrowserOutcome:
    program = os.path.basename(command[0])
    clean = {k: v for k, v in environ.items() if k != "BROWSER" and not is_poisoned(k)}
    try:
        process = subprocess.Popen(
            [*command, url],
            env=clean,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return NotOpened(f"The browser could not be started: {error.strerror}.")
    # Somebody must wait for it, or it stays as a zombie; a daemon thread holds up no exit.
    waiter = threading.Thread(target=process.wait, daemon=True, name="browser")
    waiter.start()
    waiter.join(_PATIENCE)
    if process.returncode:
        return NotOpened(f"The browser could not be started: {program} gave up.")
    return Opened(program)
