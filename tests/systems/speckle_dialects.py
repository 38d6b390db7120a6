"""Speckle by a personal access token, beside the two dialects of its browser sign-in."""

from __future__ import annotations

from collections.abc import Mapping

from manager.practice.speckle_server.token_store import SpeckleToken

from .browser_dialects import SpecklePlain
from .form_dialects import ByForm

SCOPES = ("profile:read", "profile:email", "streams:read")
MONTH = 30 * 86_400.0


class SpecklePersonalAccessToken(ByForm, SpecklePlain):
    """It may not end itself: that would need the scope tokens:write."""

    name = "speckle personal access token"
    form = "personal_access_token"
    renews = False
    ends = False
    ages_by = 31 * 86_400.0
    wrong_kind = "credentials_refused"

    def token(self) -> SpeckleToken:
        server = self._server
        return server.tokens.issue_personal("alice", "table", SCOPES, MONTH, server.now())

    def typed(self) -> Mapping[str, str]:
        return {"token": self.token().value}

    def mistyped(self) -> Mapping[str, str]:
        return {"token": "0" * 42}
