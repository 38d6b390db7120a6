"""Is this answer the server's, to our request, and what does it say? (RFC 6749 section 4.1.2,
RFC 9207 section 2.4)"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from manager.core.errors import (
    AccountManagerError,
    InvalidRequest,
    ProviderError,
    ServerUnreachable,
    SignInDenied,
)
from manager.core.secret import Secret

from .server_text import shown_error_code

_PERSON_SAID_NO = frozenset(
    {
        "access_denied", "login_required", "consent_required", "interaction_required",
        "account_selection_required",
    }
)  # fmt: skip
_TIME_HELPS = frozenset({"server_error", "temporarily_unavailable"})


@dataclass(frozen=True, slots=True)
class ExpectedAnswer:
    """What was asked. `iss_required`: the server's metadata promises an `iss` (RFC 9207)."""

    state: str = field(repr=False)
    issuer: str
    iss_required: bool = False


def authorization_code(parameters: Mapping[str, str], expected: ExpectedAnswer) -> Secret:
    """The code of an answer that stands every test.

    Raises InvalidRequest for an answer that is not to this request or not from this server,
    whether it says yes or no; SignInDenied, ServerUnreachable or ProviderError for a server's no.
    """
    _check_sender(parameters, expected)
    code, error = parameters.get("code"), parameters.get("error")
    if code and error:
        raise InvalidRequest("The answer says both yes and no.")
    if error:
        raise refusal(error)
    if not code:
        raise InvalidRequest("The answer says neither yes nor no.")
    return Secret(code)


def refusal(error: str) -> AccountManagerError:
    """The server's no as an error that says who can act."""
    shown_code = shown_error_code(error)
    if error == "access_denied":
        return SignInDenied("The access was not allowed in the browser.")
    if error in _PERSON_SAID_NO:
        return SignInDenied(f"The server ended the sign-in: {shown_code}.")
    if error in _TIME_HELPS:
        return ServerUnreachable(
            f"The server cannot sign anybody in at the moment: {shown_code}.",
            hint="Try again in a few minutes.",
        )
    return ProviderError(
        f"The server does not accept this sign-in: {shown_code}.",
        hint="Check the client id, its registered redirect addresses and the scopes.",
    )


def _check_sender(parameters: Mapping[str, str], expected: ExpectedAnswer) -> None:
    state = parameters.get("state", "")
    if not hmac.compare_digest(state.encode(), expected.state.encode()):
        raise InvalidRequest("The answer belongs to no sign-in that was started here.")
    issuer = parameters.get("iss")
    if issuer is None and expected.iss_required:
        raise InvalidRequest("The answer does not say which server it comes from.")
    if issuer is not None and issuer != expected.issuer:
        raise InvalidRequest("The answer comes from another server than the one that was asked.")
