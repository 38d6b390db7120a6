"""Accounts and credentials that the storage tests share."""

from __future__ import annotations

from manager.core.account import Account, Identity, Server
from manager.core.credential import ApiKey, ClientRegistration, OAuthTokens, SessionToken
from manager.core.moment import Moment, Validity
from manager.core.secret import Secret

ISSUED = Moment(wall=1_790_000_000.0, boot=1000.0, boot_id="boot-1")


def account(account_id: str = "a1", **changes) -> Account:
    fields = {
        "id": account_id,
        "provider": "oidc",
        "server": Server("https://id.example", "Example"),
        "identity": Identity("subject-1", "ada@example.org", "Ada", "https://id.example/ada.png"),
        "scopes": ("openid", "profile"),
        "capabilities": ("token",),
    }
    return Account(**{**fields, **changes})


def tokens(number: int = 1, **changes) -> OAuthTokens:
    fields = {
        "access_token": Secret(f"access-{number}"),
        "token_type": "Bearer",
        "validity": Validity(ISSUED, 3600.0),
        "token_endpoint": "https://id.example/token",
        "client": ClientRegistration("client", Secret("client-secret")),
        "refresh_token": Secret(f"refresh-{number}"),
        "scopes": ("openid",),
    }
    return OAuthTokens(**{**fields, **changes})


def api_key() -> ApiKey:
    return ApiKey(Secret("key-1"), header="X-Api-Key", prefix="")


def session() -> SessionToken:
    return SessionToken(Secret("session-1"), cookies=(("sid", Secret("cookie-1")),))
