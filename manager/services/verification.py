"""Is this still signed in? The server is asked, and what it says is kept."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from manager.core.account import Account, Identity, Server
from manager.core.account_state import AttentionNeeded, AttentionReason, SignedIn
from manager.core.credential import Credential, renewal_of
from manager.core.errors import AccountManagerError, AccountNotFound, InvalidRequest, SignInRequired
from manager.core.provider_abilities import SignedOutThere, StillSignedIn, VerifiesCredentials
from manager.core.server_address import canonical, reaches_into_this_machine

from .accounts import AccountsService
from .provider_registry import ProviderRegistry
from .refreshing import Refreshing
from .server_gate import ServerGate
from .single_flight import SingleFlight


@dataclass(frozen=True, slots=True)
class Verdict:
    """The server's word, and the account as it is known now. `message`: why it said no."""

    account: Account
    signed_in: bool
    message: str = ""


class Verification:
    """One question an account at a time, few at a server. No verdict changes nothing."""

    def __init__(
        self,
        accounts: AccountsService,
        providers: ProviderRegistry,
        refreshing: Refreshing,
        flights: SingleFlight[Credential],
        gate: ServerGate,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._accounts = accounts
        self._providers = providers
        self._refreshing = refreshing
        self._flights = flights
        self._gate = gate
        self._questions: SingleFlight[Verdict] = SingleFlight(tasks)

    def can_ask(self, account: Account) -> bool:
        """Whether this kind of server answers without anything being renewed."""
        try:
            return isinstance(self._providers.get(account.provider), VerifiesCredentials)
        except InvalidRequest:  # a provider that is not installed any more
            return False

    def under_way(self, account_id: str) -> bool:
        return self._questions.under_way(account_id)

    async def verify(self, account_id: str) -> Verdict:
        """Ask the server. What renews by itself is renewed before it counts as signed out: the
        refresh has the last word.

        Raises AccountNotFound, ServerUnreachable, RateLimited, ProviderError (no verdict),
        InvalidRequest where this kind of server cannot be asked, and the keychain's errors.
        """
        self._accounts.holding(account_id)
        return await self._questions.join(account_id, lambda: self._verify(account_id))

    async def _verify(self, account_id: str) -> Verdict:
        credential = await self._accounts.credential(account_id)
        account = self._accounts.holding(account_id).account
        provider = self._providers.get(account.provider)
        if not isinstance(provider, VerifiesCredentials):
            return await self._by_refresh(account, credential)
        async with self._gate.passing(account.server.url):
            answer = await provider.verify(account.server, account.identity, credential)
        if isinstance(answer, StillSignedIn):
            return Verdict(await self._keep(account, credential, answer), signed_in=True)
        return await self._signed_out(account, credential, answer)

    async def _by_refresh(self, account: Account, credential: Credential) -> Verdict:
        if not renewal_of(credential).by_itself:
            raise InvalidRequest(
                f"{account.server.name} has no way to ask whether this is still signed in.",
                hint="It shows with the next request that a program makes.",
            )
        return await self._after_refresh(account, "")

    async def _signed_out(
        self, account: Account, credential: Credential, answer: SignedOutThere
    ) -> Verdict:
        said = answer.message or f"{account.server.name} no longer accepts this sign-in."
        holding = self._accounts.holding(account.id)
        if isinstance(account.state, AttentionNeeded):
            return Verdict(holding.account, signed_in=False, message=said)
        if holding.credential is not credential:  # renewed, or signed in again, meanwhile
            return Verdict(holding.account, signed_in=True)
        if renewal_of(credential).by_itself:
            return await self._after_refresh(account, said)
        await self._accounts.need_attention(account, AttentionReason.REVOKED)
        now = self._accounts.holding(account.id).account
        return Verdict(now, signed_in=False, message=said)

    async def _after_refresh(self, account: Account, said: str) -> Verdict:
        try:
            await self._flights.join(account.id, lambda: self._refreshing.refresh(account.id))
        except SignInRequired as failure:
            now = self._accounts.holding(account.id).account
            return Verdict(now, signed_in=False, message=said or failure.message)
        return Verdict(self._accounts.holding(account.id).account, signed_in=True)

    async def _keep(self, asked: Account, credential: Credential, answer: StillSignedIn) -> Account:
        """Store what is news of this very credential. As a flight of the account's own: a refresh
        under way would find another revision and drop the token that it just got."""
        if self._learnt(asked, answer) == asked:
            return self._accounts.holding(asked.id).account

        async def learn() -> Credential:
            holding = self._accounts.holding(asked.id)
            learnt = self._learnt(holding.account, answer)
            if learnt != holding.account and holding.credential is credential:
                await self._accounts.learn(learnt)
            return await self._accounts.credential(asked.id)

        try:
            await self._flights.follow(asked.id, learn)
        except AccountNotFound:
            raise
        except AccountManagerError:  # the disk refused: it is learnt another time
            pass
        return self._accounts.holding(asked.id).account

    def _learnt(self, account: Account, answer: StillSignedIn) -> Account:
        state = account.state
        if state == AttentionNeeded(AttentionReason.REVOKED):
            state = SignedIn()
        return replace(
            account,
            server=self._server_of(account, answer.server),
            identity=_identity(account.identity, answer.identity),
            scopes=account.scopes if answer.scopes is None else answer.scopes,
            roles=account.roles if answer.roles is None else answer.roles,
            state=state,
        )

    def _server_of(self, account: Account, said: Server) -> Server:
        """What the server calls itself; its new address where it has said so and may."""
        known = account.server
        if said.url == known.url:
            return replace(known, name=said.name or known.name)
        there = replace(known, url=said.url)
        taken = self._accounts.same_person(account.provider, there, account.identity)
        if said.moved_from is None or not known.answers_to(said.moved_from):
            return known
        if not may_move(known.url, said.url) or (taken is not None and taken.id != account.id):
            return known
        return Server(said.url, said.name or known.name, moved_from=known.url)


def may_move(old: str, new: str) -> bool:
    """Whether credentials may go on to another address: https, in its one spelling; to this machine
    only from this machine."""
    try:
        return canonical(new) == new and not reaches_into_this_machine(new, of=old)
    except InvalidRequest:
        return False


def _identity(known: Identity, said: Identity | None) -> Identity:
    """Names and pictures change; who it is does not, whatever a server says later."""
    if said is None or (known.is_known and said.subject != known.subject):
        return known
    subject = said.subject if said.is_known else known.subject
    return replace(said, subject=subject, key=known.key)
