from __future__ import annotations

from dataclasses import replace

import pytest

from manager.core.errors import ProviderError, RateLimited, ServerUnreachable
from manager.practice.http_message import HttpReply
from manager.providers.authorization_server import AuthorizationServer
from manager.providers.oidc.discovery import Discovery
from manager.system.clock import SystemClock
from tests.providers.oidc.scripted_server import json_document

pytestmark = pytest.mark.anyio

OPENID = "/.well-known/openid-configuration"
OAUTH = "/.well-known/oauth-authorization-server"


class ShiftedClock(SystemClock):
    by = 0.0

    def now(self):
        return replace(super().now(), boot=super().now().boot + self.by)


@pytest.fixture
def clock():
    return ShiftedClock()


@pytest.fixture
def discovery(http, clock):
    return Discovery(http, clock, AuthorizationServer(http, clock))


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("", OPENID),
        ("", OAUTH),
        ("/realms/x", f"/realms/x{OPENID}"),
        ("/realms/x", f"{OAUTH}/realms/x"),
        ("/realms/x", f"{OPENID}/realms/x"),
    ],
)
async def test_metadata_are_found_wherever_they_may_stand(discovery, scripted, path, where):
    scripted.answers[where] = json_document(scripted.metadata(path))
    found = await discovery.find(scripted.url + path)
    assert found.issuer == scripted.url + path


async def test_a_redirect_to_the_document_is_followed(discovery, scripted):
    scripted.answers[OPENID] = HttpReply(302, (("Location", "/moved"),))
    scripted.answers["/moved"] = json_document(scripted.metadata())
    assert await discovery.find(scripted.url)


@pytest.mark.parametrize(
    "bad",
    [
        HttpReply(200, (("Content-Type", "text/html"),), b"<html>a page for every path</html>"),
        HttpReply(503, (), b"busy"),
        json_document({"issuer": "https://other.example", "authorization_endpoint": "x"}),
        json_document(["not", "an", "object"]),
        HttpReply(200, (), b"x" * (2 << 20)),
    ],
)
async def test_one_bad_place_does_not_hide_the_other(discovery, scripted, bad):
    scripted.answers[OPENID] = bad
    scripted.answers[OAUTH] = json_document(scripted.metadata())
    assert await discovery.find(scripted.url)


async def test_nothing_there_is_another_kind_of_server(discovery, scripted):
    assert await discovery.find(scripted.url) is None
    with pytest.raises(ProviderError):
        await discovery.metadata(scripted.url)


async def test_trouble_is_not_nothing(discovery, scripted):
    scripted.answers[OPENID] = HttpReply(502, (("Retry-After", "7"),), b"")
    with pytest.raises(ServerUnreachable) as away:
        await discovery.find(scripted.url)
    assert away.value.retry_after == 7
    scripted.answers[OPENID] = HttpReply(429, (("Retry-After", "0.5"),), b"")
    with pytest.raises(RateLimited) as pause:
        await discovery.find(scripted.url)
    assert pause.value.retry_after == 0.5


async def test_what_points_at_a_command_is_refused(discovery, scripted):
    endpoint = "javascript:alert(1)"
    scripted.answers[OPENID] = json_document(scripted.metadata(authorization_endpoint=endpoint))
    with pytest.raises(ProviderError, match="authorization_endpoint"):
        await discovery.find(scripted.url)


async def test_an_hour_later_the_server_is_asked_again(discovery, scripted, clock):
    scripted.answers[OPENID] = json_document(scripted.metadata())
    await discovery.find(scripted.url)
    clock.by = 3599.0
    await discovery.find(scripted.url)
    assert scripted.asked[OPENID] == 1
    clock.by = 3602.0
    assert discovery.known(scripted.url) is None
    await discovery.find(scripted.url)
    assert scripted.asked[OPENID] == 2


async def test_no_more_than_64_servers_are_remembered(discovery, scripted):
    for number in range(65):
        path = f"/{number}"
        scripted.answers[path + OPENID] = json_document(scripted.metadata(path))
        await discovery.find(scripted.url + path)
    assert discovery.known(f"{scripted.url}/0") is None
    assert discovery.known(f"{scripted.url}/1")
