"""Draws one row of the account list; a thousand of them scroll as smoothly as three."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from manager.desktop import icons
from manager.desktop.account import Account, State
from manager.desktop.appearance import Appearance
from manager.desktop.widgets.avatar import paint_avatar

from .list_model import ACCOUNT, HEADING, AccountListModel

_Index = QModelIndex | QPersistentModelIndex
_ROW, _HEADING, _AVATAR, _INSET = 54, 34, 34, 8
_DOTS = {State.ATTENTION: ("attention", "warning"), State.AWAY: ("cloud-off", "secondary")}


class AccountRowDelegate(QStyledItemDelegate):
    def __init__(self, look: Appearance, model: AccountListModel) -> None:
        super().__init__()
        self._look = look
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802
        scale = self._look.text_scale
        if index.data(HEADING):
            return QSize(0, round(_HEADING * scale) + (0 if index.row() == 0 else 8))
        return QSize(0, round(_ROW * scale))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box: QRect = option.rect
        heading = index.data(HEADING)
        if heading:
            self._heading(painter, box, str(heading))
        else:
            self._account(painter, box, option, index.data(ACCOUNT))
        painter.restore()

    def _font(self, pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        font = QApplication.font()
        font.setPixelSize(round(pixels * self._look.text_scale))
        font.setWeight(weight)
        return font

    def _heading(self, painter: QPainter, box: QRect, text: str) -> None:
        painter.setFont(self._font(12, QFont.Weight.DemiBold))
        painter.setPen(self._look.colour("secondary"))
        inner = box.adjusted(_INSET + 12, 0, -_INSET - 8, -6)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        place = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeading
        painter.drawText(inner, place, shown)

    def _account(
        self, painter: QPainter, box: QRect, option: QStyleOptionViewItem, account: Account
    ) -> None:
        state = option.state
        mirrored = option.direction == Qt.LayoutDirection.RightToLeft
        plate = QRectF(box.adjusted(_INSET, 1, -_INSET, -1))
        ground = ""
        if state & QStyle.StateFlag.State_Selected:
            ground = "selected"
        elif state & QStyle.StateFlag.State_MouseOver:
            ground = "hover"
        if ground:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._look.colour(ground))
            painter.drawRoundedRect(plate, 10, 10)
        focused = state & QStyle.StateFlag.State_HasFocus
        if focused and state & QStyle.StateFlag.State_KeyboardFocusChange:
            painter.setPen(self._look.colour("accent_text"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(plate.adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        inner = plate.toRect().adjusted(10, 0, -10, 0)
        top = inner.center().y() - _AVATAR // 2 + 1
        left = inner.right() - _AVATAR + 1 if mirrored else inner.left()
        circle = QRectF(left, top, _AVATAR, _AVATAR)
        picture = self._model.pictures.get(account.id)
        theme = self._look.theme
        paint_avatar(painter, circle, account.initials, account.tint, theme, picture)
        used = self._marks(painter, inner, account, mirrored=mirrored)
        text = inner.adjusted(used, 0, -_AVATAR - 12, 0) if mirrored else inner.adjusted(
            _AVATAR + 12, 0, -used, 0
        )  # fmt: skip
        self._lines(painter, text, account)

    def _marks(self, painter: QPainter, inner: QRect, account: Account, *, mirrored: bool) -> int:
        """The default's mark and the state's sign, from the far end; returns the width used."""
        ratio = painter.device().devicePixelRatioF()
        used = 0
        signs = []
        if account.state in _DOTS:
            signs.append(_DOTS[account.state])
        if account.is_default:
            signs.append(("default-filled", "accent_text"))
        for name, colour in signs:
            size = 16
            drawn = icons.pixmap(name, getattr(self._look.theme, colour), size, ratio)
            x = inner.left() + used if mirrored else inner.right() - used - size + 1
            painter.drawPixmap(x, inner.center().y() - size // 2 + 1, drawn)
            used += size + 6
        return used

    def _lines(self, painter: QPainter, box: QRect, account: Account) -> None:
        name, below = self._font(13, QFont.Weight.DemiBold), self._font(12)
        tall, short = QFontMetrics(name).height(), QFontMetrics(below).height()
        top = box.center().y() - (tall + short + 1) // 2 + 1
        second, colour = account.known_as, "secondary"
        if account.state is State.ATTENTION:
            second, colour = "Needs sign-in", "warning"
        elif account.state is State.AWAY:
            second = "Server away"
        elif second == account.name:
            second = account.address
        for font, text, ink, y, height in (
            (name, account.name, "text", top, tall),
            (below, second, colour, top + tall + 1, short),
        ):
            painter.setFont(font)
            painter.setPen(self._look.colour(ink))
            line = QRect(box.left(), y, box.width(), height)
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
            place = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
            painter.drawText(line, place, shown)
