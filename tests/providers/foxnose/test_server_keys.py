"""Keys and bearer tokens at the server, by a person and by a management key."""

from __future__ import annotations

import pytest

from manager.core.errors import (
    CredentialsRefused,
    InvalidRequest,
    ProviderError,
    RateLimited,
    ScopeNotGranted,
)
from manager.core.provider import SignInResult
from manager.core.provider_abilities import SignedOutThere, StillSignedIn
from manager.core.secret import Secret

pytestmark = pytest.mark.anyio


async def create(bench, account: SignInResult, kind: str, **values: str):
    typed = {name: Secret(value) for name, value in values.items()}
    return await bench.provider.create_credential(
        account.server, account.identity, account.credential, kind, typed
    )


async def listed(bench, account: SignInResult, kind: str):
    return await bench.provider.list_credentials(account.server, account.credential, kind)


async def manager_key(bench) -> SignInResult:
    key, secret = bench.server.new_key("management")
    return await bench.sign_in(
        "secure_key", public_key=key.public_key, private_key=secret,
        **bench.key_place(api="management"),
    )  # fmt: skip


@pytest.mark.parametrize("paths", ["permissions", "roles", "both"])
@pytest.mark.parametrize("body", ["real", "seed"])
@pytest.mark.parametrize("who", ["person", "management key"])
async def test_a_flux_key_is_made_kept_listed_and_revoked(bench, paths, body, who) -> None:
    bench.server.change_faults(key_paths=paths, key_body=body)
    if who == "person":
        account = await bench.alice()
    else:
        bench.server.change_faults(key_paths="both")
        account = await manager_key(bench)
        bench.server.change_faults(key_paths=paths)
    made = await create(bench, account, "flux_api_key", description="Kiosk Zürich", role="reader")
    assert made.credential.name == "Kiosk Zürich"
    assert made.credential.scopes == ("reader",)
    assert made.credential.created_at == pytest.approx(bench.server.now(), abs=5)
    assert made.secret.reveal() in bench.server.keys.issued
    assert made.sign_in.capabilities == ("sign",)
    assert bench.articles(made.sign_in.credential) == 200
    (shown,) = await listed(bench, account, "flux_api_key")
    assert (shown.id, shown.name) == (made.credential.id, "Kiosk Zürich")
    asked = (account.server, account.credential, "flux_api_key", shown.id)
    await bench.provider.revoke_credential(*asked)
    assert bench.articles(made.sign_in.credential) == 401
    assert not await listed(bench, account, "flux_api_key")
    await bench.provider.revoke_credential(*asked)  # gone is gone


@pytest.mark.parametrize("opened", [False, True])
async def test_what_is_kept_can_be_tried_later(bench, opened: bool) -> None:
    """The prefix of an API is found where the account may list them, unless it is an open one."""
    bench.server.change_faults(open_api=opened)
    account = await bench.alice()
    made = await create(bench, account, "flux_api_key", description="Kiosk")
    kept = made.sign_in
    asked = (kept.server, kept.identity, kept.credential)
    if opened:
        with pytest.raises(ProviderError, match="no request"):
            await bench.provider.verify(*asked)
    else:
        assert isinstance(await bench.provider.verify(*asked), StillSignedIn)
        bench.server.keys.keys.clear()
        assert isinstance(await bench.provider.verify(*asked), SignedOutThere)


@pytest.mark.parametrize("status", [404, 500, 403])
async def test_a_key_is_shown_whatever_comes_after_it(bench, status: int) -> None:
    account = await bench.alice()
    bench.server.change_faults(unavailable={"apis": status})
    made = await create(bench, account, "flux_api_key", description="Kiosk")
    assert made.secret.reveal() in bench.server.keys.issued
    assert bench.articles(made.sign_in.credential) == 200


async def test_a_simple_key_is_kept_as_one(bench) -> None:
    account = await bench.alice()
    made = await create(bench, account, "flux_api_key", description="Plain", use="simple")
    assert made.sign_in.capabilities == ("headers",)
    assert bench.articles(made.sign_in.credential) == 200


async def test_a_bearer_token_replaces_the_one_before_it(bench) -> None:
    account = await bench.alice()
    key = (await create(bench, account, "flux_api_key", description="Kiosk")).credential.id
    assert not await listed(bench, account, "bearer_token")
    first = await create(bench, account, "bearer_token", key=key)
    second = await create(bench, account, "bearer_token", key=key)
    assert first.secret.reveal().startswith("fxk_")
    assert bench.articles(first.sign_in.credential) == 401
    assert bench.articles(second.sign_in.credential) == 200
    (shown,) = await listed(bench, account, "bearer_token")
    assert shown.id == key
    assert shown.hint == second.secret.reveal()[:12] + "…"
    for _ in range(2):
        await bench.provider.revoke_credential(
            account.server, account.credential, "bearer_token", key
        )
    assert bench.articles(second.sign_in.credential) == 401
    assert len(await listed(bench, account, "flux_api_key")) == 1


async def test_a_token_for_a_key_that_is_not_there(bench) -> None:
    account = await bench.alice()
    for key in ("nobody", "../../x", ".."):
        with pytest.raises(InvalidRequest):
            await create(bench, account, "bearer_token", key=key)


async def test_many_keys_come_in_pages(bench) -> None:
    account = await bench.alice()
    for number in range(120):
        bench.server.new_key(description=f"key {number}")
    assert len(await listed(bench, account, "flux_api_key")) == 120


async def test_what_an_account_may_not_do_is_said(bench) -> None:
    person = await bench.alice()
    kinds = bench.provider.credential_kinds(person.server, person.credential)
    assert [each.id for each in kinds] == ["flux_api_key", "bearer_token"]
    assert all(each.can_create and not each.unavailable for each in kinds)
    somewhere = await bench.sign_in("password", email="alice@example.com", password="x")
    (key, _) = bench.provider.credential_kinds(somewhere.server, somewhere.credential)
    assert "environment" in key.unavailable
    stored, secret = bench.server.new_key()
    flux = await bench.sign_in(
        "simple_key", public_key=stored.public_key, secret_key=secret, **bench.key_place()
    )
    (key, _) = bench.provider.credential_kinds(flux.server, flux.credential)
    assert "manages no keys" in key.unavailable
    assert not key.can_create
    with pytest.raises(InvalidRequest):
        await listed(bench, flux, "flux_api_key")
    with pytest.raises(InvalidRequest):
        await listed(bench, person, "session")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("permission_denied", ScopeNotGranted),
        ("plan_limit_exceeded", ProviderError),
        ("spend_cap_reached", ProviderError),
        ("external_id_conflict", InvalidRequest),
        ("data_validation_error", InvalidRequest),
        ("rate_limit_exceeded", RateLimited),
    ],
)
async def test_each_refusal_says_who_can_act(bench, code: str, error) -> None:
    account = await bench.alice()
    bench.server.change_faults(refuse_everybody=code)
    with pytest.raises(error):
        await create(bench, account, "flux_api_key", description="Kiosk")


async def test_a_refused_credential_is_said(bench) -> None:
    account = await bench.alice()
    bench.server.revoke_everything()
    with pytest.raises(CredentialsRefused):
        await listed(bench, account, "flux_api_key")
