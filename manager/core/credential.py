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
    program, which still uses it: never revoke it behind that program's back. `dialect`: which of
    the provider's protocols issued it.
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
    dialect: str = ""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that is sent as it is, in the header that the server names. `key_id`: what the server
    calls it, where it can be revoked by that. `settings`: what else the provider needs to use it,
    by name (FoxNose: the environment and its own address); never a secret."""

    key: Secret
    header: str = "Authorization"
    prefix: str = "Bearer "
    validity: Validity | None = None
    key_id: str | None = None
    scopes: tuple[str, ...] = ()
    imported: bool = False
    dialect: str = ""
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SessionToken:
    """A session at a server that is no OAuth: a token, the cookies that go with it, or both.

    `renewal_endpoint`: where it is renewed (None: it ends when it ends); what is sent there is the
    provider's: `refresh_token`, a cookie or the token itself. The rest is as in OAuthTokens and
    ApiKey.
    """

    token: Secret | None
    cookies: tuple[tuple[str, Secret], ...] = field(default=())
    validity: Validity | None = None
    refresh_token: Secret | None = None
    renewal_endpoint: str | None = None
    revocation_endpoint: str | None = None
    scopes: tuple[str, ...] = ()
    renew_at: float | None = None
    imported: bool = False
    dialect: str = ""
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key pair: every request is signed with the private half, which never leaves the agent."""

    public_key: str
    private_key: Secret
    scopes: tuple[str, ...] = ()
    imported: bool = False
    dialect: str = ""
    validity: Validity | None = None
    settings: tuple[tuple[str, str], ...] = ()


Credential = OAuthTokens | ApiKey | SessionToken | SigningKey


def renewal_of(credential: Credential) -> Renewal:
    """The part of a credential that plans its renewal and is no secret."""
    if isinstance(credential, OAuthTokens):
        return Renewal(
            validity=credential.validity,
            by_itself=credential.refresh_token is not None,
            renew_at=credential.renew_at,
        )
    if isinstance(credential, SessionToken):
        return Renewal(
            validity=credential.validity,
            by_itself=credential.renewal_endpoint is not None,
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
