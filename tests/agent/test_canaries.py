"""What the agent's rooms say to the log, at its most talkative, and what their objects show."""

from __future__ import annotations

import dataclasses
import gc
import importlib
import json
import logging
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import anyio
import pytest

import manager
from manager.core.account import Account, Identity, Server
from manager.core.credential import (
    ApiKey,
    ClientRegistration,
    OAuthTokens,
    SessionToken,
    SigningKey,
    Token,
)
from manager.core.errors import AccountManagerError, CredentialsRefused, ServerUnreachable
from manager.core.moment import Moment, Validity
from manager.core.provider import Refreshed, RequestToAuthorize, SignInRequest, SignInResult
from manager.core.provider_abilities import SignedOutThere
from manager.core.secret import Secret
from manager.ipc.message_types import Reply, params_type
from manager.oauth.authorization_request import AuthorizationRequest
from manager.oauth.authorization_response import ExpectedAnswer
from manager.oauth.client_authentication import AuthenticationMethod
from manager.oauth.device_authorization import DeviceAuthorization
from manager.oauth.id_token import ExpectedIdToken
from manager.oauth.pkce import ProofKey
from manager.oauth.redirection import parse_redirection_uri
from manager.oauth.registration import RegisteredClient
from manager.oauth.token_endpoint import TokenResponse, refresh_request
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.person import Person
from manager.practice.speckle_server import SpeckleServer
from manager.providers.http_client import HttpAnswer
from manager.providers.speckle.answers import TokenPair
from manager.providers.speckle.challenge import PlainChallenge, S256Challenge
from manager.services.holdings import Holding
from manager.services.sign_in import WantedSignIn
from manager.storage.keychain_item import KeyItem
from tests.agent.in_process import Refused, Running
from tests.services.bench import Bench, open_bench, visited
from tests.services.typing_provider import CODE, URL

SECRET_FIELDS = (
    "code", "code_verifier", "refresh_token", "client_secret", "token",
    "accessCode", "refreshToken", "challenge", "codeVerifier",
)  # fmt: skip
CANARY = "c4n4ry"
HIDDEN = Secret(CANARY)


class Records(logging.Handler):
    """Everything that is logged by anybody, as a log file would show it and as it was handed in."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self.lines: list[str] = []
        self.names: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("oauthlib"):
            return  # the practice server's own
        self.lines += [self.format(record), repr(record.args)]
        self.names.add(record.name.split(".")[0])


@pytest.fixture
def records() -> Iterator[Records]:
    """Root, and the libraries that are kept quiet, at DEBUG."""
    handler = Records()
    loggers = [logging.getLogger(name) for name in ("", "httpx", "httpcore", "manager")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    loggers[0].addHandler(handler)
    yield handler
    loggers[0].removeHandler(handler)
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


def passed(server: AuthorizationServer | SpeckleServer) -> set[str]:
    """The secrets that passed the server, in either direction."""
    found = set(server.tokens.issued) if isinstance(server, AuthorizationServer) else set()
    for request in server.requests:
        sent_json = request.headers.get("content-type") == "application/json"
        fields = json.loads(request.body) if sent_json else request.form
        found |= {str(fields[name]) for name in SECRET_FIELDS if fields.get(name)}
        bearer = request.headers.get("authorization", "")
        found |= {bearer.split()[-1]} if bearer else set()
    return found


def check(records: Records, canaries: set[str]) -> None:
    assert len(canaries) > 5
    assert "httpcore" in records.names  # it was listened to
    said = "\n".join(records.lines)
    assert [each for each in canaries if len(each) >= 8 and each in said] == []


async def hard_life(bench: Bench, server: AuthorizationServer | SpeckleServer) -> set[str]:
    """A sign-in, and everything that befalls the account; the secrets of its answers."""
    pending = await bench.begin(server)
    answer = await visited(pending)
    secrets = {value for _, value in parse_qsl(urlsplit(answer).query) if len(value) >= 8}
    _, account = await bench.sign_in.complete(answer)
    with pytest.raises(AccountManagerError):
        await bench.sign_in.complete(answer)
    await bench.refresh(account.id)
    for fault in (
        {"unavailable": {"*": 500}},
        {"captive_portal": "page"},
        {"lost_answers": 2},
    ):
        server.change_faults(**fault)
        with pytest.raises(AccountManagerError):
            await bench.refresh(account.id)
        server.change_faults(unavailable={}, captive_portal="", lost_answers=0)
    held = bench.held(account.id)
    assert held.refresh_token is not None
    secrets |= {held.access_token.reveal(), held.refresh_token.reveal()}
    await bench.tick()
    await bench.sign_out.remove(account.id)
    _, account = await bench.sign_in.complete(await visited(await bench.begin(server)))
    server.revoke_everything()
    with pytest.raises(AccountManagerError):
        await bench.refresh(account.id)
    await bench.tick()
    return {each for each in secrets if not each.startswith("http")}


@pytest.mark.anyio
@pytest.mark.parametrize("kind", [AuthorizationServer, SpeckleServer])
async def test_no_record_holds_a_canary(kind: Any, tmp_path: Path, records: Records) -> None:
    with kind() as server:
        async with open_bench(tmp_path) as bench:
            secrets = await hard_life(bench, server)
        check(records, secrets | passed(server))


@pytest.mark.anyio
async def test_no_record_of_a_composed_agent_holds_a_canary(
    running: Running, server: AuthorizationServer, records: Records
) -> None:
    account = (await running.signed_in(server))["id"]
    connector, control = await running.caller(), await running.caller(control=True)
    token = (await connector.call("token.get", account=account))["access_token"]
    server.change_faults(refuse_refresh="invalid_grant")
    with pytest.raises(Refused):
        await connector.call("token.refresh", account=account, rejected=token)
    begun = await control.call("sign_in.begin", server=server.url, client_id="account-manager")
    uri = await anyio.to_thread.run_sync(Person("bob").visit, begun["authorization_url"])
    with pytest.raises(Refused):
        await control.call("sign_in.complete", uri=f"{uri}&code=twice")
    answer = {value for _, value in parse_qsl(urlsplit(uri).query)} - {server.url}
    await control.call("accounts.remove", account=account)
    check(records, passed(server) | answer | {token})


def kept_secrets() -> set[str]:
    """What every Secret of this process holds now."""
    gc.collect()
    return {each.reveal() for each in gc.get_objects() if type(each) is Secret}


@pytest.mark.anyio
async def test_what_was_typed_is_found_nowhere_afterwards(
    tmp_path: Path, records: Records, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong, code, key = "wr0ng-pa55word", "wr0ng-c0de", "alice-k3y"
    async with open_bench(tmp_path) as bench:
        submit = bench.sign_in.submit
        for name in ("alice", "carol"):
            pending = await bench.sign_in.begin(WantedSignIn(URL, provider="typing"))
            for _ in range(9):
                with pytest.raises(CredentialsRefused):
                    await submit(pending.id, {"name": name, "password": wrong})
            answer = await submit(pending.id, {"name": name, "password": "right"})
            if answer is CODE:
                with pytest.raises(CredentialsRefused):  # the tenth
                    await submit(pending.id, {"code": code})
                with pytest.raises(CredentialsRefused):
                    await bench.sign_in.wait(pending.id)
        pending = await bench.sign_in.begin(WantedSignIn(URL, provider="typing", form="api_key"))
        bench.typing.trouble = [ServerUnreachable("away")]
        with pytest.raises(ServerUnreachable):
            await submit(pending.id, {"key": key})
        for _ in range(3):  # the task that asked the server ends
            await anyio.sleep(0)
        assert key not in kept_secrets()
        account = await submit(pending.id, {"key": key})
        assert isinstance(account, Account)
        await bench.tokens.headers(account.id, RequestToAuthorize("GET", f"{URL}/x"))
        await bench.verification.verify(account.id)
        bench.typing.verdict = SignedOutThere()
        await bench.verification.verify(account.id)
        assert key in kept_secrets()
        await bench.idle()
        assert kept_secrets() & {wrong, code, "right"} == set()
        shown = f"{bench.events!r} {bench.accounts.holdings()!r} {bench.memory!r}"
    stored = b"".join(path.read_bytes() for path in sorted(tmp_path.rglob("*.db*")))  # noqa: ASYNC240
    said = "\n".join([*records.lines, shown, *capsys.readouterr()])
    for canary in (wrong, code, key):
        assert canary not in said
        assert canary.encode() not in stored


TOKENS = OAuthTokens(
    HIDDEN, "Bearer", Validity(Moment(0.0, 0.0, "b"), 1.0), "https://as.example/token",
    ClientRegistration("app", HIDDEN), HIDDEN,
)  # fmt: skip
ACCOUNT = Account("a", "oidc", Server("https://as.example", "AS"), Identity("s", "l", "n"))


@pytest.mark.parametrize(
    "value",
    [
        HIDDEN,
        TOKENS,
        TOKENS.client,
        ApiKey(HIDDEN),
        SessionToken(HIDDEN, (("authn", HIDDEN),)),
        SigningKey("public", HIDDEN),
        Token("a", HIDDEN, "Bearer", None, ()),
        Refreshed(TOKENS),
        SignInResult(ACCOUNT.server, ACCOUNT.identity, TOKENS),
        SignInRequest("https://as.example", TOKENS.client),
        WantedSignIn("https://as.example", client=TOKENS.client),
        Holding(ACCOUNT, TOKENS, unsaved=(ACCOUNT, TOKENS, None)),
        refresh_request(HIDDEN, client=TOKENS.client, method=AuthenticationMethod.NONE),
        refresh_request(
            HIDDEN, client=TOKENS.client, method=AuthenticationMethod.CLIENT_SECRET_POST
        ),
        TokenResponse(HIDDEN, TOKENS.validity, (), HIDDEN, HIDDEN),
        ProofKey(HIDDEN, "challenge"),
        DeviceAuthorization(HIDDEN, CANARY, "https://a", f"https://a?user_code={CANARY}", 1.0, 5.0),
        RegisteredClient(TOKENS.client, "https://a", HIDDEN),
        AuthorizationRequest("app", "x:/", CANARY, "challenge", nonce=CANARY),
        ExpectedAnswer(CANARY, "https://as.example"),
        ExpectedIdToken("https://as.example", "app", CANARY),
        parse_redirection_uri(f"http://127.0.0.1:1/?code={CANARY}&state={CANARY}"),
        HttpAnswer(200, {"set-cookie": CANARY}, CANARY.encode(), f"http://a/?code={CANARY}"),
        TokenPair(HIDDEN, HIDDEN),
        PlainChallenge(HIDDEN),
        S256Challenge(HIDDEN),
        KeyItem("a", 1, bytearray(CANARY.encode())),
        Reply(1, {"access_token": CANARY}),
        params_type("sign_in.complete")(uri=CANARY),
        params_type("sign_in.submit")(sign_in="s", fields={"password": CANARY}),
        params_type("sign_in.begin")(server="https://as.example", client_secret=CANARY),
    ],
    ids=lambda value: type(value).__name__,
)
def test_no_object_shows_its_secret(value: Any) -> None:
    assert CANARY not in f"{value!r} {value} {[value]}"


def dataclasses_of_the_agent() -> Iterator[type]:
    for room in ("core", "oauth", "providers", "services", "storage", "ipc"):
        package = importlib.import_module(f"{manager.__name__}.{room}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for kind in vars(importlib.import_module(module.name)).values():
                if isinstance(kind, type) and dataclasses.is_dataclass(kind):
                    yield kind


def test_plain_fields_named_after_secrets_are_not_shown() -> None:
    secret_names = {
        "body", "code", "form", "headers", "key", "nonce", "parameters", "state", "token", "uri",
        "verifier",
    }  # fmt: skip
    plain = {"str", "str | None", "bytes", "bytearray", "Mapping[str, str]", "dict[str, str]"}
    seen, shown = set(), set()
    for kind in dataclasses_of_the_agent():
        for field in dataclasses.fields(kind):
            if field.name in secret_names and field.type in plain:
                seen.add(kind.__name__)
                own_repr = "__repr__" in vars(kind) and not hasattr(kind.__repr__, "__wrapped__")
                if field.repr and not own_repr:
                    shown.add(f"{kind.__name__}.{field.name}")
    assert len(seen) > 4
    no_secrets = {
        "SchemeRedirect.uri", "LoopbackRedirect.uri", "TokenError.code", "GraphqlError.code",
        "Identity.key", "WantedSignIn.form",
    }  # fmt: skip
    assert shown - no_secrets == set()
