"""What the person typed, told from what is still being typed, and how the agent is asked."""

from __future__ import annotations

import pytest

from manager.desktop.sign_in.probe import DEVICE, Found, Way
from manager.desktop.sign_in.steps import EnterAddress
from manager.desktop.sign_in.typed_address import given, plausible


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("app.speckle.systems", True),
        ("https://id.example/realms/one", True),
        ("localhost:3000", True),
        ("http://127.0.0.1:9400", True),
        ("[::1]:80", True),
        ("app", False),
        ("app.", False),
        ("https://", False),
        ("two words.example", False),
        ("", False),
    ],
)
def test_what_could_be_an_address(text: str, fits: bool) -> None:
    assert plausible(text) is fits


def test_only_what_is_filled_in_is_sent() -> None:
    assert given(EnterAddress(text="id.example", client_id=" ", scopes=" ")) == {
        "method": "browser"
    }
    typed = EnterAddress(client_id=" app ", client_secret="s", scopes="a  b", redirect="paste")
    assert given(typed) == {
        "method": "browser",
        "client_id": "app",
        "client_secret": "s",
        "scopes": ["a", "b"],
        "redirect": "paste",
    }


@pytest.mark.parametrize(
    ("way", "sent"),
    [
        ("", {"method": "form", "form": "password", "account": "a-1"}),
        ("form:key", {"method": "form", "form": "key", "account": "a-1"}),
        ("device", {"method": "device", "account": "a-1", "client_id": "app", "scopes": ["x"]}),
        ("form:gone", {"method": "form", "form": "password", "account": "a-1"}),
    ],
)
def test_only_what_the_chosen_way_needs_is_sent(way: str, sent: dict[str, object]) -> None:
    forms = (
        Way("form", "Password", "Continue", "password"),
        Way("form", "Key", "Continue", "key"),
    )
    typed = EnterAddress(
        probe=Found("x", "X", "https://x.example", (*forms, DEVICE)),
        way=way,
        client_id="app",
        scopes="x",
        redirect="loopback",
        account="a-1",
    )
    assert given(typed) == sent
