"""Whichever thread collects a loop that ended, Qt calls nothing of it any more."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import asyncio, gc, threading, time
from PySide6.QtWidgets import QApplication
from manager.desktop.event_loop import EventLoop

application = QApplication([])
gc.disable()

async def work():
    async with asyncio.timeout(0.2):  # its timer runs on when the block has ended
        await asyncio.sleep(0)

with asyncio.Runner(loop_factory=lambda: EventLoop(application)) as runner:
    runner.run(work())
del runner
collecting = threading.Thread(target=gc.collect)
collecting.start()
collecting.join()
due = time.monotonic() + 0.3
while time.monotonic() < due:
    application.processEvents()
print("alive")
"""


def test_its_timers_end_with_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False
    )
    # Qt says on stderr which thread destroyed what it may not.
    assert (done.returncode, done.stdout, done.stderr) == (0, "alive\n", "")
