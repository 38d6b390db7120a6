"""The private session keeps to itself and leaves nothing behind."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.real_parts.private_session import PrivateSession
from tests.real_parts.waiting import until


def test_it_has_nothing_of_the_developer(
    private_session: PrivateSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/somewhere")
    said = private_session.run(
        [sys.executable, "-c", "import os; print(*sorted(os.environ), os.environ['HOME'])"]
    )
    words = said.stdout.decode().split()
    assert "XDG_CONFIG_HOME" not in words
    assert words[-1] == str(private_session.home)
    assert os.stat(private_session.runtime).st_mode & 0o777 == 0o700


def test_closing_ends_what_detached_itself() -> None:
    session = PrivateSession()
    # A grandchild in a session of its own, which takes no notice of a polite end.
    session.start(
        ["sh", "-c", "setsid sh -c 'trap : TERM; echo up > up; while :; do sleep 0.1; done' &"]
    )
    until((session.home / "up").exists, "grandchild")
    assert session.processes()
    session.close(patience=0.2)
    assert session.processes() == {}
    assert not session.folder.exists()


def test_waiting_names_what_did_not_come() -> None:
    with pytest.raises(TimeoutError, match="no such file"):
        until(Path("/nonexistent").exists, "such file", seconds=0.05)
