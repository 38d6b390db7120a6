"""Which dialect a server speaks, and that no other server is taken for one."""

from __future__ import annotations

import pytest

from manager.core.credential import ApiKey, OAuthTokens
from manager.core.errors import InvalidRequest, ProviderError, RateLimited, ServerUnreachable
from manager.core.form_sign_in import SignsInByForm
from manager.core.provider import RequestToAuthorize, SignInMethod, SignInRequest, SignsInByBrowser
from manager.core.provider_abilities import (
    FindsAccounts,
    HasDialects,
    ManagesCredentials,
    ReadsVariables,
    SetsVariables,
    VerifiesCredentials,
)
from manager.core.secret import Secret
from manager.practice.http_message import HttpReply, html_reply, json_reply
from manager.providers.http_client import HttpClient
from manager.providers.magnet_ai import MagnetAiProvider
from tests.providers.magnet_ai.foreign_server import Foreign

pytestmark = pytest.mark.anyio

FORMS = {
    "seed": ["password", "session", "token"],
    "0.6": ["api_key"],
    "v2": ["password", "api_key"],
}
UNAUTHORIZED = json_reply({"error": "Unauthorized"}, 401)
AUTH_REQUIRED = {"success": False, "error": "Authentication required", "code": "AUTH_REQUIRED"}


async def test_what_it_can_do(start) -> None:
    provider = start("seed").provider
    for ability in (
        SignsInByForm, HasDialects, VerifiesCredentials, ManagesCredentials, SetsVariables,
        ReadsVariables,
    ):  # fmt: skip
        assert isinstance(provider, ability), ability
    for ability in (SignsInByBrowser, FindsAccounts):
        assert not isinstance(provider, ability)
    assert (provider.id, provider.name) == ("magnet-ai", "Magnet AI")
    assert provider.dialects == ("v2", "0.6", "seed")


@pytest.mark.parametrize("dialect", FORMS)
async def test_probe(start, dialect: str) -> None:
    here = start(dialect)
    probe = await here.provider.probe(f"{here.server.url}/admin/settings")
    assert (probe.provider, probe.dialect) == ("magnet-ai", dialect)
    assert [form.id for form in probe.forms] == FORMS[dialect]
    assert probe.sign_in_methods == (SignInMethod.FORM,)
    assert probe.server.url == here.server.url
    assert probe.needs == ()
    for request in here.server.requests:
        assert not {"authorization", "cookie", "x-api-key"} & set(request.headers)


async def test_without_a_local_sign_in_only_a_key_is_left(start) -> None:
    here = start("v2", local_login=False)
    probe = await here.provider.probe(here.server.url)
    assert [form.id for form in probe.forms] == ["api_key"]


PROVIDERS, ME, KEYS, VERIFY = (
    "/api/v2/auth/providers", "/auth/me", "/api/admin/api_keys/", "/api/auth/verify",
)  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "otherwise"),
    [
        ({}, json_reply({}, 404)),
        ({}, html_reply("<h1>Welcome</h1>")),
        ({}, json_reply({"status": "ok"})),
        ({}, json_reply([])),
        ({}, json_reply([{"name": "x"}])),
        ({}, UNAUTHORIZED),  # a gateway that lets nobody in
        ({}, json_reply({"detail": "Not authenticated"}, 401)),
        ({}, json_reply(AUTH_REQUIRED, 403)),
        ({}, HttpReply(302, (("Location", "/login"),))),
        ({PROVIDERS: json_reply([{"name": "a", "type": "b"}])}, json_reply({}, 404)),
        ({PROVIDERS: json_reply(["a", "b"])}, json_reply({}, 404)),
        ({ME: UNAUTHORIZED}, json_reply({}, 404)),
        ({ME: UNAUTHORIZED, KEYS: UNAUTHORIZED}, json_reply({"status": "ok"})),
        ({ME: UNAUTHORIZED, "/health": json_reply({})}, json_reply({}, 404)),
        ({VERIFY: json_reply({"error": "Invalid token"}, 401)}, json_reply({}, 404)),
        ({VERIFY: json_reply({**AUTH_REQUIRED, "code": "NO"}, 401)}, json_reply({}, 404)),
        ({VERIFY: json_reply({**AUTH_REQUIRED, "success": None}, 401)}, json_reply({}, 404)),
        ({VERIFY: json_reply(AUTH_REQUIRED)}, json_reply({}, 404)),
        ({VERIFY: HttpReply(401, (), b"[" * 100_000)}, json_reply({}, 404)),
    ],
)
async def test_no_other_server_is_taken_for_one(start, answers, otherwise) -> None:
    here = start("seed")
    with Foreign(answers, otherwise) as foreign:
        assert await here.provider.probe(foreign.url) is None


async def test_a_server_in_trouble_is_not_called_foreign(start) -> None:
    here = start("seed", unavailable={"*": 503})
    with pytest.raises(ServerUnreachable):
        await here.provider.probe(here.server.url)
    here.server.change_faults(unavailable={}, rate_limited={"*": "9"})
    with pytest.raises(RateLimited) as caught:
        await here.provider.probe(here.server.url)
    assert caught.value.retry_after == 9


@pytest.mark.parametrize("dialect", FORMS)
async def test_a_dialect_that_is_named_is_not_asked_for(start, dialect: str) -> None:
    here = start("seed")
    probe = await here.provider.probe_dialect(here.server.url, dialect)
    assert (probe.dialect, [form.id for form in probe.forms]) == (dialect, FORMS[dialect])
    pending = await here.begin(FORMS[dialect][0], dialect)
    assert pending.form == probe.forms[0]
    assert here.server.requests == []


async def test_what_is_named_has_to_exist(start) -> None:
    here = start("v2")
    with pytest.raises(InvalidRequest, match="dialect"):
        await here.provider.probe_dialect(here.server.url, "v3")
    with pytest.raises(InvalidRequest, match="dialect"):
        await here.begin("password", "v3")
    with pytest.raises(InvalidRequest) as caught:
        await here.begin("token")
    assert "api_key" in caught.value.hint
    with Foreign({}, json_reply({}, 404)) as foreign, pytest.raises(InvalidRequest) as caught:
        await here.provider.begin_form(SignInRequest(foreign.url), "token")
    assert "0.6" in caught.value.hint


async def test_another_providers_credential_is_refused(start, clock) -> None:
    here = start("seed")
    server = (await here.provider.probe(here.server.url)).server
    request = RequestToAuthorize("GET", here.server.url)
    for credential in (
        ApiKey(Secret("k")),
        ApiKey(Secret("k"), dialect="seed"),
        OAuthTokens(Secret("t"), "Bearer", None, "https://a", None, dialect="0.6"),
    ):
        with pytest.raises(ProviderError):
            here.provider.headers(credential, request)
        with pytest.raises(ProviderError):
            await here.provider.revoke(server, credential)
    assert here.server.counters["revoke"] == 0


async def test_headers_go_to_the_server_alone(start) -> None:
    here = start("seed")
    account = await here.by_password()
    assert here.provider.origins(account.server, account.credential) == (here.server.url,)


def test_the_entry_point_opens_it(tmp_path) -> None:
    from importlib.metadata import entry_points

    from manager.providers.context import ENTRY_POINTS, ProviderContext

    (entry,) = (each for each in entry_points(group=ENTRY_POINTS) if each.name == "magnet-ai")
    context = ProviderContext(
        http=HttpClient(), clock=None, randomness=None, catalogue={}.get, environ={},
        foreign_keychain=None, data=tmp_path,
    )  # fmt: skip
    assert isinstance(entry.load()(context), MagnetAiProvider)
