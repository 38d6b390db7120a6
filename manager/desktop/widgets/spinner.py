"""Something is under way: a small turning arc, drawn only after 200 ms of waiting."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QRectF, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QWidget

from manager.desktop.appearance import Appearance

_PATIENCE_MS = 200


class Spinner(QWidget):
    def __init__(self, look: Appearance, size: int = 18, colour: str = "accent_text") -> None:
        super().__init__()
        self._look, self._colour = look, colour
        self.setFixedSize(size, size)
        self.setAccessibleName("Please wait")
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(40)
        self._timer.timeout.connect(self.update)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._clock.start()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        waited = self._clock.elapsed()
        if waited < _PATIENCE_MS:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = max(1.75, self.width() / 10)
        box = QRectF(self.rect()).adjusted(width, width, -width, -width)
        painter.setPen(QPen(self._look.colour("control_border"), width))
        painter.drawEllipse(box)
        pen = QPen(self._look.colour(self._colour), width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        turn = -int(waited * 0.36 * 16) % (360 * 16)
        painter.drawArc(box, turn, 100 * 16)
