"""Our own drawings: SVG files of a 24-pixel grid, tinted when they are loaded."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtSvg import QSvgRenderer

from manager.system.resources import resources_folder

APPLICATION = "io.github.account_manager"
_SCALES = (1.0, 2.0, 3.0)


def drawing(name: str) -> bytes:
    """The SVG text of `resources/icons/<name>.svg`."""
    return (resources_folder() / "icons" / f"{name}.svg").read_bytes()


@lru_cache(maxsize=512)
def pixmap(name: str, colour: str, size: int, scale: float = 1.0) -> QPixmap:
    """A drawing in one colour, `size` device-independent pixels wide, sharp at `scale`."""
    return _render(drawing(name).replace(b"currentColor", colour.encode()), size, size, scale)


def icon(name: str, colour: str, size: int = 18, disabled: str = "") -> QIcon:
    """The same as an icon that stays sharp on dense screens."""
    made = QIcon()
    for scale in _SCALES:
        made.addPixmap(pixmap(name, colour, size, scale))
        if disabled:
            made.addPixmap(pixmap(name, disabled, size, scale), QIcon.Mode.Disabled)
    return made


@lru_cache(maxsize=1)
def application_icon() -> QIcon:
    made = QIcon()
    for size in (16, 22, 24, 32, 48, 64, 128, 256):
        made.addPixmap(_render(drawing(APPLICATION), size, size, 1.0))
    return made


def tray_icon(*, attention: bool, dark: bool) -> QIcon:
    """`dark`: a dark panel, so the drawing is light. The amber dot asks for the person."""
    name = f"tray-{'light' if dark else 'dark'}{'-attention' if attention else ''}"
    made = QIcon()
    for size in (16, 22, 24, 32, 48, 64):
        made.addPixmap(_render(drawing(name), size, size, 1.0))
    return made


def coloured_tray_icon(*, attention: bool) -> QIcon:
    """The application's own icon, with an amber dot where the person is asked for."""
    made = QIcon()
    for size in (16, 22, 24, 32, 48, 64):
        drawn = _render(drawing(APPLICATION), size, size, 1.0)
        if attention:
            painter = QPainter(drawn)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor("#FFFFFF"), size / 16))
            painter.setBrush(QColor("#F59E0B"))
            dot = size * 0.42
            painter.drawEllipse(QRectF(size - dot - size / 24, size / 24, dot, dot))
            painter.end()
        made.addPixmap(drawn)
    return made


def illustration(name: str, colours: dict[str, str], size: QSize, scale: float) -> QPixmap:
    """A larger drawing whose `{placeholders}` take the theme's colours."""
    text = (resources_folder() / "illustrations" / f"{name}.svg").read_text("utf-8")
    for placeholder, colour in colours.items():
        text = text.replace("{" + placeholder + "}", colour)
    return _render(text.encode(), size.width(), size.height(), scale)


def _render(svg: bytes, width: int, height: int, scale: float) -> QPixmap:
    canvas = QPixmap(round(width * scale), round(height * scale))
    canvas.fill(QColor(0, 0, 0, 0))
    painter = QPainter(canvas)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer = QSvgRenderer(QByteArray(svg))
    renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
    renderer.render(painter, QRectF(0, 0, canvas.width(), canvas.height()))
    painter.end()
    canvas.setDevicePixelRatio(scale)
    return canvas
