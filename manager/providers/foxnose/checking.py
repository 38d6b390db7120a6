"""Does FoxNose still accept a credential? One cheap documented request, where there is one."""

from __future__ import annotations

from enum import Enum
from urllib.parse import quote

from manager.core.credential import Credential, SessionToken, SigningKey
from manager.core.ports import Clock
from manager.providers.http_answer import HttpAnswer

from .answers import error_code, is_json, is_refusal, no_verdict
from .management_api import ORGANIZATIONS, ManagementApi
from .place import MANAGEMENT, Place, place_of


class Verdict(Enum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """There is no request to ask with: a Flux key without the prefix of an API, or with that of
    one that is open to everybody."""


class Checking:
    def __init__(self, api: ManagementApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    async def verdict(self, credential: Credential, place: Place) -> Verdict:
        """Raises ServerUnreachable, RateLimited, ProviderError: no verdict."""
        answer = await self._asked(credential, place)
        if answer is None:
            return Verdict.UNKNOWN
        if is_refusal(answer):
            return Verdict.REFUSED
        # Known, though not allowed here, or out of credit: the credential itself is accepted.
        if (answer.status == 200 and is_json(answer)) or (
            answer.status in (402, 403) and error_code(answer)
        ):
            return await self._unless_open(credential, place)
        if answer.status == 404 and error_code(answer):
            return Verdict.UNKNOWN
        raise no_verdict(answer, self._clock.now().wall)

    async def _unless_open(self, credential: Credential, place: Place) -> Verdict:
        """An API that asks nobody who they are takes every key."""
        if place.api == MANAGEMENT or is_of_a_person(credential):
            return Verdict.ACCEPTED
        answer = await self._api.ask_openly(place.flux_url + _router(place))
        return Verdict.ACCEPTED if is_refusal(answer) else Verdict.UNKNOWN

    async def _asked(self, credential: Credential, place: Place) -> HttpAnswer | None:
        if is_of_a_person(credential):
            return await self._api.ask(credential, "GET", ORGANIZATIONS)
        if place.api == MANAGEMENT:
            return await self._api.ask_keys(credential, place, "GET", query="?limit=1")
        if not place.api_prefix or not place.flux_url:
            return None
        return await self._api.ask(credential, "GET", _router(place), base_url=place.flux_url)


def _router(place: Place) -> str:
    """The cheapest documented address of a Flux API."""
    return f"/{quote(place.api_prefix, safe='')}/_router"


def is_of_a_person(credential: Credential) -> bool:
    """A sign-in, or an access token of one: whatever is neither a key nor a key's bearer token."""
    if isinstance(credential, SessionToken):
        return True
    if isinstance(credential, SigningKey):
        return False
    place = place_of(credential, "https://api.foxnose.net")
    prefix = getattr(credential, "prefix", "")
    return place.api == MANAGEMENT and prefix == "Bearer "
