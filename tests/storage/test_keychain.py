from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from manager.core.errors import KeychainDenied
from manager.storage.keychain import SecretService
from manager.storage.keychain_access import Keychain
from manager.storage.keychain_answer import Found, Locked, Unavailable
from tests.storage.keychain_contract import DEADLINE, KeychainContract, everything, item
from tests.storage.private_session import PrivateSession

pytestmark = pytest.mark.real


@pytest.fixture
def switches() -> Iterator[PrivateSession]:
    session = PrivateSession()
    try:
        session.start_bus()
        session.start_keyring()
        yield session
    finally:
        session.close()


@pytest.fixture
def keychain(switches: PrivateSession) -> Keychain:
    return Keychain(SecretService(switches.environ, deadline=DEADLINE * 0.9), deadline=DEADLINE)


class TestGnomeKeyring(KeychainContract):
    pass


@pytest.fixture
def empty_session() -> Iterator[PrivateSession]:
    """A bus, and nothing on it."""
    session = PrivateSession()
    try:
        session.start_bus()
        yield session
    finally:
        session.close()


@pytest.fixture
def activating_session() -> Iterator[PrivateSession]:
    """A bus that starts a keychain when somebody asks for it."""
    session = PrivateSession(activation=True)
    try:
        session.start_bus()
        yield session
    finally:
        session.close()


def keychain_of(environ) -> Keychain:
    return Keychain(SecretService(environ))


@pytest.mark.anyio
class TestSessions:
    @pytest.mark.parametrize(
        "environ",
        [
            {},
            {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"},
            {"DBUS_SESSION_BUS_ADDRESS": "nonsense"},
            {"DBUS_SESSION_BUS_ADDRESS": "tcp:host=localhost,port=1"},
            {"XDG_RUNTIME_DIR": "/nonexistent"},
        ],
    )
    async def test_no_bus_is_unavailable(self, environ):
        keychain = keychain_of(environ)
        assert await everything(keychain) == [Unavailable] * 4
        assert await keychain.status() == "unavailable"

    async def test_a_bus_without_a_keychain_is_unavailable(self, empty_session):
        assert await everything(keychain_of(empty_session.environ)) == [Unavailable] * 4
        empty_session.start_keyring()
        assert await keychain_of(empty_session.environ).status() == "available"

    async def test_the_bus_is_found_in_its_usual_place(self, switches):
        environ = dict(switches.environ)
        place = Path(environ.pop("DBUS_SESSION_BUS_ADDRESS").removeprefix("unix:path="))
        (Path(environ["XDG_RUNTIME_DIR"]) / "bus").symlink_to(place)
        assert await keychain_of(environ).status() == "available"

    async def test_a_keychain_without_a_default_collection_is_locked(self, activating_session):
        """It is not "missing": it may be that of another session, or not made yet."""
        keychain = keychain_of(activating_session.environ)
        assert await everything(keychain) == [Locked] * 4
        with pytest.raises(KeychainDenied):
            await keychain.unlock()  # its prompt finds no screen

    async def test_a_killed_keychain_comes_back_locked(self, activating_session):
        """The bus starts a new one, which nobody has given a password."""
        activating_session.start_keyring()
        keychain = keychain_of(activating_session.environ)
        await keychain.write(item())
        activating_session.kill_keyring()
        assert await everything(keychain) == [Locked] * 4
        activating_session.replace_keyring()
        assert await keychain.read("a1") == Found(item())

    async def test_poisoned_environment_changes_nothing(self, switches, monkeypatch, tmp_path):
        """Neither keyringrc.cfg, which can run code, nor keyring's variables are read."""
        trace = tmp_path / "loaded"
        (tmp_path / "poison.py").write_text(f"open({str(trace)!r}, 'w').close()")
        for folder in ("keyring", "python_keyring"):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "keyringrc.cfg").write_text(
                f"[backend]\ndefault-keyring=poison.Keyring\nkeyring-path={tmp_path}\n"
            )
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "poison.Keyring")
        monkeypatch.setenv("KEYRING_PROPERTY_APPID", "poisoned")
        monkeypatch.setenv("KEYRING_PROPERTY_SCHEME", "KeePassXC")
        monkeypatch.setenv(
            "KEYRING_PROPERTY_PREFERRED_COLLECTION", "/org/freedesktop/secrets/collection/session"
        )
        monkeypatch.syspath_prepend(str(tmp_path))
        keychain = keychain_of(switches.environ)
        await keychain.write(item())
        assert switches.content("a1") is not None
        switches.unlock()  # a new daemon: what went to the session collection would be gone
        assert await keychain.read("a1") == Found(item())
        assert not trace.exists()
