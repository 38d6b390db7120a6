"""Recognising a FoxNose, living on and leaving."""

from __future__ import annotations

import pytest

from manager.core.errors import (
    AnswerLost,
    InvalidRequest,
    ProviderError,
    RateLimited,
    RefreshRefused,
    ServerUnreachable,
)
from manager.core.provider import SignInRequest
from manager.core.provider_abilities import (
    ManagesCredentials,
    ReadsVariables,
    SetsVariables,
    SignedOutThere,
    StillSignedIn,
    VerifiesCredentials,
)
from manager.core.sign_in_form import SignInForm, SignsInByForm
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.speckle_server import SpeckleServer

pytestmark = pytest.mark.anyio


def form(bench_forms: tuple[SignInForm, ...], name: str) -> SignInForm:
    return next(each for each in bench_forms if each.id == name)


async def test_it_has_what_it_claims(bench) -> None:
    for ability in (
        SignsInByForm, VerifiesCredentials, ManagesCredentials, SetsVariables, ReadsVariables,
    ):  # fmt: skip
        assert isinstance(bench.provider, ability)


# Probe -------------------------------------------------------------------------------------------


async def test_foxnose_itself_is_known_without_asking(bench) -> None:
    probe = await bench.provider.probe("https://api.foxnose.net/v1/")
    assert (probe.server.url, probe.server.name) == ("https://api.foxnose.net", "FoxNose")
    assert [each.id for each in probe.forms] == [
        "password", "token_pair", "static_token", "simple_key", "secure_key", "bearer_token",
    ]  # fmt: skip


async def test_a_flux_address_takes_keys_and_names_its_environment(bench) -> None:
    probe = await bench.provider.probe("https://7c9h4pwu.fxns.io/v1/articles")
    assert [each.id for each in probe.forms] == ["simple_key", "secure_key", "bearer_token"]
    fields = {each.name: each.default for each in probe.forms[0].fields}
    assert fields["environment"] == "7c9h4pwu"
    assert fields["flux_url"] == "https://7c9h4pwu.fxns.io"


@pytest.mark.parametrize(
    "url", ["https://a.fxns.io.example.com", "https://notfxns.io", "https://a.b.fxns.io"]
)
async def test_a_look_alike_is_no_known_address(bench, url: str) -> None:
    asked = []

    async def ask(*_args, **_named):
        asked.append(url)
        raise ServerUnreachable("nobody there")

    bench.provider._http.request = ask
    with pytest.raises(ServerUnreachable):
        await bench.provider.probe(url)
    assert asked


async def test_elsewhere_the_documented_refusal_tells_it(bench) -> None:
    probe = await bench.provider.probe(bench.server.url)
    assert probe.server.url == bench.server.url
    assert [each.endpoint for each in bench.server.requests] == ["organizations"]
    assert "authorization" not in bench.server.requests[0].headers


async def test_other_servers_are_left_alone(bench) -> None:
    with AuthorizationServer() as other, SpeckleServer() as speckle:
        assert await bench.provider.probe(other.url) is None
        assert await bench.provider.probe(speckle.url) is None


async def test_a_described_server_need_not_be_asked(bench, preset) -> None:
    preset(environment="7c9h4pwu", flux_url=bench.server.flux_url)
    probe = await bench.provider.probe(bench.server.url)
    assert probe.server.name == "Our FoxNose"
    assert not bench.server.requests
    assert form(probe.forms, "simple_key").fields[2].default == "7c9h4pwu"


async def test_trouble_is_no_other_server(bench) -> None:
    for faults in ({"unavailable": {"*": 503}}, {"rate_limited": {"*": "7"}}):
        bench.server.change_faults(**faults)
        with pytest.raises((ServerUnreachable, RateLimited)):
            await bench.provider.probe(bench.server.url)
        bench.server.change_faults(unavailable={}, rate_limited={})
    bench.server.stop()
    with pytest.raises(ServerUnreachable):
        await bench.provider.probe(bench.server.url)


async def test_a_form_that_is_not_offered_is_refused(bench) -> None:
    with pytest.raises(InvalidRequest):
        await bench.provider.begin_form(SignInRequest("https://abc.fxns.io"), "password")


# Living on ---------------------------------------------------------------------------------------


async def test_verification_asks_the_server(bench) -> None:
    result = await bench.alice()
    asked = (result.server, result.identity, result.credential)
    assert isinstance(await bench.provider.verify(*asked), StillSignedIn)
    bench.server.change_faults(refuse_everybody="permission_denied")
    assert isinstance(await bench.provider.verify(*asked), StillSignedIn)
    bench.server.change_faults(refuse_everybody="")
    for faults in ({"captive_portal": "page"}, {"unavailable": {"*": 500}}):
        bench.server.change_faults(**faults)
        with pytest.raises(ServerUnreachable):
            await bench.provider.verify(*asked)
        bench.server.change_faults(captive_portal="", unavailable={})
    bench.server.revoke_everything()
    assert isinstance(await bench.provider.verify(*asked), SignedOutThere)


async def test_a_sign_in_cannot_be_ended_there_and_says_when_it_ends(bench) -> None:
    result = await bench.alice()
    with pytest.raises(ProviderError, match=r"ends by itself at \d{4}-\d\d-\d\d \d\d:\d\d UTC"):
        await bench.provider.revoke(result.server, result.credential)
    key, secret = bench.server.new_key()
    secure = await bench.sign_in(
        "secure_key", public_key=key.public_key, private_key=secret, **bench.key_place()
    )
    with pytest.raises(ProviderError, match="does not end itself"):
        await bench.provider.revoke(secure.server, secure.credential)


async def test_renewing_brings_what_the_server_accepts(bench) -> None:
    result = await bench.alice()
    first = await bench.provider.refresh(result.server, result.identity, result.credential)
    second = await bench.provider.refresh(result.server, result.identity, first.credential)
    assert bench.organizations(second.credential) == 200
    assert (bench.server.refreshes, bench.server.reuse_detected) == (2, 0)


async def test_a_token_spent_elsewhere_means_signing_in_again(bench) -> None:
    result = await bench.alice()
    await bench.provider.refresh(result.server, result.identity, result.credential)
    with pytest.raises(RefreshRefused):
        await bench.provider.refresh(result.server, result.identity, result.credential)
    assert bench.server.reuse_detected == 1


async def test_a_wrong_refresh_path_is_said_and_signs_nobody_out(bench, preset) -> None:
    bench.server.change_faults(refresh_path="/account/token/renew/")
    result = await bench.alice()
    with pytest.raises(ProviderError, match="refresh path") as caught:
        await bench.provider.refresh(result.server, result.identity, result.credential)
    assert "refresh_path" in caught.value.hint
    assert not isinstance(caught.value, RefreshRefused)
    preset(refresh_path="/account/token/renew/")
    renewed = await bench.provider.refresh(result.server, result.identity, result.credential)
    assert renewed.credential.renewal_endpoint.endswith("/account/token/renew/")


async def test_the_refresh_path_can_be_typed(bench) -> None:
    bench.server.change_faults(refresh_path="/account/token/renew/")
    result = await bench.alice(refresh_path="/account/token/renew/")
    await bench.provider.refresh(result.server, result.identity, result.credential)
    assert bench.server.refreshes == 1
    for wrong in ("https://evil.example/", "//evil.example/", "renew", "/a b/"):
        with pytest.raises(InvalidRequest):
            await bench.alice(refresh_path=wrong)


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        ({"unavailable": {"*": 500}}, ServerUnreachable),
        ({"unavailable": {"*": 502}}, AnswerLost),
        ({"captive_portal": "page"}, AnswerLost),
        ({"captive_portal": "redirect"}, ServerUnreachable),
        ({"rate_limited": {"*": "7"}}, RateLimited),
        ({"lost_answers": 1}, AnswerLost),
    ],
)
async def test_trouble_is_never_signed_out(bench, faults, error) -> None:
    result = await bench.alice()
    bench.server.change_faults(**faults)
    with pytest.raises(error):
        await bench.provider.refresh(result.server, result.identity, result.credential)


async def test_an_expired_sign_in_is_over_when_the_server_says_so(bench) -> None:
    result = await bench.alice()
    bench.server.change_faults(clock_offset=604_801)
    with pytest.raises(RefreshRefused):
        await bench.provider.refresh(result.server, result.identity, result.credential)
