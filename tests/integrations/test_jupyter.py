"""Signing in from a notebook: the prompt itself, and a real kernel with a person elsewhere."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from manager.integrations.jupyter import DevicePrompt
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.person import LostOnTheWay, Person
from tests.agent.program import Program
from tests.hardship.wire import Wire

BEGUN = {
    "server": {"url": "https://id.example", "name": "Example"},
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://id.example/device",
    "verification_uri_complete": "https://id.example/device?user_code=WDJB-MJHT",
}

LOADED = """
import sys, manager.integrations.jupyter
foreign = ("IPython", "segno", "asyncio", "httpx", "msgspec")
print([name for name in foreign if name in sys.modules])
"""


def test_the_prompt_in_a_notebook() -> None:
    html = DevicePrompt(BEGUN)._repr_html_()
    assert "WDJB-MJHT" in html
    assert '<a href="https://id.example/device"' in html
    assert "<svg" in html
    assert "Enter only a code that you started yourself" in html


def test_the_prompt_elsewhere() -> None:
    text = repr(DevicePrompt(BEGUN))
    assert "WDJB-MJHT" in text
    assert "https://id.example/device" in text
    assert "<" not in text


def test_without_segno_code_and_link_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "segno", None)
    html = DevicePrompt(BEGUN)._repr_html_()
    assert "<svg" not in html
    assert "WDJB-MJHT" in html


def test_a_server_draws_nothing_of_its_own() -> None:
    hostile = {
        "server": {"name": "<script>alert(1)</script>\u202e"},
        "user_code": "<img src=x>",
        "verification_uri": 'javascript:alert("1")',
        "verification_uri_complete": "javascript:alert(1)",
    }
    html = DevicePrompt(hostile)._repr_html_()
    assert "<script" not in html
    assert "<img" not in html
    assert "href" not in html
    assert "<svg" not in html
    assert "\u202e" not in html


def test_it_loads_the_standard_library_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


# A real kernel ------------------------------------------------------------------------------------


@pytest.fixture
def program() -> Iterator[Program]:
    """An agent with a file vault: no keychain, no bus, no display."""
    made = Program(Path(tempfile.mkdtemp(prefix="am-", dir="/tmp")))
    made.running("--vault=file")
    with Wire(made.sockets[1]) as control:
        control.call("agent.unlock", passphrase="correct horse", make=True)
    yield made
    made.close()


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as started:
        yield started


@pytest.fixture
def kernel(program: Program, tmp_path: Path) -> Iterator[Any]:
    from jupyter_client.manager import KernelManager

    environment = {**program.environment, "IPYTHONDIR": str(tmp_path)}
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env=environment, cwd=str(tmp_path))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield Notebook(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


class Notebook:
    """Runs cells; `drawn`: the newest HTML of the one prompt; `said`: what the cells printed."""

    def __init__(self, manager: Any, client: Any) -> None:
        self.manager = manager
        self._client = client
        self.drawn = self.said = ""

    def starts(self, code: str) -> None:
        self._cell = self._client.execute(code)

    def goes_on_until(self, over: Callable[[], object]) -> None:
        deadline = time.monotonic() + 60
        while not over():
            message = self._client.get_iopub_msg(timeout=deadline - time.monotonic())
            if message["parent_header"].get("msg_id") == self._cell:
                self._take(message["msg_type"], message["content"])

    def _take(self, kind: str, content: dict) -> None:
        if kind in {"display_data", "update_display_data"}:
            self.drawn = content["data"].get("text/html", "")
        elif kind == "stream":
            self.said += content["text"]
        elif kind == "error":
            self.said += content["ename"]
        elif kind == "status" and content["execution_state"] == "idle":
            self.said += "[idle]"

    def ends(self) -> None:
        self.goes_on_until(lambda: self.said.endswith("[idle]"))


def cell(server: AuthorizationServer) -> str:
    return (
        "from manager.integrations.jupyter import sign_in\n"
        f"account = sign_in({server.url!r}, client_id='account-manager')\n"
        "print(account.identity)"
    )


def test_a_person_confirms_the_code_of_a_notebook(
    kernel: Notebook, server: AuthorizationServer, program: Program
) -> None:
    kernel.starts(cell(server))
    kernel.goes_on_until(lambda: kernel.drawn)
    assert "<svg" in kernel.drawn
    (link,) = re.findall(r'href="([^"]+)"', kernel.drawn)
    (code,) = re.findall(r">([A-Z]{4}-[A-Z]{4})<", kernel.drawn)
    with contextlib.suppress(LostOnTheWay):  # the last page leads nowhere
        Person("alice").visit(f"{link}?user_code={code}")
    kernel.ends()
    with Wire(program.sockets[1]) as control:
        (account,) = control.call("accounts.list")["accounts"]
    assert account["identity"] in kernel.said
    assert f"Signed in as {account['identity']}" in kernel.drawn
    assert code not in kernel.drawn, "nothing of it stays in the saved notebook"


def test_interrupting_the_cell_cancels_the_sign_in(
    kernel: Notebook, server: AuthorizationServer, program: Program
) -> None:
    kernel.starts(cell(server))
    kernel.goes_on_until(lambda: kernel.drawn)
    kernel.manager.interrupt_kernel()
    kernel.ends()
    assert "KeyboardInterrupt" in kernel.said
    assert "not finished" in kernel.drawn
    with Wire(program.sockets[1]) as control:
        assert control.call("sign_in.list") == {"sign_ins": []}


def test_a_plain_program_prints_it(server: AuthorizationServer, program: Program) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", cell(server)],
        env=program.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    shown = ""
    while not (code := re.findall(r"^ +([A-Z]{4}-[A-Z]{4})$", shown, re.MULTILINE)):
        line = process.stdout.readline()
        assert line, shown
        shown += line
    with contextlib.suppress(LostOnTheWay):
        Person("alice").visit(f"{server.url}/device?user_code={code[0]}")
    rest, _ = process.communicate(timeout=60)
    assert "Signed in as" in rest
    assert process.returncode == 0
