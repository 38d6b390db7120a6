"""The provider holds to the contract of all providers, in each of its ways to sign in."""

from __future__ import annotations

import pytest

from manager.core.provider import SignInMethod
from manager.practice.provider_contract import Check, checks, renewing

from .conftest import ByBrowser, ByDevice, ByForm, Here

pytestmark = pytest.mark.anyio
BROWSER = checks(SignInMethod.BROWSER, verifies=True)
DEVICE = checks(SignInMethod.DEVICE, verifies=True)
FORM = checks(SignInMethod.FORM, renews=False, revokes=False, verifies=True)
VARIATIONS = (
    {"rotation": False, "nested_profile": True},
    {"omit_refresh_token": True, "omit_expires_in": True},
    {"plain_refusals": True},
)


def named(check: Check) -> str:
    return check.__name__


@pytest.fixture
def ending(here: Here) -> Here:
    """Auth0 lets access tokens of an ended grant live on; the contract asks about the end."""
    here.server.change_faults(revocation_ends_access=True)
    return here


@pytest.mark.parametrize("check", BROWSER, ids=named)
async def test_browser(ending: Here, foreign_url: str, check: Check) -> None:
    await check(ByBrowser(ending, foreign_url))


@pytest.mark.parametrize("faults", VARIATIONS, ids=",".join)
@pytest.mark.parametrize("check", renewing.CHECKS, ids=named)
async def test_renewing(ending: Here, foreign_url: str, check: Check, faults) -> None:
    ending.server.change_faults(**faults)
    await check(ByBrowser(ending, foreign_url))


@pytest.mark.parametrize("check", DEVICE, ids=named)
async def test_device(ending: Here, foreign_url: str, check: Check) -> None:
    await check(ByDevice(ending, foreign_url))


@pytest.mark.parametrize("check", FORM, ids=named)
async def test_form(here: Here, foreign_url: str, check: Check) -> None:
    await check(ByForm(here, foreign_url))
