"""A sign-in that waits, read from the agent's message: in the browser, at a code, at a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manager.desktop.plain_text import address, plain

from .form import read_form
from .steps import EnterCode, FillIn, Pending, Waiting


def read_pending(message: Mapping[str, Any], account: str | None = None) -> Pending:
    """From the answer of `sign_in.begin`, or a row of `sign_in.list`."""
    server = message.get("server") or {}
    url = plain(server.get("url"), 500)
    name = plain(server.get("name")) or address(url)
    sign_in, expires_at = str(message["sign_in"]), int(message.get("expires_at") or 0)
    match message.get("method"):
        case "device":
            return EnterCode(
                sign_in=sign_in,
                server_name=name,
                server_url=url,
                user_code=plain(message.get("user_code"), 60),
                verification_uri=plain(message.get("verification_uri"), 500),
                complete=plain(message.get("verification_uri_complete"), 1000),
                expires_at=expires_at,
                account=account,
            )
        case "form":
            return FillIn(
                sign_in=sign_in,
                server_name=name,
                server_url=url,
                form=read_form(message.get("form") or {}),
                expires_at=expires_at,
                account=account,
            )
    redirect = plain(message.get("redirect"))
    redirect_uri = str(message.get("redirect_uri") or "")
    return Waiting(
        sign_in=sign_in,
        server_name=name,
        server_url=url,
        url=str(message.get("authorization_url") or ""),
        expires_at=expires_at,
        redirect=redirect,
        scheme=redirect_uri.split(":", 1)[0] if redirect == "scheme" else "",
        account=account,
    )
