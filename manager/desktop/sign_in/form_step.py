"""Step 2 by typing or pasting: the server's own form, drawn from its list of fields."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from manager.desktop.appearance import Appearance
from manager.desktop.theme import SPACE
from manager.desktop.widgets.button import Button
from manager.desktop.widgets.flow import cleared
from manager.desktop.widgets.glyph import Glyph
from manager.desktop.widgets.label import label
from manager.desktop.widgets.notice import Notice
from manager.desktop.widgets.spinner import Spinner

from .field_row import FieldRow
from .form import Form
from .steps import FillIn


class FormStep(QWidget):
    edited = Signal(str, str)
    pasted = Signal(str, str)
    submitted = Signal()
    cancelled = Signal()
    another_way = Signal()

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        self._drawn: tuple[str, Form] | None = None
        self._step: FillIn | None = None
        self.rows: list[FieldRow] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.medium)
        head = QHBoxLayout()
        head.setSpacing(SPACE.medium + 2)
        glyph = Glyph(look, "key", "accent_text", 22, "accent_soft")
        head.addWidget(glyph, 0, Qt.AlignmentFlag.AlignTop)
        names = QVBoxLayout()
        names.setSpacing(2)
        self.title = label("", "heading", wrap=True)
        self.where = label("", "secondary", wrap=True)
        names.addWidget(self.title)
        names.addWidget(self.where)
        head.addLayout(names, 1)
        column.addLayout(head)
        self.note = label("", "body", wrap=True)
        column.addWidget(self.note)
        self.trouble = Notice(look)
        column.addWidget(self.trouble)
        self._fields = QVBoxLayout()
        self._fields.setSpacing(SPACE.medium + 2)
        column.addLayout(self._fields)
        self.foot = self._buttons()

    def _buttons(self) -> QWidget:
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.small)
        self.another = Button(self._look, "Another way", "link", name="Sign in another way")
        self.another.clicked.connect(self.another_way)
        row.addWidget(self.another)
        row.addStretch(1)
        self._spinner = Spinner(self._look, 18)
        row.addWidget(self._spinner)
        cancel = Button(self._look, "Cancel", name="Cancel this sign-in")
        cancel.clicked.connect(self.cancelled)
        row.addWidget(cancel)
        self.go = Button(self._look, "Sign in", "primary")
        self.go.clicked.connect(self.submitted)
        row.addWidget(self.go)
        return foot

    def show_step(self, step: FillIn) -> None:
        before, self._step = self._step, step
        fresh = self._drawn != (step.sign_in, step.form)
        if fresh:
            self._drawn = (step.sign_in, step.form)
            self._fill(step.form)
        self.title.setText(step.form.title)
        self.where.setText(f"{step.server_name} · {step.address}")
        self.note.setText(step.form.note)
        self.note.setVisible(bool(step.form.note))
        trouble = step.trouble
        self.trouble.show_text(trouble.text if trouble else "", trouble.hint if trouble else "")
        typed = step.typed
        for row in self.rows:
            name = row.field.name
            row.show_state(typed.get(name, ""), step.wrong.get(name, ""), busy=step.busy)
        self._spinner.setVisible(step.busy)
        self.go.setEnabled(not step.busy)
        self.go.setText("Checking…" if step.busy else "Sign in")
        self.go.setAccessibleName(self.go.text())
        answered = before is not None and before.busy and not step.busy
        refused = bool(step.wrong) and (before is None or before.wrong != step.wrong)
        if fresh or answered or (refused and not step.busy):
            self._want_focus = True

    _want_focus = False

    def place_focus(self) -> None:
        """Where the person goes on: at what is wrong, else at what is empty. To be called once the
        step is visible; does nothing while they are typing."""
        if not self._want_focus or self._step is None:
            return
        self._want_focus = False
        wrong = [row for row in self.rows if row.field.name in self._step.wrong]
        empty = [row for row in self.rows if row.is_empty and row.field.required]
        for row in (*wrong, *empty, *self.rows)[:1]:
            row.control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill(self, form: Form) -> None:
        cleared(self._fields)
        self.rows = [FieldRow(self._look, field) for field in form.fields]
        for row in self.rows:
            row.edited.connect(self.edited)
            row.pasted.connect(self.pasted)
            row.submitted.connect(self.submitted)
            self._fields.addWidget(row)

    def leave(self) -> None:
        """Another step or nothing is shown: no secret stays in a field."""
        for row in self.rows:
            row.forget_secret()
        self._step = None
        self._want_focus = True
