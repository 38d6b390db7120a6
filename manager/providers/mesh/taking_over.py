"""Sign-ins that the SDK keeps: its item of the keychain, its file, or variables.

The SDK's record does not say which server it belongs to. What it holds goes to a server only when
that server names the very tenant that issued the token (`iss`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from manager.core.credential import OAuthTokens
from manager.core.errors import (
    AccountManagerError,
    AccountNotFound,
    CredentialsRefused,
    InvalidRequest,
    RefreshRefused,
)
from manager.core.moment import Validity
from manager.core.ports import Clock, ForeignKeychain
from manager.core.provider import SignInResult
from manager.core.provider_abilities import FoundAccount
from manager.core.secret import Secret
from manager.oauth.server_text import shown

from .access_token import claims_of, has_three_parts
from .renewal import renewed
from .signed_in import SignedIn
from .tenant import TenantConfig

SERVICE, USERNAME = "mesh-sdk", "default"
KEYCHAIN, FILE = "keychain", "file"
_SOURCES = {KEYCHAIN: f"keychain item {SERVICE}/{USERNAME}", FILE: "~/.mesh/token.json"}
_LARGEST = 64 << 10
_DEVICE = "device_flow"


class ForeignSignIn:
    """What the SDK has stored, read and found usable."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Raises InvalidRequest, which never quotes the document."""
        access, refresh = document.get("access_token"), document.get("refresh_token")
        if not isinstance(access, str) or not has_three_parts(Secret(access)):
            raise InvalidRequest("It holds no sign-in of Mesh.")
        self.access_token = Secret(access)
        self.refresh_token = Secret(refresh) if isinstance(refresh, str) and refresh else None
        id_token = document.get("id_token")
        self.hint = claims_of(Secret(id_token)) if isinstance(id_token, str) else {}
        self.client_type = "device" if document.get("auth_source") == _DEVICE else "web"
        expires = document.get("expires_at")
        known = isinstance(expires, int | float) and not isinstance(expires, bool)
        stated = claims_of(self.access_token).get("exp", expires if known else None)
        self.expires_at = float(stated) if isinstance(stated, int | float) else None
        scope = document.get("scope")
        self.scopes = tuple(scope.split()) if isinstance(scope, str) else ()

    def credential(self, config: TenantConfig, server_url: str, clock: Clock) -> OAuthTokens:
        """Raises CredentialsRefused where another tenant has issued it."""
        issuer = claims_of(self.access_token).get("iss")
        if issuer is not None and issuer != config.issuer:
            raise CredentialsRefused(
                "This sign-in belongs to another server.",
                hint="Set MESH_API_URL to the address of its server.",
            )
        now = clock.now()
        left = None if self.expires_at is None else max(self.expires_at - now.wall, 0.0)
        return OAuthTokens(
            access_token=self.access_token,
            token_type="Bearer",  # noqa: S106  # the type, no token
            validity=Validity(now, left),
            token_endpoint=f"{server_url}/auth/refresh-token",
            client=config.client,
            refresh_token=self.refresh_token,
            scopes=self.scopes,
            revocation_endpoint=config.revocation_endpoint,
            imported=True,
            dialect=self.client_type,
        )


async def taken_over(signed_in: SignedIn, foreign: ForeignSignIn, clock: Clock) -> SignInResult:
    """Ask the server whose it is. One whose access token has ended is renewed first: nobody could
    say otherwise whose it is. Raises CredentialsRefused, ServerUnreachable, ProviderError."""
    backend = signed_in.backend
    config = await backend.config(device=foreign.client_type == "device")
    credential = foreign.credential(config, backend.url, clock)
    remaining = credential.validity.remaining(clock.now())
    if remaining is not None and remaining <= 0:
        try:
            credential = await renewed(backend, credential)
        except RefreshRefused as refused:
            raise CredentialsRefused(refused.message, hint="Sign in here instead.") from None
    bearer = {"Authorization": f"Bearer {credential.access_token.reveal()}"}
    identity = await backend.identity(bearer, foreign.hint)
    return SignInResult(signed_in.server, identity, credential, credential.scopes)


class SdkRecords:
    """`home`: the person's folder."""

    def __init__(self, keychain: ForeignKeychain, home: Path | None) -> None:
        self._keychain = keychain
        self._home = home

    async def found(self, server_url: str) -> list[FoundAccount]:
        accounts: list[FoundAccount] = []
        for found_id, source in _SOURCES.items():
            label, problem = "Mesh SDK", ""
            try:
                foreign = await self.read(found_id)
            except AccountNotFound:
                continue
            except AccountManagerError as wrong:
                problem = wrong.message
            else:
                label = shown(foreign.hint.get("email")) or label
            accounts.append(FoundAccount(found_id, source, server_url, label, problem))
        return accounts

    async def read(self, found_id: str) -> ForeignSignIn:
        """Raises AccountNotFound, InvalidRequest, and the keychain's errors."""
        text: Secret | None = None
        if found_id == KEYCHAIN:
            text = await self._keychain.read_foreign(SERVICE, USERNAME)
        elif found_id == FILE:
            text = self._file()
        if text is None:
            raise AccountNotFound("The SDK keeps no sign-in there (any more).")
        try:
            document = json.loads(text.reveal())
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise InvalidRequest("It cannot be read: it is damaged.")
        return ForeignSignIn(document)

    def _file(self) -> Secret | None:
        if self._home is None:
            return None
        path = self._home / ".mesh" / "token.json"
        try:
            with path.open("rb") as file:
                return Secret(file.read(_LARGEST).decode("utf-8", "replace"))
        except FileNotFoundError:
            return None
        except OSError:
            raise InvalidRequest("It cannot be read: the system refuses.") from None
