"""The provider holds to the contract that is written for every provider."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from manager.core.provider import SignInRequest
from manager.practice.provider_contract import CHECKS, Check, Trouble

pytestmark = pytest.mark.anyio


class SpeckleSetting:
    def __init__(self, provider, speckle, listening, foreign_url: str) -> None:
        self.provider = provider
        self.request = SignInRequest(speckle.url)
        self.foreign_url = foreign_url
        self._speckle = speckle
        self._listening = listening

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(self._speckle.issued)

    async def allow(self, authorization_url: str) -> Mapping[str, str]:
        return {"access_code": self._speckle.allow(authorization_url)}

    async def deny(self, authorization_url: str) -> Mapping[str, str]:
        return {"denied": "true"}

    async def accepts(self, headers: Mapping[str, str]) -> bool:
        return headers["Authorization"].removeprefix("Bearer ") in self._speckle.access

    async def end_sign_ins(self) -> None:
        self._speckle.access.clear()
        self._speckle.refresh.clear()

    @asynccontextmanager
    async def trouble(self, trouble: Trouble) -> AsyncIterator[None]:
        self._speckle.trouble = trouble
        if trouble is Trouble.AWAY:
            self._listening.close()
        try:
            yield
        finally:
            if trouble is Trouble.AWAY:
                self._listening.open()
            self._speckle.trouble = None


@pytest.fixture
def setting(provider, speckle, listening, foreign_url) -> SpeckleSetting:
    return SpeckleSetting(provider, speckle, listening, foreign_url)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_contract(setting, check: Check) -> None:
    await check(setting)


async def test_the_setting_is_not_blind(setting, speckle) -> None:
    """Its server's secrets are real ones, so that looking for them can fail."""
    pending = await setting.provider.begin(setting.request, "speckle://account")
    await pending.redeem(await setting.allow(pending.authorization_url))
    sent = json.dumps([each.body for each in speckle.seen])
    assert any(secret in sent for secret in setting.secrets)
