"""A program that asks for tokens, as far as it is known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Connector:
    """`name` and `version` are what the program says; the rest is what the system says.

    A path is a hint for the person and never proof: every Python program is `python3`.
    """

    name: str
    version: str = ""
    pid: int | None = None
    uid: int | None = None
    executable: str | None = None
    origin: str = "local"
