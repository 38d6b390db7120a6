"""A tray as KDE and GNOME have it: StatusNotifierItem, and menus by com.canonical.dbusmenu.

The host must stand before the program's icon does: Qt looks for it once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

from dbus_fast import PropertyAccess
from dbus_fast.annotations import DBusBool, DBusInt32, DBusSignature, DBusStr
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

from tests.real_parts.bus_thread import BusThread, nothing
from tests.real_parts.session_bus import SessionBus
from tests.real_parts.waiting import until

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
DBusStrings = Annotated[list[str], DBusSignature("as")]


class Watcher(ServiceInterface):
    """Where programs register their icons."""

    def __init__(self) -> None:
        super().__init__(WATCHER)
        self.items: list[tuple[str, str]] = []  # bus name, object path

    @dbus_method()
    def RegisterStatusNotifierItem(self, service: DBusStr):  # noqa: N802 - D-Bus name
        # Qt gives its bus name, others give a path on the connection that they call by.
        name, path = (service, "/StatusNotifierItem")
        if service.startswith("/"):
            name, path = "", service
        self.items.append((name, path))
        self.StatusNotifierItemRegistered(service)

    @dbus_method()
    def RegisterStatusNotifierHost(self, service: DBusStr):  # noqa: N802 - D-Bus name
        pass

    @dbus_property(access=PropertyAccess.READ)
    def RegisteredStatusNotifierItems(self) -> DBusStrings:  # noqa: N802 - D-Bus name
        return [f"{name}{path}" for name, path in self.items]

    @dbus_property(access=PropertyAccess.READ)
    def IsStatusNotifierHostRegistered(self) -> DBusBool:  # noqa: N802 - D-Bus name
        return True

    @dbus_property(access=PropertyAccess.READ)
    def ProtocolVersion(self) -> DBusInt32:  # noqa: N802 - D-Bus name
        return 0

    @dbus_signal()
    def StatusNotifierItemRegistered(self, service: str) -> DBusStr:  # noqa: N802 - D-Bus name
        return service


@dataclass(frozen=True)
class MenuEntry:
    """One line of a menu; mnemonic marks are left out of its label."""

    number: int
    label: str
    enabled: bool
    checked: bool | None  # None: it cannot be checked
    separator: bool
    entries: list[MenuEntry] = field(default_factory=list)

    def walk(self) -> Iterator[MenuEntry]:
        for entry in self.entries:
            yield entry
            yield from entry.walk()


class TrayItem:
    """One icon in the tray."""

    def __init__(self, bus: BusThread, name: str, path: str) -> None:
        self._bus, self._name, self._path = bus, name, path

    def properties(self) -> dict[str, Any]:
        """Id, Title, Status, ToolTip, IconName, IconPixmap and so on, as the program says now."""
        return self._bus.properties(self._name, self._path, ITEM)

    def activate(self) -> None:
        """As a click on the icon."""
        self._bus.call(self._name, self._path, ITEM, "Activate", "ii", 0, 0)

    def menu(self) -> MenuEntry:
        """The menu as it stands now; its lines are in `entries`."""
        menu = self.properties()["Menu"]
        self._bus.call(self._name, menu, MENU, "AboutToShow", "i", 0)
        _, root = self._bus.call(self._name, menu, MENU, "GetLayout", "iias", 0, -1, [])
        return _entry(root)

    def labels(self) -> list[str]:
        """The menu's labels, submenus included, separators left out."""
        return [entry.label for entry in self.menu().walk() if not entry.separator]

    def click(self, label: str) -> None:
        """Click the first line with this label; raises LookupError where there is none."""
        menu = self.properties()["Menu"]
        for entry in self.menu().walk():
            if entry.label == label:
                self._bus.call(
                    self._name, menu, MENU, "Event", "isvu", entry.number, "clicked", nothing(), 0
                )
                return
        raise LookupError(f"no {label!r} among {self.labels()}")


class TrayHost:
    def __init__(self, bus: SessionBus) -> None:
        self._watcher = Watcher()
        self._bus = BusThread(bus.address, [WATCHER], {"/StatusNotifierWatcher": [self._watcher]})

    def items(self) -> list[TrayItem]:
        """Every icon that was registered, also of programs that ended since."""
        return [TrayItem(self._bus, name, path) for name, path in list(self._watcher.items)]

    def wait_for_item(self) -> TrayItem:
        """The icon that was registered last."""
        return until(self.items, "icon in the tray")[-1]

    def close(self) -> None:
        self._bus.close()


def _entry(node: list[Any]) -> MenuEntry:
    number, properties, children = node
    return MenuEntry(
        number,
        str(properties.get("label", "")).replace("__", "\0").replace("_", "").replace("\0", "_"),
        bool(properties.get("enabled", True)),
        bool(properties.get("toggle-state") == 1) if properties.get("toggle-type") else None,
        properties.get("type") == "separator",
        [_entry(child) for child in children],
    )
