from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from manager.core.errors import AccountManagerError, InvalidRequest
from manager.oauth.redirection import LONGEST, parse_redirection_uri

OURS = "io.github.account-manager:/callback/as.example"


@pytest.mark.parametrize(
    ("uri", "base", "parameters"),
    [
        (f"{OURS}?code=a%2Fb&state=x+y", OURS, {"code": "a/b", "state": "x y"}),
        ("speckle://account?access_code=0f", "speckle://account", {"access_code": "0f"}),
        ("http://localhost:29363?access_code=0f", "http://localhost:29363", {"access_code": "0f"}),
        ("http://127.0.0.1:4711/cb?code=x&", "http://127.0.0.1:4711/cb", {"code": "x"}),
        ("http://[::1]:4711/cb?error=access_denied", "http://[::1]:4711/cb",
         {"error": "access_denied"}),
        (f"{OURS}?code=x#access_token=y", OURS, {"code": "x"}),
        (f"{OURS}?error=e&error_description=two%0D%0Alines", OURS,
         {"error": "e", "error_description": "two\r\nlines"}),
        (f"{OURS}?iss=https%3A%2F%2Fas.example&empty=", OURS,
         {"iss": "https://as.example", "empty": ""}),
        (OURS, OURS, {}),
    ],
)  # fmt: skip
def test_callbacks_of_ours_are_split(uri, base, parameters):
    parsed = parse_redirection_uri(uri)
    assert parsed.base == base
    assert parsed.parameters == parameters


@pytest.mark.parametrize(
    "uri",
    [
        f"{OURS}?code=a&code=b",
        f"{OURS}?code=a&c%6Fde=b",
        f"{OURS}?state=a&code=x&state=a",
        f"{OURS}?code=a%00b",
        f"{OURS}?code=a%0Ab",
        f"{OURS}?code=a%zz",
        f"{OURS}?code=%ff",
        f"{OURS}?code=a b",
        f"{OURS}?code=a\n",
        f"{OURS}?code=\u202e",
        f"{OURS}?" + "&".join(f"p{i}=x" for i in range(65)),
        f"{OURS}?code=" + "x" * LONGEST,
        "https://as.example/callback?code=a",
        "http://as.example/callback?code=a",
        "http://127.0.0.1.evil.example/?code=a",
        "http://person@127.0.0.1/?code=a",
        "http://127.0.0.1:x/?code=a",
        "javascript:alert(1)",
        "file:///etc/passwd?code=a",
        "--flag",
        "",
        "?code=a",
        "unknown:/callback?code=a",
    ],
)
def test_whatever_else_comes_is_refused(uri):
    with pytest.raises(InvalidRequest):
        parse_redirection_uri(uri)


@pytest.mark.parametrize(
    ("uri", "redirect_uri", "same"),
    [
        (f"{OURS}?code=a", OURS, True),
        (f"{OURS}/?code=a", OURS, False),
        (f"{OURS}/other?code=a", OURS, False),
        ("http://localhost:29363/?access_code=a", "http://localhost:29363", True),
        ("http://localhost:29363?access_code=a", "http://localhost:29363", True),
        ("http://127.0.0.1:29363/?access_code=a", "http://localhost:29363", False),
        ("http://127.0.0.1:1/cb/?code=a", "http://127.0.0.1:1/cb", False),
        ("speckle://account?access_code=a", "speckle://account", True),
        ("speckle://accounts?access_code=a", "speckle://account", False),
        ("SPECKLE://account?access_code=a", "speckle://account", False),
    ],
)
def test_the_redirect_uri_is_compared_exactly(uri, redirect_uri, same):
    assert parse_redirection_uri(uri).answers(redirect_uri) is same


def test_a_code_is_not_printed_by_accident():
    assert "c4n4ry" not in repr(parse_redirection_uri(f"{OURS}?code=c4n4ry"))


@given(st.text() | st.text().map(lambda tail: f"{OURS}?{tail}") | st.from_regex(r"http://.*"))
@example("http://[::1")
@example("http://\u2100")
def test_no_text_at_all_does_more_than_be_refused(uri):
    try:
        parsed = parse_redirection_uri(uri)
    except AccountManagerError:
        return
    assert len(uri) <= LONGEST
    assert uri.startswith(parsed.base)


names = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8)


@given(st.dictionaries(names, names, max_size=8), st.data())
def test_repeating_any_parameter_refuses_the_whole(parameters, data):
    from urllib.parse import urlencode

    query = urlencode(parameters)
    assert parse_redirection_uri(f"{OURS}?{query}").parameters == parameters
    if parameters:
        name = data.draw(st.sampled_from(sorted(parameters)))
        with pytest.raises(InvalidRequest):
            parse_redirection_uri(f"{OURS}?{query}&{urlencode({name: 'again'})}")
