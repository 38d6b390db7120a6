"""Typing and pasting, from the form to the account."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from manager.core.account import Server
from manager.core.credential import ApiKey
from manager.core.errors import (
    CredentialsRefused,
    IdentityMismatch,
    InvalidRequest,
    ProviderError,
    RateLimited,
    ServerUnreachable,
    SignInDenied,
    SignInExpired,
    TooMany,
)
from manager.core.events import SignInProgressed
from manager.services import form_sign_in
from manager.services.pending_sign_in import FormSignIn
from manager.services.sign_in import WantedSignIn
from tests.services.bench import Bench, until
from tests.services.typing_provider import CODE, PASSWORD, URL, digest

pytestmark = pytest.mark.anyio


async def begun(bench: Bench, **wanted: Any) -> FormSignIn:
    wanted.setdefault("provider", "typing")
    pending = await bench.sign_in.begin(WantedSignIn(URL, **wanted))
    assert isinstance(pending, FormSignIn)
    return pending


def typed(name: str = "alice", password: str = "right") -> dict[str, str]:
    return {"name": name, "password": password}


async def pasted(bench: Bench, key: str, **wanted: Any) -> Any:
    pending = await begun(bench, form="api_key", **wanted)
    return await bench.sign_in.submit(pending.id, {"key": key})


async def test_the_first_form_is_the_one_where_none_is_named(bench: Bench) -> None:
    pending = await begun(bench)
    assert (pending.form.form, pending.method) == (PASSWORD, "form")
    waiter = asyncio.ensure_future(bench.sign_in.wait(pending.id))
    account = await bench.sign_in.submit(pending.id, typed())
    assert account is await waiter
    assert (account.identity.label, account.roles) == ("alice@typing.example", ("editor",))
    assert bench.sign_in.waiting() == ()
    assert bench.typing.requests[0].dialect == "new"


async def test_a_second_factor_is_asked_for(bench: Bench) -> None:
    pending = await begun(bench, method="form")
    assert await bench.sign_in.submit(pending.id, typed("carol")) is CODE
    assert bench.sign_in.waiting() == (pending,)
    with pytest.raises(InvalidRequest, match="no field 'name'"):
        await bench.sign_in.submit(pending.id, typed("carol"))
    with pytest.raises(CredentialsRefused):
        await bench.sign_in.submit(pending.id, {"code": "111"})
    account = await bench.sign_in.submit(pending.id, {"code": "000"})
    assert account.identity.display_name == "Carol"
    told = [each.status for each in bench.told(SignInProgressed)]
    assert told == ["waiting", "waiting", "succeeded"]


async def test_a_wrong_password_leaves_it_waiting_ten_times(bench: Bench) -> None:
    pending = await begun(bench)
    for _ in range(form_sign_in.TRIES - 1):
        with pytest.raises(CredentialsRefused):
            await bench.sign_in.submit(pending.id, typed(password="wrong"))
        assert bench.sign_in.waiting() == (pending,)
    with pytest.raises(CredentialsRefused):
        await bench.sign_in.submit(pending.id, typed(password="wrong"))
    assert bench.sign_in.waiting() == ()
    with pytest.raises(SignInExpired):
        await bench.sign_in.submit(pending.id, typed())
    with pytest.raises(CredentialsRefused):
        await bench.sign_in.wait(pending.id)


@pytest.mark.parametrize(
    "trouble", [ServerUnreachable("away"), RateLimited("slow"), InvalidRequest("no")]
)
async def test_what_leaves_it_waiting(bench: Bench, trouble: Exception) -> None:
    pending = await begun(bench)
    bench.typing.trouble = [trouble]
    with pytest.raises(type(trouble)):
        await bench.sign_in.submit(pending.id, typed())
    assert await bench.sign_in.submit(pending.id, typed())


@pytest.mark.parametrize("trouble", [ProviderError("broken"), SignInExpired("late")])
async def test_what_ends_it(bench: Bench, trouble: Exception) -> None:
    pending = await begun(bench)
    bench.typing.trouble = [trouble]
    with pytest.raises(type(trouble)):
        await bench.sign_in.submit(pending.id, typed())
    assert bench.sign_in.waiting() == ()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": "alice"}, "Password is missing"),
        ({**typed(), "more": "x"}, "no field 'more'"),
        ({"name": 3, "password": "right"}, "is a text"),
        ({"name": "a\x00", "password": "right"}, "cannot be typed"),
    ],
)
async def test_what_does_not_fit_the_form_reaches_no_server(
    bench: Bench, fields: dict[str, object], says: str
) -> None:
    pending = await begun(bench)
    with pytest.raises(InvalidRequest, match=says):
        await bench.sign_in.submit(pending.id, fields)
    assert bench.typing.submitted == 0
    assert bench.sign_in.waiting() == (pending,)


async def test_two_submissions_never_run_at_once(bench: Bench) -> None:
    pending = await begun(bench)
    bench.typing.release = asyncio.Event()
    first = asyncio.ensure_future(bench.sign_in.submit(pending.id, typed()))
    await until(lambda: bench.typing.submitted)
    with pytest.raises(TooMany):
        await bench.sign_in.submit(pending.id, typed())
    bench.typing.release.set()
    assert await first
    assert bench.typing.submitted == 1


async def test_a_caller_that_leaves_does_not_lose_the_sign_in(bench: Bench) -> None:
    pending = await begun(bench)
    bench.typing.release = asyncio.Event()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await bench.sign_in.submit(pending.id, typed())
    bench.typing.release.set()
    assert await bench.sign_in.wait(pending.id) in bench.accounts.all()


@pytest.mark.parametrize("name", ["alice", "carol"])
async def test_cancelled_while_the_server_is_asked(bench: Bench, name: str) -> None:
    pending = await begun(bench)
    bench.typing.release = asyncio.Event()
    submitting = asyncio.ensure_future(bench.sign_in.submit(pending.id, typed(name)))
    await until(lambda: bench.typing.submitted)
    assert await bench.sign_in.cancel(pending.id)
    bench.typing.release.set()
    with pytest.raises(SignInExpired):
        await submitting
    with pytest.raises(SignInDenied):
        await bench.sign_in.wait(pending.id)
    assert bench.accounts.all() == []
    assert len(bench.typing.revoked) == (1 if name == "alice" else 0)


async def test_other_sign_ins_take_nothing_typed(bench: Bench) -> None:
    pending = await bench.sign_in.begin(WantedSignIn(URL, provider="typing", method="device"))
    with pytest.raises(InvalidRequest, match="not wait for something typed"):
        await bench.sign_in.submit(pending.id, typed())
    with pytest.raises(SignInExpired):
        await bench.sign_in.submit("unheard-of", typed())


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"form": "smart_card"}, "no form 'smart_card'"),
        ({"method": "browser"}, "not offered"),
        ({"method": "pigeon"}, "not offered"),
        ({"dialect": "klingon"}, "no dialect 'klingon'"),
        ({"dialect": "old", "provider": "oidc"}, "no dialect 'old'"),
    ],
)
async def test_what_cannot_be_begun(bench: Bench, wanted: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidRequest, match=says):
        await begun(bench, **wanted)


async def test_the_dialect_that_the_person_names(bench: Bench) -> None:
    await begun(bench, dialect="old")
    assert bench.typing.requests[-1].dialect == "old"


# Keys --------------------------------------------------------------------------------------------


async def test_a_key_is_an_account_of_its_own(bench: Bench) -> None:
    signed_in = await bench.sign_in.submit((await begun(bench)).id, typed())
    first = await pasted(bench, "alice-1")
    second = await pasted(bench, "alice-2")
    again = await pasted(bench, "alice-1")
    assert len({signed_in.id, first.id, second.id}) == 3
    assert again.id == first.id
    once_more = await bench.sign_in.submit((await begun(bench)).id, typed())
    assert once_more.id == signed_in.id
    assert len(bench.accounts.all()) == 3


async def test_signing_in_again_for_a_key_may_bring_a_new_one(bench: Bench) -> None:
    first = await pasted(bench, "alice-1")
    again = await pasted(bench, "alice-2", account=first.id)
    assert (again.id, again.identity.key) == (first.id, digest("alice-2"))
    credential = await bench.accounts.credential(first.id)
    assert isinstance(credential, ApiKey)
    assert credential.key.reveal() == "alice-2"


async def test_neither_takes_the_place_of_the_other(bench: Bench) -> None:
    signed_in = await bench.sign_in.submit((await begun(bench)).id, typed())
    first = await pasted(bench, "alice-1")
    with pytest.raises(IdentityMismatch, match="by a sign-in, but a key came"):
        await pasted(bench, "alice-3", account=signed_in.id)
    pending = await begun(bench, account=first.id, form="password")
    with pytest.raises(IdentityMismatch, match="by a key, but a sign-in came"):
        await bench.sign_in.submit(pending.id, typed())
    second = await pasted(bench, "alice-2")
    with pytest.raises(IdentityMismatch, match="another account"):
        await pasted(bench, "alice-2", account=first.id)
    with pytest.raises(IdentityMismatch, match="was expected"):
        await pasted(bench, "bob-1", account=second.id)
    assert [type(each).__name__ for each in bench.typing.revoked] == ["SessionToken"]


async def test_a_key_is_brought_again_as_a_form(bench: Bench) -> None:
    first = await pasted(bench, "alice-1")
    assert (await begun(bench, account=first.id)).method == "form"


async def test_an_account_that_moved_is_the_same_under_its_old_address(bench: Bench) -> None:
    account = await bench.sign_in.submit((await begun(bench)).id, typed())
    holding = bench.accounts.holding(account.id)
    new = Server("https://new.example", "Typing", moved_from=URL)
    assert bench.accounts.same_person("typing", new, account.identity) is holding.account
