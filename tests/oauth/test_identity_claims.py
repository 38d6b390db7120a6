from __future__ import annotations

import pytest

from manager.core.errors import ProviderError
from manager.oauth.identity_claims import identity_from, same_subject

SERVER = "https://as.example"


def identity(**claims):
    return identity_from({"sub": "1"} | claims, server_url=SERVER, server_name="AS")


@pytest.mark.parametrize(
    ("claims", "label", "name"),
    [
        ({"email": "a@b.c", "name": "Ada", "preferred_username": "ada"}, "a@b.c", "Ada"),
        ({"preferred_username": "ada"}, "ada", "ada"),
        ({"name": "Ada"}, "Ada", "Ada"),
        ({"nickname": "Ada"}, "Ada", "Ada"),
        ({}, "AS", "AS"),
        ({"email": 1, "name": ["x"]}, "AS", "AS"),
        ({"email": "a\u202e@b.c", "name": "\x1bAda"}, "a@b.c", "Ada"),
    ],
)
def test_the_label_is_what_a_person_knows_themselves_by(claims, label, name):
    found = identity(**claims)
    assert (found.subject, found.label, found.display_name) == ("1", label, name)


@pytest.mark.parametrize(
    ("picture", "kept"),
    [
        ("https://cdn.example/a.png", "https://cdn.example/a.png"),
        ("http://cdn.example/a.png", None),
        ("http://127.0.0.1/a.png", None),
        ("file:///etc/passwd", None),
        ("data:image/png;base64,AAAA", None),
        (1, None),
        (None, None),
    ],
)
def test_a_picture_is_https_or_nothing(picture, kept):
    assert identity(picture=picture).avatar_url == kept


def test_userinfo_is_about_the_person_who_signed_in():
    assert same_subject({"sub": "1", "name": "Ada"}, "1")["name"] == "Ada"
    for other in ({"sub": "2"}, {}, {"sub": 1}, {"sub": ""}):
        with pytest.raises(ProviderError):
            same_subject(other, "1")
