"""Variables for scripts, and accounts from variables."""

from __future__ import annotations

import pytest

from manager.core.errors import CredentialsRefused, InvalidRequest
from manager.core.secret import Secret
from tests.providers.magnet_ai.conftest import PASSWORD

pytestmark = pytest.mark.anyio


def told(variables) -> dict[str, str]:
    return {name: value.reveal() for name, value in variables.items()}


async def test_a_token_and_a_key(start) -> None:
    for dialect in ("seed", "v2"):
        here = start(dialect)
        account = await here.by_password()
        assert told(here.provider.variables_for(account.server, account.credential)) == {
            "MAGNET_AI_URL": here.server.url,
            "MAGNET_AI_TOKEN": account.credential.token.reveal(),
        }
    here = start("0.6")
    key = here.server.release_0_6.new_key()
    account = await here.submit("api_key", api_key=key)
    found = told(here.provider.variables_for(account.server, account.credential))
    assert found == {"MAGNET_AI_URL": here.server.url, "MAGNET_AI_API_KEY": key}


async def test_a_web_session_fits_in_no_variable(start) -> None:
    here = start("seed")
    account = await here.submit("session", username="alice", password=PASSWORD)
    with pytest.raises(InvalidRequest, match="cookies") as caught:
        here.provider.variables_for(account.server, account.credential)
    assert caught.value.hint


async def test_what_is_set_becomes_an_account(start) -> None:
    for dialect in ("seed", "v2"):
        here = start(dialect)
        account = await here.by_password()
        variables = here.provider.variables_for(account.server, account.credential)
        assert here.provider.read_variables(variables).holds_credential
        found = await here.provider.account_from_variables(variables)
        assert found.identity.subject == account.identity.subject
        assert found.credential.imported
        assert found.credential.token == account.credential.token
        # The program that they were set for goes on using it.
        await here.provider.revoke(found.server, found.credential)
        assert here.server.accepts(here.provider.headers(account.credential, None))
    for dialect in ("0.6", "v2"):
        here = start(dialect)
        key = (here.server.v2 if dialect == "v2" else here.server.release_0_6).new_key()
        found = await here.provider.account_from_variables(
            {"MAGNET_AI_URL": Secret(here.server.url), "MAGNET_AI_API_KEY": Secret(key)}
        )
        assert (found.credential.key.reveal(), found.credential.imported) == (key, True)


@pytest.mark.parametrize(
    ("dialect", "held", "error"),
    [
        ("seed", {"MAGNET_AI_API_KEY": "k"}, InvalidRequest),
        ("0.6", {"MAGNET_AI_TOKEN": "t"}, InvalidRequest),
        ("0.6", {"MAGNET_AI_API_KEY": "k"}, CredentialsRefused),
        ("seed", {"MAGNET_AI_TOKEN": "t"}, CredentialsRefused),
        ("v2", {"MAGNET_AI_TOKEN": "t"}, CredentialsRefused),
        ("v2", {"MAGNET_AI_TOKEN": "two words"}, InvalidRequest),
        ("v2", {}, InvalidRequest),
    ],
)
async def test_what_makes_no_account(start, dialect, held, error) -> None:
    here = start(dialect)
    variables = {name: Secret(text) for name, text in held.items()}
    with pytest.raises(error):
        await here.provider.account_from_variables(
            {"MAGNET_AI_URL": Secret(here.server.url), **variables}
        )


async def test_without_a_usable_address(start) -> None:
    here = start("seed")
    for url in ({}, {"MAGNET_AI_URL": Secret("ftp://a")}, {"MAGNET_AI_URL": Secret("")}):
        variables = {"MAGNET_AI_TOKEN": Secret("t-canary"), **url}
        read = here.provider.read_variables(variables)
        assert (read.server_url, read.holds_credential) == (None, False)
        assert not any(note.honoured for note in read.notes)
        assert "canary" not in repr(read)
        with pytest.raises(InvalidRequest, match="MAGNET_AI_URL"):
            await here.provider.account_from_variables(variables)


async def test_what_becomes_of_each(start) -> None:
    here = start("seed")
    assert here.provider.variable_names == (
        "MAGNET_AI_URL", "MAGNET_AI_TOKEN", "MAGNET_AI_API_KEY",
    )  # fmt: skip
    both = {
        "MAGNET_AI_URL": Secret("https://magnet.example/"),
        "MAGNET_AI_TOKEN": Secret("t"),
        "MAGNET_AI_API_KEY": Secret("k"),
    }
    read = here.provider.read_variables(both)
    assert (read.server_url, read.method) == ("https://magnet.example", "api_key")
    assert {note.name: note.honoured for note in read.notes} == {
        "MAGNET_AI_URL": True,
        "MAGNET_AI_TOKEN": False,
        "MAGNET_AI_API_KEY": True,
    }
    empty = here.provider.read_variables({**both, "MAGNET_AI_API_KEY": Secret("")})
    assert empty.method == "token"
    assert here.provider.read_variables({}).notes == ()
