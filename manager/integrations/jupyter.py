"""Sign in from a notebook: `sign_in("https://id.example")` shows a code, a link and a QR code.

No browser of the kernel's machine is needed: the person confirms the code on any device. In a
notebook the prompt is drawn in place and replaced when it is over, so that no code stays in the
saved file; anywhere else it is plain text. The QR code needs segno; without it code and link do.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from html import escape
from importlib import import_module
from typing import Any

from manager.client import Account, Client
from manager.client.errors import AccountManagerError, ProtocolError
from manager.client.exchange import given

_PREPARING = 120.0
_LONGEST = 1800.0
"""Seconds; the agent ends a sign-in before that by itself."""
_WARNING = "Enter only a code that you started yourself, here and now: it lets this program in."


def sign_in(
    server: str,
    *,
    provider: str | None = None,
    client_id: str | None = None,
    scopes: Iterable[str] | None = None,
    dialect: str | None = None,
) -> Account:
    """Sign in with a code on another device, and wait until the person has confirmed it.

    `provider`, `dialect`: as `account-manager login` takes them. Interrupting the cell cancels the
    sign-in. Raises AccountManagerError: InvalidRequest where the server has no device codes,
    SignInDenied, SignInExpired, KeychainLocked and others.
    """
    params = given(
        server=server,
        method="device",
        provider=provider,
        client_id=client_id,
        scopes=None if scopes is None else list(scopes),
        dialect=dialect,
    )
    with Client(control=True, name="notebook") as client:
        begun = client.call("sign_in.begin", params, _PREPARING)
        number = {"sign_in": begun.get("sign_in")}
        screen = _Screen()
        try:
            screen.show(DevicePrompt(begun))
            answer = client.call("sign_in.wait", number, _LONGEST)
        except BaseException as ended:
            screen.show(_Line("The sign-in was not finished."))
            if not isinstance(ended, AccountManagerError):
                client.call("sign_in.cancel", number)
            raise
        account = _account(answer)
        screen.show(_Line(f"Signed in as {account.identity} at {account.server_url}."))
    return account


class DevicePrompt:
    """A device code to look at (RFC 8628 section 3.3); whatever the server says is only text."""

    def __init__(self, begun: Mapping[str, object]) -> None:
        named = begun.get("server")
        server = named if isinstance(named, dict) else {}
        self.name = _plain(server.get("name") or server.get("url") or "the server")
        self.code = _plain(begun.get("user_code") or "")
        self.address = _plain(begun.get("verification_uri") or "")
        self.complete = _plain(begun.get("verification_uri_complete") or self.address)

    def __repr__(self) -> str:
        lines = [
            f"To sign in to {self.name}, open {self.address} in any browser and enter this code:",
            "",
            f"      {self.code}",
            "",
            _WARNING,
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        large = "font: bold 1.8em monospace; letter-spacing: .1em"
        parts = (
            f"<p>To sign in to <b>{escape(self.name)}</b>, open {_link(self.address)}",
            " and enter this code, or scan it:</p>",
            f'<p style="{large}">{escape(self.code)}</p>',
            self._picture(),
            f"<p>{_WARNING}</p>",
        )
        return f"<div>{''.join(parts)}</div>"

    def _picture(self) -> str:
        """An SVG with its own light ground: notebooks have dark themes."""
        if not _is_address(self.complete):
            return ""
        try:
            segno: Any = import_module("segno")
        except ImportError:
            return ""
        code = segno.make(self.complete, error="m", micro=False)
        return str(code.svg_inline(scale=4, border=4, dark="#000", light="#fff"))


class _Line:
    def __init__(self, text: str) -> None:
        self._text = _plain(text)

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._text)}</p>"


class _Screen:
    """One place in the notebook, drawn again and again; without IPython, lines on stdout."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, content: object) -> None:
        ipython: Any = sys.modules.get("IPython")
        if ipython is None or ipython.get_ipython() is None:
            print(repr(content), flush=True)
        elif self._handle is None:
            self._handle = import_module("IPython.display").display(content, display_id=True)
        else:
            self._handle.update(content)


def _account(answer: Mapping[str, object]) -> Account:
    fields = answer.get("account")
    if not isinstance(fields, dict):
        raise ProtocolError("The agent's answer names no account.")
    return Account.from_wire(fields)


def _link(address: str) -> str:
    shown = escape(address)
    if not _is_address(address):
        return shown
    return f'<a href="{shown}" target="_blank" rel="noopener noreferrer">{shown}</a>'


def _is_address(text: str) -> bool:
    return text.startswith(("https://", "http://")) and text.isascii()


def _plain(text: object) -> str:
    """Without control and direction characters."""
    return "".join(each for each in str(text) if each.isprintable())
