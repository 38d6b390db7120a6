"""Which kind of server stands at an address, asked of real ones."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from manager.core.errors import InvalidRequest, ProviderError, RateLimited, ServerUnreachable
from manager.core.provider import ServerProbe
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.speckle_server import SpeckleServer
from manager.services.provider_registry import ProviderRegistry
from tests.services.bench import Bench

pytestmark = pytest.mark.anyio


async def test_each_server_finds_its_kind(
    bench: Bench, server: AuthorizationServer, speckle: SpeckleServer
) -> None:
    assert (await bench.providers.probe(server.url)).provider == "oidc"
    assert (await bench.providers.probe(speckle.url)).provider == "speckle"
    assert (await bench.providers.probe(server.url, "oidc")).provider == "oidc"
    with pytest.raises(InvalidRequest):
        await bench.providers.probe(server.url, "speckle")
    with pytest.raises(InvalidRequest, match="no provider 'x'"):
        await bench.providers.probe(server.url, "x")


async def test_nobody_answers(bench: Bench) -> None:
    with SpeckleServer() as gone:
        url = gone.url
    with pytest.raises(ServerUnreachable):
        await bench.providers.probe(url)


def provider(name: str, answer: object) -> SimpleNamespace:
    async def probe(_: str) -> object:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return SimpleNamespace(id=name, name=name, probe=probe)


FOUND = ServerProbe.__new__(ServerProbe)
AWAY, BROKEN, PAUSE = ServerUnreachable("a"), ProviderError("b"), RateLimited("c")


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ((AWAY, FOUND), FOUND),
        ((BROKEN, FOUND), FOUND),
        ((AWAY, None), AWAY),
        ((None, AWAY), AWAY),
        ((AWAY, BROKEN), BROKEN),
        ((None, PAUSE), PAUSE),
    ],
)
async def test_who_knows_it_wins_and_trouble_is_told(
    answers: tuple[object, ...], outcome: object
) -> None:
    registry = ProviderRegistry(provider(str(n), a) for n, a in enumerate(answers))  # type: ignore[misc]
    if outcome is FOUND:
        assert await registry.probe("https://s") is FOUND
    else:
        with pytest.raises(type(outcome)) as raised:
            await registry.probe("https://s")
        assert raised.value is outcome
