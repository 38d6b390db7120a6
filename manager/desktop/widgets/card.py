"""A card: a group of facts with a heading, rows parted by hair lines."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from manager.desktop.appearance import Appearance
from manager.desktop.theme import SPACE

from .glyph import Glyph
from .label import label


def rule() -> QFrame:
    line = QFrame()
    line.setProperty("role", "rule")
    line.setFixedHeight(1)
    return line


class Row(QWidget):
    """An icon, a caption above the fact itself, and room for a control at the end."""

    def __init__(self, look: Appearance, icon: str, caption: str, body: QWidget) -> None:
        super().__init__()
        outer = QHBoxLayout(self)
        outer.setContentsMargins(SPACE.large, SPACE.medium + 1, SPACE.large, SPACE.medium + 1)
        outer.setSpacing(SPACE.medium + 2)
        glyph = Glyph(look, icon, "secondary", 20)
        outer.addWidget(glyph, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(3)
        column.addWidget(label(caption, "caption"))
        column.addWidget(body)
        outer.addLayout(column, 1)
        self._outer = outer

    def add_control(self, control: QWidget) -> None:
        self._outer.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)


class Card(QFrame):
    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 2, 0, 2)
        self._column.setSpacing(0)
        self._lines: dict[QWidget, QWidget] = {}

    def add(self, row: QWidget) -> None:
        if self._column.count():
            inset = QWidget()
            box = QHBoxLayout(inset)
            box.setContentsMargins(SPACE.large + 34, 0, 0, 0)
            box.addWidget(rule())
            self._column.addWidget(inset)
            self._lines[row] = inset
        self._column.addWidget(row)

    def show_row(self, row: QWidget, *, shown: bool) -> None:
        """Show or hide a row, and the line above it with it."""
        row.setVisible(shown)
        if row in self._lines:
            self._lines[row].setVisible(shown)
