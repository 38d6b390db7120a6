"""The agent as the program composes it, in this process, on real sockets.

Only the keychain is another one: in memory, with the contract of the real one.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest

from manager.agent import composition
from manager.agent.composition import Agent, compose
from manager.agent.options import AgentOptions
from manager.agent.provider_loading import load_providers
from manager.core.consent import ConsentMode
from manager.core.provider import Provider
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.memory_keychain import MemoryStore, memory_keychain
from manager.practice.person import Person
from manager.providers.context import ProviderContext, ProviderFactory
from manager.storage.vault import FileVault
from manager.system.paths import folders, prepare
from tests.ipc.conftest import Peer, frame, hello_frame


class Refused(Exception):
    """The agent's error, as it came over the wire."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["data"]["kind"])
        self.error = error
        self.kind = error["data"]["kind"]


@dataclass
class Caller:
    """One connection that asks one thing after the other; events are kept apart."""

    peer: Peer
    events: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0

    async def call(self, method: str, /, **params: Any) -> Any:
        self.asked += 1
        self.peer.send(frame(method, self.asked, **params))
        while True:
            answer = await self.peer.answer()
            if "method" in answer:
                self.events.append(answer["params"])
            elif answer["id"] == self.asked:
                if "error" in answer:
                    raise Refused(answer["error"])
                return answer["result"]

    async def heard(self, topic: str) -> dict[str, Any]:
        """The next event of a topic."""
        while True:
            for event in self.events:
                if event["topic"] == topic:
                    self.events.remove(event)
                    return event
            self.events.append((await self.peer.answer())["params"])


@dataclass
class Running:
    agent: Agent
    memory: MemoryStore
    stopping: asyncio.Event
    paths: dict[bool, Path]
    peers: list[Peer] = field(default_factory=list)

    async def caller(self, *, control: bool = False) -> Caller:
        reader, writer = await asyncio.open_unix_connection(self.paths[control], limit=1 << 22)
        peer = Peer(reader, writer)
        self.peers.append(peer)
        peer.send(hello_frame())
        assert "result" in await peer.answer()
        return Caller(peer)

    async def signed_in(self, server: AuthorizationServer, login: str = "alice") -> dict[str, Any]:
        """An account, signed in through the control socket."""
        control = await self.caller(control=True)
        begun = await control.call("sign_in.begin", server=server.url, client_id="account-manager")
        uri = await anyio.to_thread.run_sync(Person(login).visit, begun["authorization_url"])
        done = await control.call("sign_in.complete", uri=uri)
        account: dict[str, Any] = done["account"]
        return account


class _Over(Exception):
    pass


@asynccontextmanager
async def running_agent(
    patch: pytest.MonkeyPatch,
    *,
    consent: ConsentMode = ConsentMode.ALLOW,
    more: Sequence[Provider] = (),
    factories: Sequence[ProviderFactory] = (),
    memory: MemoryStore | None = None,
    home: Path | None = None,
    file_vault: bool = False,
) -> AsyncIterator[Running]:
    """`more`, `factories`: kinds of server that it knows beside its own. `memory`, `home`: those of
    an agent that ran before."""
    keep, home = home is not None, home or Path(tempfile.mkdtemp(prefix="am-"))
    patch.setenv("ACCOUNT_MANAGER_HOME", str(home))
    patch.delenv("ACCOUNT_MANAGER_SOCKET", raising=False)
    memory, stopping = memory or MemoryStore(), asyncio.Event()
    patch.setattr(composition, "system_keychain", lambda: memory_keychain(memory))
    patch.setattr(composition, "load_providers", _loading(more, factories))
    paths = {False: home / "run" / "agent.sock", True: home / "run" / "control.sock"}
    try:
        async with asyncio.TaskGroup() as tasks:
            options = AgentOptions(consent=consent, verbose=False)
            made = prepare(folders())
            vault = FileVault(made.data) if file_vault else None
            agent = compose(options, made, tasks, stopping.set, vault)
            for control, server in ((False, agent.connectors), (True, agent.control)):
                listening = socket.socket(socket.AF_UNIX)
                listening.setblocking(False)
                paths[control].unlink(missing_ok=True)
                listening.bind(str(paths[control]))
                server.listen(listening)
            running = Running(agent, memory, stopping, paths)
            try:
                yield running
            finally:
                for peer in running.peers:
                    await peer.close()
                await agent.close()
                await agent.store.close()
                await agent.http.close()
            raise _Over
    except* _Over:
        pass
    finally:
        if not keep:
            with contextlib.suppress(OSError):
                shutil.rmtree(home)


def _loading(
    more: Sequence[Provider], factories: Sequence[ProviderFactory]
) -> Callable[..., list[Provider]]:
    def load(
        context_of: Callable[[str], ProviderContext], allowed: Sequence[str]
    ) -> list[Provider]:
        made = [factory(context_of("test")) for factory in factories]
        return [*more, *made, *load_providers(context_of, allowed)]

    return load
