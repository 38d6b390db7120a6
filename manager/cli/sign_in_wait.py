"""Wait for a sign-in to end while the person may paste the browser's answer or give up."""

from __future__ import annotations

import os
import selectors
import sys
import threading
from collections.abc import Callable

from manager.client import Client
from manager.client.errors import AccountManagerError

from .output import notice, shown

_LONGEST = 900.0
"""Seconds; the agent ends a sign-in before that by itself."""
_EXCHANGE = 60.0
_LONGEST_ANSWER = 64 * 1024


class _Ending:
    """The agent's `sign_in.wait` on a thread of its own; `ended` becomes readable with it."""

    def __init__(self, client: Client, sign_in: str) -> None:
        self.ended, self._end = os.pipe()
        self.account: dict[str, object] = {}
        self.error: AccountManagerError | None = None
        # A daemon: after Ctrl-C nobody waits for it.
        threading.Thread(target=self._wait, args=(client, sign_in), daemon=True).start()

    def _wait(self, client: Client, sign_in: str) -> None:
        try:
            answer = client.call("sign_in.wait", {"sign_in": sign_in}, _LONGEST)
            account = answer.get("account")
            if isinstance(account, dict):
                self.account = account
        except AccountManagerError as error:
            self.error = error
        finally:
            os.close(self._end)


def awaited(
    client: Client,
    sign_in: str,
    *,
    pasting: bool,
    meanwhile: Callable[[], None] | None = None,
    every_second: Callable[[], None] | None = None,
) -> dict[str, object]:
    """The account, as the agent shows it. `pasting`: lines on stdin are answers of the browser.
    `meanwhile` runs once the waiting has begun: the browser may be faster than this program.
    `every_second` draws on one line of stderr, which is left when the waiting ends.

    Raises what ended the sign-in.
    """
    ending = _Ending(client, sign_in)
    try:
        if meanwhile is not None:
            meanwhile()
        _take_pasted(client, ending.ended, pasting=pasting, every_second=every_second)
    finally:
        os.close(ending.ended)
        if every_second is not None:
            notice("")
    if ending.error is not None:
        raise ending.error
    return ending.account


def _take_pasted(
    client: Client, ended: int, *, pasting: bool, every_second: Callable[[], None] | None
) -> None:
    """Until the sign-in ended. Reads the descriptor itself: a line must not hide in a buffer."""
    with selectors.DefaultSelector() as selector:
        selector.register(ended, selectors.EVENT_READ)
        keyboard = sys.stdin.fileno() if pasting else -1
        if pasting:
            selector.register(keyboard, selectors.EVENT_READ)
        typed = b""
        while True:
            if every_second is not None:
                every_second()
            ready = {key.fd for key, _ in selector.select(1.0 if every_second else None)}
            if ended in ready:
                return
            if not ready:
                continue
            data = os.read(keyboard, 4096)
            if not data:
                selector.unregister(keyboard)
            *lines, typed = (typed + data).split(b"\n")
            for line in lines:
                _complete(client, line)
            typed = typed[:_LONGEST_ANSWER]


def _complete(client: Client, line: bytes) -> None:
    """Hand one pasted line to the agent; a wrong one is said, and the sign-in goes on."""
    uri = line.decode("utf-8", "replace").strip()
    if not uri:
        return
    try:
        client.call("sign_in.complete", {"uri": uri}, _EXCHANGE)
    except AccountManagerError as error:
        notice(f"{shown(error.message)} {shown(error.hint)}".rstrip())
