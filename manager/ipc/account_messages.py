"""Accounts and tokens as the wire has them; the shapes are those of the message table."""

from __future__ import annotations

from typing import Any

from manager.core.account import Account, Defaults
from manager.core.account_state import AttentionNeeded
from manager.core.credential import Token
from manager.core.moment import Moment
from manager.services.holdings import Holding
from manager.services.variables import AccountVariables

from .sign_in_messages import server_message


def account_message(holding: Holding, defaults: Defaults, now: Moment) -> dict[str, Any]:
    """The `ACCOUNT` of the message table; no secret in it."""
    account = holding.account
    state, validity = account.state, account.renewal.validity
    attempt = holding.last_attempt
    return {
        "id": account.id,
        "provider": account.provider,
        "server": server_message(account.server),
        "identity": account.identity.label,
        "display_name": account.identity.display_name,
        "has_avatar": account.identity.avatar_url is not None,
        "state": "attention_needed" if needs_attention(account) else "signed_in",
        "reason": state.reason.value if isinstance(state, AttentionNeeded) else None,
        "is_default": defaults.overall == account.id,
        "is_server_default": defaults.for_server(account.server.url) == account.id,
        "scopes": account.scopes,
        "capabilities": account.capabilities,
        "last_attempt": None if attempt is None else attempt.value,
        "expires_at": None if validity is None else validity.expires_at(now),
        "renews": account.renewal.by_itself,
        "roles": account.roles,
        "exported": account.exported,
        "is_key": bool(account.identity.key),
    }


def needs_attention(account: Account) -> bool:
    return isinstance(account.state, AttentionNeeded)


def token_message(token: Token) -> dict[str, Any]:
    """The `TOKEN` of the message table. Here and below are the places where a token leaves."""
    return {
        "account": token.account_id,
        "access_token": token.access_token.reveal(),
        "token_type": token.token_type,
        "expires_at": token.expires_at,
        "scopes": token.scopes,
    }


def variables_message(variables: AccountVariables) -> dict[str, Any]:
    """The result of `token.variables`."""
    return {
        "account": variables.account_id,
        "variables": {name: value.reveal() for name, value in variables.values.items()},
        "expires_at": variables.expires_at,
    }
