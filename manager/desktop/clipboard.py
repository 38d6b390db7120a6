"""Puts a secret on the clipboard, marked as one, and takes it off again after a minute."""

from __future__ import annotations

import hashlib

from PySide6.QtCore import QMimeData, QObject, QTimer
from PySide6.QtGui import QClipboard

KEPT_MS = 60_000


class SecretClipboard(QObject):
    """Clipboard history managers skip what carries `x-kde-passwordManagerHint` (KDE Klipper,
    CopyQ, GPaste). Only a digest of the secret stays here, to see whether it is still there."""

    def __init__(self, clipboard: QClipboard, kept_ms: int = KEPT_MS) -> None:
        super().__init__()
        self._clipboard = clipboard
        self._digest = b""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(kept_ms)
        self._timer.timeout.connect(self.clear)

    def put(self, secret: str) -> None:
        content = QMimeData()
        content.setText(secret)
        content.setData("x-kde-passwordManagerHint", b"secret")
        self._clipboard.setMimeData(content)
        self._digest = hashlib.sha256(secret.encode()).digest()
        self._timer.start()

    def clear(self) -> None:
        """Empty the clipboard, unless something else was copied meanwhile."""
        self._timer.stop()
        there = hashlib.sha256(self._clipboard.text().encode()).digest()
        if self._digest and there == self._digest:
            self._clipboard.clear()
        self._digest = b""
