from __future__ import annotations

import pytest

from manager.oauth.metadata import AuthorizationServerMetadata
from manager.providers.oidc.scope_choice import DEFAULTS, prompt_to_ask, scopes_to_ask


def metadata(**said):
    return AuthorizationServerMetadata("https://as.example", "", "", **said)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ({"is_openid": True}, DEFAULTS),
        ({"is_openid": False}, ()),
        ({"is_openid": True, "scopes": ("profile",)}, ("openid", "profile")),
        ({"is_openid": True, "scopes": ("openid", "email", "api")}, ("openid", "email")),
        ({"is_openid": False, "scopes": ("repo", "profile")}, ("profile",)),
    ],
)
def test_the_defaults_are_limited_to_what_the_server_has(said, asked):
    assert scopes_to_ask(metadata(**said), (), ()) == asked


def test_the_person_comes_before_the_catalogue_and_that_before_the_defaults():
    known = metadata(is_openid=True)
    assert scopes_to_ask(known, ("a", "b", "a"), ("c",)) == ("a", "b")
    assert scopes_to_ask(known, (), ("c",)) == ("c",)


@pytest.mark.parametrize(
    ("scopes", "select_account", "said", "prompt"),
    [
        (("openid",), False, {}, ()),
        (("openid",), True, {}, ("select_account",)),
        (("openid", "offline_access"), False, {}, ("consent",)),
        (("openid", "offline_access"), True, {}, ("consent", "select_account")),
        (
            ("openid", "offline_access"),
            True,
            {"prompts": ("login", "consent")},
            ("consent", "login"),
        ),
        (("openid",), True, {"prompts": ("none", "consent")}, ()),
        (("offline_access",), True, {}, ()),
    ],
)
def test_offline_access_needs_consent(scopes, select_account, said, prompt):
    asked = prompt_to_ask(metadata(**said), scopes, select_account=select_account)
    assert asked == prompt
