"""A person at the practice server, by browser or with a personal access token."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qsl, urlsplit

from manager.core.provider import RedirectMethod, SignInRequest, SignInResult
from manager.core.secret import Secret
from manager.practice.person import Person
from manager.practice.speckle_server import SpeckleServer
from manager.providers.speckle import SpeckleProvider

ALL = ("profile:read", "profile:email", "streams:read", "tokens:read", "tokens:write",
       "apps:read", "apps:write")  # fmt: skip


async def by_browser(
    provider: SpeckleProvider, server: SpeckleServer, login: str = "alice"
) -> SignInResult:
    way = provider.redirection(server.url, RedirectMethod.LOOPBACK)
    pending = await provider.begin(SignInRequest(server.url), way.uri)
    redirect = await asyncio.to_thread(Person(login).visit, pending.authorization_url)
    return await pending.redeem(dict(parse_qsl(urlsplit(redirect).query)))


async def by_token(
    provider: SpeckleProvider, server: SpeckleServer, scopes: tuple[str, ...] = ALL
) -> SignInResult:
    token = server.issue_personal_token(scopes=scopes)
    form = await provider.begin_form(SignInRequest(server.url), "personal_access_token")
    result = await form.submit({"token": Secret(token)})
    assert isinstance(result, SignInResult)
    return result
