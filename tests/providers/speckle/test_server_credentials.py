"""Personal access tokens and authorized apps, made, listed and ended at the server."""

from __future__ import annotations

import pytest

from manager.core.errors import CredentialsRefused, InvalidRequest, ScopeNotGranted
from manager.core.provider_abilities import StillSignedIn
from manager.core.secret import Secret

from .signed_in import by_browser, by_token

pytestmark = pytest.mark.anyio
TOKENS, APPS = "personal_access_token", "authorized_app"
WISH = {"name": Secret("CI"), "scopes": Secret("profile:read, streams:read")}


def kinds(provider, result) -> dict:
    return {kind.id: kind for kind in provider.credential_kinds(result.server, result.credential)}


async def test_a_mighty_token_may_all(provider, practice) -> None:
    result = await by_token(provider, practice)
    tokens, apps = kinds(provider, result)[TOKENS], kinds(provider, result)[APPS]
    assert tokens.can_create
    assert tokens.can_revoke
    assert [field.name for field in tokens.fields] == ["name", "scopes", "lifespan"]
    assert tokens.unavailable == apps.unavailable == ""
    assert apps.can_revoke
    assert not apps.can_create


async def test_a_desktop_sign_in_is_told_what_it_lacks(provider, practice) -> None:
    result = await by_browser(provider, practice)
    for kind, scope in ((TOKENS, "tokens:read"), (APPS, "apps:read")):
        offered = kinds(provider, result)[kind]
        assert scope in offered.unavailable
        assert "personal access token" in offered.unavailable
        assert not offered.can_create
        assert not offered.can_revoke
        with pytest.raises(ScopeNotGranted, match=scope):
            await provider.list_credentials(result.server, result.credential, kind)


async def make(provider, result, **changes):
    values = {**WISH, **{name: Secret(text) for name, text in changes.items()}}
    return await provider.create_credential(
        result.server, result.identity, result.credential, TOKENS, values
    )


async def test_made_kept_listed_and_revoked(provider, practice, clock) -> None:
    clock.wall = practice.now()
    result = await by_token(provider, practice)
    made = await make(provider, result, lifespan="30")
    assert practice.accepts(made.secret.reveal())
    sent = practice.requests[-1].body
    assert b'"lifespan":2592000000' in sent.replace(b" ", b"")  # 30 days in milliseconds
    own = made.sign_in
    assert own.identity.subject == result.identity.subject
    assert own.identity.key != result.identity.key
    assert isinstance(
        await provider.verify(own.server, own.identity, own.credential), StillSignedIn
    )
    listed = await provider.list_credentials(result.server, result.credential, TOKENS)
    found = {each.name: each for each in listed}
    assert found["CI"].id == made.credential.id
    assert found["CI"].hint == made.credential.hint == f"…{made.secret.reveal()[-6:]}"
    assert found["CI"].scopes == ("profile:read", "streams:read")
    assert found["CI"].expires_at == pytest.approx(clock.wall + 30 * 86_400, abs=60)
    assert found["CI"].created_at == pytest.approx(clock.wall, abs=60)
    assert found["CI"].last_used_at is not None
    assert found["Script"].is_current
    assert found["Script"].expires_at is None
    assert not found["CI"].is_current
    assert made.secret.reveal() not in repr((made, listed))
    await provider.revoke_credential(result.server, result.credential, TOKENS, found["CI"].id)
    assert not practice.accepts(made.secret.reveal())
    with pytest.raises(InvalidRequest):
        await provider.revoke_credential(result.server, result.credential, TOKENS, found["CI"].id)


@pytest.mark.parametrize("scopes", ["tokens:write", "server:setup", " , "])
async def test_scopes_that_cannot_be_given(provider, practice, scopes) -> None:
    result = await by_token(provider, practice)
    with pytest.raises(InvalidRequest) as caught:
        await make(provider, result, scopes=scopes)
    assert caught.value.hint
    assert len(practice.tokens.personal("alice")) == 1


async def test_a_token_that_only_reads(provider, practice) -> None:
    result = await by_token(provider, practice, ("profile:read", "profile:email", "tokens:read"))
    offered = kinds(provider, result)[TOKENS]
    assert not offered.unavailable
    assert not offered.can_create
    assert await provider.list_credentials(result.server, result.credential, TOKENS)
    with pytest.raises(ScopeNotGranted, match="tokens:write") as caught:
        await make(provider, result)
    assert "web" in caught.value.hint


async def test_apps_listed_and_ended_everywhere(provider, practice) -> None:
    desktop = await by_browser(provider, practice)
    result = await by_token(provider, practice)
    listed = await provider.list_credentials(result.server, result.credential, APPS)
    found = {each.id: each for each in listed}
    assert found["sca"].name == "Speckle Connector"
    assert "streams:read" in found["sca"].scopes
    await provider.revoke_credential(result.server, result.credential, APPS, "sca")
    assert not practice.accepts(desktop.credential.access_token.reveal())
    with pytest.raises(InvalidRequest):
        await provider.revoke_credential(result.server, result.credential, APPS, "sca")


async def test_what_there_is_not(provider, practice) -> None:
    result = await by_token(provider, practice)
    with pytest.raises(InvalidRequest):
        await provider.list_credentials(result.server, result.credential, "session")
    with pytest.raises(InvalidRequest):
        await provider.revoke_credential(result.server, result.credential, TOKENS, 'x"}')
    with pytest.raises(InvalidRequest):
        await provider.create_credential(
            result.server, result.identity, result.credential, APPS, WISH
        )


async def test_a_sign_in_that_is_over(provider, practice) -> None:
    result = await by_token(provider, practice)
    practice.revoke_everything()
    with pytest.raises(CredentialsRefused):
        await provider.list_credentials(result.server, result.credential, TOKENS)
