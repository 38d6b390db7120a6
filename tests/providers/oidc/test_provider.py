"""What happens to an account after its sign-in: renewal, use, sign-out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manager.core.credential import ApiKey
from manager.core.errors import (
    AccountManagerError,
    AnswerLost,
    InvalidRequest,
    ProviderError,
    RateLimited,
    RefreshRefused,
    ServerUnreachable,
)
from manager.core.provider import RequestToAuthorize
from manager.core.secret import Secret
from manager.practice.authorization_server import AuthorizationServer

pytestmark = pytest.mark.anyio


async def test_a_refresh_rotates(here):
    provider = here.provider()
    result = await here.sign_in(provider)
    old = result.credential
    new = (await provider.refresh(result.server, result.identity, old)).credential
    assert new.refresh_token != old.refresh_token
    assert here.server.accepts(new.access_token.reveal())
    assert new.scopes == old.scopes
    assert here.server.reuse_detected == 0


async def test_a_missing_refresh_token_keeps_the_old(here):
    provider = here.provider()
    result = await here.sign_in(provider)
    here.server.change_faults(rotation=False, omit_refresh_token=True)
    new = (await provider.refresh(result.server, result.identity, result.credential)).credential
    assert new.refresh_token == result.credential.refresh_token
    assert new.access_token != result.credential.access_token


async def test_a_refresh_of_somebody_else_is_not_kept(here):
    provider = here.provider()
    result = await here.sign_in(provider)
    here.server.change_faults(id_token="wrong_subject")
    with pytest.raises(ProviderError):
        await provider.refresh(result.server, result.identity, result.credential)


REFUSALS = [
    ({"refuse_refresh": "invalid_grant"}, RefreshRefused),
    ({"refuse_refresh": "invalid_client"}, RefreshRefused),
    ({"refuse_refresh": "temporarily_unavailable"}, ServerUnreachable),
    ({"refuse_refresh": "server_error"}, ServerUnreachable),
    ({"refuse_refresh": "Not Found"}, ProviderError),
    ({"unavailable": {"token": 500}}, ServerUnreachable),
    ({"unavailable": {"token": 503}}, ServerUnreachable),
    ({"unavailable": {"token": 404}}, ServerUnreachable),
    ({"captive_portal": "page"}, AnswerLost),
    ({"unavailable": {"token": 504}}, AnswerLost),
    ({"captive_portal": "redirect"}, ServerUnreachable),
    ({"redirect": {"token": "/elsewhere"}}, ServerUnreachable),
    ({"lost_answers": 1}, AnswerLost),
    ({"rate_limited": {"token": "599.331"}}, RateLimited),
]


@pytest.mark.parametrize(("faults", "kind"), REFUSALS, ids=str)
async def test_only_the_token_endpoints_own_word_is_final(here, faults, kind):
    provider = here.provider()
    result = await here.sign_in(provider)
    before = len(here.sent_to("token"))
    here.server.change_faults(**faults)
    with pytest.raises(AccountManagerError) as refused:
        await provider.refresh(result.server, result.identity, result.credential)
    assert type(refused.value) is kind
    assert result.credential.refresh_token.reveal() not in str(refused.value)
    assert len(here.sent_to("token")) <= before + 1
    if kind is RateLimited:
        assert refused.value.retry_after == pytest.approx(599.331)


async def test_a_refresh_goes_to_the_endpoint_that_issued_it(here):
    provider = here.provider()
    result = await here.sign_in(provider)
    with AuthorizationServer() as other:
        moved = replace(result.server, url=other.issuer)
        with pytest.raises(ProviderError, match="another server"):
            await provider.refresh(moved, result.identity, result.credential)
        assert other.requests == []
    assert here.server.token_requests("refresh_token") == 1


async def test_signing_out_ends_both_tokens(here):
    provider = here.provider()
    result = await here.sign_in(provider)
    await provider.revoke(result.server, result.credential)
    hints = [each.form["token_type_hint"] for each in here.sent_to("revocation")]
    assert hints == ["refresh_token", "access_token"]
    assert here.server.live_access_tokens() == []
    assert here.server.live_refresh_tokens() == []


async def test_signing_out_says_when_the_server_is_away_or_cannot(here):
    provider = here.provider()
    result = await here.sign_in(provider)
    here.server.change_faults(unavailable={"revocation": 503})
    with pytest.raises(ServerUnreachable):
        await provider.revoke(result.server, result.credential)
    unable = replace(result.credential, revocation_endpoint=None)
    with pytest.raises(ProviderError):
        await provider.revoke(result.server, unable)


async def test_headers_and_where_they_may_go(here):
    provider = here.provider()
    result = await here.sign_in(provider)
    request = RequestToAuthorize("GET", f"{here.url}/userinfo")
    headers = provider.headers(result.credential, request)
    answer = await here.http.request("GET", request.url, headers=headers)
    assert answer.json()["sub"] == "248289761001"
    assert provider.origins(result.server, result.credential) == (here.url,)
    elsewhere = replace(
        result.credential,
        token_endpoint="https://tokens.example/token",
        resource="https://api.example/v1",
    )
    assert provider.origins(result.server, elsewhere) == (here.url, "https://api.example")


async def test_the_resource_is_named_in_all_three_requests(here):
    provider = here.provider(client=here.public, resource="https://api.example/")
    result = await here.sign_in(provider, client=None)
    await provider.refresh(result.server, result.identity, result.credential)
    assert here.asked()["resource"] == "https://api.example/"
    assert [each.form["resource"] for each in here.sent_to("token")] == ["https://api.example/"] * 2


async def test_the_picture_of_a_person(here):
    provider = here.provider()
    result = await here.sign_in(provider)
    avatar = await provider.avatar(result.server, result.identity, result.credential)
    assert avatar.media_type == "image/png"
    assert avatar.content.startswith(b"\x89PNG")
    (request,) = here.sent_to("picture")
    assert "authorization" not in request.headers


@pytest.mark.parametrize("address", [None, "/jwks", "/nowhere"])
async def test_no_picture_is_none(here, address):
    provider = here.provider()
    result = await here.sign_in(provider)
    url = None if address is None else here.url + address
    identity = replace(result.identity, avatar_url=url)
    assert await provider.avatar(result.server, identity, result.credential) is None


async def test_another_kind_of_credential_is_refused(here):
    provider = here.provider()
    result = await here.sign_in(provider)
    with pytest.raises(InvalidRequest):
        provider.headers(ApiKey(Secret("k")), RequestToAuthorize("GET", here.url))
    unable = replace(result.credential, refresh_token=None)
    with pytest.raises(InvalidRequest):
        await provider.refresh(result.server, result.identity, unable)
    assert here.server.token_requests("refresh_token") == 0
