"""A coloured strip: what is the matter and the one button that helps."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from manager.desktop.appearance import Appearance
from manager.desktop.theme import SPACE

from .button import Button
from .glyph import Glyph
from .label import label

_ICONS = {
    "neutral": ("cloud-off", "secondary"),
    "positive": ("check-circle", "positive"),
    "warning": ("attention", "warning"),
    "danger": ("attention", "danger"),
}


class BannerStrip(QFrame):
    pressed = Signal()

    def __init__(
        self, look: Appearance, tone: str, title: str, text: str, button: str = "", icon: str = ""
    ) -> None:
        super().__init__()
        self.setProperty("role", "banner")
        self.setProperty("tone", tone)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE.large, 14, SPACE.large, 14)
        row.setSpacing(SPACE.medium + 2)
        drawn, colour = _ICONS[tone]
        row.addWidget(Glyph(look, icon or drawn, colour, 20), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(3)
        column.addWidget(label(title, "strong", wrap=True))
        if text:
            column.addWidget(label(text, "body", wrap=True))
        row.addLayout(column, 1)
        if button:
            kind = "primary" if tone == "warning" else "plain"
            act = Button(look, button, kind)
            act.clicked.connect(self.pressed)
            row.addWidget(act, 0, Qt.AlignmentFlag.AlignVCenter)
            self.button = act
        self.setAccessibleName(f"{title}. {text}")
