"""The example of manager/providers/README.md: short, true to the contract, and really a plug-in."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from manager.core.provider import SignInMethod, SignInRequest
from manager.practice.bad_day import bad_day
from manager.practice.provider_contract import Check, Trouble, checks
from manager.providers.context import ProviderContext
from manager.providers.http_client import HttpClient
from manager.system.clock import SystemClock
from manager.system.randomness import SystemRandomness
from tests.providers.example.acme_server import AcmeServer

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "resources" / "examples" / "acme_provider"
KEY = "acme-key-of-alice"


class AcmeSetting:
    """What the author writes beside the provider: forty lines."""

    form_id = "api_key"

    def __init__(self, http: HttpClient, server: AcmeServer, foreign_url: str) -> None:
        context = ProviderContext(
            http=http, clock=SystemClock(), randomness=SystemRandomness(), catalogue={}.get,
            environ={}, foreign_keychain=None, data=Path("/nowhere"),
        )  # fmt: skip
        self.provider = _example().open_provider(context)
        self.server = server
        self.request = SignInRequest(server.url)
        self.foreign_url = foreign_url
        self.resource_url = f"{server.url}/api/me"
        self.secrets = (KEY,)
        self._http = http

    def fill(self, form) -> dict[str, str]:
        return {"key": KEY}

    def mistype(self, form) -> dict[str, str]:
        return {"key": "acme-key-of-mallory"}

    async def accepts(self, headers) -> bool:
        answer = await self._http.request("GET", self.resource_url, headers=headers)
        return answer.status == 200

    async def end_sign_ins(self) -> None:
        self.server.revoke_everything()

    def trouble(self, trouble: Trouble) -> AbstractAsyncContextManager[None]:
        return bad_day(self.server, trouble)


def _example():
    spec = importlib.util.spec_from_file_location("acme_provider", FOLDER / "acme_provider.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def server() -> Iterator[AcmeServer]:
    with AcmeServer() as started:
        yield started


@pytest.fixture
def setting(http: HttpClient, server: AcmeServer, foreign_url: str) -> AcmeSetting:
    return AcmeSetting(http, server, foreign_url)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "check",
    checks(SignInMethod.FORM, renews=False, revokes=False, verifies=True),
    ids=lambda check: check.__name__,
)
async def test_contract(setting: AcmeSetting, check: Check) -> None:
    await check(setting)


def test_it_has_sixty_lines_and_stands_in_the_guide() -> None:
    text = (FOLDER / "acme_provider.py").read_text()
    assert len([line for line in text.splitlines() if line.strip()]) <= 60
    assert text in (ROOT / "manager" / "providers" / "README.md").read_text()
