"""A provider of this kind with a stand-in for its server, and people on both sides."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from manager.core.device_sign_in import PendingDevice
from manager.core.moment import Moment
from manager.core.provider import SignInRequest, SignInResult
from manager.core.secret import Secret
from manager.core.sign_in_form import SignInForm
from manager.practice.mesh_server import MeshServer
from manager.practice.person import LostOnTheWay, Person
from manager.practice.provider_contract import Trouble
from manager.providers.context import ProviderContext
from manager.providers.http_client import HttpClient
from manager.providers.mesh import MeshProvider
from manager.system.randomness import SystemRandomness

REDIRECT = "http://localhost:8123/callback"
FAULTS = {
    Trouble.LOST_ANSWER: {"lost_answers": 9},
    Trouble.CAPTIVE_PORTAL: {"captive_portal": "page"},
    Trouble.BROKEN: {"unavailable": {"*": 500}},
    Trouble.RATE_LIMITED: {"rate_limited": {"*": "7"}},
}
WELL = {"lost_answers": 0, "captive_portal": "", "unavailable": {}, "rate_limited": {}}


class StandingClock:
    """Real time plus `ahead`; sleeping is instant."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.slept: list[float] = []

    def now(self) -> Moment:
        return Moment(time.time() + self.ahead, time.monotonic() + self.ahead, "boot")

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class Keychain:
    """What other programs keep; an exception is raised instead."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], str | Exception] = {}

    async def read_foreign(self, service: str, username: str) -> Secret | None:
        found = self.items.get((service, username))
        if isinstance(found, Exception):
            raise found
        return None if found is None else Secret(found)


class Here:
    """Everything that a test of this provider needs."""

    def __init__(self, server: MeshServer, http: HttpClient, home: Path) -> None:
        self.server = server
        self.clock = StandingClock()
        self.keychain = Keychain()
        self.environ: dict[str, str] = {"HOME": str(home)}
        self.context = ProviderContext(
            http=http,
            clock=self.clock,
            randomness=SystemRandomness(),
            catalogue=lambda _: None,
            environ=self.environ,
            foreign_keychain=self.keychain,
            data=home / "data",
        )
        self.provider = MeshProvider(self.context)
        self.request = SignInRequest(server.url)

    async def begin(self, **wishes: Any):
        request = SignInRequest(self.server.url, **wishes)
        return await self.provider.begin(request, REDIRECT)

    async def answer(self, pending, person: Person | None = None) -> dict[str, str]:
        visiting = (person or Person()).visit
        back = await asyncio.to_thread(visiting, pending.authorization_url)
        return dict(parse_qsl(urlsplit(back).query))

    async def sign_in(self, person: Person | None = None) -> SignInResult:
        pending = await self.begin()
        return await pending.redeem(await self.answer(pending, person))

    async def sign_in_by_device(self) -> SignInResult:
        pending = await self.provider.begin_device(self.request)
        await confirm(pending)
        result = await pending.poll()
        assert result is not None
        return result

    async def refresh(self, result: SignInResult, credential=None):
        credential = credential or result.credential
        return (await self.provider.refresh(result.server, result.identity, credential)).credential

    def accepts(self, credential) -> bool:
        return self.server.accepts(self.provider.headers(credential, None))


async def confirm(pending: PendingDevice, *, allow: bool = True) -> None:
    """The pages end without a way on."""
    with suppress(LostOnTheWay):
        await asyncio.to_thread(Person(allow=allow).visit, pending.verification_uri_complete)


class Setting:
    """What every way to sign in has in common (provider_contract.ProviderSetting)."""

    def __init__(self, here: Here, foreign_url: str) -> None:
        self.server = here.server
        self.provider = here.provider
        self.request = here.request
        self.foreign_url = foreign_url
        self.resource_url = f"{here.server.url}/v1/mesh/chat"

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(self.server.issued)

    async def accepts(self, headers: Mapping[str, str]) -> bool:
        return self.server.accepts(headers)

    async def end_sign_ins(self) -> None:
        assert self.secrets
        self.server.revoke_everything()

    @asynccontextmanager
    async def trouble(self, trouble: Trouble) -> AsyncIterator[None]:
        if trouble is Trouble.AWAY:
            self.server._wanted_port = self.server.port
            self.server.stop()
        else:
            self.server.change_faults(**FAULTS[trouble])
        try:
            yield
        finally:
            if trouble is Trouble.AWAY:
                self.server.start()
            self.server.change_faults(**WELL)


class ByBrowser(Setting):
    async def _visit(self, url: str, person: Person) -> Mapping[str, str]:
        back = await asyncio.to_thread(person.visit, url)
        return dict(parse_qsl(urlsplit(back).query))

    async def allow(self, authorization_url: str) -> Mapping[str, str]:
        return await self._visit(authorization_url, Person())

    async def deny(self, authorization_url: str) -> Mapping[str, str]:
        return await self._visit(authorization_url, Person(allow=False))


class ByDevice(Setting):
    async def confirm(self, pending: PendingDevice) -> None:
        await confirm(pending)

    async def refuse(self, pending: PendingDevice) -> None:
        await confirm(pending, allow=False)


class ByForm(Setting):
    form_id = "api_key"

    def fill(self, form: SignInForm) -> Mapping[str, str]:
        live = self.server.keys or [self.server.new_key()]
        return {"key": live[0].value}

    def mistype(self, form: SignInForm) -> Mapping[str, str]:
        return {"key": "mesh_" + "x" * 43}


@pytest.fixture
def server() -> Iterator[MeshServer]:
    with MeshServer() as started:
        started.change_faults(device_interval=0.05)
        yield started


@pytest.fixture
async def http(anyio_backend) -> AsyncIterator[HttpClient]:
    made = HttpClient()
    yield made
    await made.close()


@pytest.fixture
async def here(server: MeshServer, http: HttpClient, tmp_path: Path) -> Here:
    return Here(server, http, tmp_path)


@pytest.fixture
def foreign_url() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = json.dumps({"hello": "world"}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def log_message(self, *args: object) -> None:
            del args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_address[1]}"
        listening.shutdown()
        thread.join()
