"""The real parts as fixtures; each lives as long as one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.real_parts.chromium import Chromium
from tests.real_parts.display import Display
from tests.real_parts.keychain import Keychain
from tests.real_parts.notification_host import NotificationHost
from tests.real_parts.openid_provider import OpenIdProvider
from tests.real_parts.private_session import PrivateSession
from tests.real_parts.sdk import SdkEnvironments
from tests.real_parts.session_bus import SessionBus
from tests.real_parts.tray_host import TrayHost

ARTIFACTS = Path(__file__).parents[2] / ".artifacts"


@pytest.fixture
def artifacts() -> Path:
    """Where a test keeps what a person may want to look at, such as screenshots."""
    ARTIFACTS.mkdir(exist_ok=True)
    return ARTIFACTS


@pytest.fixture
def private_session() -> Iterator[PrivateSession]:
    session = PrivateSession()
    yield session
    session.close()


@pytest.fixture
def session_bus(private_session: PrivateSession) -> SessionBus:
    return SessionBus(private_session)


@pytest.fixture
def keychain(session_bus: SessionBus) -> Keychain:
    """Unlocked."""
    return Keychain(session_bus)


@pytest.fixture
def locked_keychain(keychain: Keychain) -> Keychain:
    """Locked, and with nothing that could ask the person."""
    keychain.lock()
    return keychain


@pytest.fixture
def display(private_session: PrivateSession) -> Display:
    return Display(private_session)


@pytest.fixture
def prompting_keychain(display: Display, keychain: Keychain) -> Keychain:
    """Locked, and with a display on which it asks for the password."""
    keychain.offer_prompts()
    keychain.lock()
    return keychain


@pytest.fixture
def openid_provider(private_session: PrivateSession) -> OpenIdProvider:
    """With its own defaults; tests that need others make an OpenIdProvider of their own."""
    return OpenIdProvider(private_session)


@pytest.fixture
def chromium(display: Display) -> Iterator[Chromium]:
    """The default browser of the session; it starts with the first link."""
    browser = Chromium(display)
    yield browser
    browser.close()


@pytest.fixture
def tray_host(session_bus: SessionBus) -> Iterator[TrayHost]:
    host = TrayHost(session_bus)
    yield host
    host.close()


@pytest.fixture
def notification_host(session_bus: SessionBus) -> Iterator[NotificationHost]:
    host = NotificationHost(session_bus)
    yield host
    host.close()


@pytest.fixture(scope="session")
def sdk_python(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The interpreter that runs an unmodified SDK, by the SDK's name at the index."""
    return SdkEnvironments(tmp_path_factory.mktemp("wheel")).python
