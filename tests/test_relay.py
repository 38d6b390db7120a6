"""The relay takes one URI and nothing else, trusts nobody, and is quick because it loads little."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manager import relay
from manager.client import peer

URI = "io.github.account-manager:/callback/one?code=canary-code&state=canary-state"


class Agent:
    """Answers as an agent would, from a list, and keeps what it was told."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        self.path = folder / "control.sock"
        self.answers: list[bytes] = [_result(1, {}), _result(2, {"sign_in": "s", "account": {}})]
        self.told: list[dict[str, Any]] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection = self._listener.accept()[0]
            with connection, connection.makefile("rb") as lines:
                first = lines.readline()
                if not first:
                    return
                self.told += [json.loads(first), json.loads(lines.readline())]
                for answer in self.answers:
                    connection.sendall(answer)

    def close(self) -> None:
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(str(self.path))
        self._thread.join()
        self._listener.close()


def _result(number: int, result: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": number, "result": result}).encode() + b"\n"


def _error(number: int | None, message: str, hint: str) -> bytes:
    error = {"code": -32013, "message": message, "data": {"kind": "x", "hint": hint}}
    return json.dumps({"jsonrpc": "2.0", "id": number, "error": error}).encode() + b"\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ACCOUNT_MANAGER_HOME", str(tmp_path))
    monkeypatch.delenv("ACCOUNT_MANAGER_SOCKET", raising=False)
    return tmp_path


@pytest.fixture
def agent(home: Path) -> Iterator[Agent]:
    agent = Agent(home / "run")
    yield agent
    agent.close()


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-m", "manager", "handle-uri", *arguments]
    return subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)


@pytest.mark.parametrize("uri", [URI, "speckle://account?access_code=1",
                                 "speckle://accounts?add_server_account=https://a.b"])  # fmt: skip
def test_the_agent_gets_it_as_it_is(agent: Agent, uri: str) -> None:
    result = _run("--", uri)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    hello, complete = agent.told
    assert (hello["method"], hello["params"]["protocol"]) == ("hello", 1)
    assert (complete["method"], complete["params"]) == (
        "sign_in.complete",
        {"uri": uri, "timeout": 30.0},
    )


def test_events_and_split_answers_are_waited_through(agent: Agent) -> None:
    event = b'{"jsonrpc":"2.0","method":"event","params":{}}\n'
    agent.answers = [agent.answers[0][:5], agent.answers[0][5:] + event, agent.answers[1]]
    assert relay.main(["handle-uri", "--", URI]) == 0


def test_a_refusal_is_told(agent: Agent, capsys: pytest.CaptureFixture[str]) -> None:
    agent.answers[1] = _error(2, "No such sign-in\x1b[2J is waiting.", "Start\nit again.")
    assert relay.main(["handle-uri", "--", URI]) == 65
    told = capsys.readouterr().err
    assert told == "account-manager: No such sign-in[2J is waiting.\nStartit again.\n"


def test_an_agent_that_speaks_another_protocol(agent: Agent) -> None:
    agent.answers = [_error(1, "Update.", "")]
    assert relay.main(["handle-uri", "--", URI]) == 65


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [b"{}\n"],
        [b"[]\n"],
        [b"\xff\n"],
        [b"[" * 100_000 + b"\n"],
        [b"x" * 1_100_000],
        [_result(3, {})],
    ],
)
def test_no_usable_answer(
    agent: Agent, answers: list[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    agent.answers = answers
    assert relay.main(["handle-uri", "--", URI]) == 69
    assert "did not answer" in capsys.readouterr().err


def test_an_agent_that_stays_silent(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(relay, "_PATIENCE", 0.05)
    (home / "run").mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(home / "run/control.sock"))
        listener.listen()
        assert relay.main(["handle-uri", "--", URI]) == 69
    assert "did not answer" in capsys.readouterr().err


def _nothing(folder: Path) -> None:
    folder.mkdir(mode=0o700)


def _stale(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(folder / "control.sock"))


@pytest.mark.parametrize("place", [lambda folder: None, _nothing, _stale])
def test_without_an_agent_the_sign_in_has_expired(
    home: Path, place: Callable[[Path], None]
) -> None:
    place(home / "run")
    result = _run("--", URI)
    assert result.returncode == 69
    assert "expired" in result.stderr
    assert "canary" not in result.stderr


@pytest.mark.parametrize("change", ["writable folder", "link", "file"])
def test_a_place_that_others_could_have_made(agent: Agent, change: str) -> None:
    if change == "writable folder":
        agent.path.parent.chmod(0o777)
    else:
        agent.path.rename(agent.path.with_name("other"))
        if change == "link":
            agent.path.symlink_to("other")
        else:
            agent.path.touch()
    try:
        assert relay.main(["handle-uri", "--", URI]) == 69
        assert agent.told == []
    finally:
        if change != "writable folder":
            agent.path.with_name("other").rename(agent.path)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_another_users_socket(agent: Agent, capsys: pytest.CaptureFixture[str]) -> None:
    os.chown(agent.path, 65534, 65534)
    assert relay.main(["handle-uri", "--", URI]) == 69
    assert "another user" in capsys.readouterr().err
    assert agent.told == []


def test_another_user_behind_our_socket(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer, "peer_uid", lambda connection: os.getuid() + 1)
    assert relay.main(["handle-uri", "--", URI]) == 69
    agent.told.clear()


HOSTILE = [
    (),
    (URI,),
    ("--",),
    (URI, "--"),
    ("--", "--", URI),
    ("--", URI, "extra"),
    ("--", "--flag"),
    ("--", "-platformpluginpath=/tmp"),
    ("--", "%u"),
    ("--", "%U"),
    ("--", ""),
    ("--", "https://example.org/"),
    ("--", "file:///etc/passwd"),
    ("--", "javascript:alert(1)"),
    ("--", " " + URI),
    ("--", URI + " --flag"),
    ("--", URI + "\n"),
    ("--", URI + "\r\nX: y"),
    ("--", URI + "\x1b[2J"),
    ("--", URI + "\x7f"),
    ("--", URI + "\u202e"),
    ("--", URI + "\udcff"),
    ("--", "speckle"),
    ("--", URI + "x" * 8192),
    ("--", "SPECKLE:" + "x" * 100_000),
]


@pytest.mark.parametrize("arguments", HOSTILE)
def test_hostile_arguments(agent: Agent, arguments: tuple[str, ...]) -> None:
    result = _run(*arguments)
    assert result.returncode == 64
    assert "canary" not in result.stderr
    assert "Traceback" not in result.stderr
    assert agent.told == []


@pytest.mark.parametrize("tail", ["'", '"', "`id`", "$(id)", ";id", "|id", "&&id", "%u", "--flag"])
def test_what_a_shell_would_read_is_just_text(agent: Agent, tail: str) -> None:
    assert _run("--", URI + tail).returncode == 0
    assert agent.told[1]["params"]["uri"] == URI + tail


@given(st.lists(st.text(st.characters(exclude_characters="\0")), max_size=4))
@settings(max_examples=200)
def test_no_arguments_make_it_crash(arguments: list[str]) -> None:
    assert relay.main(["handle-uri", *arguments]) == 64


def test_it_loads_little() -> None:
    code = (
        "import sys; from manager.__main__ import main; main(['handle-uri', '--', 'x:']);"
        "print(*sorted(sys.modules))"
    )
    loaded = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"asyncio", "httpx", "PySide6", "ssl", "keyring", "msgspec", "subprocess", "logging"}
    assert not heavy & {name.partition(".")[0] for name in loaded}
    ours = {name for name in loaded if name.startswith("manager.")}
    assert ours == {
        "manager.__main__",
        "manager.relay",
        "manager.client",
        "manager.client.errors",
        "manager.client.peer",
        "manager.client.protocol",
        "manager.client.protocol.endpoint",
        "manager.client.protocol.framing",
        "manager.client.protocol.messages",
    }
