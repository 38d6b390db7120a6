"""The dialect `auth0`: the tenant directly, with PKCE; chosen by name only."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from manager.core.errors import RefreshRefused, ServerUnreachable
from manager.core.provider import SignInMethod, SignInRequest
from manager.practice.provider_contract import Check, checks

from .conftest import REDIRECT, ByBrowser, Here

pytestmark = pytest.mark.anyio


@pytest.fixture
def direct(here: Here) -> Here:
    here.server.change_faults(revocation_ends_access=True)
    here.request = SignInRequest(here.server.url, dialect="auth0")
    return here


async def begin(here: Here):
    return await here.provider.begin(here.request, REDIRECT)


@pytest.mark.parametrize(
    "check", checks(SignInMethod.BROWSER, verifies=True), ids=lambda check: check.__name__
)
async def test_contract(direct: Here, foreign_url: str, check: Check) -> None:
    await check(ByBrowser(direct, foreign_url))


async def test_it_is_never_found_by_itself(here: Here) -> None:
    found = await here.provider.probe(here.server.url)
    assert found is not None
    assert found.dialect == "backend"
    assert here.provider.dialects == ("backend", "auth0")
    named = await here.provider.probe_dialect(here.server.url, "auth0")
    assert named is not None
    assert (named.dialect, named.sign_in_methods) == ("auth0", (SignInMethod.BROWSER,))


async def test_proof_key_nonce_and_audience(direct: Here) -> None:
    pending = await begin(direct)
    asked = parse_qs(urlsplit(pending.authorization_url).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["audience"] == [direct.server.url]
    assert asked["nonce"]
    result = await pending.redeem(await direct.answer(pending))
    (sent,) = (each for each in direct.server.tenant.requests if each.endpoint == "token")
    assert sent.form["code_verifier"]
    counters = direct.server.counters
    assert (counters["auth_url"], counters["exchange"]) == (0, 0)
    assert result.credential.dialect == "auth0"


async def test_the_same_person_is_the_same_account_in_both_dialects(direct: Here) -> None:
    pending = await begin(direct)
    one = await pending.redeem(await direct.answer(pending))
    other = await direct.sign_in()
    assert one.identity == other.identity
    assert one.server == other.server


async def test_it_is_renewed_and_ended_at_the_tenant(direct: Here) -> None:
    pending = await begin(direct)
    result = await pending.redeem(await direct.answer(pending))
    renewed = await direct.refresh(result)
    assert direct.accepts(renewed)
    assert direct.server.refreshes == 0
    await direct.provider.revoke(result.server, renewed)
    with pytest.raises(RefreshRefused):
        await direct.refresh(result, renewed)


async def test_no_grant_is_left_when_nobody_says_who_it_is(direct: Here) -> None:
    pending = await begin(direct)
    answer = await direct.answer(pending)
    direct.server.change_faults(unavailable={"profile": 503})
    with pytest.raises(ServerUnreachable):
        await pending.redeem(answer)
    assert direct.server.tenant.grants.live() == 0
