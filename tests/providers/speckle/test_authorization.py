"""Signing in: what the browser is sent to, and what a code becomes."""

from __future__ import annotations

import re

import pytest

from manager.core.account import Server
from manager.core.credential import OAuthTokens
from manager.core.errors import (
    AnswerLost,
    InvalidRequest,
    ProviderError,
    RateLimited,
    ServerUnreachable,
    SignInDenied,
)
from manager.core.provider import PendingAuthorization, RedirectMethod, SignInRequest

pytestmark = pytest.mark.anyio


async def begun(provider, speckle, method=RedirectMethod.SCHEME) -> PendingAuthorization:
    redirection = provider.redirection(speckle.url, method)
    return await provider.begin(SignInRequest(speckle.url), redirection.uri)


@pytest.mark.parametrize(
    ("method", "app", "redirect_uri"),
    [
        (RedirectMethod.SCHEME, "sdm", "speckle://account"),
        (RedirectMethod.LOOPBACK, "sca", "http://localhost:29363"),
        (RedirectMethod.PASTE, "sca", "http://localhost:29363"),
    ],
)
async def test_a_whole_sign_in(provider, speckle, clock, method, app, redirect_uri) -> None:
    pending = await begun(provider, speckle, method)
    assert (pending.redirect_uri, pending.state, pending.tries) == (redirect_uri, None, 5)
    start = re.escape(f"{speckle.url}/authn/verify/{app}/")
    assert re.fullmatch(start + r"[\w-]{43}", pending.authorization_url)

    code = speckle.allow(pending.authorization_url)
    result = await pending.redeem({"access_code": code})

    assert result.server == Server(speckle.url, "Practice Speckle")
    assert (result.identity.subject, result.identity.label) == ("u1", "ada@example.org")
    assert result.identity.display_name == "Ada"
    assert "streams:write" in result.scopes
    assert result.retire_after == 86_400
    credential = result.credential
    assert isinstance(credential, OAuthTokens)
    assert credential.token_type == "Bearer"
    assert credential.validity.lifetime is None
    assert credential.renew_at == clock.wall + 150 * 86_400
    assert credential.token_endpoint == f"{speckle.url}/auth/token"
    assert credential.client.client_id == app
    assert credential.access_token.reveal() in speckle.access
    assert speckle.refresh[credential.refresh_token.reveal()] == app


async def test_challenges_do_not_repeat(provider, speckle) -> None:
    urls = {(await begun(provider, speckle)).authorization_url for _ in range(3)}
    assert len(urls) == 3


async def test_s256_where_the_server_says_supported(provider, speckle) -> None:
    speckle.s256 = True
    pending = await begun(provider, speckle)
    assert pending.authorization_url.endswith("?code_challenge_method=S256")
    result = await pending.redeem({"access_code": speckle.allow(pending.authorization_url)})
    assert result.identity.subject == "u1"
    assert "codeVerifier" in speckle.asked("/oauth/token")[-1].body
    assert result.credential.token_endpoint == f"{speckle.url}/auth/token"


@pytest.mark.parametrize("body", [b"<html>supported</html>", b"Supported", b"unsupported", b""])
async def test_a_front_end_that_answers_everything_does_not_support_s256(
    provider, speckle, body
) -> None:
    speckle.order("/oauth/token", 200, body)
    pending = await begun(provider, speckle)
    assert "S256" not in pending.authorization_url


async def test_a_refused_code_leaves_the_sign_in_usable(provider, speckle) -> None:
    pending = await begun(provider, speckle)
    with pytest.raises(InvalidRequest, match="access code"):
        await pending.redeem({"access_code": "00" * 21})
    result = await pending.redeem({"access_code": speckle.allow(pending.authorization_url)})
    assert result.identity.subject == "u1"


async def test_a_code_for_another_challenge_is_refused(provider, speckle) -> None:
    pending = await begun(provider, speckle)
    foreign = speckle.allow(pending.authorization_url, refuse_challenge=True)
    with pytest.raises(InvalidRequest):
        await pending.redeem({"access_code": foreign})


async def test_denied_in_the_browser(provider, speckle) -> None:
    pending = await begun(provider, speckle)
    with pytest.raises(SignInDenied):
        await pending.redeem({"denied": "true"})


@pytest.mark.parametrize("parameters", [{}, {"access_code": ""}, {"access_code": "a" * 513}])
async def test_an_answer_without_a_code_is_not_sent(provider, speckle, parameters) -> None:
    pending = await begun(provider, speckle)
    with pytest.raises(InvalidRequest):
        await pending.redeem(parameters)
    assert speckle.asked("/auth/token") == []


async def test_without_profile_email_the_name_is_the_label(provider, speckle) -> None:
    speckle.user |= {"email": None}
    speckle.errors = [{"message": "no", "extensions": {"code": "FORBIDDEN"}}]
    pending = await begun(provider, speckle)
    result = await pending.redeem({"access_code": speckle.allow(pending.authorization_url)})
    assert result.identity.label == "Ada"


async def test_text_of_the_server_holds_nothing_unseen(provider, speckle) -> None:
    speckle.user |= {"name": "A\u202eda\r\n\x00 B"}
    pending = await begun(provider, speckle)
    result = await pending.redeem({"access_code": speckle.allow(pending.authorization_url)})
    assert result.identity.display_name == "Ada B"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"<html>Log in to the hotel</html>", AnswerLost),
        (200, b'{"token": 5}', AnswerLost),
        (200, b'{"token": "a\\r\\nb"}', AnswerLost),
        (0, b"", AnswerLost),
        (302, b"", ServerUnreachable),
        (401, b"<html>Proxy</html>", ServerUnreachable),
        (403, b"<html>Forbidden</html>", ServerUnreachable),
        (400, b'{"error":{"code":"USER_INPUT_ERROR"}}', ProviderError),
        (429, b'{"error":{"code":"RATE_LIMIT_ERROR"}}', RateLimited),
        (500, b"Something went wrong", ServerUnreachable),
        (502, b"<html>Bad gateway</html>", AnswerLost),
    ],
)
async def test_answers_that_are_none(provider, speckle, status, body, kind) -> None:
    pending = await begun(provider, speckle)
    code = speckle.allow(pending.authorization_url)
    speckle.order("/auth/token", status, body)
    with pytest.raises(kind) as caught:
        await pending.redeem({"access_code": code})
    assert code not in f"{caught.value}{caught.value.hint}"


async def test_the_account_is_asked_for_again_when_its_answer_is_lost(provider, speckle) -> None:
    pending = await begun(provider, speckle)
    code = speckle.allow(pending.authorization_url)
    speckle.order("/graphql", 0)
    assert (await pending.redeem({"access_code": code})).identity.subject == "u1"


async def test_a_sign_in_without_identity_leaves_no_live_token(provider, speckle) -> None:
    speckle.user = {}
    pending = await begun(provider, speckle)
    with pytest.raises(ProviderError):
        await pending.redeem({"access_code": speckle.allow(pending.authorization_url)})
    assert speckle.access == set()
    assert speckle.refresh == {}


async def test_a_client_of_ones_own_is_refused(provider, speckle) -> None:
    from manager.core.credential import ClientRegistration

    request = SignInRequest(speckle.url, client=ClientRegistration("mine"))
    with pytest.raises(InvalidRequest):
        await provider.begin(request, "speckle://account")
    with pytest.raises(InvalidRequest):
        await provider.begin(SignInRequest(speckle.url), "http://127.0.0.1:1/elsewhere")
