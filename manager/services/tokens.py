"""What connectors come for: a valid token, from memory wherever it can be."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import NoReturn

from manager.core.account import Account
from manager.core.account_state import AttentionNeeded
from manager.core.credential import (
    ApiKey,
    Credential,
    OAuthTokens,
    SessionToken,
    SigningKey,
    Token,
    renewal_of,
)
from manager.core.errors import (
    AccountManagerError,
    InvalidRequest,
    NobodyCanAct,
    RateLimited,
    ScopeNotGranted,
    SignInRequired,
    TimeHelps,
)
from manager.core.moment import Moment
from manager.core.ports import Clock
from manager.core.provider import RequestToAuthorize
from manager.core.refresh_policy import FORCED_EVERY, pause_on_demand, serves
from manager.core.secret import Secret
from manager.core.server_address import request_origin

from .accounts import AccountsService
from .holdings import Holding
from .provider_registry import ProviderRegistry
from .refreshing import Refreshing
from .single_flight import SingleFlight
from .verification import Verification

DEFAULT_MIN_VALID = 60.0


class TokensService:
    def __init__(
        self,
        accounts: AccountsService,
        providers: ProviderRegistry,
        refreshing: Refreshing,
        verification: Verification,
        flights: SingleFlight[Credential],
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._providers = providers
        self._refreshing = refreshing
        self._verification = verification
        self._flights = flights
        self._clock = clock

    def cached(self, account_id: str, min_valid: float) -> Token | None:
        """The token at hand when it serves; no task, no disk, no bus. Raises AccountNotFound."""
        holding = self._accounts.holding(account_id)
        credential, now = holding.credential, self._clock.now()
        if credential is None or not _serves(holding.account, credential, min_valid, now):
            return None
        return _token(holding.account, credential, now)

    async def get(self, account_id: str, min_valid: float = DEFAULT_MIN_VALID) -> Token:
        """A token that lives at least `min_valid` seconds, renewed where it must be.

        While the renewal fails a token that is still alive is served. Raises AccountNotFound,
        SignInRequired, the keychain's errors, ServerUnreachable, RateLimited, ProviderError,
        StorageUnavailable.
        """
        credential = await self.current(account_id, min_valid)
        return self._answer(account_id, credential)

    async def refreshed(self, account_id: str, rejected_sha256: str) -> Token:
        """A token other than the one that a server refused (its SHA-256 in hex).

        A newer one at hand is returned without a refresh; one forced refresh an account in 10 s.
        What does not renew by itself is shown to its server instead: raises SignInRequired where
        the server does not accept it any more, ScopeNotGranted where it does.
        """
        holding = self._accounts.holding(account_id)
        credential = await self._accounts.credential(account_id)
        current = hashlib.sha256(_secret(credential).reveal().encode()).hexdigest()
        if not hmac.compare_digest(current, rejected_sha256.lower()):
            return await self.get(account_id)
        self._require_state(holding.account)
        by_itself = renewal_of(credential).by_itself
        if not by_itself and self._verification.can_ask(holding.account):
            await self._still_refused(holding)
        credential = await self._forced(holding)
        return self._answer(account_id, credential)

    async def headers(
        self, account_id: str, request: RequestToAuthorize, min_valid: float = DEFAULT_MIN_VALID
    ) -> tuple[Mapping[str, str], int | None]:
        """The headers that authorize one request, and until when (unix seconds).

        Raises InvalidRequest when the URL's origin is none of the account's.
        """
        account = self._accounts.holding(account_id).account
        provider = self._providers.get(account.provider)
        credential = await self._accounts.credential(account_id)
        allowed = provider.origins(account.server, credential)
        if request_origin(request.url) not in allowed:
            raise InvalidRequest(
                "This account's credentials are not sent to that address.",
                hint=f"Allowed: {', '.join(allowed)}.",
            )
        credential = await self.current(account_id, min_valid)
        return provider.headers(credential, request), self._expires_at(credential)

    def check_scopes(
        self, account: Account, scopes: Sequence[str] | None, audience: str | None
    ) -> None:
        """Raises ScopeNotGranted when the account cannot serve what is asked for."""
        missing = sorted(set(scopes or ()) - set(account.scopes))
        if missing:
            raise ScopeNotGranted(
                f"{account.identity.label} was signed in without: {' '.join(missing)}."
            )
        if audience is not None and audience != account.server.url:
            raise ScopeNotGranted(
                "This account has no token for that audience.",
                hint="Sign in with that audience as an account of its own.",
            )

    async def current(self, account_id: str, min_valid: float = DEFAULT_MIN_VALID) -> Credential:
        """The account's credential, whatever it is, renewed where it must be. Raises as `get`."""
        holding = self._accounts.holding(account_id)
        credential = await self._accounts.credential(account_id)
        if not _serves(holding.account, credential, min_valid, self._clock.now()):
            credential = await self._renewed(holding, credential)
        return credential

    async def _still_refused(self, holding: Holding) -> NoReturn:
        """A server refused a request made with what nothing can renew: is it the credential?"""
        if not self._verification.under_way(holding.account.id):
            self._require_not_forced(holding, self._clock.now().boot)
        verdict = await self._verification.verify(holding.account.id)
        self._require_state(verdict.account)
        if not verdict.signed_in:
            raise SignInRequired(verdict.message)
        name = verdict.account.server.name
        raise ScopeNotGranted(
            f"{name} still accepts this key, so it refused something else.",
            hint="Check that the account has the rights that the request needs, or give a key "
            "that has them.",
        )

    async def _renewed(self, holding: Holding, credential: Credential) -> Credential:
        try:
            self._require_state(holding.account)
            if not self._flights.under_way(holding.account.id):
                self._require_pause_over(holding, self._clock.now().boot)
            return await self._fly(holding.account.id)
        except AccountManagerError:
            if _serves(holding.account, credential, 0.0, self._clock.now()):
                return credential
            raise

    async def _forced(self, holding: Holding) -> Credential:
        now = self._clock.now().boot
        if not self._flights.under_way(holding.account.id):
            self._require_pause_over(holding, now)
            self._require_not_forced(holding, now)
        return await self._fly(holding.account.id)

    def _require_not_forced(self, holding: Holding, now: float) -> None:
        if holding.forced_at is not None and now - holding.forced_at < FORCED_EVERY:
            raise RateLimited(
                "A new token of this account was asked for a moment ago.",
                hint="If the server refuses the new token too, ask its operator.",
                retry_after=FORCED_EVERY - (now - holding.forced_at),
            )
        holding.forced_at = now

    async def _fly(self, account_id: str) -> Credential:
        return await self._flights.join(account_id, lambda: self._refreshing.refresh(account_id))

    def _require_state(self, account: Account) -> None:
        if isinstance(account.state, AttentionNeeded):
            raise SignInRequired(
                f"{account.identity.label} has to sign in again at {account.server.name}."
            )

    def _require_pause_over(self, holding: Holding, now: float) -> None:
        """Soon after a server's failure its answer stands for the next one too."""
        failure = holding.failure
        if not isinstance(failure, TimeHelps | NobodyCanAct):
            return
        left = pause_on_demand(holding.failures, failure.retry_after) - (now - holding.failed_at)
        if left > 0:
            raise type(failure)(failure.message, hint=failure.hint, retry_after=left)

    def _expires_at(self, credential: Credential) -> int | None:
        validity = credential.validity
        return None if validity is None else validity.expires_at(self._clock.now())

    def _answer(self, account_id: str, credential: Credential) -> Token:
        account = self._accounts.holding(account_id).account
        return _token(account, credential, self._clock.now())


def _serves(account: Account, credential: Credential, min_valid: float, now: Moment) -> bool:
    """Once the server has said its last word, only a token whose end is known is served on."""
    validity = credential.validity
    endless = validity is None or validity.lifetime is None
    if endless and isinstance(account.state, AttentionNeeded):
        return False
    return serves(validity, now, min_valid)


def _token(account: Account, credential: Credential, now: Moment) -> Token:
    validity = credential.validity
    return Token(
        account_id=account.id,
        access_token=_secret(credential),
        token_type=_token_type(credential),
        expires_at=None if validity is None else validity.expires_at(now),
        scopes=account.scopes,
    )


def _token_type(credential: Credential) -> str:
    """What stands before the token in a header; for a key without that, the header's name."""
    match credential:
        case OAuthTokens():
            return credential.token_type
        case ApiKey():
            return credential.prefix.strip() or credential.header
        case _:
            return "Bearer"


def _secret(credential: Credential) -> Secret:
    match credential:
        case OAuthTokens():
            return credential.access_token
        case ApiKey():
            return credential.key
        case SessionToken(token=Secret() as token):
            return token
        case SessionToken() | SigningKey():
            raise InvalidRequest(
                "This account has no token to hand out.",
                hint="Ask for the headers of each request (request.headers).",
            )
