"""Every command, as a process, against a socket server that speaks the protocol by the table."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

STATUS = {"version": "1", "pid": 7, "consent": "allow", "keychain": "available", "accounts": 2}
AT_WORK = {"url": "https://work.example", "name": "Work"}


@pytest.fixture
def agent(serve: Callable, wire: object) -> object:
    """Both sockets of an agent with two accounts of one person at two servers."""
    accounts = [
        wire.account(1, identity="ada@id.example", is_default=True, is_server_default=False),
        wire.account(
            2,
            identity="ada@id.example",
            server=AT_WORK,
            is_default=False,
            is_server_default=False,
            state="attention_needed",
        ),
        wire.account(3, identity="bob@id.example", is_default=False, is_server_default=True),
    ]
    answers = {
        "accounts.list": {"accounts": accounts},
        "agent.status": STATUS,
        "agent.stop": {"stopping": True},
        "agent.unlock": {"keychain": "available"},
        "accounts.set_default": {"account": "account-2"},
        "accounts.remove": {"account": "account-2", "revoked": True},
    }

    def answer(peer: object, request: dict) -> None:
        method, params = request["method"], request["params"]
        named = params.get("account")
        if named is not None and named not in {each["id"] for each in accounts}:
            peer.error(request, "account_not_found")
        elif method == "token.get":
            peer.result(request, wire.token(account=named or "account-1"))
        elif method == "request.headers":
            peer.result(request, {"headers": {"Authorization": f"Bearer {named}"}})
        else:
            peer.result(request, answers[method])

    answer.answers = answers
    server = serve(answer)
    control = serve(answer, name="control.sock")
    server.control, server.answers = control, answers
    return server


def test_token_prints_only_the_token(agent: object, run: Callable) -> None:
    done = run("token")
    assert (done.stdout, done.stderr, done.returncode) == ("canary-1\n", "", 0)
    assert agent.methods() == ["hello", "token.get"]
    assert agent.requests[0]["params"]["connector"]["name"] == "account-manager"


@pytest.mark.parametrize(
    ("words", "account"),
    [
        ("account-2", "account-2"),
        ("bob@id.example", "account-3"),
        ("BOB@ID.example", "account-3"),
        ("ada@id.example@work.example", "account-2"),
        ("ada@id.example@https://id.example/", "account-1"),
        ("https://work.example", "account-2"),
        ("work.example", "account-2"),
    ],
)
def test_an_account_may_be_named_in_every_clear_way(
    agent: object, run: Callable, words: str, account: str
) -> None:
    done = run("token", words, "--json")
    assert json.loads(done.stdout)["account"] == account
    assert agent.control.methods() == []


@pytest.mark.parametrize(
    ("words", "status"), [("ada@id.example", 64), ("id.example", 64), ("x", 67)]
)
def test_an_unclear_name_is_never_guessed(
    agent: object, run: Callable, words: str, status: int
) -> None:
    done = run("token", words)
    assert (done.stdout, done.returncode) == ("", status)
    assert "ada@id.example at https://id.example" in done.stderr
    assert "token.get" not in agent.methods()[2:]


def test_token_hands_its_options_on(agent: object, run: Callable) -> None:
    run("token", "--server", "https://id.example", "--min-valid", "600")
    assert agent.requests[-1]["params"] == {
        "server": "https://id.example",
        "min_valid": 600,
        "timeout": 30,
    }


def test_the_parser_and_the_hot_path_say_the_same(agent: object, run: Callable) -> None:
    plain, parsed = run("token", "account-1"), run("token", "--min-valid=60", "account-1")
    assert plain.stdout == parsed.stdout
    asked = [each["params"] for each in agent.requests if each["method"] == "token.get"]
    assert asked[0] == asked[1]


def test_a_token_that_would_write_on_the_terminal_is_refused(
    serve: Callable, wire: object, run: Callable
) -> None:
    serve(lambda peer, request: peer.result(request, wire.token(access_token="a\x1b[2Jb")))
    done = run("token")
    assert (done.stdout, done.returncode) == ("", 76)


def test_headers_are_one_a_line(agent: object, run: Callable) -> None:
    done = run("headers", "bob@id.example", "GET", "https://id.example/a")
    assert done.stdout == "Authorization: Bearer account-3\n"
    done = run("headers", "account-1", "GET", "https://id.example/a", "--json")
    assert json.loads(done.stdout) == {"headers": {"Authorization": "Bearer account-1"}}


def test_accounts_in_a_pipe_are_plain_text_and_say_the_consent(
    agent: object, run: Callable
) -> None:
    done = run("accounts")
    assert "\x1b" not in done.stdout
    lines = done.stdout.splitlines()
    assert len(lines) == 4
    assert lines[1].startswith("* ")
    assert "needs sign-in" in lines[2]
    assert "--consent=allow" in done.stderr


def test_accounts_as_json(agent: object, run: Callable) -> None:
    done = run("accounts", "--json")
    answer = json.loads(done.stdout)
    assert [each["id"] for each in answer["accounts"]] == ["account-1", "account-2", "account-3"]
    assert answer["consent"] == "allow"
    assert done.stderr == ""


def test_no_accounts_is_no_dead_end(agent: object, run: Callable) -> None:
    agent.answers["accounts.list"] = {"accounts": []}
    assert "account-manager login" in run("accounts").stdout


def test_what_a_server_says_cannot_move_the_cursor(
    agent: object, run: Callable, wire: object
) -> None:
    hostile = wire.account(1, identity="ada\x1b[2J\u202eevil\r\n")
    agent.answers["accounts.list"] = {"accounts": [hostile]}
    row = run("accounts").stdout.splitlines()[1]
    assert "ada[2Jevil " in row


def test_use_sets_the_default(agent: object, run: Callable) -> None:
    assert "default" in run("use", "work.example").stdout
    assert agent.control.requests[-1]["params"]["for"] == "overall"
    run("use", "work.example", "--server")
    assert agent.control.requests[-1]["params"]["for"] == "server"


@pytest.mark.parametrize(
    ("revoked", "word"), [(True, "revoked"), (False, "not asked"), ("unreachable", "reached")]
)
def test_logout_says_what_the_server_did(
    agent: object, run: Callable, revoked: object, word: str
) -> None:
    agent.answers["accounts.remove"] = {"account": "account-2", "revoked": revoked}
    assert word in run("logout", "work.example").stdout
    assert agent.control.requests[-1]["params"]["revoke"] is True


def test_logout_may_leave_the_server_alone(agent: object, run: Callable) -> None:
    run("logout", "work.example", "--keep-server-session")
    assert agent.control.requests[-1]["params"]["revoke"] is False


def test_status_unlock_and_stop(agent: object, run: Callable) -> None:
    status = run("status")
    assert "Keychain:" in status.stdout
    assert "--consent=allow" in status.stdout
    assert json.loads(run("status", "--json").stdout) == STATUS
    assert "available" in run("unlock").stdout
    assert "stopping" in run("stop").stdout


def test_status_and_stop_start_no_agent(run: Callable) -> None:
    status = run("status", "--json")
    assert status.returncode == 69
    error = json.loads(status.stderr)["error"]
    assert (error["kind"], error["exit_status"]) == ("agent_unavailable", 69)
    assert error["hint"]
    assert run("stop").stdout == "No agent is running.\n"


@pytest.mark.parametrize(
    ("kind", "status"),
    [("sign_in_required", 77), ("server_unreachable", 75), ("keychain_locked", 77)],
)
def test_an_error_is_a_sentence_with_a_hint_and_its_status(
    serve: Callable, run: Callable, kind: str, status: int
) -> None:
    serve(lambda peer, request: peer.error(request, kind))
    done = run("token")
    assert (done.stdout, done.stderr) == ("", "A sentence.\nDo this.\n")
    assert done.returncode == status


def test_an_error_in_json(serve: Callable, run: Callable) -> None:
    choices = [{"account": "account-1"}]
    serve(
        lambda peer, request: peer.error(request, "choose_account", choices=choices, retry_after=2)
    )
    assert json.loads(run("token", "--json").stderr)["error"] == {
        "kind": "choose_account",
        "message": "A sentence.",
        "hint": "Do this.",
        "exit_status": 64,
        "retry_after": 2,
        "choices": choices,
    }


@pytest.mark.parametrize(
    "arguments", [("frobnicate",), ("token", "--frob"), ("headers", "a"), ("use",), ("--frob",)]
)
def test_wrong_use(run: Callable, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (64, "")
    assert "--help" in done.stderr
