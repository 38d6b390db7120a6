"""Who is signed in, from what `verify` and `/me` say in each dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from manager.core.account import Identity
from manager.oauth.json_object import strings
from manager.oauth.server_text import shown


@dataclass(frozen=True, slots=True)
class Who:
    """`scopes`: None where the server does not say; `roles`: in its own words."""

    subject: str
    label: str
    display_name: str
    scopes: tuple[str, ...] | None = None
    roles: tuple[str, ...] = ()

    def identity(self, key: str = "") -> Identity:
        return Identity(self.subject, self.label, self.display_name, key=key)


def who_is(document: Mapping[str, Any] | None) -> Who | None:
    """None where it names nobody.

    Known shapes: v2 `{"id","email","name","roles","permissions"}`; a key of 0.6 and v2
    `{"user_id":"api_key:NAME","preferred_username","roles","scopes"}`; the seed document names no
    shape: `data`, `user` and `role` are taken where they stand.
    """
    if document is None:
        return None
    data = _object(document.get("data")) or document
    user = _object(data.get("user")) or data
    label = _first(user, "email", "preferred_username", "username", "api_client_code")
    subject = _first(user, "id", "user_id", "sub") or label
    if not subject:
        return None
    scopes = _words(data, user, "permissions", "scopes")
    return Who(
        subject=subject,
        label=label or subject,
        display_name=_first(user, "name", "display_name") or label or subject,
        scopes=scopes,
        roles=_words(user, data, "roles") or tuple(filter(None, (_first(user, "role"),))),
    )


def _object(value: object) -> Mapping[str, Any] | None:
    return value if isinstance(value, dict) else None


def _first(document: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = document.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if text := shown(value):
            return text
    return ""


def _words(
    first: Mapping[str, Any], second: Mapping[str, Any], *names: str
) -> tuple[str, ...] | None:
    for document in (first, second):
        for name in names:
            found = strings(document.get(name))
            if found is not None:
                return tuple(filter(None, (shown(word, 64) for word in found)))
    return None
