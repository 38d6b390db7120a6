"""What an account is for the person: signed in, or waiting for the person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AttentionReason(StrEnum):
    """Why only the person can go on; each has a sentence in the front doors."""

    REFRESH_REFUSED = "refresh_refused"
    """The server's final word on the refresh token (RFC 6749 section 5.2)."""
    REFRESH_UNCERTAIN = "refresh_uncertain"
    """An answer was lost, and the server no longer takes the token that was sent."""
    NOT_RENEWABLE = "not_renewable"
    """The access token ended and the server gave no refresh token."""
    REVOKED = "revoked"
    """The server was asked and no longer accepts the key or session."""
    KEY_MISSING = "key_missing"
    """The keychain answered and has no key for this account."""
    KEY_CORRUPT = "key_corrupt"
    """The key or the sealed record is damaged."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The credential stands, as far as anybody knows."""


@dataclass(frozen=True, slots=True)
class AttentionNeeded:
    """Only a new sign-in helps."""

    reason: AttentionReason


AccountState = SignedIn | AttentionNeeded
