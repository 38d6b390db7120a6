"""Faults, and lawful variations, of a Mesh backend and its Auth0 tenant."""

from __future__ import annotations

from dataclasses import dataclass

from manager.practice.faults import HttpFaults


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshFaults(HttpFaults):
    """Times in seconds."""

    lifetime: float = 86_400.0
    """Of an access token; Auth0's default for a custom API."""
    rotation: bool = True
    """A refresh yields a new refresh token; the old one, shown again, ends the whole grant."""
    omit_refresh_token: bool = False
    """Refresh answers come without a refresh token; the old one stays good."""
    omit_expires_in: bool = False
    """Only the token itself says when it ends (`exp`)."""
    validate: bool = True
    """Whether the backend has /auth/validate; some deployments answer 404."""
    nested_profile: bool = False
    """Whether /auth/profile puts everything below `profile`; the SDK reads both."""
    plain_refusals: bool = False
    """Whether the backend answers in words of its own instead of Auth0's error codes."""
    return_wrong_state: bool = False
    """The browser comes back with another `state` than was sent."""
    drop_state: bool = False
    """The backend's authorization URL does not carry our `state`."""
    chat_path: bool = True
    """Whether /v1/mesh/chat is there; the SDK falls back to /api/v1/chat/completions."""
    revocation_ends_access: bool = False
    """Whether access tokens of a revoked grant are refused at once. Auth0's are not."""
    device_interval: float = 5.0
    device_lifetime: float = 900.0
    device_status: int = 403
    """Of every answer that is not tokens. Auth0 documents 429 for slow_down."""
