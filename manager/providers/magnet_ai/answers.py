"""What a Magnet AI server's answers mean; pure, and never quoting them: a server that repeats what
it was sent would bring a password into a message."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from manager.core.errors import (
    AccountManagerError,
    CredentialsRefused,
    ProviderError,
    ScopeNotGranted,
)
from manager.oauth.json_object import json_object
from manager.providers.http_answer import HttpAnswer
from manager.providers.no_verdict import no_verdict as nothing_said

NAME = "Magnet AI"
_SCOPE = re.compile(r"admin|[a-z][a-z_]{0,31}:[a-z][a-z_]{0,31}")
_LACKING = re.compile(
    r"(?:Missing permission\(s\)|Requires one of permissions|API key missing required scope"
    r"|Cannot grant API key scopes you don't hold yourself): (.{1,500})"
)


def fulfilled(answer: HttpAnswer) -> dict[str, Any] | None:
    """The JSON object of a 2xx answer; None for everything else."""
    return json_object(answer.body) if 200 <= answer.status < 300 else None


def error_text(answer: HttpAnswer) -> str:
    """`{"error": "..."}` of all three dialects, to be compared and never shown."""
    told = (json_object(answer.body) or {}).get("error")
    return told if isinstance(told, str) else ""


def missing_scopes(answer: HttpAnswer) -> tuple[str, ...]:
    """Which scopes a 403 names: `required_scope` of the seed document, the sentences of v2."""
    told = json_object(answer.body) if answer.status == 403 else None
    if told is None:
        return ()
    named = told.get("required_scope")
    sentence = _LACKING.fullmatch(error_text(answer))
    words = [named] if isinstance(named, str) else sentence[1].split(", ") if sentence else []
    return tuple(word for word in words if _SCOPE.fullmatch(word))


def refusal(answer: HttpAnswer) -> AccountManagerError:
    """The error for a request that the server did not fulfil, where the person waits for it."""
    host = urlsplit(answer.url).netloc
    if answer.status == 401 and error_text(answer):
        return CredentialsRefused(
            f"{host} does not accept this sign-in any more.", hint="Sign in again."
        )
    scopes = missing_scopes(answer)
    if scopes:
        needed = " ".join(scopes)
        return ScopeNotGranted(
            f"{host} allows this only with the scope {needed}, which this sign-in does not have.",
            hint=f"Sign in again with the scope {needed}, or ask an administrator for the role.",
        )
    return no_verdict(answer)


def no_verdict(answer: HttpAnswer) -> AccountManagerError:
    """The error for an answer that decides nothing about the account; `MagnetServer.ask` has
    raised those of a server in trouble before."""
    if answer.status == 403 and json_object(answer.body) is not None:
        host = urlsplit(answer.url).netloc
        return ProviderError(
            f"{host} does not allow this sign-in to do that from here.",
            hint="Ask its administrator: roles and allowed addresses are set there.",
        )
    return nothing_said(answer, 0.0, NAME)
