"""What the SDK and its variables hold: read, explained, taken over."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from manager.core.credential import ApiKey, OAuthTokens
from manager.core.errors import (
    AccountNotFound,
    CredentialsRefused,
    InvalidRequest,
    KeychainLocked,
)
from manager.core.secret import Secret
from manager.core.server_address import canonical
from manager.providers.mesh import variables

from .conftest import Here

pytestmark = pytest.mark.anyio
SLOT = ("mesh-sdk", "default")
FAKE = "e30.e30.sig"
SEED_VARIABLES = {
    "AUTH0_DOMAIN", "AUTH0_CLIENT_ID", "AUTH0_AUDIENCE", "MESH_API_URL", "AUTH0_CALLBACK_PORT",
    "AUTO_REFRESH", "MESH_HEADLESS", "MESH_DEVICE_TIMEOUT", "DEBUG",
}  # fmt: skip


def secrets(**texts: str) -> dict[str, Secret]:
    return {name: Secret(text) for name, text in texts.items()}


async def stored(here: Here, **changes: object) -> str:
    """What the SDK would have stored after a sign-in of its own."""
    credential = (await here.sign_in()).credential
    assert isinstance(credential, OAuthTokens)
    record = {
        "access_token": credential.access_token.reveal(),
        "refresh_token": credential.refresh_token.reveal(),
        "expires_at": int(here.clock.now().wall) + 86_400,
        "token_type": "Bearer",
        "scope": " ".join(credential.scopes),
    }
    return json.dumps({**record, **changes})


@pytest.fixture
def here(here: Here) -> Here:
    here.environ["MESH_API_URL"] = here.server.url
    return here


async def test_the_slot_of_the_sdk(here: Here) -> None:
    here.keychain.items[SLOT] = await stored(here)
    (found,) = await here.provider.found_accounts()
    assert (found.id, found.server_url, found.problem) == ("keychain", here.server.url, "")
    assert found.source == "keychain item mesh-sdk/default"
    result = await here.provider.take_over("keychain")
    assert result.identity.label == "alice@example.com"
    assert isinstance(result.credential, OAuthTokens)
    assert result.credential.imported
    assert here.server.refreshes == 0
    kept = await here.refresh(result)
    assert not kept.imported  # rotated: nobody else has it


async def test_the_file_of_the_sdk(here: Here, tmp_path: Path) -> None:
    (tmp_path / ".mesh").mkdir()
    file = tmp_path / ".mesh" / "token.json"
    text = await stored(here, auth_source="device_flow")
    file.write_text(text)
    (found,) = await here.provider.found_accounts()
    assert (found.id, found.problem) == ("file", "")
    result = await here.provider.take_over("file")
    assert result.credential.dialect == "device"
    assert result.credential.client.client_id == "practice-device-client"
    assert file.read_text() == text


async def test_an_ended_one_is_renewed_first(here: Here) -> None:
    here.keychain.items[SLOT] = await stored(here)
    here.server.change_faults(clock_offset=90_000.0)
    here.clock.ahead = 90_000.0
    result = await here.provider.take_over("keychain")
    assert here.accepts(result.credential)
    assert here.server.refreshes == 1
    here.server.revoke_everything()
    with pytest.raises(CredentialsRefused):
        await here.provider.take_over("keychain")


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ("no json", "damaged"),
        ("[]", "damaged"),
        ("{}", "no sign-in"),
        ('{"access_token": "opaque"}', "no sign-in"),
        (KeychainLocked("The keychain is locked."), "locked"),
    ],
)
async def test_what_cannot_be_taken_over_says_why(here: Here, item, problem: str) -> None:
    here.keychain.items[SLOT] = item
    (found,) = await here.provider.found_accounts()
    assert problem in found.problem
    with pytest.raises((InvalidRequest, KeychainLocked)):
        await here.provider.take_over("keychain")


async def test_nothing_there(here: Here) -> None:
    assert await here.provider.found_accounts() == []
    for found_id in ("keychain", "file", "other"):
        with pytest.raises(AccountNotFound):
            await here.provider.take_over(found_id)


async def test_tokens_go_to_the_server_of_their_tenant_alone(here: Here) -> None:
    issued_elsewhere = "e30.eyJpc3MiOiJodHRwczovL290aGVyLmV4YW1wbGUvIn0.sig"
    record = json.loads(await stored(here, access_token=issued_elsewhere))
    here.keychain.items[SLOT] = json.dumps(record)
    before = here.server.counters["profile"]
    with pytest.raises(CredentialsRefused, match="another server") as refused:
        await here.provider.take_over("keychain")
    assert "MESH_API_URL" in refused.value.hint
    assert here.server.counters["profile"] == before


# Variables ---------------------------------------------------------------------------------------


def test_every_variable_of_the_document_is_known(here: Here) -> None:
    assert set(here.provider.variable_names) >= SEED_VARIABLES


def test_every_set_variable_is_honoured_or_explained(here: Here) -> None:
    every = secrets(**dict.fromkeys(here.provider.variable_names, "x"))
    read = here.provider.read_variables(every)
    assert {note.name for note in read.notes} == set(every)
    assert all(re.search(r"\.$", note.text) for note in read.notes)


def test_shared_names_alone_say_nothing(here: Here) -> None:
    read = here.provider.read_variables(secrets(CI="1", DEBUG="true", DISPLAY=":0"))
    assert (read.server_url, read.method, read.notes) == (None, None, ())


def test_server_and_method(here: Here) -> None:
    read = here.provider.read_variables(
        secrets(MESH_API_URL="https://mesh.example/", MESH_HEADLESS="TRUE")
    )
    assert (read.server_url, read.method) == ("https://mesh.example", "device")
    assert not read.holds_credential
    assert all(note.honoured for note in read.notes)
    default = here.provider.read_variables(secrets(MESH_HEADLESS="false"))
    assert (default.server_url, default.method) == (variables.DEFAULT_URL, None)
    assert canonical(variables.DEFAULT_URL) == variables.DEFAULT_URL
    wrong = here.provider.read_variables(secrets(MESH_API_URL="http://mesh.example"))
    assert wrong.server_url is None
    assert [note.honoured for note in wrong.notes] == [False]


async def test_key_of_a_variable(here: Here) -> None:
    key = here.server.new_key().value
    given = secrets(MESH_API_KEY=key, MESH_API_URL=here.server.url)
    assert here.provider.read_variables(given).holds_credential
    result = await here.provider.account_from_variables(given)
    assert isinstance(result.credential, ApiKey)
    assert result.credential.imported
    await here.provider.revoke(result.server, result.credential)
    other = secrets(MESH_API_KEY="sk-1", MESH_API_URL=here.server.url)
    assert not here.provider.read_variables(other).holds_credential
    with pytest.raises(InvalidRequest):
        await here.provider.account_from_variables(other)


async def test_tokens_of_variables_need_all_of_them(here: Here) -> None:
    record = json.loads(await stored(here))
    given = secrets(
        MESH_API_URL=here.server.url,
        MESH_TOKEN_FROM_ENV="yes",
        MESH_ACCESS_TOKEN=record["access_token"],
        MESH_REFRESH_TOKEN=record["refresh_token"],
        MESH_TOKEN_EXPIRES_AT=str(record["expires_at"]),
    )
    assert here.provider.read_variables(given).holds_credential
    result = await here.provider.account_from_variables(given)
    assert result.credential.imported
    assert result.identity.label == "alice@example.com"
    for name in ("MESH_TOKEN_FROM_ENV", "MESH_REFRESH_TOKEN", "MESH_TOKEN_EXPIRES_AT"):
        fewer = {each: value for each, value in given.items() if each != name}
        read = here.provider.read_variables(fewer)
        assert not read.holds_credential
        assert {note.honoured for note in read.notes if "TOKEN" in note.name} == {False}
        with pytest.raises(InvalidRequest):
            await here.provider.account_from_variables(fewer)
