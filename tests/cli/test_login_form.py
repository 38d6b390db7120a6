"""Signing in by typing: asked on a terminal, read from a pipe, never an argument."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable

import pytest

from tests.real_parts.terminal import Terminal

PASSWORD = {
    "id": "password",
    "title": "Email and password",
    "note": "The password is used once.",
    "fields": [
        {"name": "email", "label": "Email", "kind": "email", "required": True, "hint": "",
         "choices": [], "default": ""},
        {"name": "password", "label": "Password", "kind": "secret", "required": True, "hint": "",
         "choices": [], "default": ""},
        {"name": "region", "label": "Region", "kind": "choice", "required": True, "hint": "",
         "choices": ["eu", "us"], "default": "eu"},
    ],
}  # fmt: skip
KEY = {
    "id": "api_key",
    "title": "API key",
    "note": "",
    "fields": [
        {"name": "key", "label": "Key", "kind": "secret", "required": True, "hint": "Starts with k",
         "choices": [], "default": ""}
    ],
}  # fmt: skip
SECOND = {
    "id": "otp",
    "title": "Second factor",
    "note": "",
    "fields": [
        {"name": "code", "label": "Code", "kind": "secret", "required": True, "hint": "",
         "choices": [], "default": ""}
    ],
}  # fmt: skip
RIGHT = {"email": "ada@id.example", "password": "right canary", "region": "us"}


@pytest.fixture
def agent(serve: Callable, wire: object) -> object:
    """An agent before a server with two forms; the password form asks for a second factor."""
    forms = {"password": PASSWORD, "api_key": KEY}

    def answer(peer: object, request: dict) -> None:
        method, params = request["method"], request["params"]
        if method == "servers.probe":
            offered = {"sign_in_methods": ["form"], "redirect_methods": []}
            peer.result(request, {**offered, "forms": list(forms.values())})
        elif method == "sign_in.begin":
            form = forms[params.get("form", "password")]
            begun = {"sign_in": "s1", "method": "form", "form": form, "expires_at": 1}
            peer.result(request, {**begun, "server": {"url": "https://id.example", "name": "Ex"}})
        elif method == "sign_in.cancel":
            peer.result(request, {"cancelled": True})
        elif params["fields"] == RIGHT:
            peer.result(request, {"sign_in": "s1", "form": SECOND})
        elif params["fields"] in ({"code": "canary 123"}, {"key": server.key}):
            peer.result(request, {"sign_in": "s1", "account": wire.account(1)})
        else:
            peer.error(request, "credentials_refused")

    server = serve(answer, name="control.sock")
    server.key = "k-canary"
    return server


def submitted(agent: object) -> list[dict]:
    return [r["params"]["fields"] for r in agent.requests if r["method"] == "sign_in.submit"]


def methods(agent: object) -> list[str]:
    return [each["method"] for each in agent.requests]


FORM = ("login", "https://id.example", "--form", "password")


def test_a_pipe_gives_a_line_a_field(agent: object, run: Callable) -> None:
    done = run(*FORM, typed="ada@id.example\nright canary\nus\ncanary 123\n")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].startswith("Signed in as person1@id.example")
    assert submitted(agent) == [RIGHT, {"code": "canary 123"}]
    assert "canary" not in done.stdout + done.stderr


def test_fields_of_the_command_line_are_not_asked_for(agent: object, run: Callable) -> None:
    fields = ("--field", "email=ada@id.example", "--field", "region=us")
    assert run(*FORM, *fields, typed="right canary\ncanary 123\n").returncode == 0
    assert submitted(agent)[0] == RIGHT


def test_a_secret_is_no_argument(agent: object, run: Callable) -> None:
    done = run(*FORM, "--field", "password=right canary")
    assert done.returncode == 64
    assert "Password is a secret" in done.stderr
    assert "canary" not in done.stderr
    assert submitted(agent) == []
    assert methods(agent)[-1] == "sign_in.cancel"


@pytest.mark.parametrize("field", ["nonsense=1", "email", "=x"])
def test_a_field_that_is_none(agent: object, run: Callable, field: str) -> None:
    assert run(*FORM, "--field", field).returncode == 64


def test_a_form_does_not_go_with_another_method(agent: object, run: Callable) -> None:
    assert run(*FORM, "--method", "device").returncode == 64


def test_a_wrong_password_ends_it_in_a_pipe(agent: object, run: Callable) -> None:
    done = run(*FORM, typed="ada@id.example\nwrong canary\nus\n")
    assert (done.returncode, done.stderr.splitlines()[-2:]) == (77, ["A sentence.", "Do this."])
    assert len(submitted(agent)) == 1
    assert methods(agent)[-1] == "sign_in.cancel"


def test_a_pipe_without_a_choice_takes_the_first_form_and_says_so(agent, run) -> None:
    done = run(
        "login", "https://id.example", typed="ada@id.example\nright canary\nus\ncanary 123\n"
    )
    assert done.returncode == 0
    assert "Signing in by: Email and password. Otherwise: --form api_key." in done.stderr


def test_json_is_one_object_a_line(agent: object, run: Callable) -> None:
    done = run(*FORM, "--json", typed="ada@id.example\nright canary\nus\ncanary 123\n")
    begun, account = [json.loads(line) for line in done.stdout.splitlines()]
    assert begun["form"]["id"] == "password"
    assert account["id"] == "account-1"


def test_a_private_key_has_several_lines(agent: object, run: Callable) -> None:
    agent.key = "-----BEGIN PRIVATE KEY-----\nABC\n-----END PRIVATE KEY-----\n"
    done = run("login", "https://id.example", "--form", "api_key", typed=agent.key)
    assert done.returncode == 0
    assert submitted(agent) == [{"key": agent.key}]


def test_a_pipe_that_ends_too_early(agent: object, run: Callable) -> None:
    assert run(*FORM, typed="ada@id.example\n").returncode != 0
    assert submitted(agent) == [{"email": "ada@id.example", "region": "eu"}]


def test_at_a_terminal_everything_is_asked_and_asked_again(agent: object) -> None:
    environment = {**os.environ, "TERM": "xterm"}
    command = [sys.executable, "-m", "manager", "login", "https://id.example"]
    with Terminal(command, environment) as screen:
        screen.sees("1  Email and password")
        screen.sees("2  API key")
        screen.sees("How to sign in [1]: ")
        screen.types("7")
        screen.sees("Type a number from 1 to 2.")
        screen.types("1")
        screen.sees("The password is used once.")
        screen.sees("Email: ")
        screen.types("ada@id.example")
        screen.sees("Password: ")
        screen.types("wrong canary")
        screen.sees("2  us")
        screen.types("2")
        screen.sees("A sentence. Do this.")
        screen.sees("Email [ada@id.example]: ")
        screen.types("")
        screen.sees("Password: ")
        screen.types("right canary")
        screen.sees("Region [1]: ")
        screen.types("us")
        screen.sees("Second factor")
        screen.sees("Code: ")
        screen.types("canary 123")
        screen.sees("Signed in as person1@id.example")
        assert screen.ends() == 0
        assert "canary" not in screen.shown


def test_ctrl_c_while_typing_cancels_it(agent: object) -> None:
    with Terminal([sys.executable, "-m", "manager", *FORM], dict(os.environ)) as screen:
        screen.sees("Email: ")
        screen.presses(b"\x03")
        assert screen.ends() == 130
        assert "Traceback" not in screen.shown
    assert methods(agent)[-1] == "sign_in.cancel"
