"""The provider `oidc` against a server that nobody here wrote: oidc-provider on Node."""

from __future__ import annotations

from collections.abc import AsyncIterator

import anyio
import pytest

from manager.core.credential import ClientRegistration
from manager.core.errors import RefreshRefused, SignInExpired
from manager.core.provider import RedirectMethod, SignInMethod, SignInRequest, SignInResult
from manager.oauth.redirection import parse_redirection_uri
from manager.practice.person import Person
from manager.providers.http_client import HttpClient
from manager.providers.oidc import OidcProvider
from manager.system.clock import SystemClock
from manager.system.randomness import SystemRandomness
from tests.real_parts.openid_provider import OpenIdProvider

pytestmark = [pytest.mark.anyio, pytest.mark.real]


@pytest.fixture
async def provider(anyio_backend) -> AsyncIterator[OidcProvider]:
    http = HttpClient()
    yield OidcProvider(http, SystemClock(), SystemRandomness(), lambda _: None)
    await http.close()


async def sign_in(
    provider: OidcProvider, server: OpenIdProvider, method: RedirectMethod
) -> SignInResult:
    redirect_uri = provider.redirection(server.issuer, method).uri.replace("{port}", "4711")
    request = SignInRequest(server.issuer, ClientRegistration(server.client_id))
    pending = await provider.begin(request, redirect_uri)
    uri = await anyio.to_thread.run_sync(Person("ada").visit, pending.authorization_url)
    answer = parse_redirection_uri(uri)
    assert answer.answers(redirect_uri)
    assert answer.parameters["iss"] == server.issuer
    return await pending.redeem(answer.parameters)


@pytest.mark.parametrize("method", list(RedirectMethod))
async def test_a_person_signs_in(provider, openid_provider, method):
    result = await sign_in(provider, openid_provider, method)
    assert result.identity.subject == "ada"
    assert result.identity.label == "ada@example.org"
    assert result.identity.display_name == "Ada Lovelace"
    assert "offline_access" in result.scopes
    accepted = openid_provider.userinfo(result.credential.access_token.reveal())
    assert accepted["sub"] == "ada"
    avatar = await provider.avatar(result.server, result.identity, result.credential)
    assert avatar is not None
    assert avatar.media_type == "image/png"


async def test_a_renewed_account_refuses_its_old_refresh_token(provider, openid_provider):
    first = await sign_in(provider, openid_provider, RedirectMethod.SCHEME)
    second = await provider.refresh(first.server, first.identity, first.credential)
    assert second.credential.refresh_token != first.credential.refresh_token
    assert openid_provider.userinfo(second.credential.access_token.reveal())["sub"] == "ada"
    with pytest.raises(RefreshRefused, match="invalid_grant"):
        await provider.refresh(first.server, first.identity, first.credential)


async def test_signing_out_ends_the_tokens(provider, openid_provider):
    result = await sign_in(provider, openid_provider, RedirectMethod.SCHEME)
    await provider.revoke(result.server, result.credential)
    assert result.credential.refresh_token is not None
    for token in (result.credential.access_token, result.credential.refresh_token):
        assert openid_provider.introspect(token.reveal()) == {"active": False}


async def confirm(pending, *, allow: bool = True) -> None:
    """What a person with a browser does: type nothing, log in, press the button."""
    await anyio.to_thread.run_sync(
        Person("ada", allow=allow).confirm, pending.verification_uri_complete
    )


async def test_a_person_with_another_device(provider, openid_provider):
    probe = await provider.probe(openid_provider.issuer)
    assert SignInMethod.DEVICE in probe.sign_in_methods
    client = ClientRegistration(openid_provider.client_id)
    pending = await provider.begin_device(SignInRequest(openid_provider.issuer, client))
    assert await pending.poll() is None
    await confirm(pending)
    result = await pending.poll()
    assert result is not None
    assert result.identity.label == "ada@example.org"
    second = await provider.refresh(result.server, result.identity, result.credential)
    assert openid_provider.userinfo(second.credential.access_token.reveal())["sub"] == "ada"
    with pytest.raises(SignInExpired):
        await pending.poll()


async def test_a_program_that_registers_itself(provider, private_session):
    server = OpenIdProvider(private_session, registration=True)
    probe = await provider.probe(server.issuer)
    assert probe.needs == ()
    for method in RedirectMethod:
        redirect_uri = provider.redirection(server.issuer, method).uri.replace("{port}", "4711")
        pending = await provider.begin(SignInRequest(server.issuer), redirect_uri)
        uri = await anyio.to_thread.run_sync(Person("ada").visit, pending.authorization_url)
        result = await pending.redeem(parse_redirection_uri(uri).parameters)
        assert result.credential.client.client_id != server.client_id
        assert result.credential.client.client_secret is None
    device = await provider.begin_device(SignInRequest(server.issuer))
    await confirm(device)
    signed_in = await device.poll()
    assert signed_in is not None
    assert signed_in.credential.client == result.credential.client
    await provider.revoke(signed_in.server, signed_in.credential)
