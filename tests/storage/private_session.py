"""A desktop session of its own: a D-Bus bus and a gnome-keyring that nobody else sees."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import secretstorage
from jeepney import (
    DBusAddress,
    DBusErrorResponse,
    message_bus,
    new_method_call,
)
from jeepney.io.blocking import DBusConnection, Proxy, prep_socket

from manager.storage.keychain import SERVICE
from tests.real_parts.waiting import until

_NAME = "org.freedesktop.secrets"
_PASSWORD = b"the session's password"
_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  {services}
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    {denied}
  </policy>
</busconfig>
"""
_ACTIVATION = """[D-BUS Service]
Name=org.freedesktop.secrets
Exec=/usr/bin/gnome-keyring-daemon --foreground --components=secrets
"""


class PrivateSession:
    """Starts empty. `bus` says where; `environ` is what a program of the session sees."""

    def __init__(self, *, activation: bool = False) -> None:
        # Short: socket paths end at 107 bytes.
        self._folder = Path(tempfile.mkdtemp(prefix="session-"))
        self._bus: subprocess.Popen[bytes] | None = None
        self._daemon: subprocess.Popen[bytes] | None = None
        self._services = ""
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "XDG_RUNTIME_DIR": str(self._folder / "run"),
            "XDG_DATA_HOME": str(self._folder / "data"),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self._folder}/bus",
        }
        (self._folder / "run").mkdir(mode=0o700)
        (self._folder / "data").mkdir(mode=0o700)
        if activation:
            services = self._folder / "services"
            services.mkdir()
            (services / f"{_NAME}.service").write_text(_ACTIVATION)
            self._services = f"<servicedir>{services}</servicedir>"
        self._configure("")

    # Parts ---------------------------------------------------------------------------------

    def start_bus(self) -> None:
        self._bus = subprocess.Popen(
            [
                "dbus-daemon",
                f"--config-file={self._folder}/bus.conf",
                "--nofork",
                "--print-address=1",
            ],
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._bus.stdout is not None
        assert self._bus.stdout.readline(), "the bus did not start"

    def start_keyring(self) -> None:
        """A gnome-keyring with an open login collection; returns when it owns its name."""
        self._daemon = daemon = subprocess.Popen(
            ["gnome-keyring-daemon", "--unlock", "--components=secrets", "--foreground"],
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert daemon.stdin is not None
        daemon.stdin.write(_PASSWORD)
        daemon.stdin.close()
        until(lambda: self._owner() == daemon.pid, "keychain on the bus")

    def replace_keyring(self) -> None:
        """End the keychain that the bus started by itself, and log in again."""
        started = self._owner()
        assert started is not None
        os.kill(started, signal.SIGKILL)
        until(lambda: self._owner() != started, "end of the keychain on the bus")
        self.start_keyring()

    def close(self) -> None:
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait()
        if self._bus is not None:
            self._kill_activated()
            self._bus.kill()
            self._bus.wait()
            assert self._bus.stdout is not None
            self._bus.stdout.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    # Switches (the same as those of the contract suite) ---------------------------------------

    def lock(self) -> None:
        self._call("Lock", "ao", (["/org/freedesktop/secrets/collection/login"],))

    def unlock(self) -> None:
        """As a new login does it."""
        self.kill_keyring()
        self.start_keyring()

    def kill_keyring(self) -> None:
        if self._daemon is not None:
            killed = self._daemon.pid
            self._daemon.kill()
            self._daemon.wait()
            self._daemon = None
            # Its process ends before the bus hears of it; a call in between gets no reply. Where
            # the bus may start one by itself, a new one can stand there already.
            until(lambda: self._owner() != killed, "end of the keychain on the bus")

    def vanish(self) -> None:
        self.kill_keyring()

    def return_(self) -> None:
        self.start_keyring()

    def deny(self) -> None:
        self._configure(f'<deny send_destination="{_NAME}"/>')
        self._reload()

    def allow(self) -> None:
        self._configure("")
        self._reload()

    def hang(self) -> None:
        assert self._daemon is not None
        self._daemon.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._daemon is not None
        self._daemon.send_signal(signal.SIGCONT)

    def damage(self, account_id: str, content: bytes) -> None:
        with self._connection() as connection:
            (item,) = secretstorage.search_items(
                connection, {"service": SERVICE, "username": account_id}
            )
            item.set_secret(content)

    def content(self, account_id: str) -> bytes | None:
        with self._connection() as connection:
            for item in secretstorage.search_items(
                connection, {"service": SERVICE, "username": account_id}
            ):
                return item.get_secret()
        return None

    # Below -------------------------------------------------------------------------------------

    def _configure(self, denied: str) -> None:
        (self._folder / "bus.conf").write_text(
            _CONFIGURATION.format(
                socket=self._folder / "bus", services=self._services, denied=denied
            )
        )

    def _owner(self) -> int | None:
        """The process that is the keychain on the bus, None where there is none."""
        with self._connection() as connection:
            bus = Proxy(message_bus, connection)
            try:
                pid: int = bus.GetConnectionUnixProcessID(_NAME)[0]
            except DBusErrorResponse:  # nobody owns the name
                return None
            return pid

    def _kill_activated(self) -> None:
        """A daemon that the bus started is nobody's child here and outlives the bus."""
        owner = self._owner()
        if owner is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(owner, signal.SIGKILL)

    def _connection(self) -> DBusConnection:
        return DBusConnection(prep_socket(f"{self._folder}/bus"))

    def _reload(self) -> None:
        with self._connection() as connection:
            connection.send_and_get_reply(
                new_method_call(
                    DBusAddress(
                        "/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus"
                    ),
                    "ReloadConfig",
                )
            )

    def _call(self, method: str, signature: str, body: tuple) -> None:
        address = DBusAddress("/org/freedesktop/secrets", _NAME, "org.freedesktop.Secret.Service")
        with self._connection() as connection:
            connection.send_and_get_reply(new_method_call(address, method, signature, body))
