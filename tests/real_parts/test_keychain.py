"""The real gnome-keyring does what tests of the vault rely on."""

from __future__ import annotations

import subprocess
import sys

import pytest
import secretstorage

from tests.real_parts.display import Display
from tests.real_parts.keychain import NAME, Keychain
from tests.real_parts.session_bus import SessionBus
from tests.real_parts.waiting import until

pytestmark = pytest.mark.real


def store(bus: SessionBus, label: str, value: bytes) -> None:
    with bus.connect() as connection:
        collection = secretstorage.get_default_collection(connection)
        collection.create_item(label, {"label": label}, value)


def test_it_keeps_an_item_over_lock_and_unlock(keychain: Keychain) -> None:
    store(keychain.bus, "one", b"value")
    keychain.lock()
    assert keychain.locked() is True
    assert keychain.items() == ["one"]
    keychain.unlock()
    with keychain.bus.connect() as connection:
        (item,) = secretstorage.search_items(connection, {"label": "one"})
        assert item.get_secret() == b"value"


def test_locked_without_a_prompt_refuses(locked_keychain: Keychain) -> None:
    with pytest.raises(secretstorage.exceptions.SecretStorageException):
        store(locked_keychain.bus, "one", b"value")
    assert locked_keychain.items() == []


def test_killed_it_is_gone_until_it_is_started(keychain: Keychain) -> None:
    store(keychain.bus, "one", b"value")
    keychain.kill()
    assert not keychain.bus.has_owner(NAME)
    keychain.start()
    assert keychain.items() == ["one"]


def test_killed_where_the_bus_starts_it_again_it_is_locked(keychain: Keychain) -> None:
    store(keychain.bus, "one", b"value")
    keychain.offer_itself()
    keychain.kill()
    # Called before the collection is read from disk it may not show at all.
    until(lambda: keychain.locked() is not None, "login collection of the new daemon")
    assert keychain.locked() is True


READ = """
import secretstorage
connection = secretstorage.dbus_init()
collection = secretstorage.get_default_collection(connection)
dismissed = collection.unlock()
print("dismissed" if dismissed else "unlocked")
"""


def test_locked_with_a_display_asks_the_person(
    prompting_keychain: Keychain, display: Display
) -> None:
    """Whoever wants the secret waits for the prompt; the person's password ends the wait."""
    session = prompting_keychain.bus.session
    asking = session.start([sys.executable, "-c", READ], stdout=subprocess.PIPE)
    window = display.wait_for_window("[Kk]eyring")
    assert asking.poll() is None
    display.xdotool("windowfocus", "--sync", window, "type", prompting_keychain.password)
    display.xdotool("key", "Return")
    said, _ = asking.communicate(timeout=20)
    assert said.decode().strip() == "unlocked"
    assert prompting_keychain.locked() is False
