"""What went wrong, for the person: a sentence and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from manager.desktop.gateway import GatewayError


@dataclass(frozen=True, slots=True)
class Problem:
    """`kind` is the protocol's."""

    text: str
    hint: str = ""
    kind: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.text} {self.hint}".strip()


def problem(error: GatewayError) -> Problem:
    return Problem(error.message, error.hint, error.kind)
