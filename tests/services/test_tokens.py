"""What connectors come for."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace

import pytest

from manager.core.account import Account, Identity, Server
from manager.core.account_state import AttentionNeeded, AttentionReason
from manager.core.credential import ApiKey, Credential, SessionToken, SigningKey, Token
from manager.core.errors import (
    AccountNotFound,
    InvalidRequest,
    RateLimited,
    ScopeNotGranted,
    ServerUnreachable,
    SignInRequired,
)
from manager.core.events import AttentionRaised
from manager.core.moment import Validity
from manager.core.provider import RequestToAuthorize
from manager.core.provider_abilities import SignedOutThere
from manager.core.secret import Secret
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.speckle_server import SpeckleServer
from tests.services.bench import Bench, until
from tests.services.typing_provider import URL, result

pytestmark = pytest.mark.anyio


def sha256(token: Token) -> str:
    return hashlib.sha256(token.access_token.reveal().encode()).hexdigest()


async def test_a_token_at_hand_is_served_from_memory(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1)
    token = await bench.tokens.get(account.id)
    assert bench.tokens.cached(account.id, 60.0) == token
    assert token == Token(
        account.id, Secret("access-1"), "Bearer", int(bench.clock.wall + 3600), ("api",)
    )
    assert server.token_requests("refresh_token") == 0
    with pytest.raises(AccountNotFound):
        bench.tokens.cached("nobody", 60.0)


@pytest.mark.parametrize(
    ("passed", "min_valid", "renewed"),
    [
        (3539, 60.0, False),
        (3541, 60.0, True),
        (3599, 0.0, False),
        (3600, 0.0, True),
        (1000, 3000.0, True),
        (1000, 2600.0, False),
        (1700, 100_000.0, False),  # no token of this server lives that long: half of a lifetime
        (1900, 100_000.0, True),
    ],
)
async def test_min_valid(
    bench: Bench, server: AuthorizationServer, passed: float, min_valid: float, renewed: bool
) -> None:
    account = await bench.planted(server, 1)
    bench.clock.advance(passed)
    assert (bench.tokens.cached(account.id, min_valid) is None) is renewed
    token = await bench.tokens.get(account.id, min_valid)
    assert (token.access_token != Secret("access-1")) is renewed
    assert server.token_requests("refresh_token") == renewed


async def test_a_hundred_callers_are_one_refresh(bench: Bench, server: AuthorizationServer) -> None:
    account = await bench.planted(server, 1)
    bench.clock.advance(3600)
    tokens = await asyncio.gather(*(bench.tokens.get(account.id) for _ in range(100)))
    assert len({sha256(token) for token in tokens}) == 1
    assert server.token_requests("refresh_token") == 1
    assert server.reuse_detected == 0


async def test_a_token_that_lives_is_served_while_the_renewal_fails(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1)
    server.change_faults(unavailable={"token": 503})
    bench.clock.advance(3560)
    for _ in range(10):
        assert (await bench.tokens.get(account.id)).access_token == Secret("access-1")
    assert server.counters["token"] == 1
    bench.clock.advance(41)
    with pytest.raises(ServerUnreachable):
        await bench.tokens.get(account.id)


async def test_after_a_failure_its_answer_stands_for_a_while(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1)
    server.change_faults(rate_limited={"token": "30"})
    bench.clock.advance(4000)
    for _ in range(5):
        with pytest.raises(RateLimited) as told:
            await bench.tokens.get(account.id)
        assert told.value.retry_after == 30
    bench.clock.advance(29)
    with pytest.raises(RateLimited) as told:
        await bench.tokens.get(account.id)
    assert told.value.retry_after == pytest.approx(1)
    assert server.counters["token"] == 1
    server.change_faults(rate_limited={})
    bench.clock.advance(1)
    assert (await bench.tokens.get(account.id)).access_token != Secret("access-1")


async def test_a_refused_sign_in_serves_a_token_to_its_known_end(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1)
    await bench.accounts.need_attention(account, AttentionReason.REFRESH_REFUSED)
    assert (await bench.tokens.get(account.id)).access_token == Secret("access-1")
    bench.clock.advance(3600)
    with pytest.raises(SignInRequired):
        await bench.tokens.get(account.id)
    assert server.counters["token"] == 0


async def test_a_refused_sign_in_serves_no_token_without_an_end(
    bench: Bench, speckle: SpeckleServer
) -> None:
    account = await bench.signed_in(speckle)
    assert bench.tokens.cached(account.id, 60.0)
    await bench.accounts.need_attention(account, AttentionReason.REFRESH_REFUSED)
    assert bench.tokens.cached(account.id, 60.0) is None
    with pytest.raises(SignInRequired):
        await bench.tokens.get(account.id)


async def test_signed_out_while_it_was_renewed(bench: Bench, server: AuthorizationServer) -> None:
    account = await bench.planted(server, 1)
    server.change_faults(delay={"token": 0.2})
    bench.clock.advance(3560)
    getting = asyncio.ensure_future(bench.tokens.get(account.id))
    await until(lambda: server.token_requests("refresh_token"))
    await bench.accounts.remove(account.id)
    with pytest.raises(AccountNotFound):
        await getting


# token.refresh -----------------------------------------------------------------------------------


async def test_a_refused_token_is_renewed_once_in_ten_seconds(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1)
    first = await bench.tokens.get(account.id)
    second = await bench.tokens.refreshed(account.id, sha256(first))
    assert sha256(second) != sha256(first)
    assert await bench.tokens.refreshed(account.id, sha256(first).upper()) == second
    with pytest.raises(RateLimited) as told:
        await bench.tokens.refreshed(account.id, sha256(second))
    assert told.value.retry_after == 10
    bench.clock.advance(10)
    third = await bench.tokens.refreshed(account.id, sha256(second))
    assert sha256(third) != sha256(second)
    assert server.token_requests("refresh_token") == 2


async def test_many_refused_at_once_are_one_renewal(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1)
    first = await bench.tokens.get(account.id)
    tokens = await asyncio.gather(
        *(bench.tokens.refreshed(account.id, sha256(first)) for _ in range(20))
    )
    assert len({sha256(token) for token in tokens}) == 1
    assert server.token_requests("refresh_token") == 1


async def test_a_newer_token_that_has_ended_is_renewed(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1)
    bench.clock.advance(3600)
    token = await bench.tokens.refreshed(account.id, "0" * 64)
    assert token.access_token != Secret("access-1")


async def test_a_forced_renewal_respects_the_servers_pause(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1)
    token = await bench.tokens.get(account.id)
    server.change_faults(rate_limited={"token": "100"})
    for passed in (0, 20, 20):
        bench.clock.advance(passed)
        with pytest.raises(RateLimited):
            await bench.tokens.refreshed(account.id, sha256(token))
    assert server.counters["token"] == 1


async def test_an_account_that_needs_its_person_is_not_forced(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1)
    token = await bench.tokens.get(account.id)
    await bench.accounts.need_attention(account, AttentionReason.REFRESH_REFUSED)
    with pytest.raises(SignInRequired):
        await bench.tokens.refreshed(account.id, sha256(token))
    assert server.counters["token"] == 0


# request.headers ---------------------------------------------------------------------------------


async def test_headers_go_to_the_accounts_origins_only(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1, resource="https://api.example/v1")
    for url in (f"{server.url}/userinfo?x=1", "https://api.example/v2", "https://API.example:443"):
        headers, expires_at = await bench.tokens.headers(account.id, RequestToAuthorize("GET", url))
        assert headers == {"Authorization": "Bearer access-1"}
        assert expires_at == int(bench.clock.wall + 3600)
    for url in (
        "https://evil.example/",
        "http://api.example/",
        "https://api.example:8443/",
        "https://api.example.evil.example/",
        "https://api.example@evil.example/",
        f"{server.url}@evil.example/",
        "javascript:alert(1)",
        "",
    ):
        with pytest.raises(InvalidRequest):
            await bench.tokens.headers(account.id, RequestToAuthorize("GET", url))


async def test_headers_carry_a_token_that_lives(bench: Bench, server: AuthorizationServer) -> None:
    account = await bench.planted(server, 1)
    bench.clock.advance(3600)
    headers, _ = await bench.tokens.headers(
        account.id, RequestToAuthorize("GET", f"{server.url}/userinfo")
    )
    assert server.accepts(headers["Authorization"].removeprefix("Bearer "))


# Other kinds -------------------------------------------------------------------------------------


async def test_keys_and_sessions_are_tokens_too(bench: Bench) -> None:
    server, who = Server("https://s.example", "S"), Identity("1", "a@s.example", "A")
    for number, credential in enumerate(
        (ApiKey(Secret("key")), SessionToken(Secret("session"), validity=Validity(
            bench.clock.now(), 100.0))),
    ):  # fmt: skip
        account = Account(str(number), "oidc", server, who)
        await bench.accounts.add(account, credential)
    key = await bench.tokens.get("0", min_valid=1e9)
    assert (key.access_token, key.token_type, key.expires_at) == (Secret("key"), "Bearer", None)
    session = await bench.tokens.get("1")
    assert session.access_token == Secret("session")
    bench.clock.advance(101)
    with pytest.raises(SignInRequired):
        await bench.tokens.get("1")


async def test_scopes_and_audience(bench: Bench, server: AuthorizationServer) -> None:
    account = await bench.planted(server, 1)
    bench.tokens.check_scopes(account, ["api"], None)
    bench.tokens.check_scopes(account, None, server.url)
    with pytest.raises(ScopeNotGranted, match="admin"):
        bench.tokens.check_scopes(account, ["api", "admin"], None)
    with pytest.raises(ScopeNotGranted):
        bench.tokens.check_scopes(account, None, "https://other.example")


# What is no OAuth token --------------------------------------------------------------------------

REQUEST = RequestToAuthorize("GET", f"{URL}/things", "ab" * 32)


async def kept(bench: Bench, credential: Credential, key: str = "") -> Account:
    return await bench.completion.keep(bench.typing, result("alice", credential, key=key))


async def test_a_session_is_renewed_as_tokens_are(bench: Bench) -> None:
    account = await kept(bench, bench.typing.session())
    bench.clock.advance(3599)
    bench.typing.moment = bench.clock.now()
    tokens = await asyncio.gather(*(bench.tokens.get(account.id) for _ in range(20)))
    assert {token.access_token.reveal() for token in tokens} == {"renewed-1"}
    assert (tokens[0].token_type, tokens[0].scopes) == ("Bearer", ("read",))
    token = await bench.tokens.refreshed(account.id, sha256(tokens[0]))
    assert token.access_token.reveal() == "renewed-2"
    bench.clock.advance(3500)
    bench.typing.moment = bench.clock.now()
    await bench.tick()
    assert bench.typing.refreshed == 3


@pytest.mark.parametrize(
    ("header", "prefix", "kind"),
    [
        ("Authorization", "Bearer ", "Bearer"),
        ("Authorization", "Token ", "Token"),
        ("X-API-Key", "", "X-API-Key"),
    ],
)
async def test_how_a_key_is_sent(bench: Bench, header: str, prefix: str, kind: str) -> None:
    account = await kept(bench, ApiKey(Secret("k"), header, prefix), key="#k")
    token = await bench.tokens.get(account.id)
    assert (token.access_token.reveal(), token.token_type) == ("k", kind)
    headers, expires_at = await bench.tokens.headers(account.id, REQUEST)
    assert (headers, expires_at) == ({header: f"{prefix}k"}, None)


@pytest.mark.parametrize(
    ("credential", "headers"),
    [
        (SigningKey("public", Secret("private")), {"X-Signature": f"signed GET {'ab' * 32}"}),
        (SessionToken(None, (("session", Secret("c")),)), {"Cookie": "session=c"}),
    ],
)
async def test_headers_where_there_is_no_token(
    bench: Bench, credential: Credential, headers: dict[str, str]
) -> None:
    account = await kept(bench, credential)
    assert await bench.tokens.headers(account.id, REQUEST) == (headers, None)
    for ask in (bench.tokens.get(account.id), bench.tokens.refreshed(account.id, "0" * 64)):
        with pytest.raises(InvalidRequest, match="no token to hand out"):
            await ask
    with pytest.raises(InvalidRequest):
        bench.tokens.cached(account.id, 60.0)
    await bench.accounts.need_attention(account, AttentionReason.REVOKED)
    with pytest.raises(SignInRequired):
        await bench.tokens.headers(account.id, REQUEST)


async def test_a_session_of_cookies_is_renewed_for_its_headers(bench: Bench) -> None:
    cookies = replace(bench.typing.session(), token=None, cookies=(("session", Secret("c")),))
    account = await kept(bench, cookies)
    bench.clock.advance(3590)
    headers, expires_at = await bench.tokens.headers(account.id, REQUEST)
    assert headers == {"Authorization": "Bearer renewed-1"}
    assert expires_at is not None


async def test_a_refused_key_that_its_server_still_accepts(bench: Bench) -> None:
    account = await kept(bench, ApiKey(Secret("k")), key="#k")
    rejected = sha256(await bench.tokens.get(account.id))
    asking = [bench.tokens.refreshed(account.id, rejected) for _ in range(20)]
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert {type(each) for each in answers} == {ScopeNotGranted}
    assert "still accepts" in str(answers[0])
    assert bench.typing.verified == 1
    with pytest.raises(RateLimited):
        await bench.tokens.refreshed(account.id, rejected)
    assert bench.accounts.holding(account.id).account == account


async def test_a_refused_key_that_is_gone(bench: Bench) -> None:
    account = await kept(bench, ApiKey(Secret("k")), key="#k")
    rejected = sha256(await bench.tokens.get(account.id))
    bench.typing.verdict = ServerUnreachable("away")
    with pytest.raises(ServerUnreachable):
        await bench.tokens.refreshed(account.id, rejected)
    bench.clock.advance(10)
    bench.typing.verdict = SignedOutThere()
    with pytest.raises(SignInRequired):
        await bench.tokens.refreshed(account.id, rejected)
    (needing,) = bench.told(AttentionRaised)
    assert needing.account.state == AttentionNeeded(AttentionReason.REVOKED)
