"""The provider beside the stand-in, as a person would use the two."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from manager.core.catalogue import PresetServer
from manager.core.credential import Credential
from manager.core.provider import RequestToAuthorize, SignInRequest, SignInResult
from manager.core.sign_in_form import checked_values
from manager.practice.foxnose_server import FoxNoseServer
from manager.providers.foxnose import FoxNoseProvider

ALICE = {"email": "alice@example.com", "password": "correct horse battery"}


@dataclass
class Bench:
    """`presets`: what the catalogue says, by address."""

    provider: FoxNoseProvider
    server: FoxNoseServer
    presets: dict[str, PresetServer] = field(default_factory=dict)

    async def sign_in(self, form: str, *, at: str = "", **typed: str) -> SignInResult:
        request = SignInRequest(at or self.server.url)
        pending = await self.provider.begin_form(request, form)
        result = await pending.submit(checked_values(pending.form, typed))
        assert isinstance(result, SignInResult)
        return result

    async def alice(self, **more: str) -> SignInResult:
        """Signed in by password, with the environment."""
        place = {"environment": self.server.environment, "flux_url": self.server.flux_url}
        return await self.sign_in("password", **{**ALICE, **place, **more})

    def key_place(self, **more: str) -> dict[str, str]:
        return {
            "environment": self.server.environment, "flux_url": self.server.flux_url,
            "api_prefix": self.server.api_prefix, **more,
        }  # fmt: skip

    def status(self, credential: Credential, url: str, method: str = "GET") -> int:
        """What the server answers to a request with the account's headers."""
        headers = self.provider.headers(credential, RequestToAuthorize(method, url))
        with httpx.Client(trust_env=False) as http:
            return http.request(method, url, headers=dict(headers)).status_code

    def organizations(self, credential: Credential) -> int:
        return self.status(credential, self.server.url + "/organizations/")

    def articles(self, credential: Credential) -> int:
        return self.status(credential, self.server.flux_url + "/v1/articles")
