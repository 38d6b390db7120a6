"""What a sign-in leaves: here, the name by which its account is called."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from manager.core.account import Account, Identity, Server
from manager.core.credential import ApiKey
from manager.core.provider import SignInResult
from manager.core.secret import Secret
from manager.services.sign_in_completion import SignInCompletion

pytestmark = pytest.mark.anyio


class Kept:
    """Accounts that are all new."""

    def same_person(self, *_: str) -> None:
        return None

    async def add(self, account: Account, _: object) -> Account:
        return account


async def test_no_account_is_named_like_an_option() -> None:
    result = SignInResult(
        Server("https://id.example", "id"), Identity("1", "a", "A"), ApiKey(Secret("key"))
    )

    async def redeem(_: object) -> SignInResult:
        return result

    pending = SimpleNamespace(
        authorization=SimpleNamespace(redeem=redeem),
        provider=SimpleNamespace(id="oidc"),
        renewing=None,
    )
    randomness = SimpleNamespace(token=lambda _: "-a-b_c")
    completion = SignInCompletion(Kept(), None, None, randomness)
    account = await completion.finish(pending, {})
    assert account.id == "_a_b_c"
