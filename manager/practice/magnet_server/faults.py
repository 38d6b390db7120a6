"""Faults, and lawful variations, of a Magnet AI server."""

from __future__ import annotations

from dataclasses import dataclass

from manager.practice.faults import HttpFaults


@dataclass(frozen=True, slots=True, kw_only=True)
class MagnetFaults(HttpFaults):
    """The first group is of the seed's dialect, the second of v2; times in seconds."""

    refresh_shape: str = "data"
    """Where `POST /api/auth/refresh` puts the token: "data" (as the first answer does) or "flat"
    (beside `success`). The document does not say."""
    forbidden_code: bool = True
    """Whether a 403 says `code`: the document shows it both ways."""
    rotation: bool = False
    """Whether a refresh ends the token that was shown. The document does not say."""
    token_lifetime: float = 2_592_000.0
    rate_limit: int = 100
    """Requests a minute and token."""
    client_ip: str = "127.0.0.1"
    """Where requests seem to come from."""

    access_lifetime: float = 900.0
    refresh_lifetime: float = 604_800.0
    grace: float = 5.0
    """How long a rotated refresh token yields 409 before it ends its whole family."""
    conflicts: int = 0
    """The next so many refreshes meet a lock: 409, nothing is rotated."""
    mfa: frozenset[str] = frozenset()
    """Who has a second factor, by login; the code is 123456."""
    local_login: bool = True
    rate_limits: bool = False
    """Whether logins and codes are counted."""
