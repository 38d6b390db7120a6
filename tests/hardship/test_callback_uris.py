"""Whatever comes as a browser's answer: an error of ours, in a sentence, and nothing changes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hardship.conftest import Standing
from tests.hardship.running_agent import CLIENT
from tests.hardship.wire import Refused

STARTS = st.sampled_from(
    [
        "io.github.account-manager:/callback",
        "io.github.account-manager://callback",
        "speckle://account",
        "http://127.0.0.1/callback",
        "http://localhost:29363/",
        "javascript:",
        "",
    ]
)
NAMES = st.sampled_from(["code", "state", "iss", "error", "access_code", "error_description", ""])
VALUES = st.one_of(st.text(max_size=40), st.sampled_from(["%00", "%zz", "a&a", "\r\n", "x" * 9000]))
QUERIES = st.lists(st.tuples(NAMES, VALUES), max_size=5).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)
)
URIS = st.one_of(
    st.builds("{}?{}".format, STARTS, QUERIES),
    st.builds("{}#{}".format, STARTS, QUERIES),
    st.text(max_size=200),
)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(uri=URIS)
def test_no_answer_of_a_stranger_ends_a_sign_in(standing: Standing, uri: str) -> None:
    agent = standing.agent
    waiting = agent.call("sign_in.list")["sign_ins"]
    if not waiting:
        agent.call("sign_in.begin", server=standing.server.url, **CLIENT)
        waiting = agent.call("sign_in.list")["sign_ins"]
    asked = len(standing.server.requests)
    with pytest.raises(Refused) as refused:
        agent.call("sign_in.complete", uri=uri.encode("utf-8", "replace").decode())
    kinds = ("invalid_request", "sign_in_expired", "too_large", "sign_in_denied")
    assert refused.value.kind in kinds
    assert len(refused.value.message) < 300
    assert agent.call("sign_in.list")["sign_ins"] == waiting
    assert len(standing.server.requests) == asked, "no server hears of it"
