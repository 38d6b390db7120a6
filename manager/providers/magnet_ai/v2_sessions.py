"""The sessions of a person at v2: one a sign-in, whatever program it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from manager.core.errors import InvalidRequest
from manager.core.provider_abilities import CredentialKind, ServerCredential
from manager.oauth.json_object import json_array
from manager.oauth.server_text import shown
from manager.oauth.server_time import unix_seconds

from .answers import error_text, fulfilled, refusal
from .magnet_server import MagnetServer

SESSION = "session"
_PATH = "/api/v2/auth/sessions"


class Sessions:
    def kind(self, *, for_person: bool) -> CredentialKind:
        unavailable = (
            "" if for_person else "An API key has no sessions: sign in with e-mail and password."
        )
        return CredentialKind(SESSION, "Sessions", unavailable=unavailable)

    async def listed(
        self, at: MagnetServer, headers: Mapping[str, str]
    ) -> Sequence[ServerCredential]:
        """Which of them is our own the server does not say: ids change with every renewal."""
        answer = await at.ask("GET", _PATH, headers)
        rows = json_array(answer.body) if answer.status == 200 else None
        if rows is None:
            raise refusal(answer)
        return tuple(
            ServerCredential(
                id=row["id"],
                kind=SESSION,
                name=shown(row.get("device_info")) or "Unknown program",
                created_at=unix_seconds(row.get("created_at")),
                expires_at=unix_seconds(row.get("expires_at")),
            )
            for row in rows
            if isinstance(row, dict) and isinstance(row.get("id"), str)
        )

    async def end(self, at: MagnetServer, headers: Mapping[str, str], session_id: str) -> None:
        try:
            path = f"{_PATH}/{UUID(session_id)}"
        except ValueError:
            raise InvalidRequest("This is not the id of a session.") from None
        answer = await at.ask("DELETE", path, headers)
        if "message" in (fulfilled(answer) or {}):
            return
        if answer.status == 404 and error_text(answer):
            raise InvalidRequest(f"{at.host} has no such session (any more).")
        raise refusal(answer)
