"""Where to sign in when no server is named: what the variables of this shell say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from manager.client import Client
from manager.client.errors import AccountManagerError, InvalidRequest
from manager.client.exchange import objects

from .output import notice, shown


@dataclass(frozen=True, slots=True)
class Suggestion:
    server: str | None = None
    method: str | None = None


def suggested(client: Client, provider: str, environ: Mapping[str, str] = os.environ) -> Suggestion:
    """What the agent reads from those variables that the kind of server names; only they are sent.
    Says of each whether it is honoured. Raises InvalidRequest for a kind that nobody knows."""
    try:
        known = objects(client.call("providers.list"), "providers")
    except AccountManagerError as error:
        if error.kind != "unknown_method":
            raise
        return Suggestion()
    entry = next((each for each in known if each.get("id") == provider), None)
    if entry is None:
        raise InvalidRequest(
            f"There is no kind of server called {shown(provider)}.",
            hint=f"Known: {', '.join(shown(each.get('id', '')) for each in known)}.",
        )
    names = entry.get("variables")
    if not isinstance(names, list):
        return Suggestion()
    variables = {name: environ[name] for name in names if environ.get(name)}
    if not variables and not names:
        return Suggestion()
    read = objects(client.call("variables.read", {"variables": variables}), "providers")
    return _told(next((each for each in read if each.get("provider") == provider), {}))


def _told(found: Mapping[str, object]) -> Suggestion:
    notes = found.get("notes")
    for note in notes if isinstance(notes, list) else []:
        if isinstance(note, dict):
            honoured = "" if note.get("honoured") else " (not honoured)"
            notice(f"{shown(note.get('name', ''))}{honoured}: {shown(note.get('text', ''))}")
    if found.get("holds_credential"):
        notice("A credential is set, too; to take it over: account-manager import --environment")
    server, method = found.get("server_url"), found.get("method")
    return Suggestion(
        server if isinstance(server, str) and server else None,
        method if isinstance(method, str) and method else None,
    )
