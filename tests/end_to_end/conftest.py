"""The stage, and the servers that stand beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from manager.practice.authorization_server.server import AuthorizationServer
from manager.practice.speckle_server import SpeckleServer
from tests.end_to_end.stage import Stage
from tests.real_parts.chromium import Chromium
from tests.real_parts.openid_provider import OpenIdProvider


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.close()


@pytest.fixture
def browser(stage: Stage) -> Iterator[Chromium]:
    """The person's default browser; it starts with the first link."""
    made = Chromium(stage.display)
    yield made
    made.close()


@pytest.fixture
def real_provider(stage: Stage) -> OpenIdProvider:
    return OpenIdProvider(stage.session)


@pytest.fixture
def authorization_server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as server:
        yield server


@pytest.fixture
def speckle_server() -> Iterator[SpeckleServer]:
    """With the pause before it goes back to the program that the real one makes."""
    with SpeckleServer(redirect_delay=2) as server:
        yield server
