"""Step 2 on another device: a code to type there, or a picture of it to scan."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from manager.desktop.appearance import Appearance
from manager.desktop.theme import SPACE
from manager.desktop.widgets.button import Button
from manager.desktop.widgets.glyph import Glyph
from manager.desktop.widgets.label import label
from manager.desktop.widgets.notice import Notice
from manager.desktop.widgets.qr_code import QrCode
from manager.desktop.widgets.spinner import Spinner

from .other_sign_ins import OtherSignIns
from .steps import EnterCode, Pending

_COPIED_MS = 2_000
_PICTURE = 164
_LONG_CODE = 10


class CodeStep(QWidget):
    opened_here = Signal()
    cancelled = Signal()
    hidden = Signal()
    another_way = Signal()
    waiting_chosen = Signal(str)

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        self._user_code = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.medium)
        head = QHBoxLayout()
        head.addWidget(Glyph(look, "device", "accent_text", 22, "accent_soft"))
        head.addStretch(1)
        head.addWidget(Spinner(look, 18))
        self._left = label("", "secondary")
        head.addWidget(self._left)
        column.addLayout(head)
        column.addWidget(label("Finish on another device", "title", wrap=True))
        self.text = label("", "secondary", wrap=True)
        column.addWidget(self.text)
        column.addWidget(self._panel())
        self.trouble = Notice(look)
        column.addWidget(self.trouble)
        caution = QHBoxLayout()
        caution.setSpacing(SPACE.small)
        caution.addWidget(Glyph(look, "shield", "secondary", 18), 0, Qt.AlignmentFlag.AlignTop)
        words = "Only enter codes that you started yourself. Nobody else may have this one."
        caution.addWidget(label(words, "caption", wrap=True), 1)
        column.addLayout(caution)
        self._others = OtherSignIns(look)
        self._others.chosen.connect(self.waiting_chosen)
        column.addWidget(self._others)
        column.addLayout(self._foot())

    def _panel(self) -> QFrame:
        panel = QFrame()
        panel.setProperty("role", "panel")
        row = QHBoxLayout(panel)
        row.setContentsMargins(14, 14, 14, 14)
        row.setSpacing(SPACE.large + 2)
        self.picture = QrCode(_PICTURE)
        row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(label("Open", "caption"))
        self.address = label("", "strong", wrap=True)
        self.address.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.address)
        column.addSpacing(SPACE.small)
        column.addWidget(label("and enter", "caption"))
        self.code = label("", "code", wrap=True)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 1.0)
        self.code.setFont(fixed)
        self.code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.code)
        column.addStretch(1)
        self.copy = Button(self._look, "Copy the code", "plain", "copy")
        self.copy.clicked.connect(self._copy)
        column.addWidget(self.copy)
        row.addLayout(column, 1)
        return panel

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, SPACE.small, 0, 0)
        row.setSpacing(SPACE.small)
        another = Button(self._look, "Another way", "link", name="Sign in another way")
        another.clicked.connect(self.another_way)
        row.addWidget(another)
        here = Button(self._look, "Open here", "link", name="Open the page on this computer")
        here.clicked.connect(self.opened_here)
        row.addWidget(here)
        row.addStretch(1)
        later = Button(self._look, "Hide", "quiet", name="Hide; the sign-in goes on waiting")
        later.clicked.connect(self.hidden)
        row.addWidget(later)
        cancel = Button(self._look, "Cancel", name="Cancel this sign-in")
        cancel.clicked.connect(self.cancelled)
        row.addWidget(cancel)
        return row

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._user_code)
        self.copy.setText(" Copied")
        QTimer.singleShot(_COPIED_MS, self, lambda: self.copy.setText(" Copy the code"))

    def show_step(self, step: EnterCode, left: str, others: tuple[Pending, ...]) -> None:
        self._user_code = step.user_code
        self._left.setText(f"{left} left")
        self.picture.show_content(step.scanned, f"QR code of the address {step.address}")
        self.picture.setVisible(not self.picture.is_empty)
        scan = "Scan the picture with a phone, or open" if not self.picture.is_empty else "Open"
        self.text.setText(
            f"{scan} the address on any device and sign in to {step.server_name} there. "
            "This window goes on by itself."
        )
        self.address.setText(step.address)
        self.code.setText(step.user_code)
        self.code.setAccessibleName(f"Code {step.user_code}")
        role = "code-long" if len(step.user_code) > _LONG_CODE else "code"
        if self.code.property("role") != role:
            self.code.setProperty("role", role)
            self.code.style().unpolish(self.code)
            self.code.style().polish(self.code)
        trouble = step.trouble
        self.trouble.show_text(trouble.text if trouble else "", trouble.hint if trouble else "")
        self._others.show_others(others)
