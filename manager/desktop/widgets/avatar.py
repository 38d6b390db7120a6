"""A person: their picture in a circle, or their initials on a colour of their own."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from manager.desktop.appearance import Appearance
from manager.desktop.theme import Theme

_LARGEST_SIDE = 4096


def decoded(image: bytes) -> QPixmap | None:
    """A raster picture that a server sent, None when it is none or absurdly large.

    SVG is not among the formats: it may name files and addresses.
    """
    picture = QImage.fromData(image)
    side = max(picture.width(), picture.height())
    if picture.isNull() or side > _LARGEST_SIDE:
        return None
    return QPixmap.fromImage(
        picture.scaled(
            192,
            192,
            Qt.AspectRatioMode.KeepAspectRatioByExpanding,
            Qt.TransformationMode.SmoothTransformation,
        )
    )


def paint_avatar(
    painter: QPainter, box: QRectF, initials: str, tint: int, theme: Theme,
    picture: QPixmap | None = None,
) -> None:  # fmt: skip
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    if picture is not None:
        circle = QPainterPath()
        circle.addEllipse(box)
        painter.setClipPath(circle)
        side = min(picture.width(), picture.height())
        left, top = (picture.width() - side) / 2, (picture.height() - side) / 2
        painter.drawPixmap(box, picture, QRectF(left, top, side, side))
        painter.restore()
        return
    fill, letters = theme.avatars[tint % len(theme.avatars)]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(fill))
    painter.drawEllipse(box)
    font = QFont(painter.font())
    font.setPixelSize(max(9, round(box.height() * 0.38)))
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QColor(letters))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, initials)
    painter.restore()


class Avatar(QWidget):
    """The same as a part of a page."""

    def __init__(self, look: Appearance, size: int) -> None:
        super().__init__()
        self._look = look
        self._initials, self._tint = "", 0
        self._picture: QPixmap | None = None
        self.setFixedSize(size, size)
        look.changed.connect(self.update)

    def set(self, initials: str, tint: int, picture: QPixmap | None) -> None:
        self._initials, self._tint, self._picture = initials, tint, picture
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        box = QRectF(self.rect())
        theme = self._look.theme
        paint_avatar(painter, box, self._initials, self._tint, theme, self._picture)
