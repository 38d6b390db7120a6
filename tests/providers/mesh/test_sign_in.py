"""Signing in through the browser and by device code, beyond the contract of all providers."""

from __future__ import annotations

import json

import pytest

from manager.core.errors import (
    InvalidRequest,
    ProviderError,
    ServerUnreachable,
    SignInDenied,
    SignInExpired,
)
from manager.core.provider import RedirectMethod, SignInMethod
from manager.practice.person import Person
from manager.providers.mesh.tenant import tenant_config

from .conftest import REDIRECT, Here, confirm

pytestmark = pytest.mark.anyio


async def test_probe_offers_all_three_ways(here: Here) -> None:
    probe = await here.provider.probe(here.server.url)
    assert probe is not None
    assert probe.sign_in_methods == (
        SignInMethod.BROWSER, SignInMethod.DEVICE, SignInMethod.FORM,
    )  # fmt: skip
    assert probe.redirect_methods == (RedirectMethod.LOOPBACK, RedirectMethod.PASTE)
    assert [form.id for form in probe.forms] == ["api_key"]


def test_comes_back_where_the_sdk_does(here: Here) -> None:
    way = here.provider.redirection(here.server.url, RedirectMethod.LOOPBACK)
    assert way.uri.format(port=8000) == "http://localhost:8000/callback"
    assert (way.port, way.last_port, way.dual_stack) == (8000, 8999, True)
    with pytest.raises(InvalidRequest):
        here.provider.redirection(here.server.url, RedirectMethod.SCHEME)


async def test_the_backend_is_asked_as_the_sdk_asks(here: Here) -> None:
    result = await here.sign_in()
    asked = {each.endpoint: json.loads(each.body) for each in here.server.requests if each.body}
    sent = asked["auth_url"]
    assert set(sent) == {"redirect_uri", "scope", "state"}
    assert sent["scope"] == "openid profile email offline_access"
    assert set(asked["exchange"]) == {"code", "redirect_uri"}
    assert asked["exchange"]["redirect_uri"] == REDIRECT
    assert result.identity.label == "alice@example.com"
    assert result.credential.dialect == "web"
    assert here.accepts(result.credential)


async def test_state_is_256_bits_and_compared(here: Here) -> None:
    here.server.change_faults(return_wrong_state=True)
    pending = await here.begin()
    assert len(pending.state) >= 43
    with pytest.raises(InvalidRequest, match="no sign-in that was started here"):
        await pending.redeem(await here.answer(pending))
    assert here.server.counters["exchange"] == 0


async def test_a_backend_that_drops_our_state_is_not_signed_in_at(here: Here) -> None:
    here.server.change_faults(drop_state=True)
    with pytest.raises(ProviderError, match="state"):
        await here.begin()


async def test_wishes_go_to_the_login_page(here: Here) -> None:
    pending = await here.begin(select_account=True, login_hint="bob@example.com")
    assert "&prompt=login&login_hint=bob%40example.com" in pending.authorization_url


@pytest.mark.parametrize("uri", ["http://localhost:8000/other", "https://evil.example/callback"])
async def test_another_way_back_is_refused(here: Here, uri: str) -> None:
    with pytest.raises(InvalidRequest):
        await here.provider.begin(here.request, uri)


async def test_no_grant_is_left_when_nobody_says_who_it_is(here: Here) -> None:
    pending = await here.begin()
    answer = await here.answer(pending)
    here.server.change_faults(unavailable={"profile": 503})
    with pytest.raises(ServerUnreachable):
        await pending.redeem(answer)
    assert here.server.counters["profile"] == 2
    assert here.server.tenant.grants.live() == 0
    with pytest.raises(SignInExpired):
        await pending.redeem(answer)


async def test_expiry_of_the_token_itself_counts_where_the_answer_is_silent(here: Here) -> None:
    here.server.change_faults(omit_expires_in=True, lifetime=1800.0)
    result = await here.sign_in()
    remaining = result.credential.validity.remaining(here.clock.now())
    assert 1790 < remaining <= 1800


# Device code -------------------------------------------------------------------------------------


async def test_device_code_of_the_device_client(here: Here) -> None:
    result = await here.sign_in_by_device()
    assert result.credential.client.client_id == "practice-device-client"
    assert result.credential.dialect == "device"
    renewed = await here.refresh(result)
    sent = [json.loads(each.body) for each in here.server.requests if each.endpoint == "refresh"]
    assert sent[0]["client_type"] == "device"
    again = await here.refresh(result, renewed)
    assert again.dialect == "device"
    assert here.accepts(again)
    assert here.server.reuse_detected == 0


@pytest.mark.parametrize("status", [400, 403, 429])
async def test_device_answers_in_every_status(here: Here, status: int) -> None:
    here.server.change_faults(device_status=status, device_interval=5.0)
    pending = await here.provider.begin_device(here.request)
    assert (pending.interval, pending.expires_in) == (5.0, 900.0)
    assert pending.verification_uri_complete == (
        f"{pending.verification_uri}?user_code={pending.user_code}"
    )
    assert await pending.poll() is None
    assert await pending.poll() is None  # too soon
    assert pending.interval == 10.0
    here.server.change_faults(clock_offset=901.0)
    with pytest.raises(SignInExpired):
        await pending.poll()
    here.server.change_faults(clock_offset=0.0)
    refused = await here.provider.begin_device(here.request)
    await confirm(refused, allow=False)
    with pytest.raises(SignInDenied):
        await refused.poll()


async def test_device_tokens_are_kept_until_it_is_known_whose_they_are(here: Here) -> None:
    pending = await here.provider.begin_device(here.request)
    await confirm(pending)
    here.server.change_faults(unavailable={"profile": 503})
    with pytest.raises(ServerUnreachable):
        await pending.poll()
    here.server.change_faults(unavailable={})
    result = await pending.poll()
    assert result is not None
    assert here.accepts(await here.refresh(result))
    assert here.server.tenant.counters["token"] == 1


# Whom a backend may send us to ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("domain", "server", "expected"),
    [
        ("t.eu.auth0.com", "https://mesh.example", "https://t.eu.auth0.com"),
        ("T.EU.auth0.com", "https://mesh.example", "https://t.eu.auth0.com"),
        ("t.eu.auth0.com", "http://127.0.0.1:9", "https://t.eu.auth0.com"),
        ("127.0.0.1:81", "http://127.0.0.1:9", "http://127.0.0.1:81"),
        ("127.0.0.1:81", "https://mesh.example", None),
        ("localhost", "https://mesh.example", None),
        ("evil.example/path", "https://mesh.example", None),
        ("user@evil.example", "https://mesh.example", None),
        ("t.eu.auth0.com#", "https://mesh.example", None),
        ("", "https://mesh.example", None),
        (7, "https://mesh.example", None),
    ],
)
def test_domain_of_the_tenant(domain: object, server: str, expected: str | None) -> None:
    found = tenant_config({"domain": domain, "client_id": "c", "audience": "a"}, server)
    assert (found.origin if found else None) == expected


async def test_two_people_are_two_accounts(here: Here) -> None:
    alice, bob = await here.sign_in(), await here.sign_in(Person("bob"))
    assert alice.identity.subject != bob.identity.subject
    assert bob.identity.display_name == "Bob Lindqvist"
