"""Qt for Python must not lose references: 6.12.0 does, and aborts Python 3.11 (PYSIDE-3474)."""

from __future__ import annotations

import sys

import pytest

EMITS = 100


def test_signals_and_void_calls_keep_none_and_true(qapp: object) -> None:
    qt_core = pytest.importorskip("PySide6.QtCore")

    class Source(qt_core.QObject):  # type: ignore[name-defined,misc]
        happened = qt_core.Signal()

    source = Source()
    source.happened.connect(lambda: None)
    timer = qt_core.QTimer()

    def use_qt() -> None:
        for _ in range(EMITS):
            source.happened.emit()
            timer.start(10_000)
            timer.stop()

    use_qt()  # what the first calls cache is no leak
    before = sys.getrefcount(None), sys.getrefcount(True)
    use_qt()
    after = sys.getrefcount(None), sys.getrefcount(True)

    # A lossy release drops one each call; a few references come and go by themselves.
    assert after[0] > before[0] - EMITS // 2
    assert after[1] > before[1] - EMITS // 2
