"""The file vault as the agent's keychain: its passphrase comes in through the control socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from manager.core.errors import KeychainLocked, KeychainUnavailable
from manager.core.secret import Secret

from .keychain_access import Keychain
from .vault import FileVault

_LONGEST = 60.0
"""Seconds that a slow machine may take to derive keys."""


class VaultKeychain(Keychain):
    """Keys are derived beside the loop and beside the keychain's own thread: who asks meanwhile is
    answered at once. One derivation at a time, since each takes much memory."""

    vault = "file"

    def __init__(self, door: FileVault, *, deadline: float = 5.0) -> None:
        super().__init__(door, deadline=deadline)
        self._file = door
        self._derivation = asyncio.Lock()

    @property
    def made(self) -> bool:
        return self._file.made

    async def unlock(self, passphrase: Secret | None = None, *, make: bool = False) -> None:
        """See KeychainControl."""
        if passphrase is None:
            await super().unlock()
        elif self._file.made:
            await self._beside(lambda: self._file.open(passphrase))
        elif make:
            await self._beside(lambda: self._file.make(passphrase))
        else:
            raise KeychainLocked("There is no vault yet.", hint="Make it: account-manager unlock")

    async def change_passphrase(self, old: Secret, new: Secret) -> None:
        """See KeychainControl."""
        await self._beside(lambda: self._file.change_passphrase(old, new))

    async def _beside(self, call: Callable[[], None]) -> None:
        try:
            async with asyncio.timeout(_LONGEST), self._derivation:
                await asyncio.to_thread(call)
        except TimeoutError:
            raise KeychainUnavailable("The vault did not open in time.") from None
