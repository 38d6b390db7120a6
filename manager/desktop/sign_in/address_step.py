"""Step 1: the server's address, what stands there, and *More*."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from manager.desktop.appearance import Appearance
from manager.desktop.theme import SPACE
from manager.desktop.widgets.button import Button
from manager.desktop.widgets.chooser import Chooser
from manager.desktop.widgets.flow import cleared
from manager.desktop.widgets.glyph import Glyph
from manager.desktop.widgets.label import ElidedLabel, label
from manager.desktop.widgets.spinner import Spinner

from .catalogue import Kind, Preset
from .other_sign_ins import OtherSignIns
from .probe import Asking, Found, Refused
from .problem import Problem
from .steps import EnterAddress, Pending
from .way_choice import WayChoice

_REDIRECTS = {
    "": "Choose by itself",
    "scheme": "By its own address scheme",
    "loopback": "By a local port",
    "paste": "I paste the answer",
}


class AddressStep(QWidget):
    typed = Signal(str)
    preset = Signal(str)
    changed = Signal(str, object)
    kind_named = Signal(str)
    proceed = Signal()
    cancelled = Signal()
    waiting_chosen = Signal(str)

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        self._presets: tuple[Preset, ...] = ()
        self._kinds: tuple[Kind, ...] = ()
        self._open = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.medium)
        column.addWidget(label("Sign in", "title"))
        column.addWidget(label("Where is your account?", "secondary"))
        self.address = QLineEdit()
        self.address.setProperty("role", "large")
        self.address.setPlaceholderText("Server address")
        self.address.setAccessibleName("Server address")
        self.address.textEdited.connect(self.typed)
        self.address.returnPressed.connect(self.proceed)
        column.addWidget(self.address)
        self._presets_box = QWidget()
        self._presets_column = QVBoxLayout(self._presets_box)
        self._presets_column.setContentsMargins(0, 0, 0, 0)
        self._presets_column.setSpacing(6)
        column.addWidget(self._presets_box)
        self._outcome = _Outcome(look)
        column.addWidget(self._outcome)
        self.ways = WayChoice(look)
        self.ways.chosen.connect(lambda key: self.changed.emit("way", key))
        self.ways.proceed.connect(self.proceed)
        column.addWidget(self.ways)
        column.addWidget(self._register(look))
        column.addWidget(self._more_fields(look))
        self._others = OtherSignIns(look)
        self._others.chosen.connect(self.waiting_chosen)
        column.addWidget(self._others)
        self.foot = self._buttons()

    def _register(self, look: Appearance) -> QWidget:
        self._register_box = QFrame()
        self._register_box.setProperty("role", "panel")
        column = QVBoxLayout(self._register_box)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(6)
        column.addWidget(
            label(
                "This server wants programs to be registered. Its operator gives you a client "
                "id for a native app with this redirect address:",
                "caption",
                wrap=True,
            )
        )
        row = QHBoxLayout()
        self.redirect_uri = QLineEdit()
        self.redirect_uri.setReadOnly(True)
        self.redirect_uri.setAccessibleName("Redirect address to register")
        row.addWidget(self.redirect_uri, 1)
        copy = Button(look, "Copy", "quiet", "copy", "Copy the redirect address")
        copy.clicked.connect(lambda: QApplication.clipboard().setText(self.redirect_uri.text()))
        row.addWidget(copy)
        column.addLayout(row)
        return self._register_box

    def _more_fields(self, look: Appearance) -> QWidget:
        self._more_box = QWidget()
        grid = QGridLayout(self._more_box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE.medium)
        grid.setVerticalSpacing(SPACE.small)
        grid.setColumnStretch(1, 1)
        self.client_id = self._field("Client id", "client_id")
        self.client_secret = self._field("Client secret", "client_secret")
        self.client_secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.client_secret.setPlaceholderText("Only where the server gave one")
        self.scopes = self._field("Scopes", "scopes")
        self.scopes.setPlaceholderText("The usual ones")
        self.redirect = Chooser(look)
        self.redirect.setAccessibleName("Way back from the browser")
        for method, words in _REDIRECTS.items():
            self.redirect.addItem(words, method)
        self.redirect.activated.connect(
            lambda at: self.changed.emit("redirect", self.redirect.itemData(at))
        )
        self.kind = Chooser(look)
        self.kind.setAccessibleName("Kind of server")
        self.kind.activated.connect(
            lambda at: self.kind_named.emit(str(self.kind.itemData(at) or ""))
        )
        rows = (
            ("Kind of server", self.kind),
            ("Client id", self.client_id),
            ("Client secret", self.client_secret),
            ("Scopes", self.scopes),
            ("Way back", self.redirect),
        )
        self._rows: dict[QWidget, QWidget] = {}
        for place, (words, field) in enumerate(rows):
            caption = label(words, "secondary")
            caption.setBuddy(field)
            grid.addWidget(caption, place, 0)
            grid.addWidget(field, place, 1)
            self._rows[field] = caption
        return self._more_box

    def _field(self, words: str, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(words)
        field.textEdited.connect(lambda text: self.changed.emit(name, text))
        field.returnPressed.connect(self.proceed)
        return field

    def _buttons(self) -> QWidget:
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.small)
        self._more = Button(self._look, "More", "link", "chevron-down", "More options")
        self._more.clicked.connect(lambda: self.changed.emit("more", not self._open))
        row.addWidget(self._more)
        row.addStretch(1)
        cancel = Button(self._look, "Cancel")
        cancel.clicked.connect(self.cancelled)
        self.go = Button(self._look, "Continue in the browser", "primary")
        self.go.clicked.connect(self.proceed)
        row.addWidget(cancel)
        row.addWidget(self.go)
        return foot

    def show_step(self, step: EnterAddress, others: tuple[Pending, ...]) -> None:
        for field, text in (
            (self.address, step.text),
            (self.client_id, step.client_id),
            (self.client_secret, step.client_secret),
            (self.scopes, step.scopes),
        ):
            if field.text() != text:
                with QSignalBlocker(field):
                    field.setText(text)
        self._show_presets(step)
        self._outcome.show_probe(step)
        way = step.chosen_way
        self.ways.show_ways(step.ways, way)
        self._open = step.more
        self._more.set_icon("chevron-up" if step.more else "chevron-down")
        self._show_options(step)
        self._register_box.setVisible(step.needs_client and bool(step.redirect_uri))
        if self.redirect_uri.text() != step.redirect_uri:
            self.redirect_uri.setText(step.redirect_uri)
            self.redirect_uri.setCursorPosition(0)
        self.redirect.setCurrentIndex(max(0, self.redirect.findData(step.redirect)))
        self.go.setEnabled(step.ready)
        self.go.setText(step.go)
        self.go.setAccessibleName(self.go.text())
        self._others.show_others(others)

    def _show_options(self, step: EnterAddress) -> None:
        """A form asks for everything itself; most options are those of a registered program."""
        method, more = step.chosen_way.method, step.more
        program = more and method != "form"
        shown = {
            self.kind: more and bool(step.kinds),
            self.client_id: program or step.needs_client,
            self.client_secret: program,
            self.scopes: program,
            self.redirect: program and method == "browser",
        }
        for field, visible in shown.items():
            field.setVisible(visible)
            self._rows[field].setVisible(visible)
        self._more_box.setVisible(any(shown.values()))
        self._more.setVisible(method != "form" or bool(step.kinds))
        if step.kinds != self._kinds:
            self._kinds = step.kinds
            self.kind.clear()
            self.kind.addItem("Found out by itself", "")
            for kind in step.kinds:
                self.kind.addItem(kind.name, kind.key)
        self.kind.setCurrentIndex(max(0, self.kind.findData(step.kind)))

    def _show_presets(self, step: EnterAddress) -> None:
        presets = () if step.text else step.presets
        if presets == self._presets and self._presets_box.isVisibleTo(self) == bool(presets):
            return
        self._presets = presets
        cleared(self._presets_column)
        self._presets_box.setVisible(bool(presets))
        for preset in presets:
            name = f"{preset.name}, {preset.address}"
            button = Button(self._look, "", "choice", "", name)
            row = QHBoxLayout(button)
            row.setContentsMargins(14, 0, 12, 0)
            row.setSpacing(SPACE.medium)
            row.addWidget(Glyph(self._look, "server", "secondary", 18))
            row.addWidget(label(preset.name, "strong"))
            row.addWidget(ElidedLabel(preset.address, "caption"), 1)
            row.addWidget(Glyph(self._look, "chevron-right", "secondary", 16))
            button.clicked.connect(lambda _checked=False, url=preset.url: self.preset.emit(url))
            self._presets_column.addWidget(button)


class _Outcome(QFrame):
    """What the probe found, or why it found nothing, below the address."""

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 11, 14, 11)
        row.setSpacing(SPACE.medium)
        self._spinner = Spinner(look)
        self._glyph = Glyph(look, "check-circle", "positive", 20)
        row.addWidget(self._spinner, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(2)
        self.title = label("", "strong", wrap=True)
        self.text = label("", "caption", wrap=True)
        column.addWidget(self.title)
        column.addWidget(self.text)
        row.addLayout(column, 1)

    def show_probe(self, step: EnterAddress) -> None:
        probe = step.probe
        self._spinner.setVisible(isinstance(probe, Asking))
        self._glyph.setVisible(not isinstance(probe, Asking))
        self.setVisible(True)
        if step.trouble is not None:
            self._trouble(step.trouble)
        elif isinstance(probe, Asking):
            self._say("Looking at the server…", "")
        elif isinstance(probe, Refused):
            self._trouble(probe.problem)
        elif isinstance(probe, Found):
            self._glyph.set("check-circle", "positive")
            self._say(probe.name, probe.sentence)
        else:
            self.setVisible(False)

    def _trouble(self, trouble: Problem) -> None:
        self._glyph.set("attention", "danger")
        self._say(trouble.text, trouble.hint)

    def _say(self, title: str, text: str) -> None:
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.setAccessibleName(f"{title} {text}")
