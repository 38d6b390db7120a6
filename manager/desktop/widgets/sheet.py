"""A sheet over the page: the rest dims, focus stays inside, Esc closes. Never `exec()`."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGraphicsDropShadowEffect,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from manager.desktop.appearance import Appearance
from manager.desktop.theme import SPACE

_WIDTH, _EDGE = 480, 1


class Sheet(QWidget):
    """Covers `host` and shows `content` on a raised card in its middle, scrolled where it is too
    tall for the window."""

    dismissed = Signal()
    """The person wants it gone (Esc)."""

    def __init__(self, look: Appearance, host: QWidget, name: str) -> None:
        super().__init__(host)
        self._look = look
        self._host = host
        self._before: QWidget | None = None
        self.setAccessibleName(name)
        self.card = QFrame(self)
        self.card.setProperty("role", "sheet")
        self.card.setFixedWidth(round(_WIDTH * min(look.text_scale, 1.3)))
        self._shadow = QGraphicsDropShadowEffect(self.card)
        self._shadow.setBlurRadius(48)
        self._shadow.setOffset(0, 12)
        self.card.setGraphicsEffect(self._shadow)
        self._scroll = QScrollArea()
        self._scroll.setProperty("role", "sheet")
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._body = QWidget()
        self._body.setProperty("role", "sheet-body")
        self._scroll.setWidget(self._body)
        around = QVBoxLayout(self.card)
        around.setContentsMargins(0, 0, 0, 0)  # its border keeps them apart
        around.addWidget(self._scroll)
        self.content = QVBoxLayout(self._body)
        self.content.setContentsMargins(SPACE.wide + 4, SPACE.wide, SPACE.wide + 4, SPACE.wide)
        self.content.setSpacing(SPACE.medium)
        look.changed.connect(self._tint)
        self._tint()
        host.installEventFilter(self)
        self._body.installEventFilter(self)
        self.hide()

    def _tint(self) -> None:
        self._shadow.setColor(_colour(self._look.theme.shadow))
        self.update()

    def open(self) -> None:
        self._before = self._before or QApplication.focusWidget()
        self.setGeometry(self._host.rect())
        self.show()
        self.raise_()
        self.fit()

    def fit(self) -> None:
        """As tall as the content is at the card's width (wrapped text is), in the middle."""
        self.content.activate()
        width = min(self.card.maximumWidth(), self.width() - 2 * SPACE.large)
        room = self.height() - 2 * SPACE.large
        inside = width - 2 * _EDGE
        natural = self._natural(inside)
        if natural + 2 * _EDGE > room:
            inside -= self._scroll.verticalScrollBar().sizeHint().width()
            natural = self._natural(inside)
        height = min(natural + 2 * _EDGE, room)
        # Not left to the scroll area, which holds wrapped text to be taller than it is.
        self._body.resize(inside, natural)
        top = max(SPACE.large, (self.height() - height) * 2 // 5)
        self.card.setGeometry((self.width() - width) // 2, top, width, height)

    def _natural(self, width: int) -> int:
        if self.content.hasHeightForWidth():
            return self.content.totalHeightForWidth(width)
        return self.content.totalSizeHint().height()

    def close_sheet(self) -> None:
        self.hide()
        if self._before is not None:
            self._before.setFocus()
            self._before = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._host.rect())
            self.fit()
        if watched is self._body and event.type() == QEvent.Type.LayoutRequest:
            self.fit()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Escape:
            self.dismissed.emit()
            return
        super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802
        inside = [
            widget
            for widget in self.card.findChildren(QWidget)
            if widget.isVisible()
            and widget.isEnabled()
            and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            and not _reached_by_arrows(widget)
        ]
        if not inside:
            return True
        ordered = sorted(inside, key=_reading_place(self.card))
        focused = QApplication.focusWidget()
        at = ordered.index(focused) if focused in ordered else -1
        step = 1 if forward else -1
        nearest = ordered[(at + step) % len(ordered)] if at >= 0 else ordered[0]
        nearest.setFocus(Qt.FocusReason.TabFocusReason)
        self._scroll.ensureWidgetVisible(nearest)
        return True

    def mousePressEvent(self, event: object) -> None:  # noqa: N802
        """A click beside the card decides nothing."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        QPainter(self).fillRect(QRectF(self.rect()), _colour(self._look.theme.scrim))


def _reached_by_arrows(widget: QWidget) -> bool:
    """Of several choices the chosen one is in the order; the arrow keys lead to the others."""
    return isinstance(widget, QRadioButton) and not widget.isChecked()


def _reading_place(card: QWidget) -> Callable[[QWidget], tuple[int, int]]:
    def place(widget: QWidget) -> tuple[int, int]:
        at = widget.mapTo(card, widget.rect().topLeft())
        return at.y(), at.x()

    return place


def _colour(text: str) -> QColor:
    red, green, blue, alpha = text.removeprefix("rgba(").removesuffix(")").split(",")
    return QColor(int(red), int(green), int(blue), round(float(alpha) * 255))
