"""The two ways in which a Speckle server binds a code to the program that asked for it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from manager.core.secret import Secret

from .desktop_app import DesktopApp


class Challenge(Protocol):
    def authorization_url(self, origin: str, app: DesktopApp) -> str:
        """The page of the server's front end that the browser opens."""

    def exchange(
        self, origin: str, app: DesktopApp, access_code: str
    ) -> tuple[str, Mapping[str, str]]:
        """URL and JSON body that turn a code into tokens."""


@dataclass(frozen=True, slots=True)
class PlainChallenge:
    """The challenge is repeated as it is (server up to 2.31, modules/auth/rest/index.ts): the one
    exception from S256, because these servers compare strings."""

    challenge: Secret

    def authorization_url(self, origin: str, app: DesktopApp) -> str:
        return f"{origin}/authn/verify/{app.id}/{self.challenge.reveal()}"

    def exchange(
        self, origin: str, app: DesktopApp, access_code: str
    ) -> tuple[str, Mapping[str, str]]:
        body = {
            "appId": app.id,
            "appSecret": app.id,
            "accessCode": access_code,
            "challenge": self.challenge.reveal(),
        }
        return f"{origin}/auth/token", body


@dataclass(frozen=True, slots=True)
class S256Challenge:
    """RFC 7636 in Speckle's words (speckle-sharp-sdk AuthFlow.cs, since 2026-03)."""

    verifier: Secret

    def authorization_url(self, origin: str, app: DesktopApp) -> str:
        digest = hashlib.sha256(self.verifier.reveal().encode("ascii")).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
        return f"{origin}/authn/verify/{app.id}/{challenge}?code_challenge_method=S256"

    def exchange(
        self, origin: str, app: DesktopApp, access_code: str
    ) -> tuple[str, Mapping[str, str]]:
        body = {
            "appId": app.id,
            "accessCode": access_code,
            "codeVerifier": self.verifier.reveal(),
        }
        return f"{origin}/oauth/token", body
