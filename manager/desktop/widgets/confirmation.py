"""Asks before something is done, and says what it will do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from manager.desktop.appearance import Appearance
from manager.desktop.theme import SPACE

from .button import Button
from .flow import cleared
from .glyph import Glyph
from .label import label
from .sheet import Sheet


class Confirmation(Sheet):
    """One at a time; a second question replaces the first, which counts as no."""

    def __init__(self, look: Appearance, host: QWidget) -> None:
        super().__init__(look, host, "Confirmation")
        self._agreed: Callable[[], None] | None = None
        self.card.setFixedWidth(round(420 * min(look.text_scale, 1.3)))
        self.dismissed.connect(self.decline)

    def ask(
        self, icon: str, title: str, text: str, button: str, agreed: Callable[[], None], *,
        dangerous: bool = False,
    ) -> None:  # fmt: skip
        cleared(self.content)
        self._agreed = agreed
        tone = "danger" if dangerous else "accent_text"
        ground = "danger_soft" if dangerous else "accent_soft"
        glyph = Glyph(self._look, icon, tone, 22, ground)
        self.content.addWidget(glyph, 0, Qt.AlignmentFlag.AlignLeft)
        self.content.addWidget(label(title, "heading", wrap=True))
        self.content.addWidget(label(text, "secondary", wrap=True))
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, SPACE.medium, 0, 0)
        row.setSpacing(SPACE.small)
        row.addStretch(1)
        self.cancel = Button(self._look, "Cancel")
        self.cancel.clicked.connect(self.decline)
        self.agree = Button(self._look, button, "danger" if dangerous else "primary")
        self.agree.clicked.connect(self._accept)
        row.addWidget(self.cancel)
        row.addWidget(self.agree)
        self.content.addWidget(buttons)
        self.setAccessibleDescription(f"{title} {text}")
        self.open()
        self.cancel.setFocus(Qt.FocusReason.PopupFocusReason)

    def decline(self) -> None:
        self._agreed = None
        self.close_sheet()

    def _accept(self) -> None:
        agreed, self._agreed = self._agreed, None
        self.close_sheet()
        if agreed is not None:
            agreed()
