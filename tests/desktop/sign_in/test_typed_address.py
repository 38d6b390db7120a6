"""What the person typed, told from what is still being typed, and how the agent is asked."""

from __future__ import annotations

import pytest

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
    assert given(EnterAddress(text="id.example", client_id=" ", scopes=" ")) == {}
    typed = EnterAddress(client_id=" app ", client_secret="s", scopes="a  b", redirect="paste")
    assert given(typed) == {
        "client_id": "app",
        "client_secret": "s",
        "scopes": ["a", "b"],
        "redirect": "paste",
    }
