"""Mesh's unmodified SDK, in its own environment and processes, with tokens of the agent.

The trap of every test: the SDK must never start a login of its own. It would open a browser
(a program here that leaves a mark), or ask the backend how to sign in.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

import pytest

from manager.practice.mesh_server import MeshServer
from manager.practice.person import Person
from tests.hardship.running_agent import RunningAgent
from tests.real_parts.waiting import until

pytestmark = pytest.mark.real
PROGRAM = Path(__file__).with_name("mesh_program.py")
BACKEND = "manager.integrations.keyring_backend.Keyring"
HELLO = "Alice Moreau said: Hello, world!"


class Program:
    """A process with the SDK and the smallest size of ours."""

    def __init__(self, python: Path, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [str(python), "-I", str(PROGRAM)],
            env=environment,
            cwd=environment["HOME"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ask(self, step: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{step}\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith('{"answer"'):
                found: dict[str, Any] = json.loads(line)["answer"]
                return found
        _, said = self.process.communicate(timeout=30)
        raise AssertionError(said)

    def does(self, step: str) -> Any:
        self.ask(step)
        answer = self.answer()
        assert "done" in answer, answer
        return answer["done"]

    def stops(self, step: str) -> str:
        """The sentence with which a step ends the program's wish."""
        self.ask(step)
        answer = self.answer()
        assert answer.get("kind") == "NoMeshToken", answer
        return answer["stopped"]

    def end(self) -> None:
        self.process.communicate(timeout=30)


class Place:
    """Where the SDK runs: a desktop by its looks, with a browser that leaves a mark."""

    def __init__(self, agent: RunningAgent, server: MeshServer, python: Path, folder: Path) -> None:
        self.agent = agent
        self.server = server
        self.home = folder
        self._python = python
        self._mark = folder / "browser-was-opened"
        browser = folder / "browser"
        browser.write_text(f"#!/bin/sh\ntouch {self._mark}\n")
        browser.chmod(0o700)
        self.environment = {
            **agent.environment,
            "HOME": str(folder),
            "MESH_API_URL": server.url,
            "PYTHON_KEYRING_BACKEND": BACKEND,
            "DISPLAY": ":987",
            "BROWSER": str(browser),
        }
        self._programs: list[Program] = []

    def program(self, **variables: str) -> Program:
        self._programs.append(Program(self._python, {**self.environment, **variables}))
        return self._programs[-1]

    def end(self) -> None:
        for program in self._programs:
            program.end()

    def check_that_no_login_was_begun(self) -> None:
        assert not self._mark.exists(), "the SDK opened a browser"
        mine = [
            each
            for each in self.server.requests
            if "python-requests" in each.headers.get("user-agent", "")
        ]
        begun = {each.endpoint for each in mine} & {"config", "auth_url", "exchange", "refresh"}
        assert not begun, "the SDK began a login of its own"
        assert not list(self.home.rglob("*token*.json")), "the SDK wrote a token to a file"


@pytest.fixture
def server() -> Iterator[MeshServer]:
    with MeshServer() as started:
        yield started


@pytest.fixture
def place(
    agent: RunningAgent, server: MeshServer, sdk_python: Callable[[str], Path], tmp_path: Path
) -> Iterator[Place]:
    made = Place(agent, server, sdk_python("mesh-sdk"), tmp_path)
    yield made
    made.end()
    made.check_that_no_login_was_begun()


def test_the_trap_springs_where_the_sdk_is_left_to_itself(
    agent: RunningAgent, server: MeshServer, sdk_python: Callable[[str], Path], tmp_path: Path
) -> None:
    """Otherwise nothing below would show anything."""
    place = Place(agent, server, sdk_python("mesh-sdk"), tmp_path)
    program = place.program(PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring")
    program.does("make")
    program.ask("chat")
    try:
        # Where its port is taken, the SDK goes on to a device code.
        until(lambda: server.counters["auth_url"] or server.counters["config"], "login")
    finally:
        program.process.kill()
        program.end()
    with pytest.raises(AssertionError, match=r"opened a browser|a login of its own"):
        place.check_that_no_login_was_begun()


def sign_in(place: Place, login: str = "alice") -> str:
    begun = place.agent.call("sign_in.begin", server=place.server.url, redirect="paste")
    back = Person(login).visit(begun["authorization_url"])
    return str(place.agent.call("sign_in.complete", uri=back)["account"]["id"])


def paste_key(place: Place) -> str:
    asked = {"server": place.server.url, "method": "form", "form": "api_key"}
    begun = place.agent.call("sign_in.begin", **asked)
    fields = {"key": place.server.new_key().value}
    done = place.agent.call("sign_in.submit", sign_in=begun["sign_in"], fields=fields)
    return str(done["account"]["id"])


def test_chat(place: Place) -> None:
    sign_in(place)
    program = place.program()
    assert program.does("make") == "mesh.client"
    assert program.does("chat") == HELLO
    assert program.does("module_chat") == HELLO
    assert place.server.chats == ["alice", "alice"]
    assert program.does("module_keys") == [True, "blue", ["favourite"]]


def test_the_slot_holds_nothing_that_renews(place: Place) -> None:
    sign_in(place)
    slot = place.program().does("slot")
    assert set(slot) == {"access_token", "expires_at"}
    assert slot["expires_at"] > place.server.now() + 300


def test_a_stale_token_is_read_again(place: Place) -> None:
    place.server.change_faults(lifetime=332.0)
    sign_in(place)
    program = place.program()
    program.does("make")
    program.does("chat")
    before = program.does("age")
    place.server.change_faults(lifetime=86_400.0)
    issued = place.server.now()
    until(lambda: place.server.now() > issued + 3, "token that is too short for the SDK")
    assert program.does("chat") == HELLO
    assert program.does("token") != before
    assert place.server.refreshes == 1


def test_what_the_sdk_writes_goes_nowhere(place: Place) -> None:
    sign_in(place)
    program = place.program()
    before = program.does("slot")
    assert program.does("write_slot")[0] is True
    assert program.does("slot") == before


def test_other_services_reach_the_real_keychain(place: Place) -> None:
    program = place.program()
    assert program.does("other_services") == ["its password", "its password", None]
    assert program.does("keep_other") == "manager.integrations.keyring_backend"
    real = "keyring.backends.SecretService"
    plain = place.program(PYTHON_KEYRING_BACKEND=f"{real}.Keyring")
    assert plain.does("kept_other") == ["its password", None, real]


def test_an_api_key_in_the_variables_wins(place: Place) -> None:
    key = place.server.new_key("bob").value
    program = place.program(MESH_API_KEY=key)
    program.does("make")
    assert program.does("chat") == "Bob Lindqvist said: Hello, world!"


# Which account -----------------------------------------------------------------------------------


def test_nobody_signed_in_is_a_sentence_and_no_login(place: Place) -> None:
    said = place.program().stops("make")
    assert said == (
        f"Nobody is signed in at {place.server.url}: account-manager login {place.server.url}"
    )


def test_a_token_never_goes_to_another_server(place: Place) -> None:
    sign_in(place)
    with MeshServer() as other:
        said = place.program(MESH_API_URL=other.url).stops("make")
        assert f"set MESH_API_URL for: {place.server.url}." in said
        assert other.requests == []


def test_several_accounts_are_not_guessed(place: Place) -> None:
    alice, bob = sign_in(place), sign_in(place, "bob")
    said = place.program().stops("make")
    assert "alice@example.com, bob@example.com" in said
    assert "ACCOUNT_MANAGER_MESH_ACCOUNT" in said
    for named in (bob, "bob@example.com"):
        program = place.program(ACCOUNT_MANAGER_MESH_ACCOUNT=named)
        program.does("make")
        assert program.does("chat").startswith("Bob")
    assert "names no account" in place.program(ACCOUNT_MANAGER_MESH_ACCOUNT="carol").stops("make")
    place.agent.call("accounts.set_default", account=alice, **{"for": "server"})
    program = place.program()
    program.does("make")
    assert program.does("chat") == HELLO


def test_a_sign_in_that_has_ended_begins_no_other(place: Place) -> None:
    """What still lives is served, as to every program; the server then says no."""
    sign_in(place)
    place.server.revoke_everything()
    program = place.program()
    program.does("make")
    program.ask("chat")
    assert "401" in program.answer()["exception"]


def test_tokens_that_are_too_short_are_a_sentence(place: Place) -> None:
    place.server.change_faults(lifetime=200.0)
    sign_in(place)
    assert "within five minutes" in place.program().stops("make")


# Keys, and machines without a desktop ------------------------------------------------------------


def test_a_key_account_says_how_it_is_used(place: Place) -> None:
    paste_key(place)
    assert "account-manager exec" in place.program().stops("make")
    sign_in(place, "bob")
    program = place.program()  # the only sign-in
    program.does("make")
    assert program.does("chat").startswith("Bob")


@pytest.mark.parametrize("account", [sign_in, paste_key])
def test_our_client_works_without_a_desktop(place: Place, account: Callable[[Place], str]) -> None:
    account(place)
    program = place.program(MESH_HEADLESS="true")
    program.does("make_ours")
    assert program.does("chat") == HELLO


def test_the_sdk_with_a_key_in_its_environment_alone(
    place: Place, sdk_python: Callable[[str], Path]
) -> None:
    """A sign-in makes a key, the key is kept, and a command is run with it: no keyring, no file."""
    account = sign_in(place)
    refused = place.agent.command("env", account)
    assert refused.returncode != 0
    assert "refresh token" in refused.stderr
    kept = place.agent.call(
        "credentials.create", account=account, kind="api_key", values={"name": "CI"}, keep=True
    )
    assert kept.get("secret") is None
    code = "import mesh; print(mesh.MeshClient().chat('Hello, world!'))"
    words = [str(sdk_python("mesh-sdk")), "-I", "-c", code]
    ran = place.agent.command("exec", kept["account"]["id"], "--", *words)
    assert (ran.returncode, ran.stdout.strip()) == (0, HELLO), ran.stderr
    assert place.server.requests[-1].headers["x-api-key"] == place.server.keys[0].value


# What the SDK has kept before --------------------------------------------------------------------


def as_the_sdk_signs_in(server: MeshServer) -> dict[str, Any]:
    redirect = "http://localhost:8000/callback"

    def post(path: str, **body: str) -> dict[str, Any]:
        sent = Request(f"{server.url}{path}", json.dumps(body).encode())
        with urlopen(sent, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    scope = "openid profile email offline_access"
    asked = post("/auth/get-auth-url", redirect_uri=redirect, scope=scope, state="mesh_auth_1_2")
    back = Person().visit(asked["auth_url"])
    code = dict(parse_qsl(urlsplit(back).query))["code"]
    tokens = post("/auth/exchange-token", code=code, redirect_uri=redirect)
    return {**tokens, "expires_at": int(server.now()) + tokens["expires_in"]}


def test_the_slot_that_the_sdk_has_written_is_found_and_taken_over(place: Place) -> None:
    given = as_the_sdk_signs_in(place.server)
    (place.home / "given").write_text(json.dumps(given))
    own = place.program(PYTHON_KEYRING_BACKEND="keyring.backends.SecretService.Keyring")
    assert own.does("store_given") is True
    found = [
        each
        for each in place.agent.call("accounts.find")["found"]
        if each["provider"] == "mesh" and each["id"] == "keychain"
    ]
    assert [(each["server_url"], each["label"]) for each in found] == [
        (place.server.url, "alice@example.com")
    ]
    done = place.agent.call("accounts.import", provider="mesh", found="keychain")
    assert done["account"]["identity"] == "alice@example.com"
    program = place.program()
    program.does("make")
    assert program.does("chat") == HELLO
    assert place.server.refreshes == 0
    # The SDK still uses what it has: signing out here leaves it alone.
    place.agent.call("accounts.remove", account=done["account"]["id"])
    assert place.server.tenant.grants.live() == 1
    own.does("make")
    assert own.does("chat") == HELLO


# Twenty at once ----------------------------------------------------------------------------------


@pytest.mark.whole
def test_twenty_processes_after_the_end_renew_once(place: Place) -> None:
    place.server.change_faults(lifetime=331.0)
    sign_in(place)
    issued = place.server.now()
    place.server.change_faults(lifetime=86_400.0)
    programs = [place.program() for _ in range(20)]
    until(lambda: place.server.now() > issued + 3, "token that is too short for the SDK")
    for program in programs:
        program.ask("make")
    for program in programs:
        assert program.answer() == {"done": "mesh.client"}
        program.ask("chat")
    assert [program.answer() for program in programs] == [{"done": HELLO}] * 20
    assert place.server.refreshes == 1
    assert place.server.reuse_detected == 0
