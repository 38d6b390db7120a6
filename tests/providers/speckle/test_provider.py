"""Probe, refresh, revocation and use of a Speckle sign-in."""

from __future__ import annotations

import base64
import socket
import traceback
from dataclasses import replace

import pytest

from manager.core.account import Identity, Server
from manager.core.credential import ApiKey, OAuthTokens
from manager.core.errors import (
    AnswerLost,
    ProviderError,
    RateLimited,
    RefreshRefused,
    ServerUnreachable,
)
from manager.core.provider import RedirectMethod, RequestToAuthorize, SignInMethod, SignInRequest
from manager.core.secret import Secret

pytestmark = pytest.mark.anyio

WHO = Identity("u1", "ada@example.org", "Ada")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


@pytest.fixture
def server(speckle) -> Server:
    return Server(speckle.url, "Practice Speckle")


@pytest.fixture
async def credential(provider, speckle) -> OAuthTokens:
    pending = await provider.begin(SignInRequest(speckle.url), "speckle://account")
    code = speckle.allow(pending.authorization_url)
    return (await pending.redeem({"access_code": code})).credential


async def test_probe_knows_a_speckle_server_by_any_of_its_addresses(provider, speckle) -> None:
    probe = await provider.probe(f"{speckle.url}/projects/abc")
    assert probe.provider == "speckle"
    assert probe.server == Server(speckle.url, "Practice Speckle")
    assert probe.sign_in_methods == (SignInMethod.BROWSER, SignInMethod.FORM)
    assert probe.redirect_methods[:2] == (RedirectMethod.SCHEME, RedirectMethod.LOOPBACK)
    assert probe.needs == ()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b"<html>no such page</html>"),
        (501, b"<html>Unsupported method</html>"),
        (200, b"<html>welcome</html>"),
        (200, b'{"data": {"serverInfo": null}}'),
        (200, b'{"data": {"sdm": {"redirectUrl": "https://evil.example"}}}'),
        (200, b'{"errors": [{"message": "Cannot query field app"}]}'),
        (400, b'{"errors": [{"message": "Cannot query field app"}]}'),
        (302, b""),
        (200, b"[]"),
    ],
)
async def test_probe_says_none_for_anything_else(provider, speckle, status, body) -> None:
    speckle.order("/graphql", status, body)
    assert await provider.probe(speckle.url) is None


async def test_probe_says_when_nobody_is_there(provider) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ServerUnreachable):
            await provider.probe(f"http://127.0.0.1:{taken.getsockname()[1]}")


async def test_refresh_brings_a_new_pair_and_retires_the_old(
    provider, speckle, server, credential, clock
) -> None:
    clock.wall += 1000
    refreshed = await provider.refresh(server, WHO, credential)
    new = refreshed.credential
    assert refreshed.retire_after == 86_400
    assert new.access_token.reveal() in speckle.access
    assert new.access_token != credential.access_token
    assert new.refresh_token != credential.refresh_token
    assert new.renew_at == clock.wall + 150 * 86_400
    assert new.scopes == credential.scopes


async def test_refresh_sends_neither_bearer_nor_cookie(
    provider, speckle, server, credential
) -> None:
    await provider.refresh(server, WHO, credential)
    sent = speckle.asked("/auth/token")[-1]
    assert "authorization" not in sent.headers
    assert "cookie" not in sent.headers
    assert sent.body == {
        "appId": "sdm",
        "appSecret": "sdm",
        "refreshToken": credential.refresh_token.reveal(),
    }


async def test_an_imported_pair_is_neither_retired_nor_revoked(
    provider, speckle, server, credential
) -> None:
    imported = replace(credential, imported=True)
    refreshed = await provider.refresh(server, WHO, imported)
    assert refreshed.retire_after is None
    assert not refreshed.credential.imported
    await provider.revoke(server, imported)
    assert speckle.asked("/auth/logout") == []


async def test_a_missing_refresh_token_keeps_the_old_one(
    provider, speckle, server, credential
) -> None:
    speckle.order("/auth/token", 200, b'{"token": "new"}')
    refreshed = await provider.refresh(server, WHO, credential)
    assert refreshed.credential.refresh_token == credential.refresh_token
    assert refreshed.retire_after is None  # logging out the old pair would end it


async def test_one_401_is_not_signed_out(provider, speckle, server, credential) -> None:
    speckle.refresh.clear()
    with pytest.raises(ServerUnreachable, match="still accepts") as caught:
        await provider.refresh(server, WHO, credential)
    assert not isinstance(caught.value, AnswerLost)


async def test_both_refused_is_final(provider, speckle, server, credential) -> None:
    speckle.refresh.clear()
    speckle.access.clear()
    with pytest.raises(RefreshRefused):
        await provider.refresh(server, WHO, credential)


async def test_refused_and_anonymous_is_final(provider, speckle, server, credential) -> None:
    speckle.refresh.clear()
    speckle.order("/graphql", 200, b'{"data":{"activeUser":null}}')
    with pytest.raises(RefreshRefused):
        await provider.refresh(server, WHO, credential)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>Log in to the hotel</html>"),
        (403, b"<html>Forbidden</html>"),
        (403, b'{"error":"Something else"}'),
        (500, b"Something went wrong"),
        (0, b""),
        (200, b'{"data":{"activeUser":null},"errors":[{"extensions":{"code":"FORBIDDEN"}}]}'),
    ],
)
async def test_a_401_that_cannot_be_confirmed_is_not_final(
    provider, speckle, server, credential, status, body
) -> None:
    speckle.refresh.clear()
    speckle.order("/graphql", status, body)
    with pytest.raises((ServerUnreachable, ProviderError)):
        await provider.refresh(server, WHO, credential)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (0, b"", AnswerLost),
        (200, b"<html>Log in to the hotel</html>", AnswerLost),
        (302, b"", ServerUnreachable),
        (401, b"<html>Log in to the proxy</html>", ServerUnreachable),
        (403, b'{"error":"Your token is not valid."}', ProviderError),
        (500, b"Something went wrong", ServerUnreachable),
        (503, b"", ServerUnreachable),
        (504, b"", AnswerLost),
    ],
)
async def test_answers_to_a_refresh_that_are_no_verdict(
    provider, speckle, server, credential, status, body, kind
) -> None:
    speckle.order("/auth/token", status, body)
    with pytest.raises(kind) as caught:
        await provider.refresh(server, WHO, credential)
    assert len(speckle.asked("/auth/token")) == 2  # the exchange, and this refresh once
    text = "".join(traceback.format_exception(caught.value)) + caught.value.hint
    assert credential.refresh_token.reveal() not in text


async def test_a_pause_with_a_fraction(provider, speckle, server, credential) -> None:
    speckle.order("/auth/token", 429, b"{}", Retry_After="599.331")
    with pytest.raises(RateLimited) as caught:
        await provider.refresh(server, WHO, credential)
    assert caught.value.retry_after == 599.331


async def test_a_refresh_token_goes_only_to_its_own_endpoint(
    provider, speckle, server, credential
) -> None:
    moved = Server("https://elsewhere.invalid", "Elsewhere")
    assert (await provider.refresh(moved, WHO, credential)).credential.token_endpoint == (
        f"{server.url}/auth/token"
    )


async def test_nothing_to_refresh_with(provider, server, credential) -> None:
    with pytest.raises(RefreshRefused):
        await provider.refresh(server, WHO, replace(credential, refresh_token=None))
    with pytest.raises(ProviderError):
        await provider.refresh(server, WHO, ApiKey(Secret("k")))


async def test_revoke_logs_the_pair_out_and_again_changes_nothing(
    provider, speckle, server, credential
) -> None:
    await provider.revoke(server, credential)
    assert (speckle.access, speckle.refresh) == (set(), {})
    assert "authorization" not in speckle.asked("/auth/logout")[0].headers
    await provider.revoke(server, credential)


@pytest.mark.parametrize(
    ("status", "body"), [(200, b"<html>portal</html>"), (400, b"<html>"), (500, b""), (0, b"")]
)
async def test_revoke_believes_only_speckle(
    provider, speckle, server, credential, status, body
) -> None:
    speckle.order("/auth/logout", status, body)
    with pytest.raises(ServerUnreachable):
        await provider.revoke(server, credential)


async def test_headers_and_where_they_may_go(provider, speckle, server, credential) -> None:
    request = RequestToAuthorize("GET", f"{speckle.url}/graphql")
    token = credential.access_token.reveal()
    assert provider.headers(credential, request) == {"Authorization": f"Bearer {token}"}
    assert provider.origins(server, credential) == (speckle.url,)


async def test_avatar_from_a_data_url(provider, speckle, server, credential) -> None:
    speckle.user |= {"avatar": "data:image/png;base64," + base64.b64encode(PNG).decode()}
    avatar = await provider.avatar(server, WHO, credential)
    assert (avatar.media_type, avatar.content) == ("image/png", PNG)


@pytest.mark.parametrize("avatar", [None, "", 5, "http://example.org/a.png", "data:text/html,x"])
async def test_no_avatar(provider, speckle, server, credential, avatar) -> None:
    speckle.user |= {"avatar": avatar}
    assert await provider.avatar(server, WHO, credential) is None
    speckle.access.clear()
    assert await provider.avatar(server, WHO, credential) is None
