"""Each dialect and each way to sign in holds to the contract of all providers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import pytest

from manager.core.provider import SignInMethod, SignInRequest
from manager.practice.bad_day import bad_day
from manager.practice.provider_contract import Check, Trouble, checks
from tests.providers.magnet_ai.conftest import PASSWORD, Here

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Way:
    """One dialect and form. A key or session that is pasted or cannot be ended is not `revokes`;
    neither is v2, whose access tokens live their 15 minutes out whatever happens."""

    name: str
    dialect: str
    form: str
    renews: bool = False
    revokes: bool = False
    faults: Mapping[str, object] = field(default_factory=dict)


WAYS = (
    Way("seed, password", "seed", "password", renews=True, revokes=True),
    Way("seed, rotating", "seed", "password", renews=True, revokes=True,
        faults={"rotation": True, "refresh_shape": "flat", "forbidden_code": False}),
    Way("seed, session", "seed", "session"),
    Way("seed, token", "seed", "token", renews=True, revokes=True),
    Way("0.6, key", "0.6", "api_key"),
    Way("v2, password", "v2", "password", renews=True),
    Way("v2, second factor", "v2", "password", renews=True, faults={"mfa": ["alice"]}),
    Way("v2, key", "v2", "api_key"),
)  # fmt: skip
CASES = [
    pytest.param(way, check, id=f"{way.name}-{check.__name__}")
    for way in WAYS
    for check in checks(SignInMethod.FORM, renews=way.renews, revokes=way.revokes, verifies=True)
]


class MagnetSetting:
    def __init__(self, here: Here, way: Way, foreign_url: str) -> None:
        self.provider = here.provider
        self.server = here.server
        self.request = SignInRequest(here.server.url)
        self.foreign_url = foreign_url
        path = "/api/agents" if way.dialect == "seed" else "/api/user/agents"
        self.resource_url = here.server.url + path
        self.form_id = way.form

    @property
    def secrets(self) -> tuple[str, ...]:
        return (PASSWORD, *self.server.issued)

    def fill(self, form) -> Mapping[str, str]:
        match form.id:
            case "mfa":
                return {"code": "123 456"}
            case "api_key" if self.server.name == "0.6":
                return {"api_key": self.server.release_0_6.new_key()}
            case "api_key":
                return {"api_key": self.server.v2.new_key()}
            case "token":
                return {"token": self.server.seed.new_token()}
        name = "username" if self.server.name == "seed" else "email"
        who = "alice" if name == "username" else "alice@example.com"
        return {name: who, "password": PASSWORD}

    def mistype(self, form) -> Mapping[str, str]:
        wrong = {"password": "wrong", "api_key": "x" * 43, "token": "nonsense", "code": "000000"}
        return {name: wrong.get(name, value) for name, value in self.fill(form).items()}

    async def accepts(self, headers: Mapping[str, str]) -> bool:
        return self.server.accepts(headers)

    async def end_sign_ins(self) -> None:
        self.server.revoke_everything()

    def trouble(self, trouble: Trouble) -> AbstractAsyncContextManager[None]:
        return bad_day(self.server, trouble)


@pytest.mark.parametrize(("way", "check"), CASES)
async def test_contract(start, foreign_url, way: Way, check: Check) -> None:
    await check(MagnetSetting(start(way.dialect, **way.faults), way, foreign_url))
