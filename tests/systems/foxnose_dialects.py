"""FoxNose: pairs, tokens, and keys that are sent or that sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from manager.practice.foxnose_server import FoxNoseServer
from manager.practice.people import PEOPLE
from manager.practice.practice_server import PracticeServer

from .form_dialects import PASSWORD, ByForm

DAY = 86_400.0


class FoxNose(ByForm):
    """Ends nothing at the server: FoxNose documents no way to."""

    provider = "foxnose"
    ends = False

    @contextmanager
    def running(self) -> Iterator[None]:
        with FoxNoseServer() as self._server:
            yield

    @property
    def server(self) -> PracticeServer[Any]:
        return self._server

    def place(self) -> Mapping[str, str]:
        server = self._server
        return {"environment": server.environment, "flux_url": server.flux_url}

    def resource(self) -> tuple[str, str]:
        return "GET", f"{self._server.url}/organizations/"

    def refreshes(self) -> int:
        return self._server.refreshes

    def pair(self) -> dict[str, str]:
        """As the person got it elsewhere."""
        alice = PEOPLE["alice"]
        return self._server.sessions.pair(alice, self._server.now(), self._server.faults)


class FoxNosePassword(FoxNose):
    name = "foxnose password"
    form = "password"
    ages_by = DAY * 1.5

    def typed(self) -> Mapping[str, str]:
        return {"email": "alice@example.com", "password": PASSWORD, **self.place()}


class FoxNosePair(FoxNose):
    name = "foxnose token pair"
    form = "token_pair"
    identity = ""
    ages_by = DAY * 1.5

    def typed(self) -> Mapping[str, str]:
        pair = self.pair()
        return {"access_token": pair["access"], "refresh_token": pair["refresh"], **self.place()}

    def mistyped(self) -> Mapping[str, str]:
        """Both of them: with a good refresh token a refused access token is merely old."""
        typed = self.typed()
        spoilt = {name: typed[name][:-4] + "AAAA" for name in ("access_token", "refresh_token")}
        return {**typed, **spoilt}


class FoxNoseStaticToken(FoxNose):
    name = "foxnose static token"
    form = "static_token"
    identity = ""
    renews = False
    ages_by = DAY * 1.5

    def typed(self) -> Mapping[str, str]:
        return {"access_token": self.pair()["access"], **self.place()}

    def mistyped(self) -> Mapping[str, str]:
        return {**self.place(), "access_token": self.typed()["access_token"][:-4] + "AAAA"}


class FoxNoseSimpleKey(FoxNose):
    name = "foxnose Simple key"
    form = "simple_key"
    identity = ""
    renews = False
    secret_field = "secret_key"

    @contextmanager
    def running(self) -> Iterator[None]:
        with super().running():
            self._key, self._secret = self._server.new_key()
            yield

    def typed(self) -> Mapping[str, str]:
        prefix = {"api_prefix": self._server.api_prefix}
        keys = {"public_key": self._key.public_key, self.secret_field: self._secret}
        return {**keys, **prefix, **self.place()}

    def mistyped(self) -> Mapping[str, str]:
        """The right key's secret half, and another key's public one."""
        other, _ = self._server.new_key()
        return {**self.typed(), "public_key": other.public_key}

    def resource(self) -> tuple[str, str]:
        return "GET", f"{self._server.flux_url}/{self._server.api_prefix}/articles"


class FoxNoseSecureKey(FoxNoseSimpleKey):
    name = "foxnose Secure key"
    form = "secure_key"
    secret_field = "private_key"
    has_token = False

    def mistyped(self) -> Mapping[str, str]:
        """A pair that fits together, which the server has never seen."""
        other, secret = self._server.new_key()
        del self._server.keys.keys[other.key]
        return {**self.typed(), "public_key": other.public_key, "private_key": secret}


class FoxNoseBearerToken(FoxNoseSimpleKey):
    """Made for a key, which it does not need any more."""

    name = "foxnose Flux bearer token"
    form = "bearer_token"

    def typed(self) -> Mapping[str, str]:
        server = self._server
        bearer = server.keys.issue_bearer(self._key, server.now())
        return {"bearer_token": bearer, "api_prefix": server.api_prefix, **self.place()}

    def mistyped(self) -> Mapping[str, str]:
        return {**self.typed(), "bearer_token": "fxk_" + "A" * 43}


DIALECTS = (
    FoxNosePassword,
    FoxNosePair,
    FoxNoseStaticToken,
    FoxNoseSimpleKey,
    FoxNoseSecureKey,
    FoxNoseBearerToken,
)
