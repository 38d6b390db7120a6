"""Requests to a token endpoint and what its answers are worth (RFC 6749 sections 4.1.3 to 6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from manager.core.credential import ClientRegistration
from manager.core.errors import ProviderError
from manager.core.moment import Moment, Validity, usable_lifetime
from manager.core.secret import Secret

from .client_authentication import AuthenticationMethod, client_authentication

_BEARER = "bearer"
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """One POST, form-encoded; both parts hold secrets."""

    headers: dict[str, str] = field(repr=False)
    form: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """A usable answer. `scopes`: those granted. `refresh_token`: None when none came."""

    access_token: Secret
    validity: Validity
    scopes: tuple[str, ...]
    refresh_token: Secret | None = None
    id_token: Secret | None = None
    token_type: str = "Bearer"  # noqa: S105


def authorization_code_request(
    code: Secret,
    *,
    redirect_uri: str,
    verifier: Secret,
    client: ClientRegistration,
    method: AuthenticationMethod,
    resource: str | None = None,
) -> TokenRequest:
    """Section 4.1.3 with the proof key of RFC 7636; `redirect_uri` as it stood in the request."""
    fields = {
        "grant_type": "authorization_code",
        "code": code.reveal(),
        "redirect_uri": redirect_uri,
        "code_verifier": verifier.reveal(),
    }
    return _request(fields, client, method, resource)


def refresh_request(
    refresh_token: Secret,
    *,
    client: ClientRegistration,
    method: AuthenticationMethod,
    resource: str | None = None,
) -> TokenRequest:
    """Section 6. No scope is named: the answer then keeps what was granted."""
    fields = {"grant_type": "refresh_token", "refresh_token": refresh_token.reveal()}
    return _request(fields, client, method, resource)


def token_response(
    document: Mapping[str, Any], *, sent: Moment, scopes: tuple[str, ...]
) -> TokenResponse:
    """Read a success (section 5.1).

    `sent`: when the request left, so that the lifetime is never over-estimated. `scopes`: what
    counts as granted when the server does not say, which it may leave out only where nothing
    changed. Raises ProviderError, which never quotes the document.
    """
    return TokenResponse(
        access_token=_token(document, "access_token", required=True),
        validity=Validity(sent, usable_lifetime(document.get("expires_in"))),
        scopes=_granted(document.get("scope"), scopes),
        refresh_token=_optional_token(document, "refresh_token"),
        id_token=_optional_token(document, "id_token"),
        token_type=_token_type(document.get("token_type")),
    )


def _request(
    fields: dict[str, str],
    client: ClientRegistration,
    method: AuthenticationMethod,
    resource: str | None,
) -> TokenRequest:
    authentication = client_authentication(client, method)
    form = {**fields, **authentication.form}
    if resource:
        form["resource"] = resource
    return TokenRequest({"Accept": "application/json", **authentication.headers}, form)


def _token_type(value: object) -> str:
    # Case-insensitive by section 5.1. Any other type (DPoP, RFC 9449) must not be used unknown.
    if not isinstance(value, str) or value.lower() != _BEARER:
        raise ProviderError("The server gave a kind of token that this program cannot use.")
    return "Bearer"


def _token(document: Mapping[str, Any], name: str, *, required: bool = False) -> Secret:
    value = document.get(name)
    if not isinstance(value, str) or not _HEADER_SAFE.fullmatch(value):
        missing = required and value is None
        raise ProviderError(
            "The server's answer holds no token." if missing else "The server's token is unusable."
        )
    return Secret(value)


def _optional_token(document: Mapping[str, Any], name: str) -> Secret | None:
    # Some servers send null or empty text for "none".
    return _token(document, name) if document.get(name) else None


def _granted(value: object, scopes: tuple[str, ...]) -> tuple[str, ...]:
    if value is None:
        return scopes
    if not isinstance(value, str):
        raise ProviderError("The server's list of granted scopes is unusable.")
    return tuple(dict.fromkeys(value.split()))
