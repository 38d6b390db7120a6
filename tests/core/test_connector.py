from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from manager.core.connector import Connector


def test_what_the_system_does_not_say_is_unknown() -> None:
    connector = Connector("ci")
    assert connector.version == ""
    assert (connector.pid, connector.uid, connector.executable) == (None, None, None)
    assert connector.origin == "local"


def test_it_does_not_become_another() -> None:
    connector = Connector("ci", uid=1000)
    with pytest.raises(FrozenInstanceError):
        connector.uid = 0  # type: ignore[misc]


def test_equal_names_are_not_yet_the_same_program() -> None:
    assert Connector("ci", pid=1) != Connector("ci", pid=2)
    assert len({Connector("ci", pid=1), Connector("ci", pid=1)}) == 1
