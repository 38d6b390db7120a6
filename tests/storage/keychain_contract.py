"""What every keychain must do: run on gnome-keyring and on the fake alike.

A subclass gives two fixtures: `switches`, the part itself with the methods below, and `keychain`,
the Keychain over it with a deadline of DEADLINE seconds.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

import pytest

from manager.core.errors import KeychainDenied, KeychainLocked, KeychainUnavailable, KeyCorrupt
from manager.storage.keychain_access import Keychain
from manager.storage.keychain_answer import (
    Corrupt,
    Denied,
    Done,
    Found,
    Locked,
    Missing,
    Unavailable,
)
from manager.storage.keychain_item import KeyItem

DEADLINE = 1.0


class Switches(Protocol):
    def lock(self) -> None: ...
    def unlock(self) -> None: ...
    def vanish(self) -> None: ...
    def return_(self) -> None: ...
    def deny(self) -> None: ...
    def allow(self) -> None: ...
    def hang(self) -> None: ...
    def resume(self) -> None: ...
    def damage(self, account_id: str, content: bytes) -> None: ...
    def content(self, account_id: str) -> bytes | None: ...


def item(account_id: str = "a1", generation: int = 1, byte: int = 7) -> KeyItem:
    return KeyItem(account_id, generation, bytearray([byte] * 32))


async def everything(keychain: Keychain) -> list[type]:
    """The kinds of answer that each operation gives."""
    answers = [
        await keychain.read("a1"),
        await keychain.read("nobody"),
        await keychain.write(item("a2")),
        await keychain.delete("a1"),
    ]
    return [type(answer) for answer in answers]


@pytest.mark.anyio
class KeychainContract:
    async def test_what_is_written_is_found(self, keychain):
        assert await keychain.write(item()) == Done()
        assert await keychain.read("a1") == Found(item())
        assert await keychain.status() == "available"

    async def test_a_later_item_takes_the_place_of_an_earlier_one(self, keychain):
        await keychain.write(item())
        await keychain.write(item(generation=2, byte=8))
        assert await keychain.read("a1") == Found(item(generation=2, byte=8))
        assert await keychain.delete("a1") == Done()
        assert await keychain.read("a1") == Missing()

    async def test_accounts_have_items_of_their_own(self, keychain):
        await keychain.write(item("a1", byte=1))
        await keychain.write(item("a2", byte=2))
        assert await keychain.delete("a1") == Done()
        assert await keychain.read("a1") == Missing()
        assert await keychain.read("a2") == Found(item("a2", byte=2))

    async def test_only_an_open_keychain_says_missing(self, keychain):
        assert await keychain.read("nobody") == Missing()
        assert await keychain.delete("nobody") == Done()

    async def test_the_item_is_small(self, keychain, switches):
        await keychain.write(item("0123456789abcdef0123456789abcdef"))
        assert len(switches.content("0123456789abcdef0123456789abcdef")) < 256

    async def test_locked(self, keychain, switches):
        await keychain.write(item())
        switches.lock()
        started = time.monotonic()
        assert await everything(keychain) == [Locked] * 4
        assert await keychain.status() == "locked"
        assert time.monotonic() - started < DEADLINE
        switches.unlock()
        assert await keychain.read("a1") == Found(item())
        assert await keychain.read("a2") == Missing()

    async def test_unavailable(self, keychain, switches):
        await keychain.write(item())
        switches.vanish()
        assert await everything(keychain) == [Unavailable] * 4
        assert await keychain.status() == "unavailable"
        with pytest.raises(KeychainUnavailable):
            await keychain.unlock()
        switches.return_()
        assert await keychain.read("a1") == Found(item())
        assert await keychain.read("a2") == Missing()

    async def test_denied(self, keychain, switches):
        await keychain.write(item())
        switches.deny()
        assert await everything(keychain) == [Denied] * 4
        assert await keychain.status() == "unavailable"
        with pytest.raises(KeychainDenied):
            await keychain.unlock()
        switches.allow()
        assert await keychain.read("a1") == Found(item())
        assert await keychain.read("a2") == Missing()

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"nonsense",
            b"\xff\xfe",
            b"null",
            b"[1]",
            b'{"v": 1}',
            b'{"v": 2, "key": "%s", "account": "a1", "generation": 1}' % (b"A" * 43 + b"="),
            b'{"v": 1, "key": "AAAA", "account": "a1", "generation": 1}',
            b'{"v": 1, "key": "%s", "account": "a2", "generation": 1}' % (b"A" * 43 + b"="),
            b'{"v": 1, "key": "%s", "account": "a1", "generation": 0}' % (b"A" * 43 + b"="),
            b'{"v": 1, "key": "%s", "account": "a1", "generation": true}' % (b"A" * 43 + b"="),
        ],
    )
    async def test_corrupt(self, keychain, switches, content):
        await keychain.write(item())
        switches.damage("a1", content)
        answer = await keychain.read("a1")
        assert isinstance(answer, Corrupt)
        assert isinstance(answer.error, KeyCorrupt)
        assert switches.content("a1") == content, "nothing is deleted"

    async def test_hanging(self, keychain, switches):
        """Everybody gets a typed answer in time, and the loop never stands still."""
        await keychain.write(item())
        switches.hang()
        longest = 0.0

        async def tick() -> None:
            nonlocal longest
            while True:
                before = time.monotonic()
                await asyncio.sleep(0.005)
                longest = max(longest, time.monotonic() - before)

        try:
            async with asyncio.TaskGroup() as group:
                ticking = group.create_task(tick())
                started = time.monotonic()
                waiting = [group.create_task(keychain.read("a1")) for _ in range(3)]
                done, late = await asyncio.wait(waiting, timeout=DEADLINE * 3)
                took = time.monotonic() - started
                ticking.cancel()
                assert not late
                assert [type(each.result()) for each in done] == [Unavailable] * 3
        finally:
            switches.resume()
        assert took < DEADLINE * 1.5
        assert longest < DEADLINE / 3
        async with asyncio.timeout(10):
            while await keychain.status() != "available":  # noqa: ASYNC110  # nothing tells us
                await asyncio.sleep(0.01)
        assert await keychain.read("a1") == Found(item())

    async def test_unlocking_an_open_keychain_is_nothing(self, keychain):
        await keychain.unlock()
        assert await keychain.status() == "available"

    async def test_answers_show_no_key(self, keychain):
        await keychain.write(item())
        assert "\\x07" not in repr(await keychain.read("a1"))

    async def test_errors_say_what_to_do(self, keychain, switches):
        switches.lock()
        answer = await keychain.read("a1")
        assert isinstance(answer, Locked)
        assert isinstance(answer.error, KeychainLocked)
        assert str(answer.error)
        assert answer.error.hint
        switches.unlock()
