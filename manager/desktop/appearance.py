"""How the window looks now: follows the system's light or dark while the program runs."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from . import icons
from .stylesheet import stylesheet
from .theme import DARK, LIGHT, Theme

_PREFERRED = ("Inter", "Cantarell", "Ubuntu", "Noto Sans", "Segoe UI", "Open Sans")
_BARE = ("Sans", "Sans Serif", "DejaVu Sans", "Bitstream Vera Sans")
"""What Qt falls to where no desktop names a typeface."""
_COMMON_SIZE = 13


class Appearance(QObject):
    """Holds the theme; `changed` comes after the whole application took another one."""

    changed = Signal()

    def __init__(self, application: QApplication, theme: Theme | None = None) -> None:
        super().__init__(application)
        self._application = application
        self._fixed = theme
        self.theme = theme or LIGHT
        application.setStyle("Fusion")
        application.setFont(typeface(application.font()))
        hints = application.styleHints()
        hints.colorSchemeChanged.connect(lambda _scheme: self._follow())
        self._apply(theme or self._systems())

    def _systems(self) -> Theme:
        scheme = self._application.styleHints().colorScheme()
        return DARK if scheme == Qt.ColorScheme.Dark else LIGHT

    def _follow(self) -> None:
        theme = self._fixed or self._systems()
        if theme is not self.theme:
            self._apply(theme)

    def use(self, theme: Theme | None) -> None:
        """Keep to one theme; None follows the system again."""
        self._fixed = theme
        self._apply(theme or self._systems())

    def _apply(self, theme: Theme) -> None:
        self.theme = theme
        self._application.setPalette(_palette(theme))
        self._application.setStyleSheet(stylesheet(theme, self.text_scale))
        self.changed.emit()

    @property
    def text_scale(self) -> float:
        """1.0 at the common text size; a person who set larger text gets larger text."""
        return max(1.0, QFontInfo(self._application.font()).pixelSize() / _COMMON_SIZE)

    def colour(self, name: str) -> QColor:
        """A colour of the theme by its name there."""
        return QColor(getattr(self.theme, name))

    def icon(self, name: str, colour: str = "secondary", size: int = 18) -> QIcon:
        return icons.icon(name, getattr(self.theme, colour), size, self.theme.field_border)


def typeface(systems: QFont) -> QFont:
    """The system's own choice; where none was made, the best that is installed."""
    if QFontInfo(systems).family() not in _BARE and systems.family() not in _BARE:
        return systems
    installed = set(QFontDatabase.families())
    family = next((name for name in _PREFERRED if name in installed), systems.family())
    chosen = QFont(systems)
    chosen.setFamily(family)
    chosen.setPixelSize(_COMMON_SIZE)
    chosen.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return chosen


def _palette(theme: Theme) -> QPalette:
    """For what a style sheet does not reach: links, menus of the platform, placeholder text."""
    palette = QPalette()
    role = QPalette.ColorRole
    for place, colour in (
        (role.Window, theme.window),
        (role.WindowText, theme.text),
        (role.Base, theme.field),
        (role.AlternateBase, theme.surface),
        (role.Text, theme.text),
        (role.PlaceholderText, theme.secondary),
        (role.Button, theme.surface),
        (role.ButtonText, theme.text),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.on_accent),
        (role.Link, theme.accent_text),
        (role.ToolTipBase, theme.raised),
        (role.ToolTipText, theme.text),
    ):
        palette.setColor(place, QColor(colour))
    return palette
