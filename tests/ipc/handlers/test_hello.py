from __future__ import annotations

import pytest

from tests.agent.in_process import Refused, Running

pytestmark = pytest.mark.anyio


async def test_it_says_what_is_agreed(denying: Running) -> None:
    caller = await denying.caller()
    told = await caller.call("hello", protocol=7, connector={"name": "Rhino", "version": "8.1"})
    assert (told["protocol"], told["consent"]) == (1, "deny")
    (session,) = denying.agent.connectors.sessions()
    assert session.connector is not None
    assert (session.connector.name, session.connector.version) == ("Rhino", "8.1")
    assert session.connector.pid == session.pid


@pytest.mark.parametrize("version", [8, "\x07", "9" * 101])
async def test_a_version_is_printable(running: Running, version: object) -> None:
    caller = await running.caller()
    with pytest.raises(Refused, match="invalid_request"):
        await caller.call("hello", protocol=1, connector={"name": "x", "version": version})
