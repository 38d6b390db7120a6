"""A list to choose one of, with our own arrow: a style sheet draws none in the theme's colour."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox

from manager.desktop import icons
from manager.desktop.appearance import Appearance

_ARROW, _INSET = 16, 10


class Chooser(QComboBox):
    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        look.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        drawn = icons.pixmap(
            "chevron-down", self._look.theme.secondary, _ARROW, self.devicePixelRatioF()
        )
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        left = _INSET if mirrored else self.width() - _ARROW - _INSET
        QPainter(self).drawPixmap(left, (self.height() - _ARROW) // 2, drawn)
