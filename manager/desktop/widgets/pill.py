"""A small rounded label with a dot: the state of an account."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from manager.desktop.appearance import Appearance

_COLOURS = {
    "positive": ("positive", "positive_soft"),
    "warning": ("warning", "warning_soft"),
    "danger": ("danger", "danger_soft"),
    "neutral": ("secondary", "neutral_soft"),
    "accent": ("accent_text", "accent_soft"),
}


class Pill(QWidget):
    def __init__(self, look: Appearance, text: str = "", tone: str = "neutral") -> None:
        super().__init__()
        self._look = look
        self._text, self._tone = text, tone
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)
        self.set(text, tone)

    def set(self, text: str, tone: str) -> None:
        self._text, self._tone = text, tone
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def _typeface(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(round(12 * self._look.text_scale))
        font.setWeight(QFont.Weight.Medium)
        return font

    def sizeHint(self) -> QSize:  # noqa: N802
        metrics = QFontMetrics(self._typeface())
        return QSize(metrics.horizontalAdvance(self._text) + 32, metrics.height() + 8)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        ink, ground = _COLOURS[self._tone]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        box = QRectF(self.rect())
        painter.setBrush(self._look.colour(ground))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        painter.setBrush(self._look.colour(ink))
        painter.drawEllipse(QRectF(10, box.height() / 2 - 3.5, 7, 7))
        painter.setFont(self._typeface())
        painter.setPen(self._look.colour(ink))
        painter.drawText(box.adjusted(22, 0, -8, 0), Qt.AlignmentFlag.AlignVCenter, self._text)
