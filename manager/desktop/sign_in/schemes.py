"""Who opens the address that the browser comes back to: the port, as the presenter needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Holder:
    """`ours`: Account Manager opens the scheme; `other`: the program that does, empty for none."""

    ours: bool
    other: str = ""


class SchemesUnavailable(Exception):
    """The system's registry could not be asked or changed: a sentence and what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Schemes(Protocol):
    async def holder(self, scheme: str) -> Holder:
        """Raises SchemesUnavailable."""

    async def take(self, scheme: str, *, from_another: bool) -> None:
        """Open it from now on; from another program only after the person agreed. It is given
        back by `account-manager unregister`. Raises SchemesUnavailable."""
