"""Who is signed in, in every shape that is known or that the seed document leaves open."""

from __future__ import annotations

import pytest

from manager.providers.magnet_ai.identity import Who, who_is


@pytest.mark.parametrize(
    ("document", "who"),
    [
        (
            {"id": "7", "email": "a@b.example", "name": "Ada", "roles": ["admin"],
             "permissions": ["read:agents"]},
            Who("7", "a@b.example", "Ada", ("read:agents",), ("admin",)),
        ),
        (
            {"user_id": "api_key:ci", "preferred_username": "ci", "roles": ["user"],
             "scopes": None},
            Who("api_key:ci", "ci", "ci", None, ("user",)),
        ),
        (
            {"success": True, "data": {"user": {"id": 7, "username": "ada", "role": "Developer"},
                                       "scopes": ["agents:read"]}},
            Who("7", "ada", "ada", ("agents:read",), ("Developer",)),
        ),
        (
            {"success": True, "data": {"username": "ada", "scopes": []}},
            Who("ada", "ada", "ada", (), ()),
        ),
        ({"success": True, "user": {"sub": "x"}}, Who("x", "x", "x")),
        ({"success": True}, None),
        ({"data": "text", "name": "Ada"}, None),
        ({"email": "\u202e\u0000"}, None),
        (None, None),
    ],
)  # fmt: skip
def test_who(document, who):
    assert who_is(document) == who


def test_nothing_hidden_reaches_the_person():
    found = who_is({"email": "a\u202eb@c.example", "name": "A\nB", "roles": ["ad\u0007min"]})
    assert (found.label, found.display_name, found.roles) == ("ab@c.example", "A B", ("admin",))
