"""The blocking client against a real socket server that speaks the protocol."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable

import pytest

from manager.client import Client
from manager.client.errors import (
    AccountManagerError,
    AgentUnavailable,
    ChooseAccount,
    ConnectionLost,
    ProtocolError,
    TimedOut,
    TooMany,
    UnsupportedProtocol,
)


@pytest.fixture
def client(home: object) -> object:
    with Client(name="Rhino", version="8.1", auto_start=False, timeout=5) as made:
        yield made


def test_hello_and_the_first_request_leave_in_one_write(serve: Callable, client: Client) -> None:
    server = serve()
    assert client.token().access_token == "canary-1"
    hello, request = [json.loads(line) for line in server.first_reads[0].splitlines()]
    assert hello["params"] == {"protocol": 1, "connector": {"name": "Rhino", "version": "8.1"}}
    assert request["method"] == "token.get"
    assert request["params"] == {"min_valid": 60, "timeout": 5}


def test_a_kept_connection_serves_the_next_call(serve: Callable, client: Client) -> None:
    server = serve()
    client.token()
    client.accounts()
    assert server.methods() == ["hello", "token.get", "accounts.list"]


def test_the_answer_may_come_in_any_pieces(serve: Callable, client: Client, wire: object) -> None:
    def answer(peer: object, request: dict) -> None:
        line = json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": wire.token()})
        for byte in line.encode() + b"\n":
            peer.raw(bytes([byte]))

    serve(answer)
    assert client.token(account="account-1").account == wire.token()["account"]


def test_events_and_late_replies_before_the_answer_are_passed_over(
    serve: Callable, client: Client, wire: object
) -> None:
    def answer(peer: object, request: dict) -> None:
        peer.event("account.updated")
        peer.send({"id": 10_000, "result": {}})
        peer.result(request, wire.token(account="right"))

    serve(answer)
    assert client.token().account == "right"


def test_all_pages_are_followed(serve: Callable, client: Client, wire: object) -> None:
    def answer(peer: object, request: dict) -> None:
        page = int(request["params"].get("cursor", "0"))
        more = {"cursor": str(page + 1)} if page < 2 else {}
        peer.result(request, {"accounts": [wire.account(page)], **more})

    serve(answer)
    assert [each.id for each in client.accounts(server="https://id.example")] == [
        "account-0",
        "account-1",
        "account-2",
    ]


def test_every_error_keeps_its_kind_hint_and_choices(serve: Callable, client: Client) -> None:
    choices = [{"account": "account-1", "label": "person1@id.example"}]
    serve(lambda peer, request: peer.error(request, "choose_account", choices=choices))
    with pytest.raises(ChooseAccount) as caught:
        client.token()
    assert (caught.value.message, caught.value.hint) == ("A sentence.", "Do this.")
    assert list(caught.value.choices) == choices


def test_an_unknown_kind_arrives_as_the_root(serve: Callable, client: Client) -> None:
    serve(lambda peer, request: peer.error(request, "of_a_later_version", retry_after=3))
    with pytest.raises(AccountManagerError) as caught:
        client.token()
    assert type(caught.value) is AccountManagerError
    assert (caught.value.kind, caught.value.retry_after) == ("of_a_later_version", 3)


def test_a_refused_hello_is_raised(serve: Callable, client: Client) -> None:
    server = serve()
    server.greet = lambda peer, request: peer.error(request, "unsupported_protocol")
    with pytest.raises(UnsupportedProtocol):
        client.token()


def test_an_agent_that_has_too_many_connections_says_so(serve: Callable, client: Client) -> None:
    def full(peer: object, request: dict) -> None:
        peer.error({}, "too_many")
        peer.drop()

    serve().greet = full
    with pytest.raises(TooMany):
        client.token()


def test_a_read_is_repeated_once_after_a_drop(
    serve: Callable, client: Client, wire: object
) -> None:
    def answer(peer: object, request: dict) -> None:
        if server.methods().count("token.get") == 1:
            peer.drop()
        else:
            peer.result(request, wire.token())

    server = serve(answer)
    assert client.token().token_type == "Bearer"
    assert server.methods() == ["hello", "token.get"] * 2


def test_a_read_is_not_repeated_for_ever(serve: Callable, client: Client) -> None:
    server = serve(lambda peer, request: peer.drop())
    with pytest.raises(ConnectionLost):
        client.token()
    assert server.methods().count("token.get") == 2


def test_what_may_have_been_done_is_not_sent_twice(serve: Callable, client: Client) -> None:
    server = serve(lambda peer, request: peer.drop())
    with pytest.raises(ConnectionLost):
        client.call("accounts.remove", {"account": "account-1"})
    assert server.methods().count("accounts.remove") == 1


@pytest.mark.parametrize("method", ["token.get", "sign_in.begin"])
def test_a_restarted_agent_is_found_again(
    serve: Callable, client: Client, wire: object, method: str
) -> None:
    server = serve(lambda peer, request: peer.result(request, wire.token()))
    client.token()
    server.stop()
    server.start()
    client.call(method, {})
    assert server.methods()[-2:] == ["hello", method]


def test_no_answer_in_time(serve: Callable, client: Client, monkeypatch: object) -> None:
    monkeypatch.setattr("manager.client.exchange.GRACE", 0.05)
    serve(lambda peer, request: None)
    with pytest.raises(TimedOut):
        client.token(timeout=0.05)


@pytest.mark.parametrize(
    "line",
    [b"\n", b"[]\n", b"{\n", b"\xff\n", b'"text"\n', b"[" * 100_000 + b"\n", b"x" * (1 << 21)],
)
def test_a_broken_answer_is_a_typed_error_without_its_text(
    serve: Callable, client: Client, line: bytes
) -> None:
    serve(lambda peer, request: peer.raw(line))
    with pytest.raises(ProtocolError) as caught:
        client.token()
    assert caught.value.__cause__ is None
    assert line[:20].decode("latin-1").strip() not in str(caught.value).replace("a line", "") or (
        len(line) < 4
    )


@pytest.mark.parametrize("result", [{}, {"account": 1}, [], None])
def test_a_result_that_lacks_fields_is_a_typed_error(
    serve: Callable, client: Client, result: object
) -> None:
    serve(lambda peer, request: peer.send({"id": request["id"], "result": result}))
    with pytest.raises(ProtocolError):
        client.token()


def test_without_an_agent_the_error_says_how_to_start_one(client: Client) -> None:
    with pytest.raises(AgentUnavailable) as caught:
        client.token()
    assert "account-manager agent" in caught.value.hint


def test_the_refused_token_never_crosses_the_socket(
    serve: Callable, client: Client, wire: object
) -> None:
    server = serve(lambda peer, request: peer.result(request, wire.token()))
    client.refresh("account-1", "canary-old")
    assert server.requests[-1]["params"]["rejected"] == hashlib.sha256(b"canary-old").hexdigest()
    assert b"canary-old" not in server.first_reads[0]


def test_headers_name_the_body_by_its_hash(serve: Callable, client: Client) -> None:
    server = serve(
        lambda peer, request: peer.result(
            request, {"headers": {"Authorization": "Bearer x"}, "expires_at": None}
        )
    )
    found = client.headers("account-1", "POST", "https://id.example/a", b"body")
    assert found == {"Authorization": "Bearer x"}
    assert server.requests[-1]["params"]["body_sha256"] == hashlib.sha256(b"body").hexdigest()


def test_an_avatar_comes_as_bytes(serve: Callable, client: Client) -> None:
    picture = {"media_type": "image/png", "base64": "iVBORw=="}
    serve(lambda peer, request: peer.result(request, picture))
    assert client.avatar("account-1").content == b"\x89PNG"


def test_threads_share_a_client_and_nobody_waits_for_a_slow_call(
    serve: Callable, client: Client, wire: object
) -> None:
    release = threading.Event()

    def answer(peer: object, request: dict) -> None:
        if request["method"] == "sign_in.wait":
            assert release.wait(10)
        peer.result(request, wire.token(account=request["params"].get("account", "none")))

    serve(answer)
    slow = threading.Thread(target=client.call, args=("sign_in.wait", {"sign_in": "1"}))
    slow.start()
    found: dict[int, str] = {}

    def ask(number: int) -> None:
        found[number] = client.token(account=str(number)).account

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    release.set()
    slow.join()
    assert found == {number: str(number) for number in range(100)}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_opens_its_own_connection(serve: Callable, client: Client) -> None:
    server = serve()
    client.token()
    kept = list(client._idle)
    client._process = -1  # what a child sees: another process made the connections
    client.token()
    assert kept[0].peer.fileno() == -1
    assert server.methods().count("hello") == 2


def test_events_go_on_after_the_agent_was_away(
    serve: Callable, client: Client, wire: object
) -> None:
    def answer(peer: object, request: dict) -> None:
        peer.result(request, {"topics": request["params"]["topics"]})
        peer.event("account.added", account=wire.account(7))

    server = serve(answer)
    events = client.events(["account.added"])
    first = next(events)
    assert (first.topic, first.account.id) == ("account.added", "account-7")
    server.stop()
    assert next(events).topic == "connection.lost"
    server.start()
    assert [next(events).topic, next(events).topic] == ["connection.restored", "account.added"]
    events.close()


def test_variables_keep_their_values_out_of_sight(serve: Callable, client: Client) -> None:
    answer = {"account": "account-1", "variables": {"A_TOKEN": "canary-1"}, "expires_at": 5}
    server = serve(lambda peer, request: peer.result(request, answer))
    found = client.variables(server="https://id.example")
    assert (found.account, found.variables, found.expires_at) == tuple(answer.values())
    assert "canary" not in repr(found) + str(found)
    assert "A_TOKEN" in repr(found)
    assert server.requests[-1]["params"] == {
        "server": "https://id.example", "min_valid": 300, "timeout": 5,
    }  # fmt: skip


@pytest.mark.parametrize("variables", [None, ["A"], {"A": 1}])
def test_variables_that_are_none_are_refused(
    serve: Callable, client: Client, variables: object
) -> None:
    serve(lambda peer, request: peer.result(request, {"account": "a", "variables": variables}))
    with pytest.raises(AccountManagerError, match="not one of this protocol"):
        client.variables()
