from __future__ import annotations

import asyncio
import urllib.request

import anyio
import pytest

from manager.practice.authorization_server import AuthorizationServer, client_registry
from manager.practice.person import Person
from tests.agent.in_process import Refused, Running
from tests.services.typing_provider import URL, TypingProvider, result

pytestmark = pytest.mark.anyio


async def test_a_confidential_client_on_the_loopback(
    running: Running, server: AuthorizationServer
) -> None:
    client = client_registry.CONFIDENTIAL
    control, other = await running.caller(control=True), await running.caller(control=True)
    begun = await control.call(
        "sign_in.begin",
        server=server.url, redirect="loopback", scopes=["openid", "api"], select_account=True,
        client_id=client.client_id, client_secret=client.client_secret,
    )  # fmt: skip
    assert begun["redirect_uri"].startswith("http://127.0.0.1:")
    assert client.client_secret not in str(begun)
    waiting = asyncio.ensure_future(other.call("sign_in.wait", sign_in=begun["sign_in"]))
    uri = await anyio.to_thread.run_sync(Person("bob").visit, begun["authorization_url"])
    await anyio.to_thread.run_sync(lambda: urllib.request.urlopen(uri, timeout=10).close())
    account = (await waiting)["account"]
    assert set(account["scopes"]) == {"openid", "api"}
    assert (await control.call("sign_in.list"))["sign_ins"] == []


async def test_the_ends_of_a_sign_in(running: Running, server: AuthorizationServer) -> None:
    control = await running.caller(control=True)
    begun = await control.call("sign_in.begin", server=server.url, client_id="account-manager")
    assert (await control.call("sign_in.cancel", sign_in=begun["sign_in"]))["cancelled"]
    with pytest.raises(Refused, match="sign_in_denied"):
        await control.call("sign_in.wait", sign_in=begun["sign_in"])
    with pytest.raises(Refused, match="sign_in_expired"):
        await control.call("sign_in.complete", uri="speckle://account?access_code=x")
    with pytest.raises(Refused, match="invalid_request"):
        await control.call("sign_in.complete", uri="https://evil.example/?code=x&state=y")
    begun = await control.call("sign_in.begin", server=server.url, client_id="account-manager")
    with pytest.raises(Refused, match="timeout"):
        await control.call("sign_in.wait", sign_in=begun["sign_in"], timeout=0.05)
    assert len((await control.call("sign_in.list"))["sign_ins"]) == 1


async def test_probing(running: Running, server: AuthorizationServer) -> None:
    control = await running.caller(control=True)
    probe = await control.call("servers.probe", url=server.url, provider="oidc")
    assert (probe["provider"], probe["needs"]) == ("oidc", ["client_id"])
    assert set(probe["redirect_uris"]) == {"scheme", "loopback"}
    for url in ("javascript:alert(1)", "http://server.example", "https://a:b@server.example"):
        with pytest.raises(Refused, match="invalid_request"):
            await control.call("servers.probe", url=url)


async def test_a_form_over_the_wire(typing: tuple[Running, TypingProvider]) -> None:
    running, _ = typing
    control = await running.caller(control=True)
    probe = await control.call("servers.probe", url=URL, provider="typing")
    assert (probe["provider_name"], probe["dialect"]) == ("Typing servers", "new")
    assert [form["id"] for form in probe["forms"]] == ["password", "api_key"]
    assert (await control.call("servers.probe", url=URL, provider="typing", dialect="old"))[
        "dialect"
    ] == "old"
    begun = await control.call("sign_in.begin", server=URL, provider="typing")
    assert (begun["method"], begun["provider_name"]) == ("form", "Typing servers")
    assert begun["form"]["fields"][1] == {
        "name": "password", "label": "Password", "kind": "secret", "required": True,
        "hint": "", "choices": [], "default": "",
    }  # fmt: skip
    assert (await control.call("sign_in.list"))["sign_ins"] == [begun]
    name = begun["sign_in"]
    fields = {"name": "carol", "password": "wrong"}
    with pytest.raises(Refused, match="credentials_refused"):
        await control.call("sign_in.submit", sign_in=name, fields=fields)
    with pytest.raises(Refused, match="invalid_request"):
        await control.call("sign_in.submit", sign_in=name, fields={"name": "carol"})
    fields["password"] = "right"
    answer = await control.call("sign_in.submit", sign_in=name, fields=fields)
    assert answer["form"]["id"] == "code"
    answer = await control.call("sign_in.submit", sign_in=name, fields={"code": "000"})
    account = answer["account"]
    assert (account["identity"], account["roles"]) == ("carol@typing.example", ["editor"])
    assert (account["exported"], account["is_key"]) == (False, False)
    assert (await control.call("sign_in.wait", sign_in=name))["account"] == account


async def test_a_code_over_the_wire(typing: tuple[Running, TypingProvider]) -> None:
    running, provider = typing
    provider.device = [None, result("alice", provider.session())]
    control = await running.caller(control=True)
    begun = await control.call("sign_in.begin", server=URL, provider="typing", method="device")
    assert begun["user_code"] == "WDJB-MJHT"
    assert begun["verification_uri"] in begun["verification_uri_complete"]
    done = await control.call("sign_in.wait", sign_in=begun["sign_in"])
    assert done["account"]["identity"] == "alice@typing.example"
    begun = await control.call("sign_in.begin", server=URL, provider="typing", method="device")
    assert (await control.call("sign_in.cancel", sign_in=begun["sign_in"]))["cancelled"]
