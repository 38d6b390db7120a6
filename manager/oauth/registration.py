"""Registering this program at a server that nobody has registered it at (RFC 7591), and taking it
back (RFC 7592)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from manager.core.credential import ClientRegistration
from manager.core.errors import AccountManagerError, InvalidRequest, ProviderError
from manager.core.secret import Secret
from manager.core.server_address import origin

from .endpoint_address import checked_endpoint
from .server_text import shown, shown_error_code

CLIENT_NAME = "Account Manager"
_CREATED = frozenset({200, 201})  # the first is what some servers say
_HINT = "Ask its operator to register Account Manager, and give the client id (`--client-id`)."
_SAYS = {
    "invalid_redirect_uri": "does not take the addresses that the browser would come back to",
    "invalid_client_metadata": "does not take what this program says of itself",
    "invalid_software_statement": "asks for a statement about this program that it does not have",
    "unapproved_software_statement": "does not approve of this program",
}
"""By the error codes of RFC 7591 section 3.2.2."""


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """Section 3.2.1. `management_uri`, `management_token`: where and with what the registration can
    be deleted (RFC 7592 section 3), None where it cannot."""

    client: ClientRegistration
    management_uri: str | None = None
    management_token: Secret | None = field(default=None)


def registration_document(
    redirect_uris: Sequence[str], grant_types: Sequence[str]
) -> dict[str, object]:
    """Section 2: a public client of a desktop program (RFC 8252 section 8.4)."""
    return {
        "client_name": CLIENT_NAME,
        "application_type": "native",
        "token_endpoint_auth_method": "none",
        "redirect_uris": list(redirect_uris),
        "grant_types": list(grant_types),
        "response_types": ["code"],
    }


def registered_client(document: Mapping[str, Any], *, of: str) -> RegisteredClient:
    """Read a success of the server `of`. A server may make it a client with a secret all the same.
    Raises ProviderError, which never quotes the document."""
    client_id = document.get("client_id")
    if not isinstance(client_id, str) or not client_id or not client_id.isprintable():
        raise ProviderError("The server registered this program without giving it an id.")
    secret = document.get("client_secret")
    public = document.get("token_endpoint_auth_method") == "none"
    held = Secret(secret) if isinstance(secret, str) and secret and not public else None
    uri, token = document.get("registration_client_uri"), document.get("registration_access_token")
    manageable = isinstance(token, str) and bool(token) and _is_of(uri, of)
    return RegisteredClient(
        ClientRegistration(client_id, held),
        management_uri=str(uri) if manageable else None,
        management_token=Secret(str(token)) if manageable else None,
    )


def registration_refusal(
    host: str, status: int, document: Mapping[str, Any] | None
) -> AccountManagerError:
    """The server's no in a sentence (section 3.2.2)."""
    code = (document or {}).get("error")
    if status in (401, 403):
        return InvalidRequest(f"{host} registers only programs that it knows.", hint=_HINT)
    if isinstance(code, str) and code in _SAYS:
        why = shown((document or {}).get("error_description"), 120)
        more = f" ({why})" if why else ""
        return InvalidRequest(f"{host} {_SAYS[code]}{more}.", hint=_HINT)
    what = shown_error_code(code) or f"HTTP {status}"
    return ProviderError(f"{host} does not register this program: {what}.", hint=_HINT)


def was_created(status: int) -> bool:
    return status in _CREATED


def _is_of(address: object, server: str) -> bool:
    """A token of the registration goes nowhere but to the server that gave it."""
    try:
        return origin(checked_endpoint(address, of=server)) == origin(server)
    except InvalidRequest:
        return False
