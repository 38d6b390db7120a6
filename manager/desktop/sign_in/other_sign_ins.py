"""The sign-ins that wait beside the one that is shown, one line each."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from manager.desktop.appearance import Appearance
from manager.desktop.widgets.button import Button
from manager.desktop.widgets.flow import cleared

from .pending_wording import also_waiting
from .steps import Pending


class OtherSignIns(QWidget):
    """Hidden while there are none."""

    chosen = Signal(str)

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        self._shown: tuple[tuple[str, str], ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self.hide()

    def show_others(self, others: tuple[Pending, ...]) -> None:
        self.setVisible(bool(others))
        lines = tuple((one.sign_in, also_waiting(one)) for one in others)
        if lines == self._shown:
            return
        self._shown = lines
        cleared(self._column)
        for one in others:
            button = Button(self._look, also_waiting(one), "choice", one.icon)
            button.clicked.connect(
                lambda _checked=False, which=one.sign_in: self.chosen.emit(which)
            )
            self._column.addWidget(button)
