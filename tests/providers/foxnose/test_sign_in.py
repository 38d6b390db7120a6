"""Every way to sign in, and what is kept of it."""

from __future__ import annotations

import pytest

from manager.core.credential import ApiKey, SessionToken, SigningKey, renewal_of
from manager.core.errors import (
    AnswerLost,
    CredentialsRefused,
    InvalidRequest,
    ProviderError,
    ServerUnreachable,
)
from manager.core.provider import SignInRequest
from manager.core.sign_in_form import SignInForm
from tests.providers.foxnose.bench import ALICE

pytestmark = pytest.mark.anyio


def form(bench_forms: tuple[SignInForm, ...], name: str) -> SignInForm:
    return next(each for each in bench_forms if each.id == name)


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


async def test_an_open_api_says_nothing_about_a_key(bench) -> None:
    bench.server.change_faults(open_api=True)
    typed = {"public_key": "never", "secret_key": "made"}
    result = await bench.sign_in("simple_key", **typed, **bench.key_place())
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


async def test_a_token_that_names_nobody_is_an_account_all_the_same(bench, monkeypatch) -> None:
    """FoxNose's documents do not say which claims a token has."""
    monkeypatch.setattr(bench.server.sessions, "claim", "somebody")
    issued = await bench.alice()
    assert (issued.identity.subject, issued.identity.is_known) == ("alice@example.com", True)
    pasted = await bench.sign_in(
        "token_pair",
        access_token=issued.credential.token.reveal(),
        refresh_token=issued.credential.refresh_token.reveal(),
    )
    assert not pasted.identity.is_known
    assert bench.organizations(pasted.credential) == 200
    token = issued.credential.token.reveal()
    static = await bench.sign_in("static_token", access_token=token)
    assert static.identity.key == "access_token"
    assert issued.credential.token.reveal() not in repr(static)
