"""A code for another device, against the practice server (RFC 8628)."""

from __future__ import annotations

import anyio
import pytest

from manager.core.credential import ClientRegistration
from manager.core.errors import (
    InvalidRequest,
    ProviderError,
    RateLimited,
    ServerUnreachable,
    SignInDenied,
    SignInExpired,
)
from manager.core.provider import SignInMethod, SignInRequest
from manager.practice.faults import ID_TOKEN_FLAWS
from manager.practice.person import Person
from manager.providers.oidc import OidcProvider
from manager.system.clock import SystemClock
from manager.system.randomness import SystemRandomness
from tests.providers.oidc.scripted_server import json_document

pytestmark = pytest.mark.anyio
NO_NONCE = ID_TOKEN_FLAWS - {"missing_nonce", "wrong_nonce", "wrong_subject", "missing"}


async def begun(here, **request):
    return await here.provider().begin_device(
        SignInRequest(here.url, client=request.pop("client", here.public), **request)
    )


async def decide(pending, *, allow: bool = True) -> None:
    await anyio.to_thread.run_sync(Person(allow=allow).confirm, pending.verification_uri_complete)


async def test_a_person_with_another_device(here):
    probe = await here.provider().probe(here.url)
    assert probe.sign_in_methods == (SignInMethod.BROWSER, SignInMethod.DEVICE)
    pending = await begun(here)
    assert len(pending.user_code) == 9
    assert pending.verification_uri == f"{here.url}/device"
    assert (pending.expires_in, pending.interval) == (600, 5)
    assert await pending.poll() is None
    await decide(pending)
    result = await pending.poll()
    assert result.identity.label == "alice@example.com"
    assert result.credential.refresh_token is not None
    assert here.server.accepts(result.credential.access_token.reveal())
    refreshed = await here.provider().refresh(result.server, result.identity, result.credential)
    assert here.server.accepts(refreshed.credential.access_token.reveal())
    with pytest.raises(SignInExpired):
        await pending.poll()
    sent = here.sent_to("device_authorization")[0].form
    assert sent == {
        "client_id": "account-manager", "scope": "openid profile email offline_access",
    }  # fmt: skip


@pytest.mark.parametrize("scopes", [("api",), ()])
async def test_a_client_with_a_secret_and_scopes_of_its_own(here, scopes):
    pending = await begun(here, client=here.confidential, scopes=scopes)
    await decide(pending)
    result = await pending.poll()
    assert set(result.scopes) == set(scopes or ("openid", "profile", "email", "offline_access"))


async def test_asking_too_often_slows_it_down_for_good(here):
    pending = await begun(here)
    assert await pending.poll() is None
    assert await pending.poll() is None
    assert pending.interval == 10
    assert await pending.poll() is None
    assert pending.interval == 15


async def test_a_no(here):
    pending = await begun(here)
    await decide(pending, allow=False)
    with pytest.raises(SignInDenied, match="on the other device"):
        await pending.poll()


async def test_too_late(here):
    pending = await begun(here)
    here.server.change_faults(clock_offset=601.0)
    with pytest.raises(SignInExpired):
        await pending.poll()


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        ({"unavailable": {"token": 500}}, ServerUnreachable),
        ({"unavailable": {"token": 502}}, ServerUnreachable),
        ({"captive_portal": "page"}, ServerUnreachable),
        ({"captive_portal": "redirect"}, ServerUnreachable),
        ({"cut_requests": 1}, ServerUnreachable),
        ({"rate_limited": {"token": "7"}}, RateLimited),
    ],
)
async def test_trouble_ends_nothing(here, faults, error):
    pending = await begun(here)
    here.server.change_faults(**faults)
    with pytest.raises(error):
        await pending.poll()
    here.server.change_faults(unavailable={}, rate_limited={}, captive_portal="", cut_requests=0)
    await decide(pending)
    assert await pending.poll() is not None


async def test_tokens_whose_owner_cannot_be_asked_now_are_kept_for_the_next_poll(here):
    pending = await begun(here)
    await decide(pending)
    here.server.change_faults(unavailable={"jwks": 503})
    with pytest.raises(ServerUnreachable):
        await pending.poll()
    here.server.change_faults(unavailable={})
    assert (await pending.poll()).identity.label == "alice@example.com"
    assert here.server.token_requests("urn:ietf:params:oauth:grant-type:device_code") == 1


@pytest.mark.parametrize("flaw", sorted(NO_NONCE))
async def test_the_id_token_is_checked_as_in_the_browser(here, flaw):
    pending = await begun(here)
    await decide(pending)
    here.server.change_faults(id_token=flaw)
    with pytest.raises(ProviderError):
        await pending.poll()


@pytest.fixture
def provider(http):
    return OidcProvider(http, SystemClock(), SystemRandomness(), lambda _: None)


async def scripted_device(provider, scripted, answer, status: int = 200):
    endpoint = f"{scripted.url}/device_authorization"
    document = scripted.metadata(device_authorization_endpoint=endpoint)
    scripted.answers["/.well-known/openid-configuration"] = json_document(document)
    scripted.answers["/device_authorization"] = json_document(answer, status)
    return await provider.begin_device(SignInRequest(scripted.url, ClientRegistration("app")))


def code(scripted, **members: object) -> dict[str, object]:
    return {
        "device_code": "d", "user_code": "WDJB-MJHT",
        "verification_uri": f"{scripted.url}/d", **members,
    }  # fmt: skip


async def test_a_server_without_it(provider, scripted):
    document = scripted.metadata()
    scripted.answers["/.well-known/openid-configuration"] = json_document(document)
    probe = await provider.probe(scripted.url)
    assert probe.sign_in_methods == (SignInMethod.BROWSER,)
    with pytest.raises(InvalidRequest, match="no sign-in by a code"):
        await provider.begin_device(SignInRequest(scripted.url, ClientRegistration("app")))


async def test_what_a_server_may_leave_out(provider, scripted):
    pending = await scripted_device(provider, scripted, code(scripted))
    assert (pending.interval, pending.expires_in) == (5, 600)
    assert pending.verification_uri_complete is None
    odd = code(scripted, verification_uri_complete="javascript:alert(1)", interval="2")
    pending = await scripted_device(provider, scripted, odd)
    assert (pending.interval, pending.verification_uri_complete) == (2, None)


@pytest.mark.parametrize(
    "answer",
    [
        {"verification_uri": "javascript:alert(1)"},
        {"verification_uri": "http://server.example/d"},
        {"verification_uri": None},
        {"user_code": ""},
        {"user_code": "A\u202eB"},
        {"user_code": "x" * 65},
        {"device_code": 7},
    ],
)
async def test_what_no_person_is_sent_to(provider, scripted, answer):
    with pytest.raises(ProviderError):
        await scripted_device(provider, scripted, code(scripted, **answer))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (json_document({"error": "authorization_pending"}, 403), None),
        (json_document({"error": "authorization_pending"}), None),
        (json_document({"error": "slow_down"}, 429), None),
        (json_document({"error": "slow_down"}, 429, Retry_After="3"), RateLimited),
        (json_document({"error": "invalid_grant"}, 400), SignInExpired),
        (json_document({"error": "incorrect_device_code"}), SignInExpired),
        (json_document({"error": "temporarily_unavailable"}, 400), ServerUnreachable),
        (json_document({"error": "unauthorized_client"}, 400), ProviderError),
    ],
)
async def test_what_the_answers_to_a_poll_mean(provider, scripted, answer, error):
    pending = await scripted_device(provider, scripted, code(scripted))
    scripted.answers["/token"] = answer
    if error is None:
        assert await pending.poll() is None
        assert pending.interval == (10 if answer.status == 429 else 5)
    else:
        with pytest.raises(error):
            await pending.poll()


async def test_a_refused_beginning(provider, scripted):
    with pytest.raises(ProviderError, match="unauthorized_client"):
        await scripted_device(provider, scripted, {"error": "unauthorized_client"}, 400)
