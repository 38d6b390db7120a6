"""What the tests of every provider may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from manager.practice.speckle_server import SpeckleServer
from manager.providers.http_client import HttpClient


@pytest.fixture
async def http(anyio_backend) -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.close()


@pytest.fixture
def foreign_url() -> Iterator[str]:
    """A server of another kind, which Speckle's own tests replace."""
    with SpeckleServer() as speckle:
        yield speckle.url
