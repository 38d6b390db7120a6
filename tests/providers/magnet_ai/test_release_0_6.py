"""0.6: keys sent as keys, listed, made and deleted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manager.core.credential import renewal_of
from manager.core.errors import (
    CredentialsRefused,
    InvalidRequest,
    ProviderError,
    RefreshRefused,
    ServerUnreachable,
)
from manager.core.provider import RequestToAuthorize
from manager.core.provider_abilities import SignedOutThere
from manager.core.secret import Secret
from manager.practice.http_message import html_reply
from tests.providers.magnet_ai.foreign_server import Foreign

pytestmark = pytest.mark.anyio


async def signed_in(here, name: str = "nightly"):
    return await here.submit("api_key", api_key=here.server.release_0_6.new_key(name=name))


async def test_a_key_is_an_account(start) -> None:
    here = start("0.6")
    account = await signed_in(here)
    assert (account.identity.subject, account.identity.label) == ("api_key:nightly", "nightly")
    assert account.identity.key
    assert account.roles == ("admin",)
    assert account.capabilities == ("headers",)
    assert not renewal_of(account.credential).by_itself
    headers = here.provider.headers(account.credential, RequestToAuthorize("GET", here.server.url))
    assert headers == {"x-api-key": account.credential.key.reveal()}
    assert here.server.accepts(headers)
    assert all("authorization" not in each.headers for each in here.server.requests)
    other = await signed_in(here)
    assert other.identity.key != account.identity.key


async def test_a_key_on_behalf_of_somebody(start) -> None:
    here = start("0.6")
    key = here.server.release_0_6.new_key(name="bridge")
    account = await here.submit("api_key", api_key=key, user_id="u7")
    assert account.identity.subject == "api_key:bridge:u7"
    request = RequestToAuthorize("GET", here.server.url)
    headers = here.provider.headers(account.credential, request)
    assert headers == {"x-api-key": key, "x-user-id": "u7"}
    verdict = await here.provider.verify(account.server, account.identity, account.credential)
    assert verdict.identity == account.identity
    with pytest.raises(InvalidRequest):
        await here.submit("api_key", api_key=key, user_id="two words")


async def test_a_wrong_key(start) -> None:
    here = start("0.6")
    with pytest.raises(CredentialsRefused):
        await here.submit("api_key", api_key="nonsense")
    with pytest.raises(InvalidRequest):
        await here.submit("api_key", api_key="two words")


async def test_a_pasted_key_outlives_its_account(start) -> None:
    here = start("0.6")
    account = await signed_in(here)
    await here.provider.revoke(account.server, account.credential)
    assert here.asked("keys")[-1].method == "GET"  # of the probe; nothing was deleted
    assert here.server.accepts({"x-api-key": account.credential.key.reveal()})
    with pytest.raises(RefreshRefused):
        await here.provider.refresh(account.server, account.identity, account.credential)


async def test_keys_are_made_listed_and_deleted(start) -> None:
    here = start("0.6")
    account = await signed_in(here)
    server, credential = account.server, account.credential
    (kind,) = here.provider.credential_kinds(server, credential)
    assert (kind.id, kind.can_create, kind.can_revoke, kind.unavailable) == (
        "api_key", True, True, "",
    )  # fmt: skip
    assert [field.name for field in kind.fields] == ["name"]
    made = await here.provider.create_credential(
        server, account.identity, credential, "api_key", {"name": Secret("ci")}
    )
    secret = made.secret.reveal()
    assert made.credential.hint == f"…{secret[-4:]}"
    listed = await here.provider.list_credentials(server, credential, "api_key")
    assert [(each.name, each.is_current) for each in listed] == [("nightly", True), ("ci", False)]
    assert listed[1].hint == made.credential.hint
    assert listed[1].created_at == pytest.approx(here.server.now(), abs=5)
    assert secret not in repr(made)
    kept = made.sign_in
    assert kept.identity.key
    assert here.server.accepts({"x-api-key": kept.credential.key.reveal()})
    mine = await here.provider.list_credentials(server, kept.credential, "api_key")
    assert [each.is_current for each in mine] == [False, True]
    # A key that was made here goes with its account.
    await here.provider.revoke(server, kept.credential)
    assert not here.server.accepts({"x-api-key": secret})
    await here.provider.revoke(server, kept.credential)
    with pytest.raises(InvalidRequest, match="no such"):
        await here.provider.revoke_credential(server, credential, "api_key", made.credential.id)
    await here.provider.revoke_credential(server, credential, "api_key", listed[0].id)
    verdict = await here.provider.verify(server, account.identity, credential)
    assert isinstance(verdict, SignedOutThere)
    with pytest.raises(CredentialsRefused):
        await here.provider.list_credentials(server, credential, "api_key")


async def test_odd_ids_and_kinds_are_not_sent(start) -> None:
    here = start("0.6")
    account = await signed_in(here)
    sent = len(here.server.requests)
    for kind, credential_id in (("api_key", "../users"), ("api_key", ""), ("session", "1")):
        with pytest.raises(InvalidRequest):
            await here.provider.revoke_credential(
                account.server, account.credential, kind, credential_id
            )
    assert len(here.server.requests) == sent


async def test_a_key_without_an_id_cannot_be_deleted(start) -> None:
    here = start("0.6")
    account = await signed_in(here)
    unknown = replace(account.credential, imported=False)
    with pytest.raises(ProviderError, match="by their id"):
        await here.provider.revoke(account.server, unknown)


@pytest.mark.parametrize("status", [200, 404])
async def test_a_page_in_the_servers_place_deletes_nothing(start, status: int) -> None:
    here = start("0.6")
    account = await signed_in(here)
    mine = replace(account.credential, imported=False, key_id="7")
    with Foreign({}, html_reply("<h1>Welcome</h1>", status)) as foreign:
        server = replace(account.server, url=foreign.url)
        with pytest.raises(ServerUnreachable):
            await here.provider.revoke(server, mine)
        with pytest.raises(ServerUnreachable):
            await here.provider.revoke_credential(server, mine, "api_key", "7")
        with pytest.raises(ServerUnreachable):
            await here.provider.verify(server, account.identity, mine)
