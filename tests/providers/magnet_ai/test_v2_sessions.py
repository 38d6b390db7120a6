"""Sessions and scoped keys of v2: listed, made, ended."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manager.core.errors import (
    AnswerLost,
    CredentialsRefused,
    InvalidRequest,
    ProviderError,
    RefreshRefused,
    ScopeNotGranted,
)
from manager.core.provider_abilities import SignedOutThere
from manager.core.secret import Secret
from manager.practice.http_message import HttpReply, html_reply, json_reply
from tests.providers.magnet_ai.foreign_server import Foreign

pytestmark = pytest.mark.anyio


async def test_sessions(start) -> None:
    here = start("v2")
    first, second = await here.by_password(), await here.by_password()
    kinds = here.provider.credential_kinds(second.server, second.credential)
    assert [kind.id for kind in kinds] == ["session", "api_key"]
    assert not kinds[0].can_create
    listed = await here.provider.list_credentials(second.server, second.credential, "session")
    assert len(listed) == 2
    assert all(each.name.startswith("AccountManager/") for each in listed)
    lifetimes = [each.expires_at - each.created_at for each in listed]
    assert lifetimes == pytest.approx([604_800] * 2)
    oldest = min(listed, key=lambda each: each.created_at)
    known = (second.server, second.credential, "session")
    await here.provider.revoke_credential(*known, oldest.id)
    assert len(await here.provider.list_credentials(*known)) == 1
    with pytest.raises(RefreshRefused):
        await here.provider.refresh(first.server, first.identity, first.credential)
    for wrong in (oldest.id, "../me", ""):
        with pytest.raises(InvalidRequest):
            await here.provider.revoke_credential(*known, wrong)


async def test_keys_have_scopes(start) -> None:
    here = start("v2")
    account = await here.by_password()
    known = (account.server, account.identity, account.credential, "api_key")
    made = await here.provider.create_credential(
        *known, {"name": Secret("ci"), "scopes": Secret("read:agents, execute:agents")}
    )
    kept = made.sign_in
    assert kept.scopes == ("read:agents", "execute:agents")
    (listed,) = await here.provider.list_credentials(account.server, account.credential, "api_key")
    assert set(listed.scopes) == set(kept.scopes)
    assert not listed.is_current
    pasted = await here.submit("api_key", api_key=made.secret.reveal())
    assert set(pasted.scopes) == set(kept.scopes)
    sessions, keys = here.provider.credential_kinds(pasted.server, pasted.credential)
    assert "API key" in sessions.unavailable
    assert "read:api_keys" in keys.unavailable
    with pytest.raises(ScopeNotGranted, match="read:api_keys"):
        await here.provider.list_credentials(pasted.server, pasted.credential, "api_key")
    with pytest.raises(InvalidRequest):
        await here.provider.list_credentials(pasted.server, pasted.credential, "session")
    with pytest.raises(InvalidRequest):
        await here.provider.create_credential(
            *known, {"name": Secret("x"), "scopes": Secret("fly:agents")}
        )
    await here.provider.revoke_credential(
        account.server, account.credential, "api_key", made.credential.id
    )
    verdict = await here.provider.verify(pasted.server, pasted.identity, pasted.credential)
    assert isinstance(verdict, SignedOutThere)
    with pytest.raises(RefreshRefused):
        await here.provider.refresh(pasted.server, pasted.identity, pasted.credential)


async def test_nobody_gives_what_they_do_not_hold(start) -> None:
    here = start("v2")
    key = here.server.v2.new_key("alice", "write:api_keys")
    account = await here.submit("api_key", api_key=key)
    with pytest.raises(ScopeNotGranted, match="write:agents"):
        await here.provider.create_credential(
            account.server, account.identity, account.credential, "api_key",
            {"name": Secret("more"), "scopes": Secret("write:agents")},
        )  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (html_reply("<h1>Welcome</h1>"), AnswerLost),
        (json_reply({"a": 1}), AnswerLost),
        (HttpReply(200, (), b"[" * 100_000), AnswerLost),
        (json_reply({"error": "canary"}, 403), ProviderError),
        (json_reply({"error": "canary"}, 401), CredentialsRefused),
    ],
)
async def test_lists_that_are_none(start, reply, error) -> None:
    here = start("v2")
    account = await here.by_password()
    with Foreign({}, reply) as foreign:
        server = replace(account.server, url=foreign.url)
        for kind in ("session", "api_key"):
            with pytest.raises(error):
                await here.provider.list_credentials(server, account.credential, kind)
        session = "00000000-0000-0000-0000-000000000000"
        for kind, credential_id in (("session", session), ("api_key", "7")):
            if reply.status != 200:
                with pytest.raises(error):
                    await here.provider.revoke_credential(
                        server, account.credential, kind, credential_id
                    )


async def test_odd_rows_are_left_out(start) -> None:
    here = start("v2")
    account = await here.by_password()
    rows = [7, {"id": 7}, {"id": "a", "created_at": "soon", "device_info": None, "name": None}]
    with Foreign({}, json_reply(rows)) as foreign:
        server = replace(account.server, url=foreign.url)
        (session,) = await here.provider.list_credentials(server, account.credential, "session")
        (key,) = await here.provider.list_credentials(server, account.credential, "api_key")
    assert (session.id, session.name, session.created_at) == ("a", "Unknown program", None)
    assert (key.id, key.name, key.expires_at) == ("a", "API key", None)
