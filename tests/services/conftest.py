from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from manager.practice.authorization_server import AuthorizationServer
from manager.practice.speckle_server import SpeckleServer
from tests.services.bench import Bench, open_bench


@pytest.fixture
async def bench(anyio_backend: str, tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as started:
        yield started


@pytest.fixture
def speckle() -> Iterator[SpeckleServer]:
    with SpeckleServer() as started:
        yield started
