"""The real gnome-keyring on a session bus of its own: unlocked, locked, killed, with a prompt."""

from __future__ import annotations

import os
import signal

from jeepney import DBusAddress, MessageType, Properties, new_method_call

from tests.real_parts.session_bus import SessionBus
from tests.real_parts.waiting import until

NAME = "org.freedesktop.secrets"
SERVICE = DBusAddress("/org/freedesktop/secrets", NAME, "org.freedesktop.Secret.Service")
LOGIN = "/org/freedesktop/secrets/collection/login"
COLLECTION = DBusAddress(LOGIN, NAME, "org.freedesktop.Secret.Collection")
# The daemon's own interface for logins: Secret Service has only unlocking by a prompt.
UNLOCKER = DBusAddress(
    "/org/freedesktop/secrets", NAME, "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"
)
PROMPTER = "org.gnome.keyring.SystemPrompter"


class Keychain:
    """Made unlocked, with an empty login collection guarded by `password`."""

    password = "a person's own password"

    def __init__(self, bus: SessionBus) -> None:
        self.bus = bus
        self.start()

    def start(self) -> None:
        """Start the daemon; where a login collection stands from before, it is unlocked."""
        self.bus.session.start(
            ["gnome-keyring-daemon", "--unlock", "--foreground", "--components=secrets"],
            stdin=self.password.encode(),
        )
        self.bus.wait_for_owner(NAME)
        until(lambda: self.locked() is False, "unlocked login collection")

    def locked(self) -> bool | None:
        """None while there is no login collection."""
        reply = self._call(Properties(COLLECTION).get("Locked"))
        return None if reply is None else bool(reply[0][1])

    def lock(self) -> None:
        assert self._call(new_method_call(SERVICE, "Lock", "ao", ([LOGIN],))) is not None
        until(self.locked, "locked login collection")

    def unlock(self) -> None:
        """As the person's login does it: with the password, without a prompt."""
        plain = new_method_call(SERVICE, "OpenSession", "sv", ("plain", ("s", "")))
        with self.bus.connect() as connection:
            session = connection.send_and_get_reply(plain, timeout=5).body[1]
            secret = (session, b"", self.password.encode(), "text/plain")
            unlock = new_method_call(
                UNLOCKER, "UnlockWithMasterPassword", "o(oayays)", (LOGIN, secret)
            )
            connection.send_and_get_reply(unlock, timeout=5)
        until(lambda: self.locked() is False, "unlocked login collection")

    def kill(self) -> None:
        """Kill the daemon as a crash would. `start` brings it back."""
        process = self.bus.owner_process(NAME)
        os.kill(process, signal.SIGKILL)
        until(lambda: not self.bus.has_owner(NAME), "end of the keychain")

    def offer_itself(self) -> None:
        """Let the bus start the daemon anew when it is called and gone, as desktops do: locked."""
        self.bus.offer_installed(NAME)

    def offer_prompts(self) -> None:
        """Let it ask the person for the password: needs a display, in the session by now."""
        self.bus.offer_installed(PROMPTER)

    def items(self) -> list[str]:
        """The labels of all items of the login collection, locked or not, sorted."""
        reply = self._call(Properties(COLLECTION).get("Items"))
        assert reply is not None
        labels = []
        for path in reply[0][1]:
            item = DBusAddress(path, NAME, "org.freedesktop.Secret.Item")
            label = self._call(Properties(item).get("Label"))
            assert label is not None
            labels.append(str(label[0][1]))
        return sorted(labels)

    def _call(self, message):  # type: ignore[no-untyped-def]
        """The reply's body; None for an error."""
        with self.bus.connect() as connection:
            reply = connection.send_and_get_reply(message, timeout=5)
        return reply.body if reply.header.message_type is MessageType.method_return else None
