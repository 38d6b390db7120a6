"""API keys: pasted, made, sent in both headers; and what programs get as variables."""

from __future__ import annotations

import pytest

from manager.core.credential import ApiKey
from manager.core.errors import CredentialsRefused, InvalidRequest, ProviderError
from manager.core.provider_abilities import SignedOutThere, StillSignedIn
from manager.core.secret import Secret

from .conftest import Here

pytestmark = pytest.mark.anyio


async def pasted(here: Here, text: str):
    pending = await here.provider.begin_form(here.request, "api_key")
    return await pending.submit({"key": Secret(text)})


async def created(here: Here, result):
    return await here.provider.create_credential(
        result.server, result.identity, result.credential, "api_key", {"name": Secret("CI")}
    )


async def test_key_is_sent_in_both_headers(here: Here) -> None:
    key = here.server.new_key()
    result = await pasted(here, f" {key.value} ")
    assert here.provider.headers(result.credential, None) == {
        "x-api-key": key.value,
        "Authorization": f"ApiKey {key.value}",
    }
    signed_in = await here.sign_in()
    assert result.identity.subject == signed_in.identity.subject
    assert result.identity.key
    assert result.identity.key not in key.value
    assert not signed_in.identity.key


@pytest.mark.parametrize("text", ["sk-1234567890", "mesh_", "MESH_abc", "mesh_a b", "mesh_ü"])
async def test_prefix_is_mandatory(here: Here, text: str) -> None:
    with pytest.raises(CredentialsRefused, match="no API key of Mesh"):
        await pasted(here, text)
    assert here.server.requests == []


async def test_key_is_looked_at_by_its_owner(here: Here) -> None:
    result = await pasted(here, here.server.new_key().value)
    asked = (result.server, result.identity, result.credential)
    assert isinstance(await here.provider.verify(*asked), StillSignedIn)
    here.server.revoke_everything()
    assert isinstance(await here.provider.verify(*asked), SignedOutThere)


async def test_key_is_made_and_can_be_kept(here: Here) -> None:
    made = await created(here, await here.sign_in())
    (there,) = here.server.keys
    assert made.secret.reveal() == there.value
    assert (made.credential.id, made.credential.name) == (there.key_id, "CI")
    assert made.credential.hint == f"…{there.value[-4:]}"
    assert made.sign_in is not None
    assert isinstance(made.sign_in.credential, ApiKey)
    assert made.sign_in.credential.key_id == there.key_id
    assert here.accepts(made.sign_in.credential)
    assert there.value not in repr(made)


async def test_a_made_key_is_shown_even_if_it_cannot_be_kept(here: Here) -> None:
    result = await here.sign_in()
    here.server.change_faults(rate_limited={"profile": "7"})
    made = await created(here, result)
    assert made.secret.reveal() == here.server.keys[0].value
    assert made.sign_in is None


async def test_ended_account_makes_no_key(here: Here) -> None:
    result = await here.sign_in()
    here.server.revoke_everything()
    with pytest.raises(CredentialsRefused):
        await created(here, result)


async def test_what_the_server_does_not_offer_is_said(here: Here) -> None:
    result = await pasted(here, here.server.new_key().value)
    (kind,) = here.provider.credential_kinds(result.server, result.credential)
    assert (kind.can_create, kind.can_revoke) == (True, False)
    assert [field.name for field in kind.fields] == ["name"]
    with pytest.raises(InvalidRequest, match="which API keys") as listing:
        await here.provider.list_credentials(result.server, result.credential, "api_key")
    assert "web interface" in listing.value.hint
    with pytest.raises(InvalidRequest, match="delete"):
        await here.provider.revoke_credential(result.server, result.credential, "api_key", "1")
    with pytest.raises(ProviderError, match="delete"):
        await here.provider.revoke(result.server, result.credential)


async def test_variables_of_a_key_and_none_of_a_sign_in(here: Here) -> None:
    key = here.server.new_key()
    result = await pasted(here, key.value)
    found = here.provider.variables_for(result.server, result.credential)
    assert {name: value.reveal() for name, value in found.items()} == {
        "MESH_API_KEY": key.value,
        "MESH_API_URL": here.server.url,
    }
    signed_in = await here.sign_in()
    with pytest.raises(InvalidRequest, match="refresh token") as refused:
        here.provider.variables_for(signed_in.server, signed_in.credential)
    assert "Create an API key" in refused.value.hint
    assert "manager.integrations.keyring_backend.Keyring" in refused.value.hint
