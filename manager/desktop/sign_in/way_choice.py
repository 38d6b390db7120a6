"""The ways to sign in that a server offers, one of them chosen; arrow keys move between them."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QRadioButton, QVBoxLayout

from manager.desktop.appearance import Appearance
from manager.desktop.widgets.flow import cleared
from manager.desktop.widgets.label import label

from .probe import Way


class WayChoice(QFrame):
    """Hidden where there is nothing to choose."""

    chosen = Signal(str)
    """The key of a way."""
    proceed = Signal()

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        self._ways: tuple[Way, ...] = ()
        self._choices: dict[str, _Choice] = {}
        self._group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label("How do you want to sign in?", "secondary"))
        self._list = QFrame()
        self._list.setProperty("role", "choices")
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(4, 4, 4, 4)
        self._column.setSpacing(2)
        column.addWidget(self._list)
        self.setAccessibleName("Ways to sign in")
        self.hide()

    @property
    def choices(self) -> tuple[QRadioButton, ...]:
        return tuple(self._choices.values())

    def show_ways(self, ways: tuple[Way, ...], way: Way) -> None:
        self.setVisible(len(ways) > 1)
        if ways != self._ways:
            self._ways = ways
            self._fill()
        choice = self._choices.get(way.key)
        if choice is not None and not choice.isChecked():
            choice.setChecked(True)

    def _fill(self) -> None:
        for choice in self._choices.values():
            self._group.removeButton(choice)
        cleared(self._column)
        self._choices = {}
        for way in self._ways:
            choice = self._choices[way.key] = _Choice(self._look, way)
            choice.clicked.connect(lambda _checked=False, key=way.key: self.chosen.emit(key))
            choice.entered.connect(self.proceed)
            self._group.addButton(choice)
            self._column.addWidget(choice)


class _Choice(QRadioButton):
    """The whole line can be pressed, not the text alone."""

    entered = Signal()

    def __init__(self, look: Appearance, way: Way) -> None:
        super().__init__(f" {way.title}")
        self._look, self._icon = look, way.icon
        self.setProperty("role", "choice")
        self.setAccessibleName(way.title)
        self.setIconSize(QSize(18, 18))
        look.changed.connect(self._tint)
        self._tint()

    def hitButton(self, position: QPoint) -> bool:  # noqa: N802
        return self.rect().contains(position)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows choose, Enter goes on."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            self.entered.emit()
            return
        super().keyPressEvent(event)

    def _tint(self) -> None:
        self.setIcon(self._look.icon(self._icon, "secondary"))
