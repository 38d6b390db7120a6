"""A new person on a machine without keychain, bus, display and browser: all of it as processes."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from manager.practice.authorization_server import AuthorizationServer
from manager.practice.foxnose_server import FoxNoseServer
from manager.practice.person import LostOnTheWay, Person
from tests.agent.program import Program, answers
from tests.real_parts.openid_provider import OpenIdProvider
from tests.real_parts.terminal import Terminal
from tests.real_parts.waiting import until

PASSPHRASE = "correct horse canary"
COMMAND = [sys.executable, "-m", "manager"]


class Machine(Program):
    """What a person types on it, at a terminal or in a script."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(home),
            "ACCOUNT_MANAGER_HOME": str(home),
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
        }

    def terminal(self, *arguments: str) -> Terminal:
        return Terminal([*COMMAND, *arguments], self.environment)

    def script(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments],
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def unlocks(self, question: str, times: int = 1) -> None:
        with self.terminal("unlock") as screen:
            for _ in range(times):
                screen.sees(question)
                screen.types(PASSPHRASE)
            screen.sees("Keychain: available")
            assert screen.ends() == 0

    def stops(self) -> None:
        assert self.script("stop").returncode == 0
        until(lambda: not answers(self.sockets[1]), "end of the agent")


@pytest.fixture
def machine() -> Iterator[Machine]:
    made = Machine(Path(tempfile.mkdtemp(prefix="am-", dir="/tmp")))
    yield made
    if answers(made.sockets[1]):
        made.stops()
    made.close()


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as started:
        yield started


def confirmed(screen: Terminal, server: AuthorizationServer) -> None:
    """The person reads the code from the screen and types it on a telephone."""
    screen.sees("The code is")
    screen.sees("started yourself")
    code = re.findall(r"[A-Z]{4}-[A-Z]{4}", screen.shown)[-1]
    with contextlib.suppress(LostOnTheWay):  # the last page leads nowhere
        Person("alice").visit(f"{server.url}/device?user_code={code}")


def whose(server: AuthorizationServer, token: str) -> str:
    request = urllib.request.Request(
        f"{server.url}/userinfo", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["email"])


def test_from_nothing_to_a_token_that_outlives_the_agent(
    machine: Machine, server: AuthorizationServer
) -> None:
    login = ("login", server.url, "--client-id", "account-manager")

    refused = machine.script(*login)
    assert refused.returncode == 69
    assert "account-manager agent --vault=file" in refused.stderr
    machine.stops()

    machine.running("--vault=file")
    machine.unlocks(": ", times=2)
    with machine.terminal(*login) as screen:
        screen.sees("No browser can open here")
        confirmed(screen, server)
        screen.sees("Signed in as alice@example.com")
        assert screen.ends() == 0
    token = machine.script("token")
    assert token.returncode == 0
    assert whose(server, token.stdout.strip()) == "alice@example.com"

    machine.stops()
    locked = machine.script("token")
    assert locked.returncode == 77
    assert "account-manager unlock" in locked.stderr
    machine.unlocks("Passphrase of the vault: ")
    again = machine.script("token")
    assert (again.returncode, again.stdout) == (0, token.stdout)
    assert "file vault" in machine.script("status").stdout

    for path in machine.home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"canary" not in content, path
            assert token.stdout.strip().encode() not in content, path


def unlocked(machine: Machine) -> None:
    machine.running("--vault=file")
    line = f"{PASSPHRASE}\n"
    assert machine.script("unlock", "--passphrase-fd", "0", typed=line).returncode == 0


def test_a_password_from_a_pipe(machine: Machine) -> None:
    unlocked(machine)
    with FoxNoseServer() as foxnose:
        fields = {
            "email": "alice@example.com",
            "environment": foxnose.environment,
            "flux_url": foxnose.flux_url,
        }
        words = [f"--field={name}={value}" for name, value in fields.items()]
        login = ("login", foxnose.url, "--provider", "foxnose", "--form", "password", *words)
        wrong = machine.script(*login, typed="wrong\n")
        assert wrong.returncode == 77
        assert "Traceback" not in wrong.stderr
        right = machine.script(*login, typed="correct horse\n")
        assert right.returncode == 0, right.stderr
        assert "Signed in as" in right.stdout
        assert machine.script("token").returncode == 0


@pytest.mark.real
def test_a_code_of_a_foreign_server(machine: Machine, openid_provider: OpenIdProvider) -> None:
    """oidc-provider's device flow, its pages filled in by a person who has only HTTP."""
    unlocked(machine)
    login = (
        *("login", openid_provider.issuer, "--client-id", openid_provider.client_id),
        *("--method", "device"),
    )
    with machine.terminal(*login) as screen:
        screen.sees("The code is")
        screen.sees("started yourself")
        code = re.findall(r"[A-Z]{4}-[A-Z]{4}", screen.shown)[-1]
        with contextlib.suppress(LostOnTheWay):
            Person("ada").visit(f"{openid_provider.issuer}/device?user_code={code}")
        screen.sees("Signed in as ada@example.org")
        assert screen.ends() == 0
    assert openid_provider.userinfo(machine.script("token").stdout.strip())["sub"] == "ada"


def test_a_sign_in_opens_the_locked_vault_on_its_way(
    machine: Machine, server: AuthorizationServer
) -> None:
    descriptor, writing = os.pipe()
    os.write(writing, PASSPHRASE.encode())
    os.close(writing)
    machine.running("--vault=file", f"--passphrase-fd={descriptor}", descriptors=(descriptor,))
    os.close(descriptor)
    machine.stops()
    with machine.terminal(
        "login", server.url, "--client-id", "account-manager", "--method", "device"
    ) as screen:
        screen.sees("Passphrase of the vault: ")
        screen.types(PASSPHRASE)
        confirmed(screen, server)
        screen.sees("Signed in as alice@example.com")
        assert screen.ends() == 0
        assert "canary" not in screen.shown
