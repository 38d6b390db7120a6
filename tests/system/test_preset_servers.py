"""A catalogue is read whole, or the line that is wrong is named."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.core.catalogue import PresetServer
from manager.system import preset_servers
from manager.system.preset_servers import (
    PresetServersInvalid,
    catalogue,
    parse_preset_servers,
    read_own_servers,
    read_preset_servers,
)
from manager.system.resources import resources_folder

FULL = """
[[server]]
url = "HTTPS://Login.Example.com:443/realms/office/"
name = "Office"
provider = "oidc"
client_id = "account-manager"
client_secret = "canary"
scopes = ["openid", "email"]
redirect_uris = { loopback = "http://127.0.0.1:{port}/cb" }
resource = "https://api.example.com"

[[server]]
url = "http://localhost:8080"
provider = "oidc"
"""


def test_a_full_entry_and_a_short_one() -> None:
    full, short = parse_preset_servers(FULL, "f")
    assert full.client is not None
    assert full.client.client_secret is not None
    assert full.client.client_secret.reveal() == "canary"
    assert "canary" not in repr(full)
    assert (full.url, full.name, full.client.client_id, full.scopes) == (
        "https://login.example.com/realms/office",
        "Office",
        "account-manager",
        ("openid", "email"),
    )
    assert full.redirect_uris == {"loopback": "http://127.0.0.1:{port}/cb"}
    assert full.resource == "https://api.example.com"
    assert short == PresetServer(
        url="http://localhost:8080", name="localhost:8080", provider="oidc"
    )


def test_what_is_shipped_reads(tmp_path: Path) -> None:
    shipped = resources_folder() / "servers.toml"
    assert [p.url for p in read_preset_servers(shipped.parent, tmp_path)] == [
        "https://app.speckle.systems",
        "https://api.foxnose.net",
    ]


def test_the_commented_example_is_right() -> None:
    text = (resources_folder() / "servers.toml").read_text()
    example = "[[server]]" + text.split("# [[server]]")[1]
    lines = [line.removeprefix("# ") for line in example.splitlines()]
    entry = parse_preset_servers(
        "\n".join(line for line in lines if "=" in line or line.startswith("[[")), "f"
    )[0]
    assert entry.client is not None
    assert entry.redirect_uris


def test_later_files_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preset_servers, "SYSTEM_FOLDER", tmp_path / "etc")
    for folder, names in (("res", "ab"), ("etc", "bc"), ("own", "cd")):
        (tmp_path / folder).mkdir()
        entries = [
            f'[[server]]\nurl="https://{n}.example/"\nname="{folder}"\nprovider="oidc"\n'
            for n in names
        ]
        (tmp_path / folder / "servers.toml").write_text("".join(entries))
    found = read_preset_servers(tmp_path / "res", tmp_path / "own")
    assert [(preset.url, preset.name) for preset in found] == [
        ("https://a.example", "res"),
        ("https://b.example", "etc"),
        ("https://c.example", "own"),
        ("https://d.example", "own"),
    ]
    own = read_own_servers(tmp_path / "own")
    assert [preset.url for preset in own] == ["https://c.example", "https://d.example"]
    look_up = catalogue(found)
    assert look_up("https://C.example/") == found[2]
    assert look_up("https://e.example") is None
    assert look_up("not an address") is None


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("[[server]]\nurl = \n", "line 2", "Invalid value"),
        ("[[server]]\nurl='https://a.b'\nprovider='x'\nclientid='y'\n", "line 4", "'clientid'"),
        ("# c\nservers = []\n", "line 2", "'servers'"),
        ("[server]\nurl='https://a.b'\n", "line 1", "[[server]]"),
        ("server = [1]\n", "line 1", "[[server]]"),
        ("[[server]]\nprovider='x'\n", "line 1", "'url' is missing"),
        ("[[server]]\nurl=''\nprovider='x'\n", "line 2", "'url' must be a text"),
        ("[[server]]\nurl='https://a.b'\nprovider=1\n", "line 3", "'provider' must be a text"),
        ("[[server]]\nurl='https://a.b'\nprovider='x'\nscopes='s'\n", "line 4", "a list"),
        ("[[server]]\nurl='https://a.b'\nprovider='x'\nscopes=[1]\n", "line 4", "a list"),
        ("[[server]]\nurl='https://a.b'\nprovider='x'\nredirect_uris=['a']\n", "line 4", "a table"),
        (
            "[[server]]\nurl='https://a.b'\nprovider='x'\n[server.redirect_uris]\npaste='a'\n",
            "line 4",
            "a table",
        ),
        ("[[server]]\nurl='ftp://a.b'\nprovider='x'\n", "line 2", "https"),
        ("[[server]]\nurl='https://u:canary@a.b'\nprovider='x'\n", "line 2", "https"),
        (
            "[[server]]\nurl='https://a.b'\nprovider='x'\n[[server]]\n"  # noqa: ISC004
            "url='https://c.d'\nprovider='x'\nclient_secret='canary'\n",
            "line 7",
            "without 'client_id'",
        ),
    ],
)
def test_the_wrong_line_is_named(text: str, line: str, what: str) -> None:
    with pytest.raises(PresetServersInvalid) as caught:
        parse_preset_servers(text, "/etc/x/servers.toml")
    assert "/etc/x/servers.toml" in caught.value.message
    assert line in caught.value.message
    assert what in caught.value.message
    assert "canary" not in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "content",
    [b"\xff", b" " * ((1 << 20) + 1), b"a = " + b"[" * 5000],
    ids=["bytes", "size", "depth"],
)
def test_a_file_that_is_no_catalogue(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "servers.toml").write_bytes(content)
    with pytest.raises(PresetServersInvalid, match=r"servers\.toml"):
        read_preset_servers(tmp_path / "none", tmp_path)


def test_an_unreadable_file(tmp_path: Path) -> None:
    (tmp_path / "servers.toml").mkdir()
    with pytest.raises(PresetServersInvalid, match="cannot be read"):
        read_preset_servers(tmp_path / "none", tmp_path)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(PresetServersInvalid):
        assert parse_preset_servers(text, "f") == []
