"""The sign-in sheet: one step at a time, in the window."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from manager.desktop.appearance import Appearance
from manager.desktop.widgets.sheet import Sheet

from .address_step import AddressStep
from .code_step import CodeStep
from .form_step import FormStep
from .outcome_step import DoneStep, EndedStep, OpeningStep, TakeOverStep
from .steps import (
    Done,
    Ended,
    EnterAddress,
    EnterCode,
    FillIn,
    Opening,
    Pending,
    Step,
    TakeOver,
    Waiting,
)
from .waiting_step import WaitingStep

_SECOND_MS = 1_000


class SignInSheet(Sheet):
    ticked = Signal()

    def __init__(self, look: Appearance, host: QWidget) -> None:
        super().__init__(look, host, "Sign in")
        self.address = AddressStep(look)
        self.opening = OpeningStep(look)
        self.take_over = TakeOverStep(look)
        self.waiting = WaitingStep(look)
        self.code = CodeStep(look)
        self.form = FormStep(look)
        self.done = DoneStep(look)
        self.ended = EndedStep(look)
        self._steps: tuple[QWidget, ...] = (
            self.address,
            self.opening,
            self.take_over,
            self.waiting,
            self.code,
            self.form,
            self.done,
            self.ended,
        )
        # Always in sight, however tall the rest: the way on and the way out.
        self._feet = {self.address: self.address.foot, self.form: self.form.foot}
        for step in self._steps:
            self.content.addWidget(step)
            step.hide()
        for foot in self._feet.values():
            foot.hide()
            self.foot.addWidget(foot)
        self._clock = QTimer(self)
        self._clock.setInterval(_SECOND_MS)
        self._clock.timeout.connect(self.ticked)
        self._shown: QWidget | None = None
        self.pictures: Mapping[str, QPixmap] = {}

    def show_step(self, step: Step, others: tuple[Pending, ...], now: float) -> None:
        """`now`: unix seconds, for the time that is left."""
        match step:
            case EnterAddress():
                self.address.show_step(step, others)
                self._turn_to(self.address, self.address.address)
            case Opening():
                self.opening.show_step(step)
                self._turn_to(self.opening, None)
            case TakeOver():
                self.take_over.show_step(step)
                self._turn_to(self.take_over, self.take_over.take)
            case Waiting():
                self.waiting.show_step(step, step.left(now), others)
                self._turn_to(self.waiting, None)
            case EnterCode():
                self.code.show_step(step, step.left(now), others)
                self._turn_to(self.code, self.code.copy)
            case FillIn():
                self.form.show_step(step)
                self._turn_to(self.form, None)
                self.form.place_focus()
            case Done():
                self.done.show_step(step, self.pictures.get(step.account.id))
                self._turn_to(self.done, self.done.close_button)
            case Ended():
                self.ended.show_step(step)
                self._turn_to(self.ended, self.ended.retry)

    def _turn_to(self, page: QWidget, focus: QWidget | None) -> None:
        fresh = page is not self._shown or not self.isVisible()
        if self._shown is self.form and page is not self.form:
            self.form.leave()
        self._shown = page
        for step in self._steps:
            step.setVisible(step is page)
        for step, foot in self._feet.items():
            foot.setVisible(step is page)
        if fresh:
            self.open()
            (focus or self.card).setFocus(Qt.FocusReason.PopupFocusReason)
        self.fit()
        if page in (self.waiting, self.code):
            self._clock.start()
        else:
            self._clock.stop()

    def close_sheet(self) -> None:
        self._clock.stop()
        self.form.leave()
        self._shown = None
        super().close_sheet()
