"""One field of a form: its label, its control, what helps and what is wrong."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from manager.desktop.appearance import Appearance
from manager.desktop.theme import SPACE
from manager.desktop.widgets.button import Button
from manager.desktop.widgets.chooser import Chooser
from manager.desktop.widgets.label import label

from .form import Field, FieldKind

PASTED_FROM = 6
"""Characters that arrive at once and are more than any keyboard or input method brings."""
_HINTS = {
    FieldKind.EMAIL: Qt.InputMethodHint.ImhEmailCharactersOnly,
    FieldKind.NUMBER: Qt.InputMethodHint.ImhDigitsOnly,
    FieldKind.SECRET: Qt.InputMethodHint.ImhHiddenText
    | Qt.InputMethodHint.ImhSensitiveData
    | Qt.InputMethodHint.ImhNoPredictiveText
    | Qt.InputMethodHint.ImhNoAutoUppercase,
}
_MASK = "••••••••••"


class FieldRow(QWidget):
    edited = Signal(str, str)
    """The field's name, what stands in it."""
    pasted = Signal(str, str)
    submitted = Signal()

    def __init__(self, look: Appearance, field: Field) -> None:
        super().__init__()
        self.field = field
        self._look = look
        self._before = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        head = QHBoxLayout()
        caption = label(field.label, "strong")
        head.addWidget(caption, 1)
        if not field.required:
            head.addWidget(label("Optional", "caption"))
        column.addLayout(head)
        row = QHBoxLayout()
        row.setSpacing(SPACE.tight)
        self.control = self._chooser() if field.kind is FieldKind.CHOICE else self._line()
        self.control.setAccessibleName(field.label)
        caption.setBuddy(self.control)
        row.addWidget(self.control, 1)
        self._eye = Button(look, kind="icon", icon="eye", name=f"Show {field.label}")
        self._eye.clicked.connect(self._toggle)
        if field.is_secret:
            row.addWidget(self._eye)
        column.addLayout(row)
        self.hint = label(field.hint, "caption", wrap=True)
        column.addWidget(self.hint)
        self.hint.setVisible(bool(field.hint))
        self.wrong = label("", "danger", wrap=True)
        self.wrong.hide()
        column.addWidget(self.wrong)

    def _line(self) -> QLineEdit:
        line = QLineEdit()
        line.setInputMethodHints(_HINTS.get(self.field.kind, Qt.InputMethodHint.ImhNone))
        if self.field.is_secret:
            line.setEchoMode(QLineEdit.EchoMode.Password)
        elif self.field.kind is FieldKind.WORDS:
            line.setPlaceholderText("Several, separated by spaces")
        line.textEdited.connect(self._edited)
        line.returnPressed.connect(self.submitted)
        return line

    def _chooser(self) -> QComboBox:
        chooser = Chooser(self._look)
        if self.field.default not in self.field.choices:
            chooser.addItem("Choose…" if self.field.required else "None", "")
        for choice in self.field.choices:
            chooser.addItem(choice, choice)
        chooser.activated.connect(
            lambda at: self.edited.emit(self.field.name, str(chooser.itemData(at)))
        )
        return chooser

    def _edited(self, text: str) -> None:
        at_once, self._before = len(text) - self._before, len(text)
        signal = self.pasted if at_once >= PASTED_FROM else self.edited
        signal.emit(self.field.name, text)

    def _toggle(self) -> None:
        if isinstance(self.control, QLineEdit):
            hidden = self.control.echoMode() is QLineEdit.EchoMode.Password
            self._mask(masked=not hidden)

    def _mask(self, *, masked: bool) -> None:
        if isinstance(self.control, QLineEdit) and self.field.is_secret:
            mode = QLineEdit.EchoMode.Password if masked else QLineEdit.EchoMode.Normal
            self.control.setEchoMode(mode)
            self._eye.set_icon("eye" if masked else "eye-off")
            name = f"{'Show' if masked else 'Hide'} {self.field.label}"
            self._eye.setAccessibleName(name)
            self._eye.setToolTip(name)

    def show_state(self, text: str, wrong: str, *, busy: bool) -> None:
        if isinstance(self.control, QComboBox):
            self.control.setCurrentIndex(max(0, self.control.findData(text)))
        else:
            if self.control.text() != text:
                with QSignalBlocker(self.control):
                    self.control.setText(text)  # unlike clear(), leaves nothing to undo
            self._before = len(text)
            if self.field.is_secret:
                self.control.setPlaceholderText(_MASK if busy else "")
        self.control.setEnabled(not busy)
        self._eye.setEnabled(not busy)
        if busy:
            self._mask(masked=True)
        self.wrong.setText(wrong)
        self.wrong.setVisible(bool(wrong))
        self.control.setAccessibleDescription(" ".join(filter(None, (wrong, self.field.hint))))
        if self.control.property("invalid") != bool(wrong):
            self.control.setProperty("invalid", bool(wrong))
            self.control.style().unpolish(self.control)
            self.control.style().polish(self.control)

    def forget_secret(self) -> None:
        if self.field.is_secret:
            self.show_state("", "", busy=False)
            self._mask(masked=True)

    @property
    def is_empty(self) -> bool:
        return isinstance(self.control, QLineEdit) and not self.control.text()
