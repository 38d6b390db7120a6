"""Which account programs of a single default shall take. The rest: tests/ipc/handlers."""

from __future__ import annotations

import pytest

from manager.core.account import Account, Defaults, Identity, Server
from manager.services.showing import default_of


def account(name: str) -> Account:
    return Account(
        name, "speckle", Server(f"https://{name}.example", name), Identity(name, name, name)
    )


@pytest.mark.parametrize(
    ("overall", "per_server", "chosen"),
    [
        ("a", {}, "a"),
        ("a", {"https://b.example": "b"}, "a"),
        ("x", {"https://b.example": "b"}, "b"),  # the overall default is of another kind
        (None, {"https://b.example": "b"}, "b"),
        (None, {"https://a.example": "a", "https://b.example": "b"}, None),  # never a guess
        (None, {"https://x.example": "x"}, None),
        (None, {}, None),
    ],
)
def test_the_persons_own_choice_counts(
    overall: str | None, per_server: dict[str, str], chosen: str | None
) -> None:
    defaults = Defaults(overall, tuple(per_server.items()))
    assert default_of([account("a"), account("b")], defaults) == chosen
    assert default_of([], defaults) is None
