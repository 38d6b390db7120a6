"""A running agent that knows workshops, an account at one, and the command line as a process."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from manager.core.account import Account, Identity, Server
from manager.core.credential import ApiKey, ClientRegistration, Credential, OAuthTokens
from manager.core.moment import Validity
from manager.core.secret import Secret
from manager.practice.memory_keychain import MemoryStore
from manager.system.clock import SystemClock
from tests.agent.in_process import Running, running_agent
from tests.services.typing_provider import TypingProvider
from tests.workshop.provider import WorkshopProvider
from tests.workshop.server import WorkshopServer


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class CommandLine:
    async def run(
        self,
        *arguments: str,
        typed: str = "",
        environ: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Ended:
        """One command of the command line, as a process with pipes for its streams."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "manager", *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **(environ or {})},
            cwd=cwd,
        )  # fmt: skip
        async with asyncio.timeout(60):
            out, err = await process.communicate(typed.encode())
        assert process.returncode is not None
        return Ended(process.returncode, out.decode(), err.decode())


@dataclass
class Stage(CommandLine):
    running: Running
    server: WorkshopServer
    provider: WorkshopProvider
    home: Path

    async def session(self, number: int = 1, *, age: float = 0.0) -> Account:
        """An account that is signed in and renews by itself; its token lives for an hour."""
        now = SystemClock().now()
        access, refresh = self.server.new_session()
        credential = OAuthTokens(
            Secret(access),
            "Bearer",
            Validity(replace(now, wall=now.wall - age, boot=now.boot - age), 3600.0),
            f"{self.server.url}/refresh",
            ClientRegistration("test"),
            refresh_token=Secret(refresh),
        )
        return await self.add(credential, number)

    async def key(self, number: int = 1, *, key_id: str | None = None) -> Account:
        """An account that is a key."""
        made = self.server.new_key(f"key {number}", "read", "keys")
        return await self.add(ApiKey(Secret(made.secret), key_id=key_id), number)

    def variables(self) -> dict[str, str]:
        """Variables that hold a key."""
        key = self.server.new_key("of a script", "read")
        return {"WORKSHOP_URL": self.server.url, "WORKSHOP_TOKEN": key.secret}

    def keep_elsewhere(self, *ids: str) -> list[str]:
        """Let another program keep accounts; their keys."""
        keys = [self.server.new_key("of another program", "read").secret for _ in ids]
        kept = [
            {"id": each, "url": self.server.url, "token": key}
            for each, key in zip(ids, keys, strict=True)
        ]
        (self.home / ".workshop.json").write_text(json.dumps(kept))
        return keys

    async def add(self, credential: Credential, number: int) -> Account:
        await self.running.agent.accounts.load()
        identity = Identity(f"u{number}", f"person{number}@workshop.example", "Ada")
        account = Account(
            f"workshop_{number}", "workshop", Server(self.server.url, "Workshop"), identity,
            scopes=("read",), capabilities=("token",),
        )  # fmt: skip
        return await self.running.agent.accounts.add(account, credential)


@asynccontextmanager
async def open_stage(
    patch: pytest.MonkeyPatch,
    server: WorkshopServer,
    home: Path,
    memory: MemoryStore | None = None,
    **options: Any,
) -> AsyncIterator[Stage]:
    made: list[WorkshopProvider] = []

    def factory(context: Any) -> WorkshopProvider:
        made.append(WorkshopProvider(context))
        return made[-1]

    async with running_agent(
        patch,
        more=[TypingProvider(SystemClock().now())],
        factories=[factory],
        memory=memory,
        home=home,
        **options,
    ) as running:
        await (await running.caller(control=True)).call("providers.list")  # loaded at first need
        yield Stage(running, server, made[0], home)


@pytest.fixture
def workshop() -> Iterator[WorkshopServer]:
    with WorkshopServer() as started:
        yield started


@pytest.fixture
async def stage(
    anyio_backend: str,
    monkeypatch: pytest.MonkeyPatch,
    workshop: WorkshopServer,
    short_home: Path,
) -> AsyncIterator[Stage]:
    async with open_stage(monkeypatch, workshop, short_home) as opened:
        yield opened


@pytest.fixture
def short_home() -> Iterator[Path]:
    """Short enough for socket paths."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="am-") as folder:
        yield Path(folder)
