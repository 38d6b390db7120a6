"""A short line at the foot of the window that goes away by itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QHBoxLayout, QWidget

from manager.desktop.appearance import Appearance
from manager.desktop.theme import SPACE

from .glyph import Glyph
from .label import label

_SHOWN_MS, _TROUBLE_MS = 5_000, 12_000
_ICONS = {
    "neutral": ("info", "secondary"),
    "positive": ("check-circle", "positive"),
    "warning": ("attention", "warning"),
    "danger": ("attention", "danger"),
}


class Toast(QFrame):
    def __init__(self, look: Appearance, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self.setProperty("role", "toast")
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(SPACE.medium + 2, SPACE.medium, SPACE.large, SPACE.medium)
        row.setSpacing(10)
        self._glyph = Glyph(look, "info")
        row.addWidget(self._glyph)
        self._text = label("", "body", wrap=True)
        row.addWidget(self._text, 1)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(32)
        shadow.setOffset(0, 8)
        shadow.setColor(QColor(0, 0, 0, 60))
        self.setGraphicsEffect(shadow)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        host.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text() if self.isVisible() else ""

    def tell(self, text: str, tone: str) -> None:
        self._text.setText(text)
        self._glyph.set(*_ICONS[tone])
        self.setAccessibleName(text)
        self._place()
        self.show()
        self.raise_()
        self._timer.start(_TROUBLE_MS if tone in {"danger", "warning"} else _SHOWN_MS)

    def _place(self) -> None:
        room = self._host.width() - 2 * SPACE.wide
        natural = self.fontMetrics().horizontalAdvance(self._text.text()) + 76
        width = min(natural, room, 560)
        height = max(self._row.heightForWidth(width), 44)
        left = (self._host.width() - width) // 2
        self.setGeometry(left, self._host.height() - height - SPACE.wide, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if watched is self._host and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)
