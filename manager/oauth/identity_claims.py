"""Who has signed in, by the standard claims (OpenID Connect Core sections 5.1 and 5.3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manager.core.account import Identity
from manager.core.errors import InvalidRequest, ProviderError

from .endpoint_address import checked_endpoint
from .id_token import subject_of
from .server_text import shown


def same_subject(userinfo: Mapping[str, Any], subject: str) -> Mapping[str, Any]:
    """`userinfo`, if it is about `subject`. Raises ProviderError: tokens of one person with the
    name of another must not become an account (section 5.3.2)."""
    if subject_of(userinfo) != subject:
        raise ProviderError("The server's two answers are about different people.")
    return userinfo


def identity_from(claims: Mapping[str, Any], *, server_url: str, server_name: str) -> Identity:
    """An identity from `claims` that hold a `sub`.

    The label is the e-mail address, else the user name, else the name, else the server's name; the
    subject is never shown. A picture's address that we would not open is left out.
    """
    name = shown(claims.get("name")) or shown(claims.get("nickname"))
    label = shown(claims.get("email")) or shown(claims.get("preferred_username")) or name
    return Identity(
        subject=subject_of(claims),
        label=label or server_name,
        display_name=name or label or server_name,
        avatar_url=_picture(claims.get("picture"), server_url),
    )


def _picture(address: object, server_url: str) -> str | None:
    try:
        return None if address is None else checked_endpoint(address, of=server_url)
    except InvalidRequest:
        return None
