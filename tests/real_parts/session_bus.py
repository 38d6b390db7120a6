"""A D-Bus session bus of its own, which starts only the services that a test offers."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from tests.real_parts.private_session import PrivateSession
from tests.real_parts.waiting import until

BUS = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
CONFIGURATION = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class SessionBus:
    def __init__(self, session: PrivateSession) -> None:
        self.session = session
        self.services = session.folder / "services"
        self.services.mkdir()
        self.address = session.environment["DBUS_SESSION_BUS_ADDRESS"]
        configuration = session.folder / "bus.conf"
        configuration.write_text(CONFIGURATION.format(address=self.address, services=self.services))
        ready, told = os.pipe()
        self.process = session.start(
            ["dbus-daemon", "--config-file", configuration, "--nofork", f"--print-address={told}"],
            pass_fds=[told],
        )
        os.close(told)
        with os.fdopen(ready) as lines:
            assert lines.readline(), session.log("dbus-daemon").read_text()

    def connect(self) -> DBusConnection:
        return open_dbus_connection(self.address)

    def has_owner(self, name: str) -> bool:
        return bool(self._call("NameHasOwner", "s", name)[0])

    def wait_for_owner(self, name: str) -> None:
        until(lambda: self.has_owner(name), f"owner of {name}")

    def owner_process(self, name: str) -> int:
        """The process id of the program that owns this name."""
        return int(self._call("GetConnectionUnixProcessID", "s", name)[0])

    def offer(self, name: str, command: str) -> None:
        """Let the bus start `command` when somebody calls `name`, in the session's environment."""
        service = f"[D-BUS Service]\nName={name}\nExec={command}\n"
        (self.services / f"{name}.service").write_text(service)
        self._call("UpdateActivationEnvironment", "a{ss}", self.session.environment)
        self._call("ReloadConfig")

    def offer_installed(self, name: str) -> None:
        """Offer a service as the system has it installed."""
        installed = Path("/usr/share/dbus-1/services", f"{name}.service").read_text()
        command = next(line for line in installed.splitlines() if line.startswith("Exec="))
        self.offer(name, command.removeprefix("Exec="))

    def close(self) -> None:
        """Take the bus away in mid-session."""
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def _call(self, method: str, signature: str = "", *body: object) -> tuple[object, ...]:
        with self.connect() as connection:
            call = new_method_call(BUS, method, signature, body)
            return tuple(connection.send_and_get_reply(call, timeout=5).body)
