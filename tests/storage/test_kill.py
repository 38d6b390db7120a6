"""kill -9 at random points of a rotation: what is stored always opens, and is the newest."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from manager.practice.memory_keychain import MemoryStore, memory_keychain
from manager.storage.account_store import SealedAccountStore
from tests.storage.examples import account, tokens

pytestmark = pytest.mark.anyio


@contextlib.contextmanager
def rotating(folder: Path, item: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.storage.rotating_process", str(folder)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "ITEM": item},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    with process:  # closes the pipes, which ends it, and waits
        yield process


@pytest.mark.parametrize(
    "kills", [30, pytest.param(200, marks=[pytest.mark.whole, pytest.mark.timeout(600)])]
)
async def test_no_rotation_that_was_acknowledged_is_lost(kills, tmp_path):
    chance = random.Random(kills)
    memory = MemoryStore()
    store = SealedAccountStore(tmp_path, memory_keychain(memory))
    await store.add(account(), tokens(1))
    await store.close()
    stored = 1
    with rotating(tmp_path, memory.items["a1"]) as process:
        for _ in range(kills):
            acknowledged = killed(process, chance) or stored
            number, marked = await reopened(tmp_path, memory)
            assert number in (acknowledged, acknowledged + 1)
            assert not (marked and number > acknowledged), "stored with a mark still standing"
            assert number >= stored
            stored = number
    assert stored > kills, "the rotations went on between the kills"


def killed(process: subprocess.Popen[str], chance: random.Random) -> int | None:
    """Let a child rotate some times, kill it anywhere, give the last number it said."""
    process.stdin.write("go\n")
    before = chance.randrange(1, 8)
    child, said = None, []
    while child is None or len(said) < before:
        word = process.stdout.readline().split()
        if word[0] == "child":
            child = int(word[1])
        else:
            said.append(int(word[0]))
    until = time.perf_counter() + chance.random() * 0.003
    while time.perf_counter() < until:
        pass
    os.kill(child, signal.SIGKILL)
    while (line := process.stdout.readline().strip()) != "ended":
        said.append(int(line))
    return said[-1] if said else None


async def reopened(folder: Path, memory: MemoryStore) -> tuple[int, bool]:
    """The stored credential's number, once everything about it is in order, and the mark."""
    store = SealedAccountStore(folder, memory_keychain(memory))
    ((known,), _) = await store.load()
    credential = await store.credential("a1")
    number = known.revision
    assert credential == tokens(number)
    marked = await store.refresh_marked("a1")
    retired = await store.retired()
    newest = [await store.retired_credential(each.id) for each in retired][-1:]
    assert newest in ([], [tokens(number - 1)])
    assert retired == [] or retired[-1].due == number
    await store.close()
    return number, marked
