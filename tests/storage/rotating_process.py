"""Rotates one account's credential as fast as it can, until it is killed.

For each line on stdin it forks a child that does so (a fork costs a hundredth of a new Python) and
says its process id; the child writes the number of each rotation that was acknowledged to it.
Arguments: the store's folder; the keychain's item comes as the environment variable ITEM.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

from manager.practice.memory_keychain import MemoryStore, memory_keychain
from manager.storage.account_store import SealedAccountStore
from tests.storage.examples import tokens


async def rotate() -> None:
    memory = MemoryStore()
    memory.items["a1"] = os.environ["ITEM"]
    store = SealedAccountStore(Path(sys.argv[1]), memory_keychain(memory))
    ((account, *_), _) = await store.load()
    while True:
        account = replace(account, revision=account.revision + 1)
        number = account.revision
        await store.credential("a1")
        await store.mark_refresh("a1")
        await store.replace(account, tokens(number), retire_at=float(number))
        for retired in (await store.retired())[:-3]:
            await store.forget_retired(retired.id)
        os.write(1, b"%d\n" % number)


def main() -> None:
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(rotate())
        os.write(1, b"child %d\n" % child)
        os.waitpid(child, 0)
        os.write(1, b"ended\n")


main()
