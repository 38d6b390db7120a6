"""What went wrong, in place: a coloured panel with a sentence and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from manager.desktop.appearance import Appearance
from manager.desktop.theme import SPACE

from .glyph import Glyph
from .label import label


class Notice(QFrame):
    """Hidden while there is nothing to say."""

    def __init__(self, look: Appearance, tone: str = "danger", icon: str = "attention") -> None:
        super().__init__()
        self.setProperty("role", "banner")
        self.setProperty("tone", tone)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 11, 14, 11)
        row.setSpacing(SPACE.medium)
        colour = "secondary" if tone == "neutral" else tone
        row.addWidget(Glyph(look, icon, colour, 20), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(2)
        self.title = label("", "strong", wrap=True)
        self.text = label("", "body", wrap=True)
        column.addWidget(self.title)
        column.addWidget(self.text)
        row.addLayout(column, 1)
        self.hide()

    def show_text(self, title: str, text: str = "") -> None:
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.setAccessibleName(f"{title} {text}".strip())
        self.setVisible(bool(title))
