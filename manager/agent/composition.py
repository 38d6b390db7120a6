"""The wiring: the one place that knows every concrete class of the agent."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass

from manager.client.protocol.endpoint import agent_socket, control_socket
from manager.core.catalogue import PresetServer
from manager.core.credential import Credential
from manager.core.provider import Avatar
from manager.ipc.dispatcher import Dispatcher, Handler
from manager.ipc.gatekeeper import Gatekeeper
from manager.ipc.handlers.accounts import AccountsHandlers
from manager.ipc.handlers.agent import AgentHandlers
from manager.ipc.handlers.credentials import CredentialsHandlers
from manager.ipc.handlers.events import EventsHandlers
from manager.ipc.handlers.hello import HelloHandlers
from manager.ipc.handlers.providers import ProvidersHandlers
from manager.ipc.handlers.showing import ShowingHandlers
from manager.ipc.handlers.sign_in import SignInHandlers
from manager.ipc.handlers.taking_over import TakingOverHandlers
from manager.ipc.handlers.tokens import TokensHandlers
from manager.ipc.handlers.variables import VariablesHandlers
from manager.ipc.session import Session
from manager.ipc.socket_server import SocketServer
from manager.providers.context import ProviderContext
from manager.providers.http_client import HttpClient
from manager.services.accounts import AccountsService
from manager.services.avatars import AvatarsService
from manager.services.event_bus import EventBus
from manager.services.provider_registry import ProviderRegistry
from manager.services.refresh_scheduler import RefreshScheduler
from manager.services.refreshing import Refreshing
from manager.services.retirement import Retirement
from manager.services.server_credentials import ServerCredentialsService
from manager.services.server_gate import ServerGate
from manager.services.showing import Showing
from manager.services.sign_in import SignInService
from manager.services.sign_in_completion import SignInCompletion
from manager.services.sign_out import SignOut
from manager.services.single_flight import SingleFlight
from manager.services.taking_over import TakingOver
from manager.services.tokens import TokensService
from manager.services.variables import VariablesService
from manager.services.verification import Verification
from manager.services.watching import Watching
from manager.storage.account_store import SealedAccountStore
from manager.storage.keychain import system_keychain
from manager.storage.settings import Settings
from manager.storage.vault import FileVault
from manager.storage.vault_keychain import VaultKeychain
from manager.system.clock import SystemClock
from manager.system.loopback_redirect import SystemLoopbackListeners
from manager.system.paths import Folders
from manager.system.peer_identity.linux import peer_credentials
from manager.system.preset_servers import catalogue, read_own_servers, read_preset_servers
from manager.system.randomness import SystemRandomness
from manager.system.resources import resources_folder

from .options import AgentOptions
from .provider_loading import load_providers

_LAST_FLIGHTS = 1.2
"""Seconds; a stop takes 2 at most."""


@dataclass(slots=True)
class Agent:
    """What the process starts, watches and closes."""

    accounts: AccountsService
    scheduler: RefreshScheduler
    showing: Showing
    sign_in: SignInService
    flights: SingleFlight[Credential]
    store: SealedAccountStore
    http: HttpClient
    connectors: SocketServer
    control: SocketServer

    async def close(self) -> None:
        """Take no more requests, and give a refresh that was sent the time to be stored."""
        await self.sign_in.close()
        self.connectors.close()
        self.control.close()
        await self.flights.all_settled(_LAST_FLIGHTS)


def compose(
    options: AgentOptions,
    folders: Folders,
    tasks: asyncio.TaskGroup,
    stop: Callable[[], None],
    vault: FileVault | None = None,
) -> Agent:
    """Build the agent; nothing is read or opened yet. `vault`: in place of the keychain."""
    clock, randomness, bus = SystemClock(), SystemRandomness(), EventBus()
    keychain = system_keychain() if vault is None else VaultKeychain(vault)
    store = SealedAccountStore(folders.data, keychain)
    http = HttpClient()

    def presets() -> list[PresetServer]:
        if options.own_servers:
            return read_own_servers(folders.config)
        return read_preset_servers(resources_folder(), folders.config)

    def described(url: str) -> PresetServer | None:
        return catalogue(presets())(url)

    def context_of(provider_id: str) -> ProviderContext:
        return ProviderContext(
            http=http,
            clock=clock,
            randomness=randomness,
            catalogue=described,
            environ=os.environ,
            foreign_keychain=keychain,
            data=folders.data / "providers" / provider_id,
        )

    providers = ProviderRegistry(load_providers(context_of, _named_providers(folders)), described)
    flights: SingleFlight[Credential] = SingleFlight(tasks)
    departures: SingleFlight[bool | str] = SingleFlight(tasks)
    pictures: SingleFlight[Avatar | None] = SingleFlight(tasks)
    accounts = AccountsService(store, bus)
    gate = ServerGate()
    refreshing = Refreshing(accounts, providers, store, clock, gate)
    retirement = Retirement(accounts, providers, store, clock, gate)
    verification = Verification(accounts, providers, refreshing, flights, gate, tasks)
    watching = Watching(accounts, providers, verification, clock, randomness)
    scheduler = RefreshScheduler(
        accounts, refreshing, retirement, watching, flights, bus, clock, randomness, tasks
    )
    tokens = TokensService(accounts, providers, refreshing, verification, flights, clock)
    variables = VariablesService(accounts, providers, tokens, clock)
    sign_out = SignOut(accounts, providers, retirement, flights, departures)
    completion = SignInCompletion(accounts, flights, clock, randomness)
    credentials = ServerCredentialsService(accounts, providers, tokens, verification, completion)
    showing = Showing(accounts, providers, flights, bus, tasks)
    taking_over = TakingOver(accounts, providers, completion)
    sign_in = SignInService(
        accounts,
        providers,
        completion,
        SystemLoopbackListeners(),
        keychain,
        bus,
        clock,
        randomness,
        tasks,
    )

    gatekeeper = Gatekeeper(options.consent)
    servers: list[SocketServer] = []

    def sessions() -> list[Session]:
        return [session for server in servers for session in server.sessions()]

    events = EventsHandlers(accounts, gatekeeper, clock, sessions)
    bus.subscribe(events.publish)
    avatars = AvatarsService(accounts, providers, pictures)
    control_agent = AgentHandlers(
        accounts,
        keychain,
        scheduler,
        gatekeeper,
        clock,
        connectors=lambda: servers[0].connections,
        agent_socket=agent_socket(),
        control_socket=control_socket(),
        stop=stop,
    )
    handlers: dict[str, Handler] = {
        **HelloHandlers(gatekeeper).table(),
        **AccountsHandlers(accounts, avatars, sign_out, verification, gatekeeper, clock).table(),
        **TokensHandlers(accounts, tokens, gatekeeper).table(),
        **VariablesHandlers(accounts, variables, gatekeeper).table(),
        **ProvidersHandlers(providers).table(),
        **ShowingHandlers(accounts, showing, clock).table(),
        **CredentialsHandlers(accounts, credentials, clock).table(),
        **TakingOverHandlers(accounts, taking_over, clock).table(),
        **events.table(),
        **SignInHandlers(sign_in, accounts, providers, presets, clock).table(),
        **control_agent.table(),
    }
    for control in (False, True):
        dispatcher = Dispatcher(
            handlers,
            control=control,
            ready=lambda: accounts.loaded,
            make_ready=accounts.load,
        )
        servers.append(
            SocketServer(
                dispatcher,
                tasks,
                control=control,
                uid=os.getuid(),
                peer_credentials=peer_credentials,
                randomness=randomness,
            )
        )
    return Agent(
        accounts=accounts,
        scheduler=scheduler,
        showing=showing,
        sign_in=sign_in,
        flights=flights,
        store=store,
        http=http,
        connectors=servers[0],
        control=servers[1],
    )


def _named_providers(folders: Folders) -> list[str]:
    """Foreign providers that the person named: `[providers] load = ["..."]` in settings.toml."""
    section = Settings(folders.config).read().get("providers", {})
    named = section.get("load", []) if isinstance(section, dict) else []
    return [name for name in named if isinstance(name, str)] if isinstance(named, list) else []
