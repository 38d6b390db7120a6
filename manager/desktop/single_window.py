"""One window per user: a second launch raises the first one's window and ends."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from filelock import FileLock, Timeout
from PySide6.QtCore import QObject, QSocketNotifier, Signal

from manager.client.protocol.endpoint import runtime_folder

_RAISE = b"raise\n"
_PATIENCE = 2.0


class SingleWindow(QObject):
    """`folder`: the private runtime folder. The lock is the kernel's: a killed window frees it."""

    raised = Signal()

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__()
        self._folder = folder or Path(runtime_folder())
        self._path = self._folder / "desktop.sock"
        self._listener: socket.socket | None = None
        self._notifier: QSocketNotifier | None = None
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = FileLock(self._folder / "desktop.lock", mode=0o600)

    def claim(self) -> bool:
        """True: this is the one window. False: another one was asked to come to the front."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            self._ask_to_raise()
            return False
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        before = os.umask(0o177)
        try:
            listener.bind(str(self._path))
        finally:
            os.umask(before)
        listener.listen(8)
        self._listener = listener
        self._notifier = QSocketNotifier(listener.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._heard)
        return True

    def release(self) -> None:
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier = None
        if self._listener is not None:
            self._listener.close()
            self._listener = None
            self._path.unlink(missing_ok=True)
        self._lock.release()

    def _ask_to_raise(self) -> None:
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(_PATIENCE)
            try:
                asking.connect(str(self._path))
                asking.sendall(_RAISE)
            except OSError:
                return  # it is just starting or ending; its window comes or goes by itself

    def _heard(self) -> None:
        """Whatever the message says, it can only mean one thing; the folder is the person's own."""
        if self._listener is None:
            return
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        connection.close()
        self.raised.emit()
