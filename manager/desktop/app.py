"""The process of the window: one QApplication, one qasync loop, one window per user."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

from PySide6.QtWidgets import QApplication

from manager.system.hardening import harden_front_door

from . import icons
from .agent_gateway import AgentGateway
from .appearance import Appearance
from .composition import Composition
from .event_loop import EventLoop
from .first_run import remember_program
from .single_window import SingleWindow
from .system_schemes import SystemSchemes
from .tasks import Tasks

_log = logging.getLogger(__name__)


def run(*, practising: bool = False) -> int:
    """Until the person quits; the process's exit status."""
    harden_front_door()
    # argv[0] alone: Qt reads switches such as -platformpluginpath even behind "--".
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Account Manager")
    application.setDesktopFileName(icons.APPLICATION)
    application.setQuitOnLastWindowClosed(False)
    single = SingleWindow()
    if not single.claim():
        return 0
    application.setWindowIcon(icons.application_icon())
    look = Appearance(application)
    loop = EventLoop(application)
    asyncio.set_event_loop(loop)
    try:
        with loop:
            loop.run_until_complete(_main(look, single, practising=practising))
    finally:
        single.release()
    return 0


async def _main(look: Appearance, single: SingleWindow, *, practising: bool) -> None:
    remember_program()
    gateway = AgentGateway()
    tasks = Tasks(_note)
    composition = Composition(look, gateway, SystemSchemes(), tasks)

    def quit_now() -> None:
        composition.window.hide()
        composition.tray.icon.hide()
        tasks.stop()

    composition.quitting.connect(quit_now)
    if practising:
        composition.window.closing.connect(quit_now)
    single.raised.connect(composition.window.bring_to_front)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, quit_now)
    composition.window.show()
    if practising:
        composition.begin_sign_in("")
    tasks.start(composition.live())
    await tasks.run()
    composition.window.clipboard.clear()
    await gateway.leave()
    await gateway.close()


def _note(error: Exception) -> None:
    """A defect of ours. The type alone is logged: the text may hold what nobody shall read."""
    _log.error("A task of the window ended with %s", type(error).__name__)
