"""Signing in by typing or pasting, a form at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from .provider import SignInRequest, SignInResult
from .secret import Secret
from .sign_in_form import SignInForm


class PendingForm(Protocol):
    """A form that waits for the person, kept in memory only; it never keeps what was typed."""

    @property
    def form(self) -> SignInForm:
        """What is asked for now."""

    async def submit(self, values: Mapping[str, Secret]) -> SignInResult | SignInForm:
        """Sign in with what was typed (checked against `form`). Another form comes back where the
        server asks for more, e.g. a second factor.

        Raises CredentialsRefused (the person may try again), SignInExpired (start anew),
        InvalidRequest, RateLimited, ServerUnreachable, ProviderError.
        """


@runtime_checkable
class SignsInByForm(Protocol):
    async def begin_form(self, request: SignInRequest, form_id: str) -> PendingForm:
        """Raises InvalidRequest for a form that the server's probe does not name."""
