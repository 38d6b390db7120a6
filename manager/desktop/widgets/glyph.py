"""One of our icons as a part of the page."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from manager.desktop import icons
from manager.desktop.appearance import Appearance


class Glyph(QWidget):
    """`colour` and `ground` name colours of the theme; with a ground it sits on a soft disc."""

    def __init__(
        self, look: Appearance, name: str, colour: str = "secondary", size: int = 18,
        ground: str = "",
    ) -> None:  # fmt: skip
        super().__init__()
        self._look, self._name, self._colour, self._ground = look, name, colour, ground
        self._size = size
        self._box = size * 2 if ground else size
        self.setFixedSize(QSize(self._box, self._box))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def set(self, name: str, colour: str = "", ground: str = "") -> None:
        self._name, self._colour = name, colour or self._colour
        self._ground = ground or self._ground
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._ground:
            painter.setPen(self._look.colour(self._ground))
            painter.setBrush(self._look.colour(self._ground))
            painter.drawEllipse(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        ratio = self.devicePixelRatioF()
        colour = getattr(self._look.theme, self._colour)
        drawn = icons.pixmap(self._name, colour, self._size, ratio)
        at = (self._box - self._size) // 2
        painter.drawPixmap(at, at, drawn)
