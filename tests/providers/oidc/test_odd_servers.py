"""Servers that no faithful practice server is: pushed requests, odd tokens, odd pictures."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from manager.core.account import Identity, Server
from manager.core.credential import ClientRegistration
from manager.core.errors import ProviderError, ServerUnreachable, SignInDenied
from manager.core.provider import SignInRequest
from manager.core.secret import Secret
from manager.oauth.private_use_redirect import private_use_redirect_uri
from manager.practice.http_message import HttpReply
from manager.providers.avatar import LARGEST
from manager.providers.oidc import OidcProvider
from manager.providers.oidc.identification import UNIDENTIFIED
from manager.providers.oidc.picture import fetch_picture
from manager.system.clock import SystemClock
from manager.system.randomness import SystemRandomness
from tests.providers.oidc.scripted_server import json_document

pytestmark = pytest.mark.anyio

OPENID = "/.well-known/openid-configuration"
TOKENS = {"access_token": "at", "token_type": "Bearer", "refresh_token": "rt"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
def provider(http):
    return OidcProvider(http, SystemClock(), SystemRandomness(), lambda _: None)


async def begin(provider, scripted, *, secret=None, scopes=(), **members):
    scripted.answers[OPENID] = json_document(scripted.metadata(**members))
    client = ClientRegistration("app", Secret(secret) if secret else None)
    request = SignInRequest(scripted.url, client, scopes)
    return await provider.begin(request, private_use_redirect_uri(scripted.url))


async def redeem(pending, scripted):
    return await pending.redeem({"code": "c0de", "state": pending.state, "iss": scripted.url})


def pushing(scripted):
    return {
        "require_pushed_authorization_requests": True,
        "pushed_authorization_request_endpoint": f"{scripted.url}/par",
    }


async def test_a_request_is_pushed_where_the_server_asks_for_it(provider, scripted):
    answer = {"request_uri": "urn:example:1", "expires_in": 60}
    scripted.answers["/par"] = json_document(answer, 201)
    pending = await begin(provider, scripted, secret="s3cret", **pushing(scripted))
    shown = dict(parse_qsl(urlsplit(pending.authorization_url).query))
    assert shown == {"client_id": "app", "request_uri": "urn:example:1"}
    pushed = scripted.requests[-1]
    assert pushed.form["state"] == pending.state
    assert pushed.form["code_challenge_method"] == "S256"
    assert pushed.form["redirect_uri"] == pending.redirect_uri
    assert pushed.headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (json_document({"error": "invalid_request"}, 400), ProviderError),
        (json_document({"request_uri": 1}, 201), ProviderError),
        (json_document({}, 201), ProviderError),
        (HttpReply(500, (), b""), ServerUnreachable),
        (HttpReply(302, (("Location", "/elsewhere"),), b""), ServerUnreachable),
    ],
)
async def test_a_push_that_fails_opens_no_browser(provider, scripted, answer, kind):
    scripted.answers["/par"] = answer
    with pytest.raises(kind):
        await begin(provider, scripted, **pushing(scripted))
    assert scripted.asked["/elsewhere"] == 0


async def test_a_push_without_a_place_is_the_servers_mistake(provider, scripted):
    with pytest.raises(ProviderError):
        await begin(provider, scripted, require_pushed_authorization_requests=True)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (json_document({"error": "invalid_grant"}, 400), SignInDenied),
        (json_document({"error": "access_denied"}, 400), SignInDenied),
        (json_document({"error": "invalid_client\u202e"}, 401), ProviderError),
        (json_document({"error": "server_error"}, 400), ServerUnreachable),
        (json_document({"token_type": "Bearer"}), ProviderError),
        (HttpReply(200, (), b"access_token=at&token_type=bearer"), ServerUnreachable),
        (HttpReply(302, (("Location", "/elsewhere"),), b""), ServerUnreachable),
        (HttpReply(500, (), b'{"error":"invalid_grant"}'), ServerUnreachable),
    ],
)
async def test_a_code_that_brings_no_token_says_why(provider, scripted, answer, kind):
    scripted.answers["/token"] = answer
    pending = await begin(provider, scripted)
    with pytest.raises(kind) as refused:
        await redeem(pending, scripted)
    assert "c0de" not in str(refused.value)
    assert "\u202e" not in str(refused.value)
    assert scripted.asked["/elsewhere"] == 0


async def test_a_client_secret_goes_into_the_form_where_the_server_takes_no_other(
    provider, scripted
):
    scripted.answers["/token"] = json_document(TOKENS)
    methods = ["client_secret_post"]
    pending = await begin(
        provider, scripted, secret="s3cret", token_endpoint_auth_methods_supported=methods
    )
    await redeem(pending, scripted)
    assert scripted.requests[-1].form["client_secret"] == "s3cret"


async def test_openid_without_an_id_token_or_keys_is_a_mistake(provider, scripted):
    scripted.answers["/token"] = json_document(TOKENS)
    with pytest.raises(ProviderError, match="no ID token"):
        await redeem(await begin(provider, scripted, scopes=("openid",)), scripted)
    scripted.answers["/token"] = json_document({**TOKENS, "id_token": "a.b.c"})
    with pytest.raises(ProviderError, match="no keys"):
        await redeem(await begin(provider, scripted, scopes=("openid",)), scripted)


async def test_keys_that_cannot_be_read_are_a_mistake(provider, scripted):
    scripted.answers["/token"] = json_document({**TOKENS, "id_token": "a.b.c"})
    where = f"{scripted.url}/keys"
    pending = await begin(provider, scripted, scopes=("openid",), jwks_uri=where)
    with pytest.raises(ProviderError, match="keys"):
        await redeem(pending, scripted)


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        (json_document({"sub": "1", "email": "ada@example.org"}), "ada@example.org"),
        (HttpReply(403, (), b""), None),
        (HttpReply(401, (), b""), None),
    ],
)
async def test_a_plain_server_with_userinfo_may_name_the_person(provider, scripted, answer, label):
    scripted.answers["/token"] = json_document(TOKENS)
    scripted.answers["/me"] = answer
    endpoint = f"{scripted.url}/me"
    pending = await begin(provider, scripted, scopes=("api",), userinfo_endpoint=endpoint)
    result = await redeem(pending, scripted)
    assert scripted.requests[-1].headers["authorization"] == "Bearer at"
    assert result.identity.label == (label or urlsplit(scripted.url).netloc)
    assert result.identity.subject.startswith(UNIDENTIFIED) is (label is None)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (HttpReply(503, (), b""), ServerUnreachable),
        (HttpReply(200, (), b"<html>"), ProviderError),
        (json_document({"email": "nobody"}), ProviderError),
    ],
)
async def test_userinfo_that_is_needed_and_fails_ends_the_sign_in(provider, scripted, answer, kind):
    scripted.answers["/token"] = json_document(TOKENS)
    scripted.answers["/me"] = answer
    endpoint = f"{scripted.url}/me"
    pending = await begin(provider, scripted, scopes=("api",), userinfo_endpoint=endpoint)
    with pytest.raises(kind):
        await redeem(pending, scripted)


async def test_a_kind_of_token_that_cannot_be_revoked_is_passed_by(provider, scripted):
    scripted.answers["/token"] = json_document(TOKENS)
    pending = await begin(provider, scripted, revocation_endpoint=f"{scripted.url}/revoke")
    result = await redeem(pending, scripted)
    scripted.answers["/revoke"] = json_document({"error": "unsupported_token_type"}, 400)
    await provider.revoke(result.server, result.credential)
    assert scripted.asked["/revoke"] == 2
    scripted.answers["/revoke"] = json_document({"error": "invalid_client"}, 401)
    with pytest.raises(ProviderError, match="invalid_client"):
        await provider.revoke(result.server, result.credential)
    scripted.answers["/revoke"] = HttpReply(404, (), b"")
    with pytest.raises(ServerUnreachable):
        await provider.revoke(result.server, result.credential)


PICTURES = [
    (HttpReply(200, (("Content-Type", "image/png"),), PNG), True),
    (HttpReply(200, (("Content-Type", "image/jpeg"),), b"\xff\xd8\xff\xe0"), True),
    (HttpReply(200, (("Content-Type", "image/jpeg"),), PNG), False),
    (HttpReply(200, (("Content-Type", "image/svg+xml"),), b"<svg/>"), False),
    (HttpReply(200, (("Content-Type", "text/html"),), PNG), False),
    (HttpReply(200, (), PNG), False),
    (HttpReply(404, (("Content-Type", "image/png"),), PNG), False),
]


@pytest.mark.parametrize(("answer", "usable"), PICTURES)
async def test_only_pictures_are_pictures(http, scripted, answer, usable):
    scripted.answers["/a"] = answer
    identity = Identity("1", "ada", "Ada", f"{scripted.url}/a")
    picture = await fetch_picture(http, Server(scripted.url, "S"), identity)
    assert (picture is not None) is usable


async def test_a_picture_has_a_limit_and_a_safe_address(http, scripted):
    server, identity = Server(scripted.url, "S"), Identity("1", "", "", f"{scripted.url}/a")
    content = (("Content-Type", "image/png"),)
    scripted.answers["/a"] = HttpReply(200, content, PNG.ljust(LARGEST, b"\0"))
    assert await fetch_picture(http, server, identity)
    scripted.answers["/a"] = HttpReply(200, content, PNG.ljust(LARGEST + 1, b"\0"))
    with pytest.raises(ServerUnreachable):
        await fetch_picture(http, server, identity)
    before = len(scripted.requests)
    elsewhere = replace(server, url="https://as.example")
    assert await fetch_picture(http, elsewhere, identity) is None
    assert len(scripted.requests) == before
