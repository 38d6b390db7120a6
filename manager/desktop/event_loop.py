"""The loop of the window: asyncio's, on Qt's events."""

from __future__ import annotations

import qasync
import shiboken6


class EventLoop(qasync.QEventLoop):  # type: ignore[misc]
    """Its timers end with it.

    qasync lets them run on after `close`, those of cancelled calls too. Whichever thread then
    collects the loop as garbage destroys their owner, and Qt cannot end timers from another
    thread: the next one that is due is delivered to freed memory.
    """

    def close(self) -> None:
        if not self.is_closed():
            super().close()
            shiboken6.delete(self._timer)
