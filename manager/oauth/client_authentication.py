"""How the client names itself to the authorization server (RFC 6749 section 2.3.1)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote_plus

from manager.core.credential import ClientRegistration


class AuthenticationMethod(StrEnum):
    """Values of `token_endpoint_auth_methods_supported` (RFC 8414 section 2) that we can do."""

    NONE = "none"
    CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105  # the method's registered name
    CLIENT_SECRET_POST = "client_secret_post"  # noqa: S105


@dataclass(frozen=True, slots=True)
class ClientAuthentication:
    """The parts of a request that name the client; both may hold its secret."""

    headers: dict[str, str] = field(repr=False)
    form: dict[str, str] = field(repr=False)


def choose_method(
    client: ClientRegistration, supported: Sequence[str] | None
) -> AuthenticationMethod:
    """`none` without a secret; else Basic, which every server must take (section 2.3.1) and which
    is the default of RFC 8414, unless the server lists the form alone."""
    if client.client_secret is None:
        return AuthenticationMethod.NONE
    listed = supported or (AuthenticationMethod.CLIENT_SECRET_BASIC,)
    if (
        AuthenticationMethod.CLIENT_SECRET_BASIC not in listed
        and AuthenticationMethod.CLIENT_SECRET_POST in listed
    ):
        return AuthenticationMethod.CLIENT_SECRET_POST
    return AuthenticationMethod.CLIENT_SECRET_BASIC


def client_authentication(
    client: ClientRegistration, method: AuthenticationMethod
) -> ClientAuthentication:
    """Header and form fields for `client`."""
    if client.client_secret is None or method is AuthenticationMethod.NONE:
        return ClientAuthentication({}, {"client_id": client.client_id})
    secret = client.client_secret.reveal()
    if method is AuthenticationMethod.CLIENT_SECRET_POST:
        return ClientAuthentication({}, {"client_id": client.client_id, "client_secret": secret})
    pair = f"{quote_plus(client.client_id)}:{quote_plus(secret)}"
    encoded = base64.b64encode(pair.encode()).decode("ascii")
    return ClientAuthentication({"Authorization": f"Basic {encoded}"}, {})
