"""Pages without accounts: the first one, the agent on its way, the agent away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from manager.desktop.appearance import Appearance
from manager.desktop.theme import SPACE
from manager.desktop.widgets.button import Button
from manager.desktop.widgets.illustration import Illustration
from manager.desktop.widgets.label import label
from manager.desktop.widgets.spinner import Spinner

_WIDTH = 520


def _centred(inner: QWidget) -> QVBoxLayout:
    inner.setFixedWidth(_WIDTH)
    column = QVBoxLayout()
    column.setContentsMargins(SPACE.wide, SPACE.wide, SPACE.wide, SPACE.wide)
    column.addStretch(2)
    column.addWidget(inner, 0, Qt.AlignmentFlag.AlignHCenter)
    column.addStretch(3)
    return column


class EmptyPage(QWidget):
    """One field, one button."""

    sign_in = Signal(str)

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self.setProperty("role", "page")
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setSpacing(SPACE.small)
        column.addWidget(Illustration(look, "empty"), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(SPACE.large)
        title = label("Sign in once, work everywhere", "display", wrap=True)
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(title)
        text = label(
            "Add an account, and the programs on this computer can use it. "
            "It stays in your keychain and renews by itself.",
            "large",
            wrap=True,
        )
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(text)
        column.addSpacing(SPACE.large)
        row = QHBoxLayout()
        row.setSpacing(SPACE.small)
        self.address = QLineEdit()
        self.address.setProperty("role", "large")
        self.address.setPlaceholderText("Server address")
        self.address.setAccessibleName("Server address")
        self.address.returnPressed.connect(self._go)
        self._button = Button(look, "Continue", "primary")
        self._button.setProperty("role", "large")
        self._button.clicked.connect(self._go)
        row.addWidget(self.address, 1)
        row.addWidget(self._button)
        column.addLayout(row)
        self.setLayout(_centred(inner))

    def _go(self) -> None:
        self.sign_in.emit(self.address.text().strip())
        self.address.clear()


class WaitingPage(QWidget):
    """The agent is on its way, or away; it is tried again by itself."""

    retry = Signal()

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self.setProperty("role", "page")
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setSpacing(SPACE.small)
        self._picture = Illustration(look, "away")
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        self._title = label("", "title", wrap=True)
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self._title)
        self._text = label("", "large", wrap=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self._text)
        column.addSpacing(SPACE.large)
        row = QHBoxLayout()
        row.setSpacing(SPACE.small)
        row.addStretch(1)
        row.addWidget(Spinner(look))
        self._wait = label("", "secondary")
        row.addWidget(self._wait)
        self._again = Button(look, "Try now", "link")
        self._again.clicked.connect(self.retry)
        row.addWidget(self._again)
        row.addStretch(1)
        column.addLayout(row)
        self.setLayout(_centred(inner))

    def connecting(self) -> None:
        self._picture.hide()
        self._again.hide()
        self._title.setText("")
        self._text.setText("")
        self._wait.setText("Opening your accounts…")

    def away(self, trouble: str, hint: str) -> None:
        self._picture.show()
        self._again.show()
        self._title.setText("Your accounts are out of reach")
        self._text.setText(" ".join(part for part in (trouble, hint) if part))
        self._wait.setText("Trying again by itself")
