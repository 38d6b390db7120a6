"""The theme as a Qt style sheet. Widgets say what they are by the properties `role` and `kind`."""

from __future__ import annotations

from string import Template

from .theme import RADIUS, SPACE, TYPE, Theme

_SHEET = Template("""
QWidget { color: $text; font-size: ${body}px; }
QMainWindow, QWidget[role="page"], QScrollArea[role="page"] { background: $window; border: none; }
QWidget[role="sidebar"] { background: $sidebar; }
QFrame[role="divider"] { background: $border; border: none; }
QFrame[role="card"] {
  background: $surface; border: 1px solid $border; border-radius: ${card_radius}px; }
QFrame[role="rule"] { background: $border; border: none; max-height: 1px; min-height: 1px; }
QFrame[role="sheet"] {
  background: $raised; border: 1px solid $border; border-radius: ${sheet_radius}px; }
QScrollArea[role="sheet"], QWidget[role="sheet-body"] { background: transparent; border: none; }
QFrame[role="toast"] {
  background: $raised; border: 1px solid $border; border-radius: 10px; }
QFrame[role="panel"] { background: $neutral_soft; border: none; border-radius: 10px; }
QFrame[role="banner"] { border: none; border-radius: ${card_radius}px; }
QFrame[role="banner"][tone="neutral"] { background: $neutral_soft; }
QFrame[role="banner"][tone="positive"] { background: $positive_soft; }
QFrame[role="banner"][tone="warning"] { background: $warning_soft; }
QFrame[role="banner"][tone="danger"] { background: $danger_soft; }

QLabel { background: transparent; }
QLabel[role="display"] { font-size: ${display}px; font-weight: 650; }
QLabel[role="title"] { font-size: ${title}px; font-weight: 650; }
QLabel[role="heading"] { font-size: ${heading}px; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="secondary"] { color: $secondary; }
QLabel[role="large"] { font-size: ${heading}px; color: $secondary; }
QLabel[role="caption"] { color: $secondary; font-size: ${small}px; }
QLabel[role="section"] { color: $secondary; font-size: ${small}px; font-weight: 600; }
QLabel[role="danger"] { color: $danger; }
QLabel[role="code"] { font-size: ${display}px; font-weight: 650; }
QLabel[role="code-long"] { font-size: ${title}px; font-weight: 650; }
QLabel[role="chip"] {
  background: $neutral_soft; border-radius: ${chip_radius}px; padding: 3px 8px;
  font-size: ${small}px; }

QPushButton {
  background: $surface; border: 1px solid $control_border; border-radius: ${field_radius}px;
  padding: 0 ${large}px; min-height: 32px; font-weight: 500; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $pressed; }
QPushButton:disabled { color: $secondary; background: $neutral_soft; border-color: transparent; }
QPushButton:focus { border: 2px solid $accent_text; padding: 0 15px; min-height: 30px; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[kind="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[kind="primary"]:pressed { background: $accent_pressed; }
QPushButton[kind="primary"]:focus { border: 2px solid $accent_ring; }
QPushButton[kind="primary"]:disabled {
  background: $neutral_soft; color: $secondary; border-color: transparent; }
QPushButton[role="large"] { min-height: 42px; border-radius: 10px; padding: 0 20px; }
QPushButton[role="large"]:focus { min-height: 40px; padding: 0 19px; }
QPushButton[kind="danger"] { background: $danger_fill; color: #FFFFFF; border-color: $danger_fill; }
QPushButton[kind="danger"]:focus { border: 2px solid $danger_ring; }
QPushButton[kind="quiet"] { background: transparent; border-color: transparent; color: $text; }
QPushButton[kind="quiet"]:hover { background: $hover; }
QPushButton[kind="quiet"]:focus { border: 2px solid $accent_text; }
QPushButton[kind="quiet-danger"] {
  background: transparent; border-color: transparent; color: $danger; }
QPushButton[kind="quiet-danger"]:hover { background: $danger_soft; }
QPushButton[kind="quiet-danger"]:focus { border: 2px solid $danger; }
QPushButton[kind="link"] {
  background: transparent; border: none; color: $accent_text; padding: 0 4px; min-height: 26px; }
QPushButton[kind="link"]:hover { text-decoration: underline; }
QPushButton[kind="link"]:focus {
  border: 2px solid $accent_text; border-radius: 6px; padding: 0 2px; }
QPushButton[kind="icon"] {
  background: transparent; border: none; padding: 0;
  min-width: 30px; max-width: 30px; min-height: 30px; max-height: 30px; }
QPushButton[kind="icon"]:hover { background: $hover; }
QPushButton[kind="icon"]:focus {
  border: 2px solid $accent_text; min-width: 26px; max-width: 26px; min-height: 26px;
  max-height: 26px; }
QPushButton[kind="choice"] {
  background: $surface; border: 1px solid $border; text-align: left; padding: 0 ${medium}px;
  min-height: 44px; border-radius: 10px; }
QPushButton[kind="choice"]:hover { background: $hover; }
QPushButton[kind="choice"]:focus { border: 2px solid $accent_text; padding: 0 11px; }

QLineEdit, QComboBox {
  background: $field; border: 1px solid $field_border; border-radius: ${field_radius}px;
  padding: 0 10px; min-height: 34px; selection-background-color: $accent;
  selection-color: $on_accent; }
QLineEdit:focus, QComboBox:focus {
  border: 2px solid $accent_text; padding: 0 9px; min-height: 32px; }
QLineEdit[role="large"] { min-height: 42px; font-size: ${heading}px; border-radius: 10px; }
QLineEdit[role="large"]:focus { min-height: 40px; }
QLineEdit[role="search"] { min-height: 30px; background: $search; border: 1px solid $border; }
QLineEdit[role="search"]:focus { border: 2px solid $accent_text; min-height: 28px; }
QLineEdit[invalid="true"], QComboBox[invalid="true"] { border: 1px solid $danger; }
QLineEdit[invalid="true"]:focus, QComboBox[invalid="true"]:focus { border: 2px solid $danger; }
QLineEdit:disabled, QComboBox:disabled {
  background: $neutral_soft; color: $secondary; border-color: transparent; }
QLineEdit:read-only { background: $neutral_soft; border-color: transparent; }
QComboBox::drop-down { border: none; width: 26px; }
QComboBox QAbstractItemView {
  background: $raised; border: 1px solid $border; border-radius: 8px; padding: 4px; outline: none;
  selection-background-color: $selected; selection-color: $text; }

QFrame[role="choices"] {
  background: $surface; border: 1px solid $border; border-radius: 10px; }
QRadioButton[role="choice"] {
  background: transparent; border: 2px solid transparent; border-radius: 7px; padding: 0 8px;
  min-height: 32px; spacing: 9px; }
QRadioButton[role="choice"]:hover { background: $hover; }
QRadioButton[role="choice"]:checked { background: $accent_soft; font-weight: 600; }
QRadioButton[role="choice"]:focus { border: 2px solid $accent_text; }
QRadioButton[role="choice"]::indicator {
  width: 14px; height: 14px; border: 1px solid $field_border; border-radius: 8px;
  background: $field; }
QRadioButton[role="choice"]::indicator:checked {
  width: 6px; height: 6px; border: 5px solid $accent; border-radius: 8px; background: $on_accent; }

QListView[role="accounts"] { background: transparent; border: none; outline: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 2px; }
QScrollBar::handle:vertical { background: $scroll; border-radius: 3px; min-height: 32px; }
QScrollBar::handle:vertical:hover { background: $field_border; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
  background: transparent; border: none; height: 0; width: 0; }
QMenu {
  background: $raised; border: 1px solid $border; border-radius: 10px; padding: 6px; }
QMenu::item { padding: 7px 22px 7px 12px; border-radius: 6px; }
QMenu::item:selected { background: $selected; }
QMenu::item:disabled { color: $secondary; }
QMenu::separator { background: $border; height: 1px; margin: 6px 8px; }
QToolTip {
  background: $raised; color: $text; border: 1px solid $border; padding: 5px 8px; }
""")


def stylesheet(theme: Theme, text_scale: float = 1.0) -> str:
    """The whole sheet; `text_scale` enlarges every text size alike."""
    sizes = {
        "small": TYPE.small,
        "body": TYPE.body,
        "heading": TYPE.heading,
        "title": TYPE.title,
        "display": TYPE.display,
    }
    return _SHEET.substitute(
        {name: getattr(theme, name) for name in theme.__dataclass_fields__},
        **{name: round(size * text_scale) for name, size in sizes.items()},
        danger_ring="#FFC2C6",
        large=SPACE.large,
        medium=SPACE.medium,
        card_radius=RADIUS.card,
        sheet_radius=RADIUS.sheet,
        field_radius=RADIUS.field,
        chip_radius=RADIUS.chip,
    )
