"""Buttons with our own icons, tinted anew when the theme changes."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton

from manager.desktop.appearance import Appearance

_ICON_COLOUR = {
    "primary": "on_accent",
    "danger": "on_accent",
    "quiet-danger": "danger",
    "link": "accent_text",
}


class Button(QPushButton):
    """`kind`: primary, plain, quiet, danger, quiet-danger, link, icon or choice."""

    def __init__(
        self, look: Appearance, text: str = "", kind: str = "plain", icon: str = "", name: str = ""
    ) -> None:
        """`name`: the accessible name, where the text alone does not say it."""
        super().__init__(f" {text}" if icon and text else text)  # the style's own gap is narrow
        self._look = look
        self._kind = kind
        self._icon = icon
        self.setProperty("kind", kind)
        self.setAccessibleName(name or text)
        if kind == "icon":
            self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self.setIconSize(QSize(18, 18))
        look.changed.connect(self._tint)
        self._tint()

    def set_icon(self, icon: str) -> None:
        self._icon = icon
        self._tint()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter too: outside of a dialog Qt presses a button by Space alone."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def _tint(self) -> None:
        if self._icon:
            colour = _ICON_COLOUR.get(self._kind, "secondary")
            self.setIcon(self._look.icon(self._icon, colour))
