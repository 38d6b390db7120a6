"""Recognising a FoxNose, signing in to it, living on and leaving."""

from __future__ import annotations

import base64
import json

import pytest

from manager.core.credential import ApiKey, SessionToken, SigningKey, renewal_of
from manager.core.errors import (
    AnswerLost,
    CredentialsRefused,
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
from tests.providers.foxnose.bench import ALICE

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


@pytest.mark.parametrize("url", ["https://fxns.io.example.com", "https://notfxns.io"])
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


# A person ----------------------------------------------------------------------------------------


async def test_a_password_becomes_a_pair_that_renews_itself(bench) -> None:
    result = await bench.alice()
    assert result.identity.label == "alice@example.com"
    assert result.identity.subject == "248289761001"
    assert not result.identity.key
    session = result.credential
    assert isinstance(session, SessionToken)
    assert renewal_of(session).by_itself
    assert session.validity.lifetime == 86_400
    assert session.renewal_endpoint == bench.server.url + "/account/auth/refresh/"
    assert bench.organizations(session) == 200
    assert bench.provider.origins(result.server, session) == (
        bench.server.url, bench.server.flux_url,
    )  # fmt: skip


async def test_a_wrong_password_may_be_typed_again(bench) -> None:
    pending = await bench.provider.begin_form(SignInRequest(bench.server.url), "password")
    with pytest.raises(CredentialsRefused):
        await bench.sign_in("password", **{**ALICE, "password": "wrong"})
    assert pending.form.id == "password"
    assert (await bench.alice()).identity.label == "alice@example.com"


async def test_the_password_is_kept_nowhere(bench) -> None:
    result = await bench.alice()
    assert ALICE["password"] not in repr(result) + repr(bench.provider.__dict__)
    for faults in (
        {"unavailable": {"login": 500}},
        {"lost_answers": 1},
        {"captive_portal": "page"},
    ):
        bench.server.change_faults(**faults)
        with pytest.raises((ServerUnreachable, AnswerLost)) as caught:
            await bench.alice()
        error: BaseException | None = caught.value
        while error is not None:
            assert ALICE["password"] not in f"{error!r} {error} {getattr(error, 'hint', '')}"
            error = error.__cause__ or error.__context__
        bench.server.change_faults(unavailable={}, lost_answers=0, captive_portal="")


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


async def test_a_pasted_pair_is_checked_by_its_access_token(bench) -> None:
    issued = (await bench.alice()).credential
    pasted = await bench.sign_in(
        "token_pair",
        access_token=f" {issued.token.reveal()}\n",
        refresh_token=issued.refresh_token.reveal(),
    )
    assert pasted.identity.subject == "248289761001"
    assert pasted.credential.imported
    assert bench.server.refreshes == 0
    renewed = await bench.provider.refresh(pasted.server, pasted.identity, pasted.credential)
    assert not renewed.credential.imported


async def test_a_pair_with_a_dead_access_token_is_renewed_at_once(bench) -> None:
    issued = (await bench.alice()).credential
    bench.server.expire_access_tokens()
    typed = {
        "access_token": issued.token.reveal(), "refresh_token": issued.refresh_token.reveal(),
    }  # fmt: skip
    pasted = await bench.sign_in("token_pair", **typed)
    assert bench.organizations(pasted.credential) == 200
    assert bench.server.refreshes == 1
    bench.server.revoke_everything()
    with pytest.raises(CredentialsRefused):
        await bench.sign_in("token_pair", **typed)


async def test_a_static_token_is_checked_and_ends_when_it_ends(bench) -> None:
    token = (await bench.alice()).credential.token.reveal()
    result = await bench.sign_in("static_token", access_token=token)
    assert isinstance(result.credential, ApiKey)
    assert not renewal_of(result.credential).by_itself
    assert 86_390 < result.credential.validity.lifetime <= 86_400
    assert (result.identity.subject, result.identity.key) == ("248289761001", "access_token")
    assert bench.organizations(result.credential) == 200
    bench.server.expire_access_tokens()
    with pytest.raises(CredentialsRefused):
        await bench.sign_in("static_token", access_token=token)
    with pytest.raises(CredentialsRefused):
        await bench.sign_in("static_token", access_token="no token at all")


# Keys --------------------------------------------------------------------------------------------


async def test_a_simple_key(bench) -> None:
    key, secret = bench.server.new_key()
    result = await bench.sign_in(
        "simple_key", public_key=key.public_key, secret_key=secret, **bench.key_place()
    )
    assert result.capabilities == ("headers",)
    assert result.identity.label == f"{key.public_key[:8]}…{key.public_key[-4:]}"
    assert key.public_key in result.identity.key
    assert bench.articles(result.credential) == 200
    with pytest.raises(CredentialsRefused):
        await bench.sign_in(
            "simple_key", public_key=key.public_key, secret_key="x", **bench.key_place()
        )


@pytest.mark.parametrize("form_id", ["simple_key", "secure_key"])
async def test_a_management_key_is_checked_without_a_prefix(bench, form_id: str) -> None:
    key, secret = bench.server.new_key("management")
    place = bench.key_place(api="management", api_prefix="")
    half = "secret_key" if form_id == "simple_key" else "private_key"
    typed = {"public_key": key.public_key, half: secret, **place}
    result = await bench.sign_in(form_id, **typed)
    keys = bench.server.url + f"/v1/{bench.server.environment}/permissions/flux-api/api-keys/"
    assert bench.status(result.credential, keys) == 200
    bench.server.change_faults(refuse_everybody="permission_denied")
    await bench.sign_in(form_id, **typed)  # known, though it may do nothing here
    bench.server.revoke_everything()
    bench.server.change_faults(refuse_everybody="")
    with pytest.raises(CredentialsRefused):
        await bench.sign_in(form_id, **typed)


async def test_a_secure_key_signs(bench) -> None:
    key, secret = bench.server.new_key()
    result = await bench.sign_in(
        "secure_key", public_key=key.public_key, private_key=secret, **bench.key_place()
    )
    assert isinstance(result.credential, SigningKey)
    assert result.capabilities == ("sign",)
    assert bench.articles(result.credential) == 200
    assert secret not in repr(result)
    assert bench.server.flux.requests[-1].headers["authorization"].startswith("Secure ")


async def test_a_flux_key_without_a_prefix_is_stored_unchecked_and_says_so(bench) -> None:
    key, secret = bench.server.new_key()
    probe = await bench.provider.probe(bench.server.url)
    assert "unchecked" in form(probe.forms, "secure_key").note
    result = await bench.sign_in(
        "secure_key", public_key=key.public_key, private_key=secret,
        **bench.key_place(api_prefix=""),
    )  # fmt: skip
    assert not bench.server.flux.requests
    with pytest.raises(ProviderError, match="no request"):
        await bench.provider.verify(result.server, result.identity, result.credential)


async def test_a_bearer_token(bench) -> None:
    key, _ = bench.server.new_key()
    token = bench.server.keys.issue_bearer(key, bench.server.now())
    result = await bench.sign_in("bearer_token", bearer_token=token, **bench.key_place())
    assert result.identity.label == f"{token[:12]}…"
    assert bench.articles(result.credential) == 200
    with pytest.raises(CredentialsRefused):
        await bench.sign_in("bearer_token", bearer_token="fxk_other", **bench.key_place())


async def test_at_a_flux_address_the_place_is_known(bench) -> None:
    key, secret = bench.server.new_key()
    result = await bench.sign_in(
        "secure_key", at="https://abc.fxns.io", public_key=key.public_key, private_key=secret
    )
    assert bench.provider.origins(result.server, result.credential) == (
        "https://abc.fxns.io", "https://api.foxnose.net",
    )  # fmt: skip


async def test_an_environment_makes_its_own_address(bench) -> None:
    key, secret = bench.server.new_key()
    result = await bench.sign_in(
        "secure_key", at="https://api.foxnose.net", public_key=key.public_key,
        private_key=secret, environment="abc",
    )  # fmt: skip
    assert bench.provider.origins(result.server, result.credential) == (
        "https://api.foxnose.net", "https://abc.fxns.io",
    )  # fmt: skip
    for wrong in ("a.b", "a/b", "a@b", "ä"):
        with pytest.raises(InvalidRequest):
            await bench.sign_in(
                "secure_key", at="https://api.foxnose.net", public_key=key.public_key,
                private_key=secret, environment=wrong,
            )  # fmt: skip


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


# Odd tokens --------------------------------------------------------------------------------------


def token_of(claims: object) -> str:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{part}.sig"


@pytest.mark.parametrize(
    "token",
    [
        "opaque",
        "a.b.c",
        token_of([]),
        token_of({"exp": "soon", "user_id": {}}),
        token_of({"exp": 1e300, "iat": -5, "user_id": True}),
        token_of({"exp": 10**400}),
    ],
)
async def test_odd_tokens_have_no_known_end(token: str) -> None:
    from manager.core.moment import Moment
    from manager.core.secret import Secret
    from manager.providers.foxnose import access_token

    now = Moment(1_800_000_000.0, 1.0, "boot")
    assert access_token.validity_when_issued(Secret(token), now).lifetime is None
    assert access_token.validity_when_pasted(Secret(token), now).lifetime is None
