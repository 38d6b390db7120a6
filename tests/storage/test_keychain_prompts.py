"""With a display, gnome-keyring opens prompts that block whoever made it ask."""

from __future__ import annotations

import asyncio
import time

import pytest

from manager.core.errors import KeychainDenied
from manager.storage.keychain import SecretService
from manager.storage.keychain_access import Keychain
from manager.storage.keychain_answer import Found, Locked
from tests.storage.keychain_contract import everything, item

pytestmark = [pytest.mark.real, pytest.mark.anyio]


@pytest.fixture
def under_test(prompting_keychain, private_session) -> Keychain:
    return Keychain(SecretService(private_session.environment))


async def test_a_locked_keychain_is_told_at_once_and_never_prompts(under_test, display):
    started = time.monotonic()
    assert await everything(under_test) == [Locked] * 4
    assert await under_test.status() == "locked"
    assert time.monotonic() - started < 1.0
    assert display.windows("[Kk]eyring") == []


async def test_only_unlock_prompts_and_meanwhile_others_are_answered(
    under_test, display, prompting_keychain
):
    async with asyncio.TaskGroup() as group:
        unlocking = group.create_task(under_test.unlock())
        window = await asyncio.to_thread(display.wait_for_window, "[Kk]eyring")
        started = time.monotonic()
        assert Found not in await everything(under_test)
        assert time.monotonic() - started < 0.5
        assert not unlocking.done()
        await asyncio.to_thread(
            display.xdotool, "windowfocus", "--sync", window, "type", prompting_keychain.password
        )
        await asyncio.to_thread(display.xdotool, "key", "Return")
    assert await under_test.status() == "available"
    await under_test.write(item())
    assert await under_test.read("a1") == Found(item())


async def test_a_dismissed_prompt_is_denied(under_test, display):
    async with asyncio.TaskGroup() as group:
        unlocking = group.create_task(_denied(under_test))
        window = await asyncio.to_thread(display.wait_for_window, "[Kk]eyring")
        await asyncio.to_thread(display.xdotool, "windowfocus", "--sync", window, "key", "Escape")
        assert await unlocking
    assert await under_test.status() == "locked"


async def _denied(keychain: Keychain) -> bool:
    try:
        await keychain.unlock()
    except KeychainDenied:
        return True
    return False
