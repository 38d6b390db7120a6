"""The contract suite itself: each way to break the example is caught by the check that names it."""

from __future__ import annotations

from typing import Any

import pytest

from manager.core.errors import AccountManagerError, ProviderError
from manager.core.provider import SignInMethod
from manager.core.provider_abilities import SignedOutThere
from manager.practice.provider_contract import ContractBroken, checks
from tests.providers.example.acme_server import AcmeServer
from tests.providers.example.test_acme_provider import AcmeSetting

pytestmark = pytest.mark.anyio
CHECKS = {check.__name__: check for check in checks(SignInMethod.FORM, verifies=True)}


class _Form:
    def __init__(self, form: Any) -> None:
        self._real, self.form = form, form.form


class KeepsWhatWasTyped(_Form):
    async def submit(self, values: Any) -> Any:
        self.kept = dict(values)
        return await self._real.submit(values)


class CallsEverythingAMistake(_Form):
    async def submit(self, values: Any) -> Any:
        try:
            return await self._real.submit(values)
        except AccountManagerError:
            raise ProviderError("It did not work.") from None


async def any_form(provider: Any, form: type[_Form], request: Any) -> Any:
    return form(await type(provider).begin_form(provider, request, "api_key"))


def with_form(form: type[_Form]) -> Any:
    def broken(provider: Any) -> None:
        provider.begin_form = lambda request, form_id: any_form(provider, form, request)

    return broken


def takes_everybody(provider: Any) -> None:
    async def me(url: str, key: Any) -> Any:
        return await type(provider).me(provider, url, type(key)("acme-key-of-alice"))

    provider.me = me


def signs_everybody_out(provider: Any) -> None:
    async def verify(*_: Any) -> SignedOutThere:
        return SignedOutThere()

    provider.verify = verify


def goes_nowhere(provider: Any) -> None:
    provider.origins = lambda *_: ()


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        (with_form(KeepsWhatWasTyped), "form_keeps_nothing_that_was_typed"),
        (with_form(KeepsWhatWasTyped), "another_form_is_refused"),
        (with_form(CallsEverythingAMistake), "wrong_values_are_refused_and_may_be_tried_again"),
        (takes_everybody, "wrong_values_are_refused_and_may_be_tried_again"),
        (signs_everybody_out, "verification_knows_a_good_sign_in"),
        (signs_everybody_out, "verification_reads_no_trouble_as_the_end"),
        (goes_nowhere, "sign_in_ends_in_headers_that_the_server_accepts"),
    ],
)
async def test_what_is_broken_is_caught(http, foreign_url, broken: Any, check: str) -> None:
    with AcmeServer() as server:
        setting = AcmeSetting(http, server, foreign_url)
        await CHECKS[check](setting)
        broken(setting.provider)
        with pytest.raises(ContractBroken):
            await CHECKS[check](setting)
