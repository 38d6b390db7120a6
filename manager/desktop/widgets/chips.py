"""A few short words side by side, each with its exact meaning in the tool tip."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from .flow import FlowLayout, cleared
from .label import label


class Chips(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._flow = FlowLayout(6)
        holder = QVBoxLayout(self)
        holder.setContentsMargins(0, 4, 0, 0)
        holder.addLayout(self._flow)
        self._shown: tuple[tuple[str, str], ...] = ()

    def show_words(self, words: tuple[tuple[str, str], ...]) -> None:
        """(what is read, what it is called exactly)"""
        if words == self._shown:
            return
        self._shown = words
        cleared(self._flow)
        for text, exactly in words:
            chip = label(text, "chip")
            chip.setToolTip(exactly)
            self._flow.addWidget(chip)
        self.updateGeometry()
