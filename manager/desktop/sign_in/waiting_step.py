"""Step 2: the person is in the browser. Open again, copy the link, paste the answer, cancel."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from manager.desktop.appearance import Appearance
from manager.desktop.theme import SPACE
from manager.desktop.widgets.button import Button
from manager.desktop.widgets.glyph import Glyph
from manager.desktop.widgets.label import label
from manager.desktop.widgets.spinner import Spinner

from .other_sign_ins import OtherSignIns
from .steps import Pending, Waiting

_COPIED_MS = 2_000


class WaitingStep(QWidget):
    open_again = Signal()
    pasted = Signal(str)
    cancelled = Signal()
    hidden = Signal()
    waiting_chosen = Signal(str)

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        self._url = ""
        self._paste_open = False
        self._sign_in = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.medium)
        head = QHBoxLayout()
        head.addWidget(Glyph(look, "browser", "accent_text", 22, "accent_soft"))
        head.addStretch(1)
        self._spinner = Spinner(look, 18)
        self._left = label("", "secondary")
        head.addWidget(self._spinner)
        head.addWidget(self._left)
        column.addLayout(head)
        self.title = label("Finish in your browser", "title", wrap=True)
        column.addWidget(self.title)
        self.text = label("", "secondary", wrap=True)
        column.addWidget(self.text)
        links = QHBoxLayout()
        links.setSpacing(SPACE.small)
        again = Button(look, "Open again", "plain", "open", "Open the browser again")
        again.clicked.connect(self.open_again)
        self.copy = Button(look, "Copy the link", "plain", "link")
        self.copy.clicked.connect(self._copy)
        links.addWidget(again, 1)
        links.addWidget(self.copy, 1)
        column.addLayout(links)
        column.addWidget(self._paste_panel())
        self._others = OtherSignIns(look)
        self._others.chosen.connect(self.waiting_chosen)
        column.addWidget(self._others)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, SPACE.small, 0, 0)
        foot.setSpacing(SPACE.small)
        self.paste_link = Button(look, "The browser does not come back?", "link")
        self.paste_link.clicked.connect(self._toggle_paste)
        foot.addWidget(self.paste_link)
        foot.addStretch(1)
        later = Button(look, "Hide", "quiet", name="Hide; the sign-in goes on waiting")
        later.clicked.connect(self.hidden)
        cancel = Button(look, "Cancel", name="Cancel this sign-in")
        cancel.clicked.connect(self.cancelled)
        foot.addWidget(later)
        foot.addWidget(cancel)
        column.addLayout(foot)

    def _paste_panel(self) -> QWidget:
        self._panel = QFrame()
        self._panel.setProperty("role", "panel")
        column = QVBoxLayout(self._panel)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(6)
        column.addWidget(
            label(
                "Copy the whole address of the page where the browser stopped, and paste it here.",
                "caption",
                wrap=True,
            )
        )
        row = QHBoxLayout()
        row.setSpacing(SPACE.small)
        self.answer = QLineEdit()
        self.answer.setAccessibleName("Address where the browser stopped")
        self.answer.setPlaceholderText("Address from the browser")
        self.answer.returnPressed.connect(self._paste)
        self.use = Button(self._look, "Finish", "primary")
        self.use.clicked.connect(self._paste)
        row.addWidget(self.answer, 1)
        row.addWidget(self.use)
        column.addLayout(row)
        self.trouble = label("", "danger", wrap=True)
        column.addWidget(self.trouble)
        return self._panel

    def _toggle_paste(self) -> None:
        self._paste_open = not self._paste_open
        self._panel.setVisible(self._paste_open)
        if self._paste_open:
            self.answer.setFocus(Qt.FocusReason.OtherFocusReason)

    def _paste(self) -> None:
        self.pasted.emit(self.answer.text())

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._url)
        self.copy.setText(" Copied")
        QTimer.singleShot(_COPIED_MS, self, lambda: self.copy.setText(" Copy the link"))

    def show_step(self, step: Waiting, left: str, others: tuple[Pending, ...]) -> None:
        if step.sign_in != self._sign_in:
            self._sign_in = step.sign_in
            self.answer.clear()
            self._paste_open = step.redirect == "paste"
        self._url = step.url
        self._left.setText(f"{left} left")
        if step.browser_opened:
            self.title.setText("Finish in your browser")
            self.text.setText(
                f"{step.server_name} ({step.address}) asks you to sign in there. "
                "This window goes on by itself."
            )
        else:
            self.title.setText("Open the link in your browser")
            self.text.setText(
                "No browser could be opened from here. Copy the link into one on this computer; "
                "this window goes on by itself."
            )
        self._panel.setVisible(self._paste_open or step.trouble is not None)
        self.use.setEnabled(not step.checking)
        self.answer.setEnabled(not step.checking)
        trouble = step.trouble
        self.trouble.setVisible(trouble is not None)
        self.trouble.setText(f"{trouble.text} {trouble.hint}".strip() if trouble else "")
        self._others.show_others(others)
