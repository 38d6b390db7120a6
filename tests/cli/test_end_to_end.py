"""The main job from the command line alone: real agent, real keychain, a practice server."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from manager.practice.authorization_server.server import AuthorizationServer
from manager.practice.person import Person
from tests.real_parts.keychain import Keychain
from tests.real_parts.private_session import PrivateSession
from tests.real_parts.waiting import until

pytestmark = pytest.mark.real


@dataclass
class CommandLine:
    session: PrivateSession

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-I", "-m", "manager", *arguments],
            env=self.session.environment,
            cwd=self.session.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def login(self, server: AuthorizationServer, login: str) -> dict:
        """Sign in through the pages, as a person with a browser; returns the account."""
        options = ("--client-id", "account-manager", "--redirect", "loopback")
        with self.start("login", server.url, *options, "--no-browser", "--json") as process:
            begun = json.loads(process.stdout.readline())
            answer = Person(login).visit(begun["authorization_url"])
            with urllib.request.urlopen(answer, timeout=20) as page:
                assert page.status == 200
            out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        return json.loads(out)


@pytest.fixture
def command_line(private_session: PrivateSession, keychain: Keychain) -> Iterator[CommandLine]:
    made = CommandLine(private_session)
    yield made
    made.run("stop")


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as made:
        yield made


def accepted(server: AuthorizationServer, authorization: str) -> bool:
    request = urllib.request.Request(
        server.url + "/userinfo", headers={"Authorization": authorization}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            status = answer.status
    except urllib.error.HTTPError as refused:
        with refused:
            status = refused.code
    assert status in (200, 401)
    return status == 200


def test_sign_in_use_and_sign_out(command_line: CommandLine, server: AuthorizationServer) -> None:
    # No agent runs, and this program was never run: the first command changes both.
    alice = command_line.login(server, "alice")
    bob = command_line.login(server, "bob")
    status = json.loads(command_line.run("status", "--json").stdout)
    assert (status["accounts"], status["keychain"], status["consent"]) == (2, "available", "allow")

    unclear = command_line.run("token", server.url)
    assert (unclear.returncode, unclear.stdout) == (64, "")
    assert bob["identity"] in unclear.stderr

    assert command_line.run("use", bob["identity"]).returncode == 0
    default = command_line.run("token", "--json")
    assert json.loads(default.stdout)["account"] == bob["id"]

    token = command_line.run("token", alice["identity"])
    assert token.stderr == ""
    assert accepted(server, "Bearer " + token.stdout.strip())
    headers = command_line.run("headers", alice["identity"], "GET", server.url + "/userinfo")
    name, _, value = headers.stdout.strip().partition(": ")
    assert name == "Authorization"
    assert accepted(server, value)
    foreign = command_line.run("headers", alice["id"], "GET", "https://foreign.example/")
    assert (foreign.returncode, foreign.stdout) == (64, "")

    out = command_line.run("logout", alice["identity"], "--json")
    assert json.loads(out.stdout)["revoked"] is True
    assert not accepted(server, "Bearer " + token.stdout.strip())
    left = json.loads(command_line.run("accounts", "--json").stdout)
    assert [each["id"] for each in left["accounts"]] == [bob["id"]]


def test_ctrl_c_leaves_no_sign_in_behind(
    command_line: CommandLine, server: AuthorizationServer
) -> None:
    options = ("--client-id", "account-manager", "--redirect", "loopback")
    with command_line.start("login", server.url, *options, "--no-browser", "--json") as process:
        assert json.loads(process.stdout.readline())["sign_in"]
        process.send_signal(2)
        process.communicate(timeout=30)
    assert process.returncode == 130
    # The port is free again at once: the agent heard of it.
    command_line.login(server, "alice")


def test_an_agent_that_was_stopped_comes_back_with_its_accounts(
    command_line: CommandLine, server: AuthorizationServer
) -> None:
    account = command_line.login(server, "alice")
    assert command_line.run("stop").stdout == "The agent is stopping.\n"
    until(lambda: command_line.run("status").returncode == 69, "end of the agent")
    token = command_line.run("token", account["id"])
    assert accepted(server, "Bearer " + token.stdout.strip())
