"""What a screen reader makes of a window (AT-SPI 2): names, and where things are on the screen.

It must stand before the program does, so that the program finds somebody who listens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dbus_fast import Variant

from tests.real_parts.bus_thread import BusThread
from tests.real_parts.session_bus import SessionBus
from tests.real_parts.waiting import until

NAME = "org.a11y.Bus"
REGISTRY = "org.a11y.atspi.Registry"
ROOT = "/org/a11y/atspi/accessible/root"
ACCESSIBLE = "org.a11y.atspi.Accessible"
COMPONENT = "org.a11y.atspi.Component"
PROPERTIES = "org.freedesktop.DBus.Properties"
FOCUSABLE, SENSITIVE, SHOWING = 11, 24, 25  # AtspiStateType
ON_THE_SCREEN = 0  # ATSPI_COORD_TYPE_SCREEN


@dataclass(frozen=True)
class Element:
    """Something that shows in a window."""

    name: str
    states: int
    bus_name: str
    path: str

    @property
    def usable(self) -> bool:
        """Would it take a key or a click now?"""
        return bool(self.states >> FOCUSABLE & 1 and self.states >> SENSITIVE & 1)


class ScreenReader:
    def __init__(self, bus: SessionBus) -> None:
        bus.offer_installed(NAME)
        session = BusThread(bus.address, [], {})
        try:
            (address,) = session.call(NAME, "/org/a11y/bus", NAME, "GetAddress")
            switch = ("org.a11y.Status", "IsEnabled", Variant("b", True))
            session.call(NAME, "/org/a11y/bus", PROPERTIES, "Set", "ssv", *switch)
        finally:
            session.close()
        self._bus = BusThread(address, [], {})

    def elements(self, program: str) -> list[Element]:
        """All that shows in the windows of this program and has a name, in reading order."""
        return [
            element
            for name, path in self._children(REGISTRY, ROOT)
            if self._name(name, path) == program
            for element in self._walk(name, path)
            if element.name
        ]

    def centre(self, element: Element) -> tuple[int, int]:
        """Where it is on the screen, in pixels."""
        ((x, y, width, height),) = self._bus.call(
            element.bus_name, element.path, COMPONENT, "GetExtents", "u", ON_THE_SCREEN
        )
        return x + width // 2, y + height // 2

    def wait_for(self, program: str, words: str, seconds: float = 20.0) -> Element:
        """The first element with these words in its name, once it shows."""
        try:
            return until(
                lambda: [one for one in self.elements(program) if words in one.name],
                f"{words!r} in the window",
                seconds,
            )[0]
        except TimeoutError as late:
            shows = [one.name for one in self.elements(program)]
            raise TimeoutError(f"{late}; it shows {shows}") from None

    def wait_for_usable(self, program: str, name: str, seconds: float = 20.0) -> Element:
        """The topmost element of exactly this name that takes keys and clicks."""
        return until(
            lambda: [one for one in self.elements(program) if one.usable and one.name == name],
            f"usable {name!r} in the window",
            seconds,
        )[-1]

    def close(self) -> None:
        self._bus.close()

    def _walk(self, name: str, path: str) -> Iterator[Element]:
        for child_name, child in self._children(name, path):
            low, _ = self._ask(child_name, child, "GetState", [0, 0])
            if low >> SHOWING & 1:
                yield Element(self._name(child_name, child), low, child_name, child)
                yield from self._walk(child_name, child)

    def _children(self, name: str, path: str) -> list[list[str]]:
        return list(self._ask(name, path, "GetChildren", []))

    def _name(self, name: str, path: str) -> str:
        try:
            return str(self._bus.call(name, path, PROPERTIES, "Get", "ss", ACCESSIBLE, "Name")[0])
        except RuntimeError:  # gone meanwhile
            return ""

    def _ask(self, name: str, path: str, method: str, otherwise: list[Any]) -> list[Any]:
        try:
            return list(self._bus.call(name, path, ACCESSIBLE, method)[0])
        except RuntimeError:  # gone meanwhile
            return otherwise
