"""Connectors in processes of their own, as a test sees them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.real_parts.private_session import PrivateSession

PROGRAM = Path(__file__).with_name("connector_program.py")


@dataclass(frozen=True)
class Given:
    """A token that a connector got. `asked_at`: unix seconds when it began to ask."""

    account: str
    access_token: str = field(repr=False)
    authorization: str = field(repr=False)
    expires_at: int | None
    asked_at: float


@dataclass(frozen=True)
class Refusal:
    error: str
    message: str
    hint: str


class Connector:
    """`job`: one of connector_program.py."""

    def __init__(self, session: PrivateSession, job: str, options: Mapping[str, object]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", PROGRAM, job, json.dumps(options)],
            env=session.environment,
            cwd=session.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self) -> None:
        """What it waits for: go on."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def says(self) -> dict[str, Any]:
        """Its next line."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the connector ended without a word"
        return dict(json.loads(line))

    def token(self) -> Given:
        """What it got; an AssertionError says what it was told instead."""
        answer = self.outcome()
        assert isinstance(answer, Given), answer
        return answer

    def outcome(self) -> Given | Refusal:
        said = self.says()
        return Refusal(**said) if "error" in said else Given(**said)

    def ask(self) -> Given:
        """For the job `renew`: one more token."""
        self.tell()
        return self.token()

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
