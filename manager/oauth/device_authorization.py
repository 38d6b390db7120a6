"""A code for another device (RFC 8628): what is asked, and what the answers are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from manager.core.credential import ClientRegistration
from manager.core.errors import (
    AccountManagerError,
    InvalidRequest,
    ProviderError,
    SignInDenied,
    SignInExpired,
)
from manager.core.moment import usable_lifetime
from manager.core.secret import Secret

from .authorization_response import refusal
from .client_authentication import AuthenticationMethod, client_authentication
from .endpoint_address import checked_endpoint
from .server_text import shown_error_code
from .token_endpoint import TokenRequest

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
DEFAULT_INTERVAL = 5.0
SLOWER_BY = 5.0
"""Seconds that each `slow_down` adds, for good (section 3.5)."""
_DEFAULT_LIFETIME = 600.0
_LONGEST_INTERVAL = 300.0
_LONGEST_USER_CODE = 64
_NO_LONGER = frozenset({"expired_token", "invalid_grant", "incorrect_device_code"})
"""The second where the code was used or forgotten; the third is GitHub's."""


@dataclass(frozen=True, slots=True)
class DeviceAuthorization:
    """Section 3.2. `lifetime` and `interval` in seconds."""

    device_code: Secret
    user_code: str = field(repr=False)
    verification_uri: str = field(repr=False)
    verification_uri_complete: str | None = field(repr=False)
    lifetime: float
    interval: float


class NotYet(Enum):
    """The person has not answered (section 3.5)."""

    PENDING = "authorization_pending"
    SLOW_DOWN = "slow_down"


def device_authorization_request(
    *,
    client: ClientRegistration,
    method: AuthenticationMethod,
    scopes: Sequence[str],
    resource: str | None = None,
) -> TokenRequest:
    """Section 3.1; `resource` as in RFC 8707."""
    authentication = client_authentication(client, method)
    form = {"client_id": client.client_id, **authentication.form}
    if scopes:
        form["scope"] = " ".join(scopes)
    if resource:
        form["resource"] = resource
    return TokenRequest({"Accept": "application/json", **authentication.headers}, form)


def device_authorization(document: Mapping[str, Any], *, of: str) -> DeviceAuthorization:
    """Read a success. `of`: the server's address; the person is sent to https alone, or to this
    machine where the server is on it. Raises ProviderError, which never quotes the document."""
    code, user_code = document.get("device_code"), document.get("user_code")
    if not isinstance(code, str) or not code:
        raise ProviderError("The server gave no device code.")
    if not _can_be_typed(user_code):
        raise ProviderError("The server gave no code that a person could type.")
    # The second name is Google's and that of the drafts before the RFC.
    address = document.get("verification_uri", document.get("verification_url"))
    try:
        verification_uri = checked_endpoint(address, of=of)
    except InvalidRequest as refused:
        raise ProviderError(f"{refused.message[:-1]} (verification_uri).") from None
    return DeviceAuthorization(
        device_code=Secret(code),
        user_code=str(user_code),
        verification_uri=verification_uri,
        verification_uri_complete=_complete(document.get("verification_uri_complete"), of),
        lifetime=usable_lifetime(document.get("expires_in")) or _DEFAULT_LIFETIME,
        interval=min(
            usable_lifetime(document.get("interval")) or DEFAULT_INTERVAL, _LONGEST_INTERVAL
        ),
    )


def device_token_request(
    device_code: Secret,
    *,
    client: ClientRegistration,
    method: AuthenticationMethod,
    resource: str | None = None,
) -> TokenRequest:
    """Section 3.4."""
    authentication = client_authentication(client, method)
    form = {
        "grant_type": GRANT_TYPE,
        "device_code": device_code.reveal(),
        "client_id": client.client_id,
        **authentication.form,
    }
    if resource:
        form["resource"] = resource
    return TokenRequest({"Accept": "application/json", **authentication.headers}, form)


def no_token(error: str) -> NotYet:
    """What a token endpoint's `error` means to who polls (section 3.5).

    Raises SignInDenied, SignInExpired, ProviderError: over; ServerUnreachable: ask again.
    """
    try:
        return NotYet(error)
    except ValueError:
        raise _over(error) from None


def _over(error: str) -> AccountManagerError:
    if error == "access_denied":
        return SignInDenied("The access was not allowed on the other device.")
    if error in _NO_LONGER:
        return SignInExpired(f"The server no longer takes this code: {shown_error_code(error)}.")
    return refusal(error)


def _can_be_typed(code: object) -> bool:
    return (
        isinstance(code, str) and 0 < len(code.strip()) <= _LONGEST_USER_CODE and code.isprintable()
    )


def _complete(address: object, of: str) -> str | None:
    """It only spares typing: one that cannot be used is left out."""
    try:
        return checked_endpoint(address, of=of)
    except InvalidRequest:
        return None
