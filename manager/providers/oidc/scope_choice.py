"""What to ask a server for, by what it says it knows."""

from __future__ import annotations

from collections.abc import Sequence

from manager.oauth.metadata import AuthorizationServerMetadata

DEFAULTS = ("openid", "profile", "email", "offline_access")
_OPENID = "openid"
_OFFLINE = "offline_access"


def scopes_to_ask(
    metadata: AuthorizationServerMetadata, wanted: Sequence[str], preset: Sequence[str]
) -> tuple[str, ...]:
    """The person's scopes as they are, else the catalogue's, else our defaults as far as the
    server says that it has them.

    A server that lists nothing gets all defaults if it speaks OpenID Connect and none otherwise:
    plain OAuth servers refuse scopes that they do not know, and have a default of their own (RFC
    6749 section 3.3).
    """
    chosen = tuple(wanted) or tuple(preset)
    if chosen:
        return tuple(dict.fromkeys(chosen))
    if metadata.scopes is None:
        return DEFAULTS if metadata.is_openid else ()
    return tuple(
        scope
        for scope in DEFAULTS
        if scope in metadata.scopes or (scope == _OPENID and metadata.is_openid)
    )


def prompt_to_ask(
    metadata: AuthorizationServerMetadata, scopes: Sequence[str], *, select_account: bool
) -> tuple[str, ...]:
    """The values of `prompt` (OpenID Connect Core section 3.1.2.1).

    A server must ignore `offline_access` unless the request asks for consent (section 11). One
    that offers no choice of accounts may at least ask for the login anew.
    """
    if _OPENID not in scopes:
        return ()
    prompt = ["consent"] if _OFFLINE in scopes else []
    known = metadata.prompts
    if select_account:
        choosing = known is None or "select_account" in known
        prompt.append("select_account" if choosing else "login")
    return tuple(each for each in prompt if known is None or each in known)


def expects_id_token(scopes: Sequence[str]) -> bool:
    """Whether an answer with these scopes must bring an ID token (section 3.1.3.3)."""
    return _OPENID in scopes
