"""What shows notifications on a desktop: keeps them, and answers as a person who clicks would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from dbus_fast.annotations import DBusDict, DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal

from tests.real_parts.bus_thread import BusThread
from tests.real_parts.session_bus import SessionBus
from tests.real_parts.waiting import until

NAME = "org.freedesktop.Notifications"
DBusStrings = Annotated[list[str], DBusSignature("as")]
DBusIdentification = Annotated[list[str], DBusSignature("ssss")]
DBusNumberAndName = Annotated[list[object], DBusSignature("us")]
DBusNumberAndReason = Annotated[list[object], DBusSignature("uu")]
DISMISSED_BY_THE_PERSON = 2


@dataclass(frozen=True)
class Notification:
    number: int
    program: str
    summary: str
    body: str
    actions: dict[str, str]  # key -> label


class Notifications(ServiceInterface):
    """Desktop Notifications Specification 1.2."""

    def __init__(self) -> None:
        super().__init__(NAME)
        self.shown: list[Notification] = []

    @dbus_method()
    def GetCapabilities(self) -> DBusStrings:  # noqa: N802 - D-Bus name
        return ["actions", "body"]

    @dbus_method()
    def GetServerInformation(self) -> DBusIdentification:  # noqa: N802 - D-Bus name
        return ["notifications for tests", "Account Manager", "1", "1.2"]

    @dbus_method()
    def Notify(  # noqa: N802 - D-Bus name
        self,
        program: DBusStr,
        replaces: DBusUInt32,
        icon: DBusStr,
        summary: DBusStr,
        body: DBusStr,
        actions: DBusStrings,
        hints: DBusDict,
        expires: DBusInt32,
    ) -> DBusUInt32:
        number = replaces or len(self.shown) + 1
        labels = dict(zip(actions[::2], actions[1::2], strict=True))
        self.shown.append(Notification(number, program, summary, body, labels))
        return number

    @dbus_method()
    def CloseNotification(self, number: DBusUInt32):  # noqa: N802 - D-Bus name
        pass

    @dbus_signal()
    def ActionInvoked(self, number: int, key: str) -> DBusNumberAndName:  # noqa: N802 - D-Bus name
        return [number, key]

    @dbus_signal()
    def NotificationClosed(  # noqa: N802 - D-Bus name
        self, number: int, reason: int
    ) -> DBusNumberAndReason:
        return [number, reason]


class NotificationHost:
    def __init__(self, bus: SessionBus) -> None:
        self._notifications = Notifications()
        self._bus = BusThread(
            bus.address, [NAME], {"/org/freedesktop/Notifications": [self._notifications]}
        )

    def shown(self) -> list[Notification]:
        """Every notification so far, in their order."""
        return list(self._notifications.shown)

    def wait_for(self, words: str = "") -> Notification:
        """The first notification with these words in its summary or body."""
        return until(
            lambda: [one for one in self.shown() if words in f"{one.summary}\n{one.body}"],
            f"notification with {words!r}",
        )[0]

    def invoke(self, notification: Notification, key: str = "default") -> None:
        """As a click on the notification, or on one of its buttons."""
        self._bus.soon(lambda: self._notifications.ActionInvoked(notification.number, key))
        self._bus.soon(
            lambda: self._notifications.NotificationClosed(
                notification.number, DISMISSED_BY_THE_PERSON
            )
        )

    def close(self) -> None:
        self._bus.close()
