"""What is kept for an account; what a connector gets is a Token made from it."""

from __future__ import annotations

from dataclasses import dataclass, field

from .account import Renewal
from .moment import Validity
from .secret import Secret


@dataclass(frozen=True, slots=True)
class ClientRegistration:
    """The client at the authorization server (RFC 6749 section 2)."""

    client_id: str
    client_secret: Secret | None = None


@dataclass(frozen=True, slots=True)
class OAuthTokens:
    """A token response together with where it may be used again.

    A refresh token goes only to `token_endpoint`, the endpoint that issued it (RFC 6749 section
    10.4). `scopes` are those granted. `renew_at`: unix seconds at which to renew although the
    server has refused nothing (Speckle: 150 days), None for never. `imported`: came from another
    program, which still uses it: never revoke it behind that program's back.
    """

    access_token: Secret
    token_type: str
    validity: Validity
    token_endpoint: str
    client: ClientRegistration
    refresh_token: Secret | None = None
    scopes: tuple[str, ...] = ()
    revocation_endpoint: str | None = None
    renew_at: float | None = None
    resource: str | None = None
    imported: bool = False


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that is sent as it is, in the header that the server names."""

    key: Secret
    header: str = "Authorization"
    prefix: str = "Bearer "
    validity: Validity | None = None


@dataclass(frozen=True, slots=True)
class SessionToken:
    """A session at a server: a token and the cookies that go with it."""

    token: Secret
    cookies: tuple[tuple[str, Secret], ...] = field(default=())
    validity: Validity | None = None


Credential = OAuthTokens | ApiKey | SessionToken


def renewal_of(credential: Credential) -> Renewal:
    """The part of a credential that plans its renewal and is no secret."""
    if isinstance(credential, OAuthTokens):
        return Renewal(
            validity=credential.validity,
            by_itself=credential.refresh_token is not None,
            renew_at=credential.renew_at,
        )
    return Renewal(validity=credential.validity)


@dataclass(frozen=True, slots=True)
class Token:
    """What a connector gets: an access token and what it must know to use it."""

    account_id: str
    access_token: Secret
    token_type: str
    expires_at: int | None
    scopes: tuple[str, ...]
