"""From the address of a server to a person who has signed in there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from manager.core.catalogue import PresetServer
from manager.core.errors import (
    InvalidRequest,
    ProviderError,
    ServerUnreachable,
    SignInDenied,
    SignInExpired,
)
from manager.core.provider import RedirectMethod
from manager.oauth.private_use_redirect import (
    portless_loopback_redirect_uri,
    private_use_redirect_uri,
)
from manager.practice.faults import ID_TOKEN_FLAWS
from manager.practice.person import Person
from manager.providers.oidc import OidcProvider
from manager.system.clock import SystemClock
from manager.system.randomness import SystemRandomness

pytestmark = pytest.mark.anyio


def query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


async def test_a_probe_says_what_a_person_and_an_operator_need(here):
    probe = await here.provider().probe(here.url + "/")
    assert probe.provider == "oidc"
    assert probe.server.url == here.url
    assert probe.needs == ("client_id",)
    assert probe.redirect_methods[0] is RedirectMethod.SCHEME
    assert probe.redirect_uris == {
        "scheme": private_use_redirect_uri(here.url),
        "loopback": portless_loopback_redirect_uri(here.url),
    }


async def test_a_described_server_needs_nothing(here):
    provider = here.provider(client=here.public, redirect_uris={"loopback": "http://127.0.0.1/"})
    probe = await provider.probe(here.url)
    assert probe.server.name == "Practice"
    assert probe.needs == ()
    assert probe.redirect_methods == (RedirectMethod.LOOPBACK, RedirectMethod.PASTE)


async def test_another_kind_of_server_is_left_to_others(here):
    preset = PresetServer(here.url, "S", "speckle")
    other = OidcProvider(here.http, SystemClock(), SystemRandomness(), lambda _: preset)
    assert await other.probe(here.url) is None
    assert await here.provider().probe(here.url + "/somewhere") is None


async def test_metadata_are_asked_for_once(here):
    provider = here.provider()
    for _ in range(3):
        await provider.probe(here.url)
    assert len(here.sent_to("metadata")) == 1


async def test_the_request_carries_what_the_rfcs_ask(here):
    pending = await here.begin(login_hint="alice@example.com", select_account=True)
    asked = query(pending.authorization_url)
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) >= 22
    assert asked["state"] == pending.state
    assert asked["nonce"] != asked["state"]
    assert asked["scope"] == "openid profile email offline_access"
    assert asked["prompt"] == "consent select_account"
    assert asked["login_hint"] == "alice@example.com"
    assert asked["redirect_uri"] == private_use_redirect_uri(here.url)
    again = query((await here.begin()).authorization_url)
    assert not {asked[name] for name in ("state", "nonce", "code_challenge")} & set(again.values())


@pytest.mark.parametrize("method", [RedirectMethod.SCHEME, RedirectMethod.LOOPBACK,
                                    RedirectMethod.PASTE])  # fmt: skip
async def test_a_person_signs_in(here, method):
    result = await here.sign_in(method=method)
    assert result.server.url == here.url
    assert result.identity.subject == "248289761001"
    assert result.identity.label == "alice@example.com"
    assert result.identity.display_name == "Alice Moreau"
    assert result.scopes == ("openid", "profile", "email", "offline_access")
    credential = result.credential
    assert here.server.accepts(credential.access_token.reveal())
    assert credential.refresh_token
    assert credential.token_endpoint == f"{here.url}/token"
    (request,) = here.sent_to("token")
    assert request.form["redirect_uri"] == here.asked()["redirect_uri"]
    assert "authorization" not in request.headers


async def test_a_client_with_a_secret_proves_it_everywhere(here):
    provider = here.provider()
    result = await here.sign_in(provider, client=here.confidential)
    await provider.refresh(result.server, result.identity, result.credential)
    await provider.revoke(result.server, result.credential)
    for endpoint in ("token", "revocation"):
        for request in here.sent_to(endpoint):
            assert request.headers["authorization"].startswith("Basic ")
            assert request.status == 200


async def test_no_sign_in_without_a_client_id(here):
    with pytest.raises(InvalidRequest):
        await here.begin(client=None)
    assert await here.begin(here.provider(client=here.public), client=None)


async def test_a_code_is_sent_once(here):
    pending = await here.begin()
    parameters = await here.answer(pending)
    await pending.redeem(parameters)
    with pytest.raises(SignInExpired):
        await pending.redeem(parameters)
    assert here.server.token_requests("authorization_code") == 1


async def test_a_no_in_the_browser_is_a_no(here):
    pending = await here.begin()
    parameters = await here.answer(pending, Person("alice", allow=False))
    with pytest.raises(SignInDenied):
        await pending.redeem(parameters)
    assert here.sent_to("token") == []


@pytest.mark.parametrize("outcome", [{"code": "x"}, {"error": "access_denied"}])
@pytest.mark.parametrize(
    "sender", [{"iss": "https://issuer.invalid"}, {"iss": None}, {"state": "x"}, {"state": None}]
)
async def test_an_answer_of_another_server_reaches_no_server(here, outcome, sender):
    pending = await here.begin()
    said = {"state": pending.state, "iss": here.url} | outcome | sender
    with pytest.raises(InvalidRequest):
        await pending.redeem({name: value for name, value in said.items() if value is not None})
    assert here.sent_to("token") == []


@pytest.mark.parametrize("fault", ["response_issuer", "response_state"])
@pytest.mark.parametrize("flaw", ["wrong", "absent"])
async def test_a_forged_answer_of_the_browser_reaches_no_server(here, fault, flaw):
    here.server.change_faults(**{fault: flaw})
    pending = await here.begin()
    with pytest.raises(InvalidRequest):
        await pending.redeem(await here.answer(pending))
    assert here.sent_to("token") == []


@pytest.mark.parametrize("flaw", sorted(ID_TOKEN_FLAWS))
async def test_one_flaw_of_the_id_token_ends_the_sign_in(here, flaw):
    pending = await here.begin()
    parameters = await here.answer(pending)
    here.server.change_faults(id_token=flaw)
    if flaw == "wrong_subject":  # only userinfo can tell
        with pytest.raises(ProviderError, match="different people"):
            await pending.redeem(parameters)
        return
    with pytest.raises(ProviderError):
        await pending.redeem(parameters)


async def test_userinfo_of_somebody_else_ends_the_sign_in(here):
    here.server.change_faults(userinfo_subject="248289761002")
    with pytest.raises(ProviderError, match="different people"):
        await here.sign_in()


async def test_userinfo_that_is_away_costs_no_sign_in(here):
    here.server.change_faults(unavailable={"userinfo": 503})
    assert (await here.sign_in()).identity.subject == "248289761001"


async def test_an_unknown_key_is_looked_up_once_in_five_minutes(here):
    provider = here.provider()
    await here.sign_in(provider)
    here.server.change_faults(id_token="unknown_kid")
    for _ in range(2):
        with pytest.raises(ProviderError):
            await here.sign_in(provider)
    assert len(here.sent_to("jwks")) == 1


@dataclass
class ShiftedClock:
    """The machine's clock, moved on by hand."""

    by: float = 0.0

    def now(self):
        now = SystemClock().now()
        return replace(now, boot=now.boot + self.by)

    async def sleep(self, seconds):
        await SystemClock().sleep(seconds)


async def test_a_changed_key_is_found_when_five_minutes_are_over(here):
    clock = ShiftedClock()
    provider = OidcProvider(here.http, clock, SystemRandomness(), lambda _: None)
    await here.sign_in(provider)
    here.server.change_faults(signing_key=1)
    with pytest.raises(ProviderError):
        await here.sign_in(provider)
    clock.by = 301.0
    assert await here.sign_in(provider)
    assert len(here.sent_to("jwks")) == 2


async def test_metadata_of_another_issuer_are_not_used(here):
    here.server.change_faults(metadata_issuer="wrong")
    with pytest.raises(ProviderError) as refused:
        await here.provider().probe(here.url)
    assert "issuer.invalid" in refused.value.hint


async def test_the_granted_scope_is_kept(here):
    here.server.change_faults(narrow_scope="openid email")
    result = await here.sign_in()
    assert result.scopes == result.credential.scopes == ("openid", "email")


@pytest.mark.parametrize("kind", ["DPoP", "mac"])
async def test_an_unknown_kind_of_token_is_not_used(here, kind):
    here.server.change_faults(token_type=kind)
    with pytest.raises(ProviderError):
        await here.sign_in()


async def test_a_plain_oauth_server_names_nobody(plain):
    provider = plain.provider()
    probe = await provider.probe(plain.url)
    assert probe.provider == "oidc"
    first, second = [await plain.sign_in(provider, scopes=("api",)) for _ in range(2)]
    assert first.identity.label == urlsplit(plain.url).netloc
    assert first.identity.subject != second.identity.subject
    assert first.scopes == ("api",)
    renewed = await provider.refresh(first.server, first.identity, first.credential)
    assert plain.server.accepts(renewed.credential.access_token.reveal())


async def test_the_name_of_a_server_is_no_hint_at_a_person(plain):
    pending = await plain.begin(login_hint=urlsplit(plain.url).netloc)
    assert "login_hint" not in query(pending.authorization_url)


async def test_a_server_that_is_away_is_no_answer(here):
    here.server.change_faults(unavailable={"*": 503})
    with pytest.raises(ServerUnreachable):
        await here.provider().probe(here.url)
    here.server.stop()
    with pytest.raises(ServerUnreachable):
        await here.provider().probe(here.url)
