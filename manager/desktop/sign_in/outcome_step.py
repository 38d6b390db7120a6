"""Step 3: who signed in, where; or what went wrong and what to do. Also the short way there."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from manager.desktop.appearance import Appearance
from manager.desktop.theme import SPACE
from manager.desktop.widgets.avatar import Avatar
from manager.desktop.widgets.button import Button
from manager.desktop.widgets.glyph import Glyph
from manager.desktop.widgets.label import label
from manager.desktop.widgets.spinner import Spinner

from .steps import Done, Ended, Opening, TakeOver

_CENTRE = Qt.AlignmentFlag.AlignHCenter


class DoneStep(QWidget):
    closed = Signal()
    another = Signal()

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE.small, 0, 0)
        column.setSpacing(SPACE.small)
        self._avatar = Avatar(look, 72)
        column.addWidget(self._avatar, 0, _CENTRE)
        column.addSpacing(SPACE.small)
        self.title = label("", "title", wrap=True)
        self.text = label("", "large", wrap=True)
        for text in (self.title, self.text):
            text.setAlignment(_CENTRE)
            column.addWidget(text)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addStretch(1)
        row.addWidget(Glyph(look, "check-circle", "positive", 18))
        self._after = label("", "secondary")
        row.addWidget(self._after)
        row.addStretch(1)
        column.addLayout(row)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, SPACE.large, 0, 0)
        buttons.setSpacing(SPACE.small)
        another = Button(look, "Sign in another", "plain", "plus", "Sign in another account")
        another.clicked.connect(self.another)
        self.close_button = Button(look, "Done", "primary")
        self.close_button.clicked.connect(self.closed)
        buttons.addWidget(another, 1)
        buttons.addWidget(self.close_button, 1)
        column.addLayout(buttons)

    def show_step(self, step: Done, picture: QPixmap | None) -> None:
        account = step.account
        self._avatar.set(account.initials, account.tint, picture)
        self.title.setText(step.welcome)
        who = account.identity if account.identity != account.name else account.address
        self.text.setText(f"{who} on {account.server_name}")
        words = "Signed in again" if step.renewed else "Signed in"
        if account.is_key:
            words = "The server accepts it"
        self._after.setText(f"{words} · renews by itself" if account.renews else words)


class EndedStep(QWidget):
    retried = Signal()
    closed = Signal()

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.medium)
        glyph = Glyph(look, "attention", "danger", 22, "danger_soft")
        column.addWidget(glyph, 0, Qt.AlignmentFlag.AlignLeft)
        self._where = label("", "section")
        column.addWidget(self._where)
        self.title = label("", "heading", wrap=True)
        self.text = label("", "secondary", wrap=True)
        column.addWidget(self.title)
        column.addWidget(self.text)
        row = QHBoxLayout()
        row.setContentsMargins(0, SPACE.small, 0, 0)
        row.setSpacing(SPACE.small)
        row.addStretch(1)
        close = Button(look, "Close")
        close.clicked.connect(self.closed)
        self.retry = Button(look, "Try again", "primary", "renew")
        self.retry.clicked.connect(self.retried)
        row.addWidget(close)
        row.addWidget(self.retry)
        column.addLayout(row)

    def show_step(self, step: Ended) -> None:
        self._where.setText(f"Signing in to {step.server_name}")
        self.title.setText(step.trouble.text)
        self.text.setText(step.trouble.hint)
        self.text.setVisible(bool(step.trouble.hint))


class TakeOverStep(QWidget):
    agreed = Signal()
    declined = Signal()

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.medium)
        glyph = Glyph(look, "link", "accent_text", 22, "accent_soft")
        column.addWidget(glyph, 0, Qt.AlignmentFlag.AlignLeft)
        self.title = label("", "heading", wrap=True)
        self.text = label("", "secondary", wrap=True)
        column.addWidget(self.title)
        column.addWidget(self.text)
        row = QHBoxLayout()
        row.setContentsMargins(0, SPACE.small, 0, 0)
        row.setSpacing(SPACE.small)
        row.addStretch(1)
        keep = Button(look, "Not now")
        keep.clicked.connect(self.declined)
        self.take = Button(look, "Let Account Manager open them", "primary")
        self.take.clicked.connect(self.agreed)
        row.addWidget(keep)
        row.addWidget(self.take)
        column.addLayout(row)

    def show_step(self, step: TakeOver) -> None:
        where = step.waiting
        self.title.setText(f"{step.program} opens {where.scheme}: links now")
        self.text.setText(
            f"{where.server_name} sends the browser's answer by such a link. Account Manager can "
            f"open them from now on; it gives them back to {step.program} when you uninstall it. "
            "Otherwise you sign in by a local port this time."
        )


class OpeningStep(QWidget):
    cancelled = Signal()

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.medium)
        row.addWidget(Spinner(look, 22))
        self._text = label("", "heading", wrap=True)
        row.addWidget(self._text, 1)
        cancel = Button(look, "Cancel")
        cancel.clicked.connect(self.cancelled)
        row.addWidget(cancel)

    def show_step(self, step: Opening) -> None:
        self._text.setText(f"Asking {step.server_name}…")
