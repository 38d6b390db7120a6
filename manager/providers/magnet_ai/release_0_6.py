"""Release 0.6: an API key is the one credential that programs can have.

Its web sign-in ends in cookies by way of a page's `postMessage`, which no program outside a browser
can take part in; bearer tokens are not accepted at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from manager.core.account import Identity
from manager.core.credential import Credential
from manager.core.errors import InvalidRequest, RefreshRefused
from manager.core.form_sign_in import PendingForm
from manager.core.provider import Refreshed, SignInRequest, SignInResult
from manager.core.provider_abilities import (
    CreatedCredential,
    CredentialKind,
    ServerCredential,
    Verification,
)
from manager.core.secret import Secret
from manager.core.sign_in_form import SignInForm
from manager.oauth.json_object import json_object
from manager.providers.http_answer import HttpAnswer

from . import forms
from .answers import fulfilled
from .api_keys import API_KEY, KEYS, ApiKeys, key_headers
from .dialect import OneStep, Typed, key_of, text_of
from .magnet_server import MagnetServer

ME = "/auth/me"
HEALTH = "/health"


class Release06Dialect:
    id = "0.6"
    forms = (forms.API_KEY,)

    def __init__(self) -> None:
        self._keys = ApiKeys(self.id, ME, scoped=False)

    async def recognise(self, at: MagnetServer) -> tuple[SignInForm, ...] | None:
        """`/auth/me` and the keys answer 401 in the same words, and `/health` is an empty object:
        the first alone would fit half the servers of the world."""
        if not _asks_who(await at.ask("GET", ME)):
            return None
        if not _asks_who(await at.ask("GET", KEYS)):
            return None
        healthy = fulfilled(await at.ask("GET", HEALTH)) == {}
        return self.forms if healthy else None

    def begin(self, at: MagnetServer, request: SignInRequest, form: SignInForm) -> PendingForm:
        async def sign_in(typed: Typed) -> SignInResult:
            return await self._keys.sign_in(at, typed["api_key"], text_of(typed, "user_id"))

        return OneStep(form, sign_in)

    async def refresh(self, at: MagnetServer, credential: Credential) -> Refreshed:
        raise RefreshRefused("An API key is not renewed.")

    async def revoke(self, at: MagnetServer, credential: Credential) -> None:
        await self._keys.revoke(at, key_of(credential))

    async def verify(
        self, at: MagnetServer, identity: Identity, credential: Credential
    ) -> Verification:
        return await self._keys.verify(at, identity, key_of(credential))

    def headers(self, credential: Credential) -> Mapping[str, str]:
        return key_headers(key_of(credential))

    async def take_token(self, at: MagnetServer, token: Secret) -> SignInResult:
        raise InvalidRequest(
            f"{at.host} accepts no bearer tokens.", hint="Use an API key: MAGNET_AI_API_KEY."
        )

    async def take_key(self, at: MagnetServer, key: Secret) -> SignInResult:
        return await self._keys.sign_in(at, key)

    def kinds(self, credential: Credential) -> tuple[CredentialKind, ...]:
        return (self._keys.kind(),)

    async def listed(
        self, at: MagnetServer, credential: Credential, kind: str
    ) -> Sequence[ServerCredential]:
        _known(kind)
        return await self._keys.listed(at, self.headers(credential), credential)

    async def create(
        self, at: MagnetServer, credential: Credential, kind: str, values: Typed
    ) -> CreatedCredential:
        _known(kind)
        return await self._keys.create(at, self.headers(credential), values)

    async def end(
        self, at: MagnetServer, credential: Credential, kind: str, credential_id: str
    ) -> None:
        _known(kind)
        await self._keys.delete(at, self.headers(credential), credential_id)


def _known(kind: str) -> None:
    if kind != API_KEY:
        raise InvalidRequest("This server keeps API keys only.")


def _asks_who(answer: HttpAnswer) -> bool:
    """401 with `{"error": "..."}` and nothing beside it."""
    told = json_object(answer.body) if answer.status == 401 else None
    return told is not None and list(told) == ["error"] and isinstance(told["error"], str)
