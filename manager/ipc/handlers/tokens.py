"""`token.*` and `request.headers`: what connectors come for. The cached path makes no task."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from manager.core.account import Account
from manager.core.consent import Capability
from manager.core.errors import InvalidRequest
from manager.core.provider import RequestToAuthorize
from manager.ipc.account_messages import token_message
from manager.ipc.dispatcher import Handler
from manager.ipc.gatekeeper import Gatekeeper
from manager.ipc.session import Session
from manager.services.accounts import AccountsService
from manager.services.tokens import DEFAULT_MIN_VALID, TokensService

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_METHOD = re.compile(r"[A-Za-z]{1,20}")


class TokensHandlers:
    def __init__(
        self, accounts: AccountsService, tokens: TokensService, gatekeeper: Gatekeeper
    ) -> None:
        self._accounts = accounts
        self._tokens = tokens
        self._gatekeeper = gatekeeper

    def table(self) -> Mapping[str, Handler]:
        return {
            "token.get": self.get,
            "token.refresh": self.refresh,
            "request.headers": self.headers,
        }

    def get(self, session: Session, params: Any) -> Any:
        self._gatekeeper.require_any(session)
        account = self._accounts.choose(params.account, params.server)
        self._gatekeeper.require(session, account, Capability.GET_TOKENS)
        if params.scopes or params.audience is not None:
            self._tokens.check_scopes(account, params.scopes, params.audience)
        min_valid = DEFAULT_MIN_VALID if params.min_valid is None else params.min_valid
        if not (math.isfinite(min_valid) and min_valid >= 0):
            raise InvalidRequest("min_valid is a number of seconds, 0 or more.")
        token = self._tokens.cached(account.id, min_valid)
        if token is not None:
            return token_message(token)
        return self._get_later(account, min_valid)

    async def _get_later(self, account: Account, min_valid: float) -> dict[str, Any]:
        return token_message(await self._tokens.get(account.id, min_valid))

    async def refresh(self, session: Session, params: Any) -> dict[str, Any]:
        self._gatekeeper.require_any(session)
        if not _SHA256.fullmatch(params.rejected):
            raise InvalidRequest("rejected is the SHA-256 of the refused token, in hex.")
        account = self._accounts.holding(params.account).account
        self._gatekeeper.require(session, account, Capability.GET_TOKENS)
        return token_message(await self._tokens.refreshed(account.id, params.rejected))

    async def headers(self, session: Session, params: Any) -> dict[str, Any]:
        self._gatekeeper.require_any(session)
        account = self._accounts.holding(params.account).account
        self._gatekeeper.require(session, account, _needed(account))
        if not _METHOD.fullmatch(params.method):
            raise InvalidRequest("method is an HTTP method such as GET.")
        if params.body_sha256 is not None and not _SHA256.fullmatch(params.body_sha256):
            raise InvalidRequest("body_sha256 is the SHA-256 of the body, in hex.")
        request = RequestToAuthorize(params.method.upper(), params.url, params.body_sha256)
        headers, expires_at = await self._tokens.headers(account.id, request)
        return {"headers": dict(headers), "expires_at": expires_at}


def _needed(account: Account) -> Capability:
    """Headers that hold a token or key give it away; a signature is good for one request."""
    signs = "sign" in account.capabilities and "token" not in account.capabilities
    return Capability.SIGN_REQUESTS if signs else Capability.GET_TOKENS
