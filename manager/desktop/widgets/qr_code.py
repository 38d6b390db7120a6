"""A QR code to be scanned from the screen: dark on light in every theme, with its quiet zone."""

from __future__ import annotations

import math

import segno
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

QUIET = 4
"""Light modules on each side (ISO/IEC 18004, 9.1)."""
_DARK, _LIGHT = QColor("#000000"), QColor("#FFFFFF")


class QrCode(QWidget):
    """`side`: device-independent pixels, the quiet zone included."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.setFixedSize(side, side)
        self._content = ""
        self._modules: tuple[tuple[bool, ...], ...] = ()

    def show_content(self, content: str, name: str) -> None:
        """`name`: what it is, for those who hear it. Nothing is drawn of what does not fit."""
        self.setAccessibleName(name)
        if content == self._content:
            return
        self._content = content
        self._modules = modules(content)
        self.update()

    @property
    def is_empty(self) -> bool:
        return not self._modules

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_LIGHT)
        painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        if not self._modules:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        # Modules of whole device pixels: edges stay sharp, and no two rows differ in height.
        ratio = self.devicePixelRatioF()
        across = len(self._modules)
        size = math.floor(self.width() * ratio / (across + 2 * QUIET)) / ratio
        start = round((self.width() - across * size) / 2 * ratio) / ratio
        for row, line in enumerate(self._modules):
            for column, dark in enumerate(line):
                if dark:
                    place = QRectF(start + column * size, start + row * size, size, size)
                    painter.fillRect(place, _DARK)


def modules(content: str) -> tuple[tuple[bool, ...], ...]:
    """The dark modules, row by row, without the quiet zone; empty where the content is empty or
    too long for a code that a camera can read from a screen (version 15: 77 across)."""
    if not content:
        return ()
    try:
        made = segno.make(content, error="l", micro=False, boost_error=True)
    except segno.DataOverflowError:
        return ()
    if int(made.version) > 15:
        return ()
    return tuple(tuple(bool(module) for module in row) for row in made.matrix)
