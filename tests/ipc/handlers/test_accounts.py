from __future__ import annotations

import base64

import pytest

from manager.practice.authorization_server import AuthorizationServer
from tests.agent.in_process import Refused, Running

pytestmark = pytest.mark.anyio


async def test_pages_and_filters(running: Running, server: AuthorizationServer) -> None:
    both = {(await running.signed_in(server, name))["id"] for name in ("alice", "bob")}
    caller = await running.caller()
    first = await caller.call("accounts.list", limit=1)
    second = await caller.call("accounts.list", limit=1, cursor=first["cursor"])
    assert {page["accounts"][0]["id"] for page in (first, second)} == both
    assert second["cursor"] is None
    assert len((await caller.call("accounts.list", limit=-5))["accounts"]) == 1
    assert (await caller.call("accounts.list", cursor="99"))["accounts"] == []
    for found, params in (
        (2, {"server": f"{server.url}/"}),
        (0, {"server": "https://other.example"}),
        (2, {"provider": "oidc"}),
        (0, {"provider": "speckle"}),
    ):
        assert len((await caller.call("accounts.list", **params))["accounts"]) == found


@pytest.mark.parametrize(
    "params", [{"cursor": "x"}, {"cursor": "-1"}, {"cursor": "1" * 10}, {"server": "javascript:x"}]
)
async def test_bad_pages(running: Running, params: dict) -> None:
    with pytest.raises(Refused, match="invalid_request"):
        await (await running.caller()).call("accounts.list", **params)


async def test_a_picture(running: Running, server: AuthorizationServer) -> None:
    account = await running.signed_in(server)
    caller = await running.caller()
    picture = await caller.call("accounts.avatar", account=account["id"])
    assert account["has_avatar"]
    assert base64.b64decode(picture["base64"]).startswith(b"\x89PNG")


async def test_no_picture(running: Running) -> None:
    with AuthorizationServer(openid=False) as plain:
        control = await running.caller(control=True)
        account = await _signed_in_plainly(running, plain)
        with pytest.raises(Refused) as refused:
            await control.call("accounts.avatar", account=account)
        assert refused.value.error["data"]["hint"] == "Show the initials instead."


async def _signed_in_plainly(running: Running, plain: AuthorizationServer) -> str:
    import anyio

    from manager.practice.person import Person

    control = await running.caller(control=True)
    begun = await control.call(
        "sign_in.begin", server=plain.url, client_id="account-manager", scopes=["api"]
    )
    uri = await anyio.to_thread.run_sync(Person().visit, begun["authorization_url"])
    account: str = (await control.call("sign_in.complete", uri=uri))["account"]["id"]
    return account


async def test_an_account_that_is_not(running: Running) -> None:
    control = await running.caller(control=True)
    for method, params in (
        ("accounts.get", {}),
        ("accounts.avatar", {}),
        ("accounts.remove", {}),
        ("accounts.set_default", {"for": "overall"}),
    ):
        with pytest.raises(Refused, match="account_not_found"):
            await control.call(method, account="nobody", **params)


async def test_a_default_is_for_something(running: Running, server: AuthorizationServer) -> None:
    account = await running.signed_in(server)
    control = await running.caller(control=True)
    with pytest.raises(Refused, match="invalid_request"):
        await control.call("accounts.set_default", **{"account": account["id"], "for": "x"})
    await control.call("accounts.set_default", **{"account": account["id"], "for": "server"})
    assert (await control.call("accounts.get", account=account["id"]))["is_server_default"]


@pytest.mark.parametrize(
    ("away", "revoke", "revoked"),
    [(False, True, True), (False, False, False), (True, None, "unreachable")],
)
async def test_sign_out(
    running: Running, server: AuthorizationServer, away: bool, revoke: bool | None, revoked: object
) -> None:
    account = await running.signed_in(server)
    if away:
        server.change_faults(unavailable={"revocation": 503})
    control = await running.caller(control=True)
    result = await control.call("accounts.remove", account=account["id"], revoke=revoke)
    assert result == {"account": account["id"], "revoked": revoked}
