"""Signing in with a code on another device (RFC 8628)."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from .provider import SignInRequest, SignInResult


class PendingDevice(Protocol):
    """One device authorization on its way (RFC 8628 section 3.2), kept in memory only."""

    @property
    def user_code(self) -> str:
        """What the person types, shown beside any QR code (section 3.3.1)."""

    @property
    def verification_uri(self) -> str: ...

    @property
    def verification_uri_complete(self) -> str | None:
        """Holds the user code; for QR codes."""

    @property
    def expires_in(self) -> float:
        """Seconds from its making."""

    @property
    def interval(self) -> float:
        """Seconds to wait before the next `poll`; grows when the server asks to slow down."""

    async def poll(self) -> SignInResult | None:
        """Ask once; None while the person has not answered.

        Raises SignInDenied, SignInExpired, ProviderError: over. Raises ServerUnreachable,
        RateLimited: ask again later (section 3.5).
        """


@runtime_checkable
class SignsInByDevice(Protocol):
    async def begin_device(self, request: SignInRequest) -> PendingDevice:
        """Raises InvalidRequest, ServerUnreachable, RateLimited, ProviderError."""
