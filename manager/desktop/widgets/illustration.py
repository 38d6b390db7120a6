"""A larger drawing of ours that takes the theme's colours."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from manager.desktop import icons
from manager.desktop.appearance import Appearance

_SIZE = QSize(320, 184)


class Illustration(QWidget):
    def __init__(self, look: Appearance, name: str) -> None:
        super().__init__()
        self._look, self._name = look, name
        self.setFixedSize(_SIZE)
        look.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        theme = self._look.theme
        colours = {
            "accent": theme.accent,
            "card": theme.surface,
            "edge": theme.control_border,
            "soft": theme.accent_soft,
            "ground": theme.neutral_soft,
            "line": theme.scroll,
            "positive": theme.positive,
            "warning": theme.warning,
        }
        drawn = icons.illustration(self._name, colours, _SIZE, self.devicePixelRatioF())
        QPainter(self).drawPixmap(0, 0, drawn)
