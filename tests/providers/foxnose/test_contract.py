"""The provider holds to the contract of all providers, by each of its forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager

import anyio.to_thread
import httpx
import pytest

from manager.core.provider import SignInMethod, SignInRequest
from manager.core.sign_in_form import SignInForm
from manager.practice.bad_day import bad_day
from manager.practice.foxnose_server import FoxNoseServer
from manager.practice.provider_contract import Check, Trouble, checks
from manager.providers.foxnose import FoxNoseProvider
from tests.providers.foxnose.bench import ALICE, Bench

pytestmark = pytest.mark.anyio

RENEWING = ("password", "token_pair")
CASES = [
    (form, check)
    for form in (*RENEWING, "static_token", "simple_key", "secure_key", "bearer_token")
    for check in checks(SignInMethod.FORM, renews=form in RENEWING, revokes=False, verifies=True)
]


class FormSetting:
    def __init__(self, bench: Bench, form_id: str, foreign_url: str) -> None:
        self.provider: FoxNoseProvider = bench.provider
        self.request = SignInRequest(bench.server.url)
        self.form_id = form_id
        self.foreign_url = foreign_url
        self._bench, self._server = bench, bench.server

    @property
    def resource_url(self) -> str:
        if self.form_id in (*RENEWING, "static_token"):
            return self._server.url + "/organizations/"
        return self._server.flux_url + "/v1/articles"

    @property
    def secrets(self) -> tuple[str, ...]:
        issued = (*self._server.sessions.issued, *self._server.keys.issued)
        return (ALICE["password"], *issued)

    def fill(self, form: SignInForm) -> Mapping[str, str]:
        server = self._server
        place = self._bench.key_place()
        del form
        if self.form_id in (*RENEWING, "static_token"):
            login = httpx.post(server.url + "/account/auth/", json=ALICE, trust_env=False).json()
            return {
                "password": ALICE,
                "token_pair": {"access_token": login["access"], "refresh_token": login["refresh"]},
                "static_token": {"access_token": login["access"]},
            }[self.form_id]
        key, secret = server.new_key()
        return {
            "simple_key": {"public_key": key.public_key, "secret_key": secret, **place},
            "secure_key": {"public_key": key.public_key, "private_key": secret, **place},
            "bearer_token": {
                "bearer_token": server.keys.issue_bearer(key, server.now()), **place,
            },
        }[self.form_id]  # fmt: skip

    def mistype(self, form: SignInForm) -> Mapping[str, str]:
        _, another = self._server.new_key()
        wrong = {
            "password": "wrong", "access_token": "e30.e30.x", "refresh_token": "e30.e30.x",
            "secret_key": another, "private_key": another, "bearer_token": "fxk_wrong",
        }  # fmt: skip
        return {name: wrong.get(name, value) for name, value in self.fill(form).items()}

    async def accepts(self, headers: Mapping[str, str]) -> bool:
        def get() -> int:
            return httpx.get(self.resource_url, headers=dict(headers), trust_env=False).status_code

        return await anyio.to_thread.run_sync(get) == 200

    async def end_sign_ins(self) -> None:
        self._server.revoke_everything()

    def trouble(self, trouble: Trouble) -> AbstractAsyncContextManager[None]:
        return bad_day(self._server, trouble)


@pytest.fixture
def server() -> Iterator[FoxNoseServer]:
    with FoxNoseServer() as started:
        yield started


@pytest.mark.parametrize(
    ("form", "check"), CASES, ids=[f"{form}-{check.__name__}" for form, check in CASES]
)
async def test_contract(bench: Bench, foreign_url: str, form: str, check: Check) -> None:
    await check(FormSetting(bench, form, foreign_url))
