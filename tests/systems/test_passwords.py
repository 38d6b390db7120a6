"""The password of a form sign-in is used once: it is found nowhere afterwards.

Ten places are looked at: what the agent printed, its log, its database with the write-ahead log,
everything else in its folders, the keychain's items, command lines, environments, what connectors
and the person were told, the events, and the command line's own output.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import pty
import select
import subprocess
import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.hardship.running_agent import PROGRAM, RunningAgent
from tests.hardship.test_canaries import Watch
from tests.real_parts.keychain import Keychain
from tests.real_parts.private_session import PrivateSession
from tests.real_parts.session_bus import SessionBus

from .form_dialects import PASSWORD, ByForm
from .foxnose_dialects import FoxNosePassword
from .magnet_dialects import SeedPassword, SeedSession, V2Password, V2SecondFactor

pytestmark = [pytest.mark.real, pytest.mark.whole]
DIALECTS = (FoxNosePassword, SeedPassword, SeedSession, V2Password, V2SecondFactor)
WRONG = "another password that nobody keeps"


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.name)
def dialect(request: pytest.FixtureRequest) -> Iterator[ByForm]:
    made: ByForm = request.param()
    with made.running():
        yield made


@pytest.fixture
def session() -> Iterator[PrivateSession]:
    session = PrivateSession()
    yield session
    session.close()


def test_a_password_is_found_nowhere_afterwards(session: PrivateSession, dialect: ByForm) -> None:
    keychain = Keychain(SessionBus(session))
    said: list[str] = []
    with Watch() as watch, RunningAgent(session, session.folder / "passwords") as agent:
        with agent.connect(control=True) as events:
            topics = ["account.added", "account.updated", "sign_in.progress"]
            events.call("events.subscribe", topics=topics)
            begun = agent.call("sign_in.begin", **dialect.begin())
            said.append(json.dumps(begun))
            fields = dict(dialect.typed())
            for trouble in ({"unavailable": {"*": 500}}, {"captive_portal": "page"}):
                dialect.server.change_faults(**trouble)
                refusal = agent.refusal("sign_in.submit", sign_in=begun["sign_in"], fields=fields)
                said += [refusal.message, refusal.hint]
                dialect.server.change_faults(unavailable={}, captive_portal="")
            wrong = {**fields, "password": "wrong"}
            refusal = agent.refusal("sign_in.submit", sign_in=begun["sign_in"], fields=wrong)
            said += [refusal.message, refusal.hint]
            unknown = {**fields, PASSWORD: "x"}
            refusal = agent.refusal("sign_in.submit", sign_in=begun["sign_in"], fields=unknown)
            assert PASSWORD[:20] not in refusal.hint
            account = dialect.sign_in(agent)
            said += [json.dumps(account), json.dumps(agent.call("sign_in.list"))]
            agent.call("sign_in.cancel", sign_in=begun["sign_in"])
            events.socket.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                events.received += events.socket.recv(1 << 20)
            said.append(bytes(events.received).decode())
        assert "account.added" in said[-1]
        said.append(_typed_at_a_terminal(agent, dialect))
        said.append(json.dumps(agent.call("accounts.list")))
        items = json.dumps([str(item) for item in keychain.items()])
        texts = agent.keys_of(account["id"]).items.values()
    sinks = {
        "what the agent printed": agent.output.read_bytes(),
        "what front doors, connectors and events said": "\n".join(said).encode(),
        "command lines and environments": b"\0".join(watch.seen),
        "the keychain": "\n".join([items, *texts]).encode(),
    }
    for path in agent.home.rglob("*"):
        if path.is_file():
            sinks[str(path.relative_to(agent.home))] = path.read_bytes()
    assert {"state/agent.log", "data/accounts.db"} <= set(sinks)
    assert b"alice" in sinks["data/accounts.db"], "what is kept is found where it is kept"
    spellings = _spellings(PASSWORD)
    found = {name for name, text in sinks.items() if any(each in text for each in spellings)}
    assert found == set()


def _typed_at_a_terminal(agent: RunningAgent, dialect: ByForm) -> str:
    """The same sign-in at the command line; all that its terminal showed."""
    ours, theirs = pty.openpty()
    typed, second = dict(dialect.typed()), None
    command = [*PROGRAM, "login", dialect.server.url, "--method", "form", "--form", dialect.form]
    process = subprocess.Popen(
        command, env={**agent.environment, "TERM": "dumb"}, cwd="/",
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown, answered = "", 0
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        ready, _, _ = select.select([ours], [], [], 0.2)
        if ready:
            try:
                shown += os.read(ours, 4096).decode(errors="replace")
            except OSError:
                break
        prompt = shown[answered:]
        if prompt.rstrip(" ").endswith(":"):
            answered = len(shown)
            last = prompt.rsplit("\n", 1)[-1].lower()
            if "code" in last:
                second = dict(dialect.second_step())["code"]
                answer = second
            elif "password" in last:
                answer = typed["password"]
            else:
                labels = {"e-mail": "email", "user": "username", "environment": "environment",
                          "flux": "flux_url"}  # fmt: skip
                name = next((n for label, n in labels.items() if label in last), "")
                answer = typed.get(name, "")
            os.write(ours, answer.encode() + b"\n")
    os.close(ours)
    assert process.wait(10) == 0, shown
    return shown


def _spellings(password: str) -> set[bytes]:
    """As it is, and as protocols and databases would write it."""
    plain = password.encode()
    return {
        plain,
        quote(password).encode(),
        quote(password).replace("%20", "+").encode(),
        base64.b64encode(plain)[:-4],
        plain.hex().encode(),
        hashlib.sha256(plain).hexdigest().encode(),
        password.encode("utf-16-le"),
    }
