"""The fixtures of the command line's tests: the client's server, and a way to run commands."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from manager.practice.authorization_server import AuthorizationServer
from tests.client.protocol_server import home, serve, wire
from tests.workshop.stage import short_home, stage, workshop

__all__ = ["home", "run", "serve", "server", "short_home", "stage", "wire", "workshop"]


@pytest.fixture
def run(home: object) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run one command as a process of its own, with pipes for its streams."""

    def start(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "manager", *arguments],
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return start


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as started:
        yield started
