"""What is kept is renewed, looked at and ended as the backend means it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manager.core.credential import OAuthTokens
from manager.core.errors import ProviderError, RefreshRefused, ServerUnreachable
from manager.core.provider_abilities import SignedOutThere, StillSignedIn
from manager.core.secret import Secret

from .conftest import Here

pytestmark = pytest.mark.anyio


def tokens(result) -> OAuthTokens:
    assert isinstance(result.credential, OAuthTokens)
    return result.credential


async def verify(here: Here, result, credential=None):
    credential = credential or result.credential
    return await here.provider.verify(result.server, result.identity, credential)


async def test_rotation(here: Here) -> None:
    first = await here.sign_in()
    second = await here.refresh(first)
    assert second.refresh_token != tokens(first).refresh_token
    third = await here.refresh(first, second)
    assert here.accepts(third)
    assert here.server.reuse_detected == 0


@pytest.mark.parametrize("faults", [{"rotation": False}, {"omit_refresh_token": True}])
async def test_old_refresh_token_is_kept_where_none_comes_back(here: Here, faults) -> None:
    here.server.change_faults(**faults)
    first = await here.sign_in()
    second = await here.refresh(first)
    third = await here.refresh(first, second)
    assert third.refresh_token == second.refresh_token == tokens(first).refresh_token
    assert here.accepts(third)


async def test_a_refusal_in_other_words_is_final_only_with_the_access_token(here: Here) -> None:
    here.server.change_faults(plain_refusals=True)
    result = await here.sign_in()
    odd = replace(tokens(result), refresh_token=Secret("no-such-token"))
    with pytest.raises(ServerUnreachable):
        await here.refresh(result, odd)
    here.server.revoke_everything()
    with pytest.raises(RefreshRefused):
        await here.refresh(result, odd)


async def test_another_persons_tokens_are_not_kept(here: Here) -> None:
    from manager.practice.person import Person

    alice, bob = await here.sign_in(), await here.sign_in(Person("bob"))
    mixed = replace(tokens(alice), refresh_token=tokens(bob).refresh_token)
    with pytest.raises(ProviderError, match="somebody else"):
        await here.refresh(alice, mixed)


# Is it still signed in? --------------------------------------------------------------------------


async def test_backend_says_yes_and_no(here: Here) -> None:
    result = await here.sign_in()
    assert isinstance(await verify(here, result), StillSignedIn)
    here.server.revoke_everything()
    assert isinstance(await verify(here, result), SignedOutThere)


@pytest.mark.parametrize(
    "faults",
    [{"validate": False}, {"unavailable": {"validate": 503}}, {"captive_portal": "redirect"}],
)
async def test_what_is_seen_here_counts_where_the_backend_cannot_say(here: Here, faults) -> None:
    result = await here.sign_in()
    here.server.change_faults(**faults)
    assert isinstance(await verify(here, result), StillSignedIn)
    here.clock.ahead = 86_500.0
    assert isinstance(await verify(here, result), SignedOutThere)


async def test_unreachable_backend_leaves_it_to_us(here: Here) -> None:
    result = await here.sign_in()
    here.server.stop()
    try:
        assert isinstance(await verify(here, result), StillSignedIn)
        here.clock.ahead = 86_500.0
        assert isinstance(await verify(here, result), SignedOutThere)
    finally:
        here.server.start()


async def test_what_has_not_three_parts_is_no_token(here: Here) -> None:
    result = await here.sign_in()
    for text in ("opaque", "two.parts", "a..c"):
        odd = replace(tokens(result), access_token=Secret(text))
        assert isinstance(await verify(here, result, odd), SignedOutThere)
    assert here.server.counters["validate"] == 0


# Signing out -------------------------------------------------------------------------------------


async def test_sign_out_ends_the_grant_at_auth0(here: Here) -> None:
    result = await here.sign_in()
    await here.provider.revoke(result.server, result.credential)
    assert here.server.tenant.grants.live() == 0
    with pytest.raises(RefreshRefused):
        await here.refresh(result)


async def test_what_another_program_uses_is_left_alone(here: Here) -> None:
    result = await here.sign_in()
    await here.provider.revoke(result.server, replace(tokens(result), imported=True))
    assert here.server.tenant.grants.live() == 1


async def test_without_refresh_token_there_is_nothing_to_end(here: Here) -> None:
    result = await here.sign_in()
    with pytest.raises(ProviderError, match="ends by itself"):
        await here.provider.revoke(result.server, replace(tokens(result), refresh_token=None))
