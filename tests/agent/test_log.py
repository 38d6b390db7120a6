"""The agent's log says what happened, to the terminal and to a file of the person's own."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from manager.agent.log import log_quietly, start_log

CANARY = "c4n4ry"


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, raises = root.handlers[:], root.level, logging.raiseExceptions
    root.handlers[:] = []
    yield
    for handler in root.handlers:
        with contextlib.suppress(OSError):
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.raiseExceptions = raises


def test_to_the_terminal_and_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start_log(tmp_path, verbose=False)
    logging.getLogger("manager.x").info("a detail")
    logging.getLogger("manager.x").warning("an event")
    printed, written = capsys.readouterr().err, (tmp_path / "agent.log").read_text()
    assert printed == written
    assert "WARNING manager.x: an event" in written
    assert "a detail" not in written


def test_verbose_tells_details(tmp_path: Path) -> None:
    start_log(tmp_path, verbose=True)
    logging.getLogger("manager.x").info("a detail")
    logging.getLogger("manager.x").debug("a trace")
    written = (tmp_path / "agent.log").read_text()
    assert "a detail" in written
    assert "a trace" not in written


def test_the_file_stays_small(tmp_path: Path) -> None:
    start_log(tmp_path, verbose=True)
    logger = logging.getLogger("manager.x")
    for _ in range(40):
        logger.info("x" * 50_000)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["agent.log", "agent.log.1"]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 1 << 20


def test_without_a_file_the_agent_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "agent.log").mkdir()
    start_log(tmp_path, verbose=False)
    logging.getLogger("manager.x").warning("an event")
    said = capsys.readouterr().err
    assert "cannot be written" in said
    assert "an event" in said


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_full_disk_prints_no_tracebacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "agent.log").symlink_to("/dev/full")
    start_log(tmp_path, verbose=False)
    logging.getLogger("manager.x").warning("an event")
    (said,) = capsys.readouterr().err.splitlines()
    assert said.endswith("an event")


async def _failing() -> None:
    token = CANARY
    raise ValueError(token)


def test_what_the_loop_reports_is_not_quoted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start_log(tmp_path, verbose=True)

    async def life() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(log_quietly)
        loop.call_soon(_crash, CANARY)
        task = loop.create_task(_failing())
        await asyncio.wait([task])
        del task
        loop.call_exception_handler({"message": CANARY})

    asyncio.run(life())
    said = capsys.readouterr().err + (tmp_path / "agent.log").read_text()
    assert "a task of the agent failed: RuntimeError at " in said
    assert "a task of the agent failed: ValueError at " in said
    assert "test_log.py:" in said
    assert CANARY not in said


def _crash(token: str) -> None:
    raise RuntimeError(token)


def test_what_the_system_refuses_is_said_without_a_place(tmp_path: Path) -> None:
    start_log(tmp_path, verbose=False)
    loop = asyncio.new_event_loop()
    log_quietly(loop, {"exception": OSError(errno.EMFILE, CANARY, f"/{CANARY}")})
    loop.close()
    written = (tmp_path / "agent.log").read_text()
    assert "the system refused: Too many open files" in written
    assert CANARY not in written
