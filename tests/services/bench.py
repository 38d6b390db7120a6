"""All use cases wired together on real parts: sealed store, providers over HTTP, loopback ports.

Only time, and the keychain's six answers, are in the test's hand.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio

from manager.core.account import Account, Identity, Server
from manager.core.catalogue import PresetServer
from manager.core.credential import ClientRegistration, Credential, OAuthTokens
from manager.core.events import Event
from manager.core.moment import Validity
from manager.core.secret import Secret
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.authorization_server.token_store import IssuedToken
from manager.practice.memory_keychain import MemoryStore, memory_keychain
from manager.practice.person import Person
from manager.practice.speckle_server import SpeckleServer
from manager.providers.http_client import HttpClient
from manager.providers.oidc import OidcProvider
from manager.providers.speckle import SpeckleProvider
from manager.services.accounts import AccountsService
from manager.services.avatars import AvatarsService
from manager.services.event_bus import EventBus
from manager.services.pending_sign_in import BrowserSignIn
from manager.services.provider_registry import ProviderRegistry
from manager.services.refresh_scheduler import RefreshScheduler
from manager.services.refreshing import Refreshing
from manager.services.retirement import Retirement
from manager.services.server_gate import ServerGate
from manager.services.sign_in import SignInService, WantedSignIn
from manager.services.sign_in_completion import SignInCompletion
from manager.services.sign_out import SignOut
from manager.services.single_flight import SingleFlight
from manager.services.tokens import TokensService
from manager.services.verification import Verification
from manager.services.watching import Watching
from manager.storage.account_store import SealedAccountStore
from manager.system.loopback_redirect import SystemLoopbackListeners
from manager.system.randomness import SystemRandomness
from tests.controlled_clock import ControlledClock
from tests.services.typing_provider import TypingProvider

CLIENT = ClientRegistration("account-manager")
AnyServer = AuthorizationServer | SpeckleServer


@dataclass
class Bench:
    folder: Path
    tasks: asyncio.TaskGroup
    clock: ControlledClock
    memory: MemoryStore
    catalogue: dict[str, PresetServer] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        clock, randomness = self.clock, SystemRandomness()
        self.bus = EventBus()
        self.bus.subscribe(self.events.append)
        self.keychain = memory_keychain(self.memory)
        self.store = SealedAccountStore(self.folder, self.keychain)
        self.http = HttpClient()
        self.oidc = OidcProvider(self.http, clock, randomness, self.catalogue.get)
        self.speckle = SpeckleProvider(self.http, clock, randomness)
        self.typing = TypingProvider(clock.now())
        self.providers = ProviderRegistry(
            lambda: [self.speckle, self.typing, self.oidc], self.catalogue.get
        )
        self.flights: SingleFlight[Credential] = SingleFlight(self.tasks)
        self.accounts = AccountsService(self.store, self.bus)
        gate = ServerGate()
        self.refreshing = Refreshing(self.accounts, self.providers, self.store, clock, gate)
        self.retirement = Retirement(self.accounts, self.providers, self.store, clock, gate)
        self.verification = Verification(
            self.accounts, self.providers, self.refreshing, self.flights, gate, self.tasks
        )
        watching = Watching(self.accounts, self.verification, clock, randomness)
        self.scheduler = RefreshScheduler(
            self.accounts, self.refreshing, self.retirement, watching, self.flights,
            self.bus, clock, randomness, self.tasks,
        )  # fmt: skip
        self.tokens = TokensService(
            self.accounts, self.providers, self.refreshing, self.verification, self.flights, clock
        )
        self.sign_out = SignOut(
            self.accounts, self.providers, self.retirement, self.flights, SingleFlight(self.tasks)
        )
        self.completion = SignInCompletion(self.accounts, self.flights, clock, randomness)
        self.sign_in = SignInService(
            self.accounts, self.providers, self.completion,
            SystemLoopbackListeners(), self.keychain, self.bus, clock, randomness, self.tasks,
        )  # fmt: skip
        self.avatars = AvatarsService(self.accounts, self.providers, SingleFlight(self.tasks))

    async def begin(self, server: AnyServer, *, patience: float = 0.0, **wanted: Any) -> Any:
        if isinstance(server, AuthorizationServer):
            wanted.setdefault("client", CLIENT)
        wanted.setdefault("redirect", "scheme")
        return await self.sign_in.begin(WantedSignIn(server.url, **wanted), patience=patience)

    async def signed_in(self, server: AnyServer, login: str = "alice", **wanted: Any) -> Account:
        """An account, by way of the server's own pages."""
        pending = await self.begin(server, **wanted)
        _, account = await self.sign_in.complete(await visited(pending, login))
        return account

    async def refresh(self, account_id: str) -> Credential:
        return await self.flights.join(account_id, lambda: self.refreshing.refresh(account_id))

    async def tick(self) -> float:
        """What the background does now, to its end."""
        pause = await self.scheduler.tick()
        await self.idle()
        return pause

    async def idle(self) -> None:
        """Until the background has come to rest."""
        await until(lambda: not self.tasks._tasks)

    def held(self, account_id: str) -> OAuthTokens:
        credential = self.accounts.holding(account_id).credential
        assert isinstance(credential, OAuthTokens)
        return credential

    def told(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def planted(self, server: AuthorizationServer, number: int, **changes: Any) -> Account:
        """An account whose tokens the server knows, without a visit to its pages."""
        access, refresh = f"access-{number}", f"refresh-{number}"
        family = server.tokens.new_family()
        for kind, value in (("access", access), ("refresh", refresh)):
            server.tokens.issued[value] = IssuedToken(
                value, kind, "account-manager", "alice", ("api",), family, server.now(), None
            )
        tokens: dict[str, Any] = {
            "access_token": Secret(access),
            "token_type": "Bearer",
            "validity": Validity(self.clock.now(), 3600.0),
            "token_endpoint": f"{server.url}/token",
            "client": CLIENT,
            "refresh_token": Secret(refresh),
            "scopes": ("api",),
            "revocation_endpoint": f"{server.url}/revoke",
        }
        name = f"person-{number}"
        account = Account(
            f"account-{number}", "oidc", Server(server.url, "Practice"),
            Identity(name, f"{name}@example.org", name), scopes=("api",), capabilities=("token",),
        )  # fmt: skip
        return await self.accounts.add(account, OAuthTokens(**{**tokens, **changes}))


class _Over(Exception):
    pass


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # a server's counter is no event
            await asyncio.sleep(0.002)


async def visited(pending: BrowserSignIn, login: str = "alice", *, allow: bool = True) -> str:
    """The callback URI that the person's browser ends at."""
    visit: Callable[[str], str] = Person(login, allow=allow).visit
    return await anyio.to_thread.run_sync(visit, pending.authorization.authorization_url)


def pairs(speckle: SpeckleServer) -> list[str]:
    """The refresh tokens that our sign-ins left alive at the server."""
    return [name for name, each in speckle.tokens.refresh.items() if each.app_id in ("sdm", "sca")]


@asynccontextmanager
async def open_bench(
    folder: Path, *, clock: ControlledClock | None = None, memory: MemoryStore | None = None
) -> AsyncIterator[Bench]:
    try:
        async with asyncio.TaskGroup() as tasks:
            bench = Bench(folder, tasks, clock or ControlledClock(), memory or MemoryStore())
            await bench.accounts.load()
            try:
                yield bench
            finally:
                await bench.sign_in.close()
                await bench.flights.all_settled(5.0)
                await bench.store.close()
                await bench.http.close()
            raise _Over
    except* _Over:
        pass
