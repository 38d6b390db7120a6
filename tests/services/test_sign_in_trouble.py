"""What a person is told when a sign-in fails for now."""

from __future__ import annotations

import pytest

from manager.core.errors import AnswerLost, RateLimited, ServerUnreachable
from manager.practice.authorization_server import AuthorizationServer
from manager.services.sign_in import WantedSignIn
from manager.services.sign_in_trouble import tried_by_the_person
from tests.services.bench import Bench, visited

NOBODY = "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("failure", "hint"),
    [
        (ServerUnreachable("x"), "Check the network connection, and try again in a moment."),
        (AnswerLost("x"), "Check the network connection, and try again in a moment."),
        (RateLimited("x"), "Try again in a moment."),
        (RateLimited("x", retry_after=6.2), "Try again in 7 seconds."),
        (RateLimited("x", retry_after=130), "Try again in 3 minutes."),
        (ServerUnreachable("x", hint="Mind the proxy."), "Mind the proxy."),
    ],
)
def test_the_hint_promises_no_further_try(failure: ServerUnreachable, hint: str) -> None:
    with pytest.raises(type(failure)) as raised, tried_by_the_person():
        raise failure
    assert raised.value.hint == hint


@pytest.mark.anyio
async def test_so_says_each_step_of_a_sign_in(bench: Bench, server: AuthorizationServer) -> None:
    pending = await bench.begin(server)
    answer = await visited(pending)
    server.change_faults(unavailable={"*": 503})
    with pytest.raises(ServerUnreachable) as at_the_end:
        await bench.sign_in.complete(answer)
    with pytest.raises(ServerUnreachable) as at_the_start:
        await bench.sign_in.begin(WantedSignIn(NOBODY))
    with pytest.raises(ServerUnreachable) as at_the_address:
        await bench.sign_in.probe(NOBODY)
    for raised in (at_the_end, at_the_start, at_the_address):
        assert "try again in a moment" in raised.value.hint
        assert "by itself" not in raised.value.hint
