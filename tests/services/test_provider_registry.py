"""Which kind of server stands at an address, asked of real ones."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from manager.core.catalogue import PresetServer
from manager.core.errors import InvalidRequest, ProviderError, RateLimited, ServerUnreachable
from manager.core.provider import ServerProbe
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.speckle_server import SpeckleServer
from manager.services.provider_registry import ProviderRegistry
from tests.providers.oidc.scripted_server import ScriptedServer
from tests.services.bench import Bench
from tests.services.typing_provider import URL

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


async def test_an_address_of_no_kind_says_what_was_tried_and_what_to_do(bench: Bench) -> None:
    with ScriptedServer() as nothing:
        with pytest.raises(InvalidRequest) as refused:
            await bench.providers.probe(nothing.url)
        for name in ("Speckle", "Typing servers", "OpenID Connect"):
            assert name in refused.value.message
        for advice in ("address", "--provider", "--client-id"):
            assert advice in refused.value.hint
        with pytest.raises(InvalidRequest, match="does not answer as OpenID Connect does"):
            await bench.providers.probe(nothing.url, "oidc")


async def test_the_catalogue_names_the_dialect(bench: Bench) -> None:
    preset = PresetServer(f"{URL}/here", "Here", "typing", dialect="old")
    bench.catalogue[preset.url] = preset
    assert (await bench.providers.probe(preset.url)).dialect == "old"
    assert (await bench.providers.probe(preset.url, dialect="new")).dialect == "new"
    assert (await bench.providers.probe(preset.url, "typing")).dialect == "old"
    assert (await bench.providers.probe(URL)).dialect == "new"
